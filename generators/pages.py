"""What mkdocs-gen-files runs, once for each language: write the files that the pipeline offers.

The script is run anew in every build; the modules it imports stay, unless
:mod:`generators.hooks` found that their source changed and forgot them.
"""

from __future__ import annotations

import logging
from itertools import chain
from pathlib import Path

import mkdocs_gen_files
from mkdocs_gen_files.editor import FilesEditor

from generators.pipeline.site import site_files, site_warnings
from generators.reference.pages import reference_files

log = logging.getLogger("mkdocs.plugins.assay")
"""MkDocs counts its warnings: with ``--strict``, a build that has one fails."""


def write_pages() -> None:
    """Write the generated files of the language that is being built."""
    config = FilesEditor.current().config
    root = Path(config.config_file_path).parent
    locale = str(config.theme["language"])
    is_nested = "default_locale" in config.extra
    shared = "../" if is_nested else ""
    made = chain(site_files(root, locale, config.site_url or "", shared), reference_files(root, locale))
    for path, content in made:
        with mkdocs_gen_files.open(path, "wb") as file:
            file.write(content)
    if not is_nested:  # once a build, not once a language
        for warning in site_warnings(root):
            log.warning(warning)


if __name__ == "<run_path>":  # the name that runpy gives: importing this module writes nothing
    write_pages()

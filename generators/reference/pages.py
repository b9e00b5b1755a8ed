"""The reference pages: prose with marks, and what takes the place of each mark."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from generators.errors import RenderError
from generators.pipeline.site import site_exports
from generators.provenance import digest_code
from generators.reference.measured import scanner_table
from generators.reference.worked import claim_example, control_example, size_example
from generators.store import CacheFolder, cache_folder

FOLDER = Path("docs") / "en" / "assay"
LOCALE = "en"
"""The documentation of Assay itself is English; the reports that it makes aren't."""

_MARK = re.compile(r"<!-- reference: ([a-z-]+) -->")
FROM_CODE = {
    "command-line": "command_line.command_line_reference",
    "environment": "environment.environment_reference",
    "files": "files.files_reference",
    "evidence": "docstrings.evidence_reference",
    "output": "docstrings.output_reference",
    "python": "docstrings.python_reference",
    "errors": "codes.error_reference",
    "findings": "codes.finding_reference",
}
"""What follows from the code alone, by the name in its mark; kept by the digest of the code, and imported only to be
made anew."""
FROM_PROJECT: dict[str, Callable[[Path], str]] = {
    "scanners": scanner_table,
    "controls": lambda root: control_example(site_exports(root).evidence),
    "sizes": lambda root: size_example(site_exports(root).evidence),
    "claim": lambda root: claim_example(site_exports(root).evidence),
}
"""What follows from a project's records and the evidence of the build, by the name in its mark."""


def reference_files(root: Path, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield the pages of a project's documentation that have a mark; only Assay's own project has any.

    Args:
        root: Folder of the project.
        locale: Language that is being built.

    Yields:
        Path relative to the language's root, and content.

    Raises:
        RenderError: A mark names nothing that can be made.
        AssayError: The evidence can't be collected.
    """
    if locale != LOCALE:
        return
    for path in sorted((root / FOLDER).glob("*.md")):
        prose = path.read_text(encoding="utf-8")
        if _MARK.search(prose):
            yield f"assay/{path.name}", _filled(prose, path, root).encode()


def _filled(prose: str, page: Path, root: Path) -> str:
    return _MARK.sub(lambda mark: _made(mark[1], page, root), prose)


def _made(name: str, page: Path, root: Path) -> str:
    if name in FROM_PROJECT:
        return FROM_PROJECT[name](root)
    if name not in FROM_CODE:
        raise RenderError(
            "no-reference",
            f"nothing is called {name!r} that could be made there",
            where=str(page),
            remedy=f"use one of {', '.join(sorted((*FROM_CODE, *FROM_PROJECT)))}",
        )
    cache = CacheFolder(cache_folder(root, os.environ))
    return cache.get_or_make(f"reference-{name}-{digest_code()}", lambda: _make(FROM_CODE[name])).decode()


def _make(path: str) -> bytes:
    module, _, function = path.rpartition(".")
    made: str = getattr(import_module(f"generators.reference.{module}"), function)()
    return made.encode()

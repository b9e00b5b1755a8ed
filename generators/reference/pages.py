"""The reference pages: prose with a mark, and what takes the mark's place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from generators.provenance import digest_code
from generators.store import CacheFolder, cache_folder

FOLDER = Path("docs") / "en" / "assay"
LOCALE = "en"
"""The documentation of Assay itself is English; the reports that it makes aren't."""


def reference_files(root: Path, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield the reference pages that a project's documentation has a place for; only Assay's own has.

    Args:
        root: Folder of the project.
        locale: Language that is being built.

    Yields:
        Path relative to the language's root, and content.
    """
    if locale != LOCALE or not (root / FOLDER).is_dir():
        return
    cache = CacheFolder(cache_folder(root, os.environ))
    for name, make in PAGES.items():
        path = root / FOLDER / f"{name}.md"
        if path.is_file():
            made = cache.get_or_make(f"reference-{name}-{digest_code()}", make)
            yield f"assay/{name}.md", path.read_bytes().replace(mark(name), made)


def mark(name: str) -> bytes:
    """Return what stands in the prose where a reference belongs."""
    return f"<!-- reference: {name} -->".encode()


def _command_line() -> bytes:
    from generators.reference.command_line import command_line_reference

    return command_line_reference().encode()


def _files() -> bytes:
    from generators.reference.files import files_reference

    return files_reference().encode()


def _evidence() -> bytes:
    from generators.reference.docstrings import evidence_reference

    return evidence_reference().encode()


def _python() -> bytes:
    from generators.reference.docstrings import python_reference

    return python_reference().encode()


PAGES: dict[str, Callable[[], bytes]] = {
    "command-line": _command_line,
    "files": _files,
    "evidence": _evidence,
    "python": _python,
}
"""What each page's mark is replaced by."""

"""Files that can be attached to an issue: of kinds and sizes that GitHub takes, of the same bytes each time.

Source: GitHub Docs, "Attaching files" (github/docs, commit 02ac71c,
``content/get-started/writing-on-github/working-with-advanced-formatting/attaching-files.md``): "10MB for images and
gifs", "25MB for all other files"; PNG "in all contexts", PDF, JSON and ZIP in comments of issues and pull requests.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from generators.errors import RenderError
from generators.model.issue import IssueFile

MEGABYTE: Final = 1_000_000
"""The page says MB; the smaller reading of it is safe."""
MAX_BYTES: Final = {".png": 10 * MEGABYTE, ".json": 25 * MEGABYTE, ".zip": 25 * MEGABYTE, ".pdf": 25 * MEGABYTE}
"""Largest file of each kind that is used here; another kind isn't attached."""
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest date of the zip format: a file's own would change the bytes from build to build."""
_PLAIN_FILE: Final = 0o100644 << 16


def check_attachable(file: IssueFile) -> IssueFile:
    """Return a file that GitHub takes.

    Raises:
        RenderError: Its kind isn't taken, or it is too large.
    """
    limit = MAX_BYTES.get(PurePosixPath(file.name).suffix)
    if limit is None:
        raise RenderError("not-attachable", f"GitHub takes no file of the kind of {file.name}")
    if len(file.data) > limit:
        what = f"{file.name} has {len(file.data)} bytes; GitHub takes {limit}"
        raise RenderError("not-attachable", what, remedy="publish the site and let the issue link to it")
    return file


def zip_within_limit(name: str, parts: Sequence[Sequence[IssueFile]]) -> IssueFile:
    """Return an archive of as many parts as GitHub takes: those at the end are left out first.

    Args:
        name: Of the archive.
        parts: Files that belong together, the most needed ones first.

    Raises:
        RenderError: Even the first part is too large.
    """
    limit = MAX_BYTES[".zip"]
    for count in range(len(parts), 1, -1):
        archive = zip_files(name, [file for part in parts[:count] for file in part])
        if len(archive.data) <= limit:
            return archive
    return check_attachable(zip_files(name, parts[0]))


def zip_files(name: str, files: Sequence[IssueFile]) -> IssueFile:
    """Return an archive whose bytes depend on nothing but the files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in sorted(files, key=lambda file: file.name):
            archive.writestr(_entry(file.name), file.data, zipfile.ZIP_DEFLATED, 9)
    return IssueFile(name=name, data=buffer.getvalue())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIRST_DAY)
    entry.create_system = 3  # Unix, wherever it is made
    entry.external_attr = _PLAIN_FILE
    return entry

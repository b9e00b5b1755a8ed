"""Checkpoints on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from generators.model.lock import Artifact, LockEntry, Unavailable

CHECKPOINTS = "checkpoints"
"""The project's folder of files, with a folder for each entry; below it, hidden, what fetching needs."""
ENVIRONMENT_VARIABLE = "ASSAY_CHECKPOINTS"
"""Folders to look in besides ``checkpoints/``, separated as in ``PATH``."""

Origin = Literal["project", "environment"]


def search_folders(project: Path, environment: Mapping[str, str]) -> tuple[tuple[Origin, Path], ...]:
    """Return the folders that hold checkpoints: the project's own first, then those of ``ASSAY_CHECKPOINTS``."""
    listed = [part for part in environment.get(ENVIRONMENT_VARIABLE, "").split(os.pathsep) if part]
    return (("project", project / CHECKPOINTS), *(("environment", Path(part).expanduser()) for part in listed))


def find_artifact(entry: LockEntry, project: Path, environment: Mapping[str, str]) -> Artifact | Unavailable:
    """Find the file of an entry.

    In each folder, ``<id>/`` is looked into first: a file of the published name, else the only file there. Then, for
    folders of ``ASSAY_CHECKPOINTS``, a file of the published name directly inside. A source of kind ``path`` is last.

    Returns:
        The artifact, or why there is none: ``not-fetched``, or ``ambiguous-folder`` when the entry's folder holds
        several files and none has the published name.
    """
    searched: list[str] = []
    for origin, folder in search_folders(project, environment):
        # a page is published: it names the reader's variable, not the builder's folders
        searched.append(
            f"{CHECKPOINTS}/{entry.id}" if origin == "project" else f"${ENVIRONMENT_VARIABLE}/{folder.name}"
        )
        found = list(_candidates(folder, entry, origin))
        if len(found) == 1:
            return Artifact(path=found[0], size_bytes=found[0].stat().st_size, origin=origin)
        if found:
            return Unavailable(reason="ambiguous-folder", searched=tuple(searched))
    for source in entry.sources:
        path = project / source.address
        if source.kind == "path" and path.is_file():
            return Artifact(path=path, size_bytes=path.stat().st_size, origin="project")
    return Unavailable(reason="not-fetched", searched=tuple(searched))


def _candidates(folder: Path, entry: LockEntry, origin: Origin) -> Iterator[Path]:
    own = folder / entry.id
    named = own / Path(entry.title).name
    if named.is_file():
        yield named
        return
    if own.is_dir():
        # a name that begins with a dot is a partial download or a file manager's own
        yield from sorted(p for p in own.iterdir() if p.is_file() and not p.name.startswith("."))
    loose = folder / Path(entry.title).name
    if origin == "environment" and loose.is_file() and not own.is_dir():
        yield loose

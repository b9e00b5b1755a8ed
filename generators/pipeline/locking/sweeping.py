"""Files that nothing needs any more, found and removed.

The cache is keyed by content under digests, so that a file of it doesn't say what it is of: it goes when it wasn't used
for a while, which its time tells to a day. A build that misses something makes it again. An entry's file is never among
what is looked at: only the hidden folders beside it are, what is unfinished, and what belongs to no entry.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from generators.errors import StoreError
from generators.model.sweeping import Sweep, SweptFile, SweptKind
from generators.pipeline.evidence.records import find_strays
from generators.pipeline.evidence.running import CONTROLS, control_path
from generators.pipeline.locking.fetching import NOTES
from generators.pipeline.locking.updating import INCOMING, REPLACED
from generators.pipeline.project import Project
from generators.sources.exclusive import WRITERS, all_exclusively
from generators.sources.local import CHECKPOINTS

WRITE_SECONDS = 3600.0
"""Age from which a temporary file is taken for what a killed process left: no write takes that long."""
_KEPT_FOLDER = re.compile("[0-9a-f]{2}")
_KEPT_FILE = re.compile(r"[0-9a-f]{62}\Z|\.[0-9a-f]{62}\.")
_PART_ENDINGS = (".part", ".part.json", ".part.new", ".page")


class SweepRequest(Struct, frozen=True, kw_only=True):
    """What is asked for.

    Attributes:
        older_than_seconds: Age from which kept results, replaced files and files of updates that weren't taken go.
        dry_run: Nothing is removed.
        records: Whether records of ids that the lock hasn't go, too.
    """

    older_than_seconds: float
    dry_run: bool = False
    records: bool = False


class _Found(Struct, frozen=True, kw_only=True):
    kind: SweptKind
    path: Path
    root: Path


def sweep(project: Project, request: SweepRequest) -> Sweep:
    """Remove what nothing needs, while nobody fetches.

    Raises:
        SourceError: ``busy``: another process fetches or writes the lock.
        StoreError: A file can't be removed.
    """
    try:
        return _sweep(project, request, time.time())
    except OSError as problem:
        raise StoreError(
            "unreadable",
            f"can't be looked at: {problem.strerror}",
            where=str(problem.filename or project.root),
            remedy="check the folder's rights",
        ) from problem


def _sweep(project: Project, request: SweepRequest, now: float) -> Sweep:
    with all_exclusively(project.root / CHECKPOINTS, (*(e.id for e in project.lock.checkpoints), WRITERS)):
        kept, found = _find_cached(project, request, now)
        everything = [*found, *_find_controls(project, request, now), *_find_downloads(project, request, now)]
        everything += (_Found(kind="record", path=path, root=project.root) for path in find_strays(project))
        files = tuple(_swept(one, request) for one in everything)
    freed = sum(one.size_bytes for one in files if one.removed or (request.dry_run and _goes(one.kind, request)))
    return Sweep(
        files=tuple(sorted(files, key=lambda one: (one.kind, one.name))),
        freed_bytes=freed,
        kept_files=kept,
        older_than_seconds=request.older_than_seconds,
        dry_run=request.dry_run,
    )


def _goes(kind: SweptKind, request: SweepRequest) -> bool:
    return kind != "record" or request.records


def _find_cached(project: Project, request: SweepRequest, now: float) -> tuple[int, list[_Found]]:
    """Return how many results stay, and those that go."""
    root, found, kept = project.cache.folder, [], 0
    for path in _kept_files(root):
        age = now - path.stat().st_mtime
        if path.name.startswith("."):
            if age > WRITE_SECONDS:
                found.append(_Found(kind="interrupted-write", path=path, root=root))
        elif age > request.older_than_seconds:
            found.append(_Found(kind="kept-result", path=path, root=root))
        else:
            kept += 1
    return kept, found


def _kept_files(root: Path) -> Iterator[Path]:
    """Yield what a cache itself wrote: of anything else that lies there, nothing is known."""
    for path in _files(folder for folder in _folders(root) if _KEPT_FOLDER.fullmatch(folder.name)):
        if _KEPT_FILE.match(path.name):
            yield path


def _find_controls(project: Project, request: SweepRequest, now: float) -> Iterator[_Found]:
    """Yield controls of older code, another seed or another torch; of ids that the lock hasn't, those unused for long.

    The cache may be another project's as well, with controls of its own.
    """
    root = project.cache.folder
    known = {control.id: control_path(control, project).parent for control in project.lock.controls}
    for folder in _folders(root / CONTROLS):
        for made in _folders(folder):
            current = known.get(folder.name)
            if current == made or (current is None and now - made.stat().st_mtime <= request.older_than_seconds):
                continue
            yield from (_Found(kind="control", path=path, root=root) for path in _files([made]))


def _find_downloads(project: Project, request: SweepRequest, now: float) -> Iterator[_Found]:
    """Yield unfinished downloads that no entry goes on with, and files of updates."""
    root = project.root
    folder = root / CHECKPOINTS
    titles = {entry.id: Path(entry.title).name for entry in project.lock.checkpoints}
    for own in _folders(folder):
        if own.name.startswith("."):
            continue
        for path in sorted(own.iterdir()):
            if _is_part(path) and not _belongs(path, titles.get(own.name)):
                yield _Found(kind="unfinished-download", path=path, root=root)
    for note in _files([folder / NOTES]):
        if note.stem not in titles:
            yield _Found(kind="unfinished-download", path=note, root=root)
    hidden_folders: tuple[tuple[str, SweptKind], ...] = ((INCOMING, "incoming-file"), (REPLACED, "replaced-file"))
    for hidden, kind in hidden_folders:
        for path in _files([folder / hidden]):
            # a replaced file keeps its own time: that of its folder is when it was replaced
            when = path.parent if hidden == REPLACED else path
            if now - when.stat().st_mtime > request.older_than_seconds:
                yield _Found(kind=kind, path=path, root=root)


def _is_part(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(_PART_ENDINGS) and path.is_file()


def _belongs(path: Path, title: str | None) -> bool:
    return title is not None and path.name.startswith(f".{title}.")


def _folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink()) if folder.is_dir() else []


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_dir() and not folder.is_symlink():
            yield from (path for path in sorted(folder.rglob("*")) if path.is_file() or path.is_symlink())


def _swept(one: _Found, request: SweepRequest) -> SweptFile:
    status = one.path.lstat()
    removed = not request.dry_run and _goes(one.kind, request)
    if removed:
        _remove(one.path, one.root)
    return SweptFile(
        kind=one.kind,
        name=one.path.relative_to(one.root).as_posix(),
        # a replaced file that couldn't be moved shares its bytes with another name
        size_bytes=status.st_size if status.st_nlink == 1 else 0,
        removed=removed,
    )


def _remove(path: Path, root: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise StoreError(
            "unremovable", f"can't be removed: {problem.strerror}", where=str(path), remedy="check the folder's rights"
        ) from problem
    for folder in path.parents:
        if folder == root or not folder.is_relative_to(root) or folder.name == CHECKPOINTS:
            return
        with contextlib.suppress(OSError):  # it isn't empty
            folder.rmdir()

"""Which files of a lock are here, and whether they are the ones that it names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from generators.model.lock import Artifact, LockEntry, Unavailable
from generators.model.transfers import FileStanding, FileState, Verified, VerifyState
from generators.pipeline.executing.choice import choose, estimate_seconds
from generators.pipeline.executing.crew import gather_crew
from generators.pipeline.executing.each import WorkerDied, run_each
from generators.pipeline.files.file_pins import range_text
from generators.pipeline.project import Project
from generators.sources import find_artifact
from generators.sources.local import CHECKPOINTS
from generators.sources.part_file import PartFile
from generators.sources.redaction import shown_address


def standings(entries: Iterable[LockEntry], project: Project) -> Iterator[FileStanding]:
    """Yield whether each entry's file is here, by name and size; no byte is read."""
    for entry in entries:
        state, size = _stand(entry, project)
        resolved = entry.resolved
        yield FileStanding(
            id=entry.id,
            state=state,
            title=entry.title,
            size_bytes=size,
            pinned=entry.pin.sha256 is not None,
            sources=tuple(source.kind for source in entry.sources),
            asked=tuple(shown_address(source.address) for source in entry.sources),
            resolved=shown_address(resolved.source.address) if resolved and resolved.source else "",
            resolved_at=resolved.resolved_at if resolved else "",
            stale=entry.stale,
        )


class _Place(Struct, frozen=True, kw_only=True):
    """An entry and where its file is; no path where ``answer`` says all without reading."""

    entry: LockEntry
    path: Path | None = None
    size_bytes: int = 0
    answer: Verified | None = None


class Digest(Struct, frozen=True, kw_only=True):
    """What a worker found: a file's SHA-256, or why it can't be read."""

    sha256: str = ""
    problem: str = ""


def verify_entries(
    entries: Iterable[LockEntry], project: Project, *, extra: bool, executor: str = ""
) -> Iterator[Verified]:
    """Yield each entry's file, held against the lock by all its bytes; then the files that belong to no entry.

    Args:
        entries: Which.
        project: Their project.
        extra: Whether the files of no entry are looked for.
        executor: Where files are read, as ``--executor`` says it.

    Raises:
        ExecutorError: The executor can't be used.
    """
    places = [_place(entry, project) for entry in entries]
    here = [place for place in places if place.path is not None]
    paths = [str(place.path.resolve()) for place in here if place.path is not None]
    choice = choose(executor, project.environment, len(here), estimate_seconds(place.size_bytes for place in here))
    with gather_crew(choice) as crew:
        digests = run_each(digest_file, paths, crew)
        for place in places:
            yield place.answer or _compare(place, next(digests))
    if extra:
        yield from _extras(project)


def digest_file(path: str) -> Digest:
    """Read a file to its end: what a worker does."""
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - a path as it came
            return Digest(sha256=hashlib.file_digest(stream, "sha256").hexdigest())
    except OSError as problem:
        return Digest(problem=problem.strerror or "")


def _stand(entry: LockEntry, project: Project) -> tuple[FileState, int | None]:
    try:
        found = find_artifact(entry, project.root, project.environment)
    except OSError:
        return "unreadable", None
    pin = entry.pin
    match found:
        case Artifact(size_bytes=size) if pin.size is not None and size not in pin.size:
            return "other-size", size
        case Artifact(size_bytes=size):
            return "here", size
        case Unavailable(reason="ambiguous-folder"):
            return "ambiguous", None
    part = PartFile(project.root / CHECKPOINTS / entry.id / Path(entry.title).name)
    return ("partial", part.size_bytes) if part.size_bytes else ("absent", None)


def _place(entry: LockEntry, project: Project) -> _Place:
    try:
        found = find_artifact(entry, project.root, project.environment)
    except OSError as problem:
        return _Place(entry=entry, answer=_unread(entry, problem.strerror or ""))
    if isinstance(found, Unavailable):
        name = f"{entry.id}/{entry.title}"
        missing = Verified(id=entry.id, state="missing", name=name, expected=_expected(entry))
        return _Place(entry=entry, answer=missing)
    return _Place(entry=entry, path=found.path, size_bytes=found.size_bytes)


def _compare(place: _Place, digest: Digest | WorkerDied) -> Verified:
    """Hold what was read against the entry."""
    entry = place.entry
    if isinstance(digest, WorkerDied):
        return _unread(entry, "worker-died")
    if digest.problem or place.path is None:
        return _unread(entry, digest.problem)
    name = f"{entry.id}/{place.path.name}"
    pin = entry.pin
    if pin.size is not None and place.size_bytes not in pin.size:
        text, found = f"{range_text(pin.size)} B", f"{place.size_bytes} B"
        return Verified(id=entry.id, state="mismatch", name=name, expected=text, found=found)
    state: VerifyState = "match" if digest.sha256 == pin.sha256 else "mismatch"
    state = state if pin.sha256 else "unpinned"
    return Verified(id=entry.id, state=state, name=name, expected=_expected(entry), found=digest.sha256)


def _unread(entry: LockEntry, problem: str) -> Verified:
    return Verified(id=entry.id, state="unreadable", expected=_expected(entry), found=problem)


def _expected(entry: LockEntry) -> str:
    pin = entry.pin
    return pin.sha256 or (f"{range_text(pin.size)} B" if pin.size else "")


def _extras(project: Project) -> Iterator[Verified]:
    """Yield the files below ``checkpoints/`` that are no entry's."""
    folder = project.root / CHECKPOINTS
    known = set()
    for entry in project.lock.checkpoints:
        found = find_artifact(entry, project.root, project.environment)
        if isinstance(found, Artifact):
            known.add(found.path.resolve())
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts) and path.resolve() not in known:
            yield Verified(id="", state="extra", name=inside.as_posix(), found=f"{path.stat().st_size} B")

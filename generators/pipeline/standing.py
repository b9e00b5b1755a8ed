"""Which files of a lock are here, and whether they are the ones that it names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from generators.model.lock import Artifact, LockEntry, SizeRange, Unavailable
from generators.model.transfers import FileStanding, FileState, Verified
from generators.pipeline.fetching import FOLDER
from generators.pipeline.project import Project
from generators.sources import find_artifact
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


def verify_entries(entries: Iterable[LockEntry], project: Project, *, extra: bool) -> Iterator[Verified]:
    """Yield each entry's file, held against the lock by all its bytes; then the files that belong to no entry.

    Args:
        entries: Which.
        project: Their project.
        extra: Whether the files of no entry are looked for.
    """
    for entry in entries:
        yield _verify(entry, project)
    if extra:
        yield from _extras(project)


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
    part = PartFile(project.root / FOLDER / entry.id / Path(entry.title).name)
    return ("partial", part.size_bytes) if part.size_bytes else ("absent", None)


def _verify(entry: LockEntry, project: Project) -> Verified:
    pin = entry.pin
    expected = pin.sha256 or (_range_text(pin.size) if pin.size else "")
    try:
        found = find_artifact(entry, project.root, project.environment)
        if isinstance(found, Unavailable):
            return Verified(id=entry.id, state="missing", name=f"{entry.id}/{entry.title}", expected=expected)
        with found.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as problem:
        return Verified(id=entry.id, state="unreadable", expected=expected, found=problem.strerror or "")
    name = f"{entry.id}/{found.path.name}"
    if pin.size is not None and found.size_bytes not in pin.size:
        text = _range_text(pin.size)
        return Verified(id=entry.id, state="mismatch", name=name, expected=text, found=f"{found.size_bytes} B")
    if pin.sha256 is None:
        return Verified(id=entry.id, state="unpinned", name=name, expected=expected, found=digest)
    state = "match" if digest == pin.sha256 else "mismatch"
    return Verified(
        id=entry.id, state="match" if state == "match" else "mismatch", name=name, expected=expected, found=digest
    )


def _extras(project: Project) -> Iterator[Verified]:
    """Yield the files below ``checkpoints/`` that are no entry's."""
    folder = project.root / FOLDER
    known = set()
    for entry in project.lock.checkpoints:
        found = find_artifact(entry, project.root, project.environment)
        if isinstance(found, Artifact):
            known.add(found.path.resolve())
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts) and path.resolve() not in known:
            yield Verified(id="", state="extra", name=inside.as_posix(), found=f"{path.stat().st_size} B")


def _range_text(size: SizeRange) -> str:
    if size.minimum_bytes == size.maximum_bytes:
        return f"{size.minimum_bytes} B"
    return f"{size.minimum_bytes} - {size.maximum_bytes} B"

"""What is here, written into the lock; and whether the lock still says what is asked for and here.

A file is pinned only when all of its tensors are here, it is nothing that a person's own keys contradict, and it is no
control's stand-in.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from generators.errors import ContainerError
from generators.lock import LOCK_NAME, read_lock
from generators.lock_edit import import_tomlkit, write_resolved
from generators.model.fingerprint import Fingerprint
from generators.model.lock import Artifact, ControlEntry, FilePin, LockEntry, Resolved, SourceAddress
from generators.model.pinning import PinOutcome, StaleEntry
from generators.pipeline.evidence.running import build_control
from generators.pipeline.files.file_pins import contradicted_by, range_text
from generators.pipeline.files.identifying import identify_file
from generators.pipeline.files.reading import read_fingerprint
from generators.pipeline.locking.fetching import find_note
from generators.pipeline.project import Project
from generators.provenance import build_date
from generators.sources import find_artifact
from generators.sources.exclusive import WRITERS, exclusively
from generators.sources.local import CHECKPOINTS
from generators.sources.redaction import shown_address

log = logging.getLogger("generators.pipeline")


class _Read(Struct, frozen=True, kw_only=True):
    """An entry with the file that is here."""

    entry: LockEntry
    fingerprint: Fingerprint
    source: SourceAddress | None


def pin_entries(entries: Iterable[LockEntry], project: Project) -> tuple[PinOutcome, ...]:
    """Write into the lock what the files that are here are.

    Files are read before other writers are kept out; only the writing itself is exclusive.

    Raises:
        LockError: The lock changed meanwhile into one that is wrong, or can't be written.
        SourceError: The lock of writers can't be had.
    """
    import_tomlkit()
    outcomes, found = [], {}
    for entry in entries:
        read = _read(entry, project)
        outcome = read if isinstance(read, PinOutcome) else judge_file(entry, read.fingerprint, read.source, project)
        if isinstance(read, _Read) and outcome.state == "pinned":
            found[entry.id] = resolve_file(read.entry, read.fingerprint, read.source, project)
            if is_settled(found[entry.id], entry.resolved):
                del found[entry.id]
                outcome = replace(outcome, state="unchanged")
        outcomes.append(outcome)
    if found:
        write_all(found, project)
    return tuple(outcomes)


def write_all(found: dict[str, Resolved], project: Project) -> None:
    """Write what entries came to, with other writers kept out.

    Raises:
        LockError: The lock can't be written.
        SourceError: The lock of writers can't be had.
    """
    with exclusively(project.root / CHECKPOINTS, WRITERS):
        write_resolved(project.root / LOCK_NAME, found)


def resolve_file(
    entry: LockEntry, fingerprint: Fingerprint, source: SourceAddress | None, project: Project
) -> Resolved:
    """Return what an entry comes to by its file."""
    return Resolved(
        asked=tuple(asked.address for asked in entry.sources),
        source=source,
        size_bytes=fingerprint.file.size_bytes,
        sha256=fingerprint.file.sha256,
        weights_digest=fingerprint.weights_digest,
        resolved_at=build_date(project.environment),
    )


def find_stale(project: Project) -> Iterator[StaleEntry]:
    """Yield each way in which the lock isn't up to date; a file that is here is read, once.

    Raises:
        LockError: The lock is wrong.
    """
    for entry in read_lock(project.root / LOCK_NAME).checkpoints:
        yield from _stale_by_itself(entry)
        yield from _stale_by_file(entry, project)


def _stale_by_itself(entry: LockEntry) -> Iterator[StaleEntry]:
    found = entry.resolved
    if found is None:
        return
    for reason in entry.stale:
        match reason:
            case "sources-changed":
                asked = ", ".join(shown_address(source.address) for source in entry.sources)
                resolved = ", ".join(map(shown_address, found.asked))
            case "size-contradicts":
                asked, resolved = range_text(entry.size), str(found.size_bytes)
            case "sha256-contradicts":
                asked, resolved = entry.sha256 or "", found.sha256 or ""
            case "weights-contradict":
                asked, resolved = entry.weights_digest or "", found.weights_digest or ""
        yield StaleEntry(id=entry.id, fault=reason, line=found.line, asked=asked, resolved=resolved)


def _stale_by_file(entry: LockEntry, project: Project) -> Iterator[StaleEntry]:
    read = _read(entry, project)
    if not isinstance(read, _Read):
        return
    file, found = read.fingerprint.file, entry.resolved
    here = (file.size_bytes, file.sha256, read.fingerprint.weights_digest)
    if found is None or found.sha256 is None or found.weights_digest is None:
        line = entry.line if found is None else found.line
        yield StaleEntry(id=entry.id, fault="unpinned", line=line, asked=file.sha256)
    if found is None:
        return
    known = (found.size_bytes, found.sha256, found.weights_digest)
    if any(theirs is not None and ours != theirs for ours, theirs in zip(here, known, strict=True)):
        resolved = found.sha256 or str(found.size_bytes)
        yield StaleEntry(id=entry.id, fault="file-differs", line=found.line, asked=file.sha256, resolved=resolved)


def _read(entry: LockEntry, project: Project) -> _Read | PinOutcome:
    try:
        artifact = find_artifact(entry, project.root, project.environment)
        if not isinstance(artifact, Artifact):
            if artifact.reason == "not-fetched":
                return PinOutcome(id=entry.id, state="not-here")
            return PinOutcome(id=entry.id, state="refused", refusal="unreadable", detail=artifact.reason)
        fingerprint = read_fingerprint(artifact.path, project.cache, entry.id)
    except ContainerError as problem:
        return PinOutcome(id=entry.id, state="refused", refusal="unreadable", detail=problem.what)
    except OSError as problem:
        return PinOutcome(id=entry.id, state="refused", refusal="unreadable", detail=problem.strerror or "")
    return _Read(entry=entry, fingerprint=fingerprint, source=_source_of(entry, fingerprint, project))


def _source_of(entry: LockEntry, fingerprint: Fingerprint, project: Project) -> SourceAddress | None:
    """Return where the file came from: as it was noted when it was fetched, or as the lock has it already."""
    note = find_note(project.root, entry.id)
    if note is not None and note.sha256 == fingerprint.file.sha256:
        return note.source
    found = entry.resolved
    if found is not None and "sources-changed" not in entry.stale:
        known = found.sha256 if found.sha256 is not None else None
        return found.source if known in (None, fingerprint.file.sha256) else None
    return None


def judge_file(
    entry: LockEntry, fingerprint: Fingerprint, source: SourceAddress | None, project: Project
) -> PinOutcome:
    """Return whether a file may be pinned."""
    outcome = PinOutcome(
        id=entry.id,
        state="pinned",
        sha256=fingerprint.file.sha256,
        weights_digest=fingerprint.weights_digest or "",
        size_bytes=fingerprint.file.size_bytes,
        source=shown_address(source.address) if source else "",
    )
    if any(tensor.missing for tensor in fingerprint.tensors) or fingerprint.weights_digest is None:
        return replace(outcome, state="refused", refusal="incomplete", detail=_first_defect(fingerprint))
    contradiction = contradicted_by(
        FilePin(size=entry.size, sha256=entry.sha256, weights_digest=entry.weights_digest), fingerprint
    )
    if contradiction:
        return replace(outcome, state="refused", refusal="not-as-asked", detail=contradiction)
    control = find_control_of(fingerprint, project)
    if control:
        return replace(outcome, state="refused", refusal="is-a-control", detail=control)
    return outcome


def _first_defect(fingerprint: Fingerprint) -> str:
    return next((finding.code for finding in fingerprint.findings if finding.severity == "error"), "")


def find_control_of(fingerprint: Fingerprint, project: Project) -> str:
    """Return the id of the control that has a file's weights; empty where none has, or where it can't be built."""
    architecture = identify_file(fingerprint, project.cache).architecture
    for control in project.lock.controls:
        if control.recipe == architecture and _weights_of(control, project) == fingerprint.weights_digest:
            return control.id
    return ""


def _weights_of(control: ControlEntry, project: Project) -> str | None:
    found = build_control(control, project)
    if not isinstance(found, Artifact):
        log.warning("%s: can't be built, so that nothing is held against it: %s", control.id, found.reason)
        return None
    return read_fingerprint(found.path, project.cache, control.id).weights_digest


def is_settled(found: Resolved, known: Resolved | None) -> bool:
    """Whether the lock says already what was found: nothing but the moment is new."""
    return known is not None and found == replace(known, line=0, resolved_at=found.resolved_at)

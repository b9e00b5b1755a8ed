"""Evidence of live files into ``docs/evidence/``: the same evidence always as the same bytes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, TypeVar

from msgspec.structs import replace

from generators.model.accuracy import Accuracy
from generators.model.evidence import Provenance, SubjectEvidence
from generators.model.recorded import RecordedSubject, RecordOutcome, Refusal
from generators.model.sanity import SanityEvaluation
from generators.pipeline.evidence.records import find_record, record_path
from generators.pipeline.project import Project
from generators.pipeline.recording.conditions import causes_between, conditions, device_of
from generators.pipeline.recording.facts import differing_pointers
from generators.pipeline.recording.record_text import encode_rows
from generators.pipeline.recording.steady import steady_accuracy, steady_evaluation, steady_sanity
from generators.provenance import build_date
from generators.store import FILE_REMEDY, write_atomically

T = TypeVar("T")

MAX_CHANGED = 20
"""Pointers to changed values that an outcome names."""
BYTES_FINDINGS = frozenset(
    {
        "file-truncated",
        "gzip-truncated",
        "member-damaged",
        "shard-missing",
        "shard-tensor-missing",
        "storage-missing",
        "storage-short",
        "tar-damaged",
        "tensor-unread",
    }
)
"""Findings that say that bytes are missing or not what they were written as."""


def record_entries(
    subjects: Sequence[SubjectEvidence], project: Project, *, named: bool, check: bool = False
) -> Iterator[RecordOutcome]:
    """Write the record of each of these entries, unless it says the same already.

    Args:
        subjects: As this build read them.
        project: Their project.
        named: Whether a person asked for these entries by their ids: then one that isn't here is refused.
        check: Whether nothing is written, only told.

    Raises:
        StoreError: A record that is there can't be read, or a new one can't be written.
    """
    for subject in subjects:
        yield _record(subject, project, named=named, check=check)


def make_record(subject: SubjectEvidence, before: RecordedSubject | None, project: Project) -> RecordedSubject:
    """Return the record of an entry as it was read now.

    What a part says anew only of times and memory is taken from the record before: jitter is no news.
    """
    told = _trimmed(subject)
    if before is not None:
        told = _with_known_parts(told, before)
    return RecordedSubject(
        recorded_at=build_date(project.environment), conditions=conditions(device_of([told])), subject=told
    )


def refusal(subject: SubjectEvidence, before: RecordedSubject | None) -> Refusal | Literal[""]:
    """Return why an entry can't be recorded; empty when it can."""
    codes = {finding.code for finding in subject.findings}
    if "unreadable" in codes:
        return "unreadable"
    if not subject.available:
        return "not-here"
    if subject.lock_match == "contradicted":
        return "a-control" if "is-a-control" in codes else "another-file"
    if subject.fingerprint is None or subject.fingerprint.container.format == "unknown":
        return "unreadable"
    # a digest in the lock says that the file is published like this
    if subject.lock_match != "digest" and _is_damaged(subject):
        return "damaged"
    return "would-lose" if before is not None and _loses(subject, before.subject) else ""


def _record(subject: SubjectEvidence, project: Project, *, named: bool, check: bool) -> RecordOutcome:
    path = record_path(project, subject.id)
    shown = path.relative_to(project.root).as_posix()
    before = find_record(subject.id, project)
    reason = refusal(subject, before)
    if reason:
        refused = RecordOutcome(id=subject.id, what="entry", state="refused", reason=reason, path=shown)
        return replace(refused, state="not-here") if reason == "not-here" and not named else refused
    record = make_record(subject, before, project)
    data = encode_rows(record)
    outcome = RecordOutcome(id=subject.id, what="entry", state="new", path=shown, size_bytes=len(data))
    if before is not None:
        if encode_rows(replace(record, recorded_at=before.recorded_at)) == path.read_bytes():
            return replace(outcome, state="unchanged", size_bytes=path.stat().st_size)
        outcome = _told_changes(outcome, before, record)
    if not check:
        with write_atomically(path, FILE_REMEDY) as stream:
            stream.write(data)
    return outcome


def _told_changes(outcome: RecordOutcome, before: RecordedSubject, after: RecordedSubject) -> RecordOutcome:
    differing = itertools.islice(differing_pointers(before.subject, after.subject), MAX_CHANGED)
    file = before.subject.sha256 != after.subject.sha256
    causes = causes_between(before.conditions, after.conditions)
    return replace(outcome, state="changed", causes=(("file", *causes) if file else causes), changed=tuple(differing))


def _trimmed(subject: SubjectEvidence) -> SubjectEvidence:
    """Return what was read of an entry without what follows from lock and report, and without others' pictures."""
    found = subject.identification
    accuracy = subject.accuracy
    return replace(
        subject,
        sources=(),
        reported=(),
        size=None,
        provenance=Provenance(),
        identification=replace(found, candidates=found.candidates[:1]),
        accuracy=replace(accuracy, comparisons=()) if accuracy and accuracy.status == "measured" else None,
        sanity=_without_others_pictures(subject.sanity),
    )


def _without_others_pictures(sanity: SanityEvaluation | None) -> SanityEvaluation | None:
    """Leave out pictures that Assay didn't draw itself: a project doesn't publish somebody's photographs by this."""
    return sanity and replace(
        sanity, shown=tuple(s if s.kind == "drawn" else replace(s, image_jpeg="") for s in sanity.shown)
    )


def _with_known_parts(told: SubjectEvidence, record: RecordedSubject) -> SubjectEvidence:
    """Take from the record what says the same but for times, names and memory, or what this machine can't measure."""
    before = record.subject
    if told.fingerprint is None or before.fingerprint is None:
        return told
    same_weights = told.fingerprint.weights_digest == before.fingerprint.weights_digest
    if told.sha256 == before.sha256:
        file = replace(told.fingerprint.file, name=before.fingerprint.file.name)
        told = replace(told, fingerprint=replace(told.fingerprint, file=file))
    if not same_weights:
        return told
    return replace(
        told,
        evaluation=_known(told.evaluation, before.evaluation, steady_evaluation),
        sanity=_known(told.sanity, before.sanity, steady_sanity),
        accuracy=_known_accuracy(told.accuracy, before.accuracy),
    )


def _known(now: T, before: T, steady: Callable[[T], T]) -> T:
    return before if steady(now) == steady(before) else now


def _known_accuracy(now: Accuracy | None, before: Accuracy | None) -> Accuracy | None:
    """Keep a measurement that was recorded where nothing was measured now: few machines have the data set."""
    return before if now is None or steady_accuracy(now) == steady_accuracy(before) else now


def _loses(subject: SubjectEvidence, before: SubjectEvidence) -> bool:
    """Whether a record would lose what its network did, for the same weights, because it can't run here."""
    if subject.fingerprint is None or before.fingerprint is None:
        return False
    if subject.fingerprint.weights_digest != before.fingerprint.weights_digest:
        return False
    parts = ((subject.evaluation, before.evaluation), (subject.sanity, before.sanity))
    return any(
        then is not None and then.status == "run" and (now is None or now.status != "run") for now, then in parts
    )


def _is_damaged(subject: SubjectEvidence) -> bool:
    fingerprint = subject.fingerprint
    if fingerprint is None or any(tensor.missing for tensor in fingerprint.tensors):
        return True
    return any(finding.code in BYTES_FINDINGS for finding in fingerprint.findings)

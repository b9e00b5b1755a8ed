"""The verdicts of a report over time: kept in ``docs/evidence/history/``, one state after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from generators.judge.flips import claim_states, find_flips
from generators.model.claim import EvidenceKind
from generators.model.conditions import Cause
from generators.model.evidence import ReportEvidence
from generators.model.history import ClaimState, FileState, VerdictFlip, VerdictHistory, VerdictRecord
from generators.model.recorded import RECORD_VERSION, RecordOutcome
from generators.pipeline.project import RECORDED, Project
from generators.pipeline.recording.conditions import causes_between, conditions, device_of
from generators.pipeline.recording.record_text import encode_rows
from generators.pipeline.recording.steady import steady_device
from generators.pipeline.recording.writing import refusal
from generators.store import FILE_REMEDY, malformed_record, read_record, write_atomically

REMEDY = "take it back from version control: it is the record of what the verdicts were"


def history_path(project: Project) -> Path:
    """Return where a project keeps the verdicts on its report."""
    return project.root / RECORDED / "history" / f"{project.report.id}.json"


def read_history(project: Project) -> VerdictHistory | None:
    """Return the recorded verdicts; None where there are none.

    Raises:
        StoreError: They can't be read.
    """
    path = history_path(project)
    history = read_record(path, VerdictHistory, REMEDY)
    if history is None:
        return None
    if history.record_version != RECORD_VERSION:
        mistake = f"it is of version {history.record_version}, and this Assay reads version {RECORD_VERSION}"
        raise malformed_record(mistake, path, REMEDY)
    if history.report != project.report.id:
        raise malformed_record(f"it is of the report {history.report!r}", path, REMEDY)
    return history


def unflipped_record(evidence: ReportEvidence) -> VerdictRecord:
    """Return what the verdicts of a build are, and what they rest on; flips are left out."""
    return VerdictRecord(
        recorded_at=evidence.build.date,
        conditions=conditions(steady_device(device_of(evidence.subjects))),
        lock_sha256=evidence.build.lock_sha256,
        files=tuple(_files(evidence)),
        claims=claim_states(evidence.verdicts),
        flips=(),
    )


def is_same_state(before: VerdictRecord, after: VerdictRecord) -> bool:
    """Whether all checks came to the same, for the same reasons, on the same files.

    A file that was read and one that is on record are the same evidence where their digests are.
    """
    return _comparable(before) == _comparable(after)


def flips_between(before: VerdictRecord, after: VerdictRecord) -> tuple[VerdictFlip, ...]:
    """Return the claims whose verdict is another, each with what changed with it."""
    return tuple(
        replace(flip, causes=tuple(_causes(flip, before, after))) for flip in find_flips(before.claims, after.claims)
    )


def record_verdicts(evidence: ReportEvidence, project: Project, *, check: bool = False) -> RecordOutcome:
    """Append the verdicts of a build to the history, unless they are those of the last record.

    While a file that can't be recorded lies in an entry's place, the verdicts aren't recorded either: it decides them.

    Args:
        evidence: Of the build.
        project: Its project.
        check: Whether nothing is written, only told.

    Raises:
        StoreError: What is there can't be read, or the new history can't be written.
    """
    path = history_path(project)
    unfit = tuple(
        s.id for s in evidence.subjects if s.role == "checkpoint" and refusal(s, None) not in {"", "not-here"}
    )
    if unfit:
        return RecordOutcome(
            id=project.report.id, what="verdicts", state="refused", reason="file-refused", changed=unfit
        )
    history = read_history(project) or VerdictHistory(report=project.report.id, records=())
    now = unflipped_record(evidence)
    shown = path.relative_to(project.root).as_posix()
    outcome = RecordOutcome(id=project.report.id, what="verdicts", state="new", path=shown)
    if history.records:
        last = history.records[-1]
        if is_same_state(last, now):
            return replace(outcome, state="unchanged", size_bytes=path.stat().st_size)
        now = replace(now, flips=flips_between(last, now))
        causes = dict.fromkeys(cause for flip in now.flips for cause in flip.causes)
        changed = tuple(flip.claim for flip in now.flips)
        outcome = replace(outcome, state="changed", causes=tuple(causes), changed=changed)
    data = encode_rows(replace(history, records=(*history.records, now)))
    if not check:
        with write_atomically(path, FILE_REMEDY) as stream:
            stream.write(data)
    return replace(outcome, size_bytes=len(data))


def _files(evidence: ReportEvidence) -> Iterator[FileState]:
    """Yield what is known of each checkpoint. Controls are made by code and libraries, which the conditions have."""
    for subject in evidence.subjects:
        if subject.role == "checkpoint":
            known = subject.fingerprint
            yield FileState(
                subject=subject.id,
                kinds=subject.kinds,
                sha256=known.file.sha256 if known else None,
                weights_digest=known.weights_digest if known else None,
            )


def _comparable(record: VerdictRecord) -> tuple[object, ...]:
    claims = tuple(
        replace(claim, checks=tuple(replace(c, found=None, kinds=_kinds(c.kinds)) for c in claim.checks))
        for claim in record.claims
    )
    return claims, tuple(replace(file, kinds=_kinds(file.kinds)) for file in record.files)


def _kinds(kinds: Iterable[EvidenceKind]) -> tuple[EvidenceKind, ...]:
    return tuple(dict.fromkeys("recorded" if kind == "live" else kind for kind in kinds))


def _causes(flip: VerdictFlip, before: VerdictRecord, after: VerdictRecord) -> Iterator[Cause]:
    """Yield what changed with a verdict, the nearest first."""
    then, now = (_claim(record, flip.claim) for record in (before, after))
    if then is None or now is None or then.definition != now.definition:
        yield "claim"
    known = now or then
    if _files_differ(before, after, known.subjects if known else ()):
        yield "file"
    if before.lock_sha256 != after.lock_sha256:
        yield "lock"
    yield from causes_between(before.conditions, after.conditions)


def _claim(record: VerdictRecord, claim: str) -> ClaimState | None:
    return next((state for state in record.claims if state.claim == claim), None)


def _files_differ(before: VerdictRecord, after: VerdictRecord, subjects: tuple[str, ...]) -> bool:
    """Whether a file that a claim is about came, went or changed; any file, where it is about none in particular."""
    then, now = ({file.subject: replace(file, kinds=_kinds(file.kinds)) for file in r.files} for r in (before, after))
    own = [subject for subject in subjects if subject in then or subject in now]
    return any(then.get(subject) != now.get(subject) for subject in own or {*then, *now})

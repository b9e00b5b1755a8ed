"""What a file says now, held against what was recorded of it.

- The file's digest differs: the file is another. Only the headlines are told then.
- The digest is the same, and something that its bytes say differs: always an error, whoever changed: the record is
  not what this Assay reads.
- A figure of a network's run, or of its weights, differs beyond the tolerance of
  :data:`~generators.pipeline.recording.facts.TOLERANCES`: an error, unless another device or library can explain it;
  then a note.
- A control, which code and torch make anew, may differ where one of them does: a note.
- Times, rates and memory are never compared. Nor is what didn't run here: nothing was found that could differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generators.model.conditions import Cause, Conditions
from generators.model.evidence import SubjectEvidence
from generators.model.recorded import Drift, DriftSeverity, RecordedSubject
from generators.pipeline.evidence.records import find_record, record_path
from generators.pipeline.files.file_pins import contradicted_by
from generators.pipeline.project import Project
from generators.pipeline.recording.conditions import causes_between, conditions, device_of
from generators.pipeline.recording.facts import CODE_OF, Fact, list_facts, says_the_same, unequal_parts
from generators.render.markup import terminal_text

HEADLINES = (
    "/fingerprint/file/size_bytes",
    "/fingerprint/file/sha256",
    "/fingerprint/weights_digest",
    "/fingerprint/layout_digest",
    "/identification/status",
    "/identification/architecture",
    "/training/state",
    "/sanity/statement",
)
"""What is told of another file: that all its tensors differ, too, is no news."""
MAX_TOLD = 3
"""Values that a warning names; the page has more."""
BY_ARITHMETIC = frozenset({"all_macs", "answer", "identical", "repeatable", "statement_reason", "structured"})
"""Fields that aren't numbers, or whole ones, and yet may come out otherwise on another device or with another library.
What a network is said to be, and whether its values are finite, isn't among them."""
_SOFT: frozenset[Cause] = frozenset({"library", "device"})


def compare_with_record(subject: SubjectEvidence, project: Project) -> tuple[Drift, ...]:
    """Return what a build finds otherwise than it was recorded; nothing where there is no file, or no record.

    Of a file that isn't here, what is recorded is held against what this Assay's code makes of it.

    Raises:
        StoreError: The record can't be used.
    """
    record = find_record(subject.id, project)
    if record is None or subject.fingerprint is None:
        return ()
    return tuple(_differences(subject, record, project))


def drift_warning(drifts: Sequence[Drift], project: Project, *, is_locks_file: bool = True) -> str:
    """Return what a log says of one entry's drifts that contradict its record: what, why, and what to do.

    Args:
        drifts: Of one entry.
        project: Its project.
        is_locks_file: Whether the file is the one that the lock names: only then can it be recorded.
    """
    subject = drifts[0].subject
    causes = dict.fromkeys(cause for drift in drifts for cause in drift.causes)
    shown = "; ".join(_told(drift) for drift in drifts[:MAX_TOLD])
    more = f"; and {len(drifts) - MAX_TOLD} more" if len(drifts) > MAX_TOLD else ""
    changed = (
        ", ".join(causes) or "nothing that is known: the same bytes, code, libraries and device gave another value"
    )
    path = record_path(project, subject).relative_to(project.root).as_posix()
    return f"{subject}: {path} says otherwise than the file: {shown}{more}. What changed: {changed}. " + (
        f"Run `assay record {subject}` to accept what is found now, or put the recorded file back."
        if is_locks_file
        else "Put the recorded file back: this one isn't the one that checkpoints.lock names."
    )


def _told(drift: Drift) -> str:
    pointer, recorded, found = (terminal_text(text) for text in (drift.pointer, drift.recorded, drift.found))
    return f"{pointer} was {recorded or 'nothing'}, is {found or 'nothing'}"


def _differences(subject: SubjectEvidence, record: RecordedSubject, project: Project) -> Iterator[Drift]:
    parts = unequal_parts(record.subject, subject)
    if not parts:
        return
    then, now = list_facts(record.subject, parts), list_facts(subject, parts)
    made = conditions(device_of([subject]) if subject.available else record.conditions.device)
    another = record.subject.sha256 != subject.sha256
    for pointer in HEADLINES if another else dict.fromkeys([*then, *now]):
        old, new = then.get(pointer), now.get(pointer)
        known = new or old
        if known is None or not _is_comparable(known, old, new, record.subject, subject):
            continue
        if old is None or new is None or not says_the_same(old, new):
            causes = _causes(known, subject, record, made, project)
            yield Drift(
                subject=subject.id,
                pointer=pointer,
                recorded=_text(old),
                found=_text(new),
                causes=causes,
                severity="note" if _is_made_anew(subject, causes) else _severity(known, causes),
            )


def _is_made_anew(subject: SubjectEvidence, causes: tuple[Cause, ...]) -> bool:
    """Whether another value contradicts nothing.

    Of a file that isn't here, pages show what this code makes of the record. A control is made by code and torch:
    with others, it is another file.
    """
    return not subject.available or (subject.role == "control" and not {"code", "library"}.isdisjoint(causes))


def _is_comparable(
    known: Fact, old: Fact | None, new: Fact | None, before: SubjectEvidence, after: SubjectEvidence
) -> bool:
    """Whether both builds could find a value: what didn't run, or not on the same probes, says nothing."""
    if known.area != "run":
        return getattr(before, known.part) is not None and getattr(after, known.part) is not None
    parts = (getattr(before, known.part), getattr(after, known.part))
    if any(part is None or part.status not in {"run", "measured"} for part in parts):
        return False
    return old is not None and new is not None and _on_the_same(known, before, after)


def _on_the_same(known: Fact, before: SubjectEvidence, after: SubjectEvidence) -> bool:
    """Whether a network was shown the same: figures of other images, or of a reader's own, can't agree."""
    first, second = before.accuracy, after.accuracy
    if known.part == "accuracy" and first is not None and second is not None:
        return (first.data_set, first.subset, first.subset_seed) == (second.data_set, second.subset, second.subset_seed)
    shown = [{probe.kind for probe in s.sanity.probes} if s.sanity else set() for s in (before, after)]
    if known.pointer.startswith("/sanity/statement"):
        return shown[0] == shown[1] and "own" not in shown[0]
    return not known.pointer.startswith("/sanity/probes/own/")


def _causes(
    fact: Fact, subject: SubjectEvidence, record: RecordedSubject, made: Conditions, project: Project
) -> tuple[Cause, ...]:
    found: list[Cause] = []
    if record.subject.sha256 != subject.sha256:
        found.append("file")
    if _lock_names_another(record, project):
        found.append("lock")
    if subject.role == "control":
        found += causes_between(record.conditions, made, ("evaluating",))
    elif fact.area != "file":
        differing = causes_between(record.conditions, made, CODE_OF[fact.part])
        # what bytes say depends on code alone
        found += [cause for cause in differing if cause == "code" or fact.area != "read"]
    return tuple(found)


def _severity(fact: Fact, causes: tuple[Cause, ...]) -> DriftSeverity:
    if fact.area not in {"run", "weights"} or _SOFT.isdisjoint(causes):
        return "error"
    moves = isinstance(fact.value, float) or fact.pointer.rpartition("/")[2] in BY_ARITHMETIC
    return "note" if moves else "error"


def _lock_names_another(record: RecordedSubject, project: Project) -> bool:
    """Whether the lock now pins another file than the one that was recorded."""
    entry = next((entry for entry in project.lock.checkpoints if entry.id == record.subject.id), None)
    fingerprint = record.subject.fingerprint
    return entry is not None and fingerprint is not None and contradicted_by(entry.pin, fingerprint) != ""


def _text(fact: Fact | None) -> str:
    return "" if fact is None or fact.value is None else str(fact.value)

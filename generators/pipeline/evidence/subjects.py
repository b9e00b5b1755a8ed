"""One lock entry to its evidence: live, recorded, or only reported."""

from __future__ import annotations

import errno
import logging
from typing import Literal

from msgspec.structs import replace

from generators.errors import ContainerError
from generators.model.evaluation import Evaluation
from generators.model.evidence import Provenance, SizeForensics, SubjectEvidence
from generators.model.finding import Finding
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.model.lock import Artifact, ControlEntry, LockEntry, SizeRange, Unavailable
from generators.model.recorded import RecordedSubject
from generators.model.sanity import SanityEvaluation
from generators.pipeline.evidence.accuracy import with_accuracy
from generators.pipeline.evidence.records import find_record
from generators.pipeline.evidence.running import build_control, evaluate_weights
from generators.pipeline.evidence.trying import examine_weights
from generators.pipeline.evidence.weights_alone import measure_weights
from generators.pipeline.files.file_pins import lock_findings, lock_match
from generators.pipeline.files.identifying import (
    identify_file,
    identify_known_elements,
    identify_known_size,
    identify_recorded,
)
from generators.pipeline.files.reading import read_fingerprint
from generators.pipeline.project import Project
from generators.sources import find_artifact
from generators.sources.addresses import readable_address

log = logging.getLogger("generators.pipeline")

NOTHING = Identification(status="UNKNOWN", architecture=None, basis="none")
SWITCHED_OFF = Evaluation(status="not-run", reason="switched-off")
UNTRIED = SanityEvaluation(status="not-run", reason="switched-off")


def collect_subject(
    entry: LockEntry | ControlEntry, project: Project, *, evaluate: bool = True, deadly: bool = False
) -> SubjectEvidence:
    """Collect what is known of one entry of the lock.

    Args:
        entry: A checkpoint or a control.
        project: Its project.
        evaluate: Whether the network is run; fingerprint and identification always are.
        deadly: Whether the file ended every process that read it: it isn't read again.

    Raises:
        EvaluationError: ``ASSAY_DEVICE`` names a device that isn't here.
    """
    found = find_entry_file(entry, project)
    subject = _blank_control(entry) if isinstance(entry, ControlEntry) else _blank_checkpoint(entry, project)
    if isinstance(found, Unavailable):
        return with_accuracy(_without_file(subject, entry, found, project), project)
    if deadly:
        finding = Finding(code="worker-died", severity="error", where=subject.title)
        return with_accuracy(_unreadable(subject, entry, finding, project), project)
    return with_accuracy(_with_file(subject, entry, found, project, evaluate=evaluate), project)


def find_entry_file(entry: LockEntry | ControlEntry, project: Project) -> Artifact | Unavailable:
    """Return the file of an entry, a control's after it was built, or why it isn't here."""
    return build_control(entry, project) if isinstance(entry, ControlEntry) else _find_file(entry, project)


def _find_file(entry: LockEntry, project: Project) -> Artifact | Unavailable:
    instead = dict(project.instead).get(entry.id)
    if instead is not None:
        return Artifact(path=instead, size_bytes=instead.stat().st_size, origin="project")
    try:
        return find_artifact(entry, project.root, project.environment)
    except OSError as problem:
        # a folder that may not be entered, or a file that goes away while it is looked for
        log.warning("%s: %s", entry.id, problem.strerror)
        return Unavailable(reason="unreadable", searched=())


def _blank_control(entry: ControlEntry) -> SubjectEvidence:
    provenance = Provenance(recipe=entry.recipe, seed=entry.seed, training=entry.training)
    return _blank(entry.id, "control", entry.id, entry.recipe, provenance)


def _blank_checkpoint(entry: LockEntry, project: Project) -> SubjectEvidence:
    addresses = tuple(readable_address(source) for source in entry.sources)
    provenance = Provenance(addresses=addresses, licence=entry.licence)
    blank = _blank(entry.id, "checkpoint", entry.title, entry.variant, provenance)
    subject = replace(blank, reported=tuple(f for f in project.report.reported if f.subject == entry.id))
    size = entry.pin.size
    return replace(subject, size=_size_forensics("listed", size, project)) if size else subject


def _blank(
    subject_id: str, role: Literal["checkpoint", "control"], title: str, variant: str, provenance: Provenance
) -> SubjectEvidence:
    return SubjectEvidence(
        id=subject_id,
        role=role,
        title=title,
        variant=variant,
        kinds=(),
        sources=(),
        available=False,
        unavailable_reason="",
        lock_match="unnamed",
        fingerprint=None,
        identification=NOTHING,
        size=None,
        evaluation=None,
        findings=(),
        reported=(),
        provenance=provenance,
    )


def _without_file(
    subject: SubjectEvidence, entry: LockEntry | ControlEntry, found: Unavailable, project: Project
) -> SubjectEvidence:
    record = find_record(subject.id, project)
    absent = replace(
        subject,
        unavailable_reason=found.reason,
        provenance=replace(subject.provenance, searched=found.searched),
    )
    if record is not None and record.subject.fingerprint is not None:
        return _as_recorded(absent, entry, record, record.subject.fingerprint, project)
    identification, basis = _identify_reported(absent, project)
    if identification is None:
        return absent
    sources = dict.fromkeys(fact.source for fact in absent.reported if fact.quantity == basis)
    return replace(absent, identification=identification, kinds=("reported", "computed"), sources=tuple(sources))


def _as_recorded(
    absent: SubjectEvidence,
    entry: LockEntry | ControlEntry,
    record: RecordedSubject,
    fingerprint: Fingerprint,
    project: Project,
) -> SubjectEvidence:
    """Return an entry whose file isn't here as it was read earlier, identified by this code from what was read then."""
    held = _held_against_lock(absent, entry, fingerprint)
    return replace(
        held,
        kinds=("recorded",),
        identification=identify_recorded(fingerprint, project.cache),
        size=absent.size if held.lock_match == "contradicted" else _file_size(fingerprint, project),
        evaluation=record.subject.evaluation,
        accuracy=record.subject.accuracy,
        training=record.subject.training,
        sanity=record.subject.sanity,
        provenance=replace(absent.provenance, recorded_at=record.recorded_at, conditions=record.conditions),
    )


def _identify_reported(subject: SubjectEvidence, project: Project) -> tuple[Identification | None, str]:
    """Identify by the sharpest fact that somebody reported: an element count, else a size."""
    for fact in subject.reported:
        if fact.quantity == "elements" and isinstance(fact.value, int):
            return identify_known_elements(fact.value, project.cache), "elements"
    if subject.size is not None:
        return subject.size.identification, "size-mib"
    return None, ""


def _with_file(
    subject: SubjectEvidence,
    entry: LockEntry | ControlEntry,
    artifact: Artifact,
    project: Project,
    *,
    evaluate: bool,
) -> SubjectEvidence:
    here = replace(subject, available=True, provenance=replace(subject.provenance, origin=artifact.origin))
    try:
        return _read_file(here, entry, artifact, project, evaluate=evaluate)
    except (ContainerError, OSError) as problem:
        what = problem.code if isinstance(problem, ContainerError) else errno.errorcode.get(problem.errno or 0, "")
        finding = Finding(code="unreadable", severity="error", where=subject.title, found=what)
        return _unreadable(subject, entry, finding, project)


def _unreadable(
    subject: SubjectEvidence, entry: LockEntry | ControlEntry, finding: Finding, project: Project
) -> SubjectEvidence:
    """Return the subject with what is known without its file, and why the file says nothing."""
    known = _without_file(subject, entry, Unavailable(reason="unreadable", searched=()), project)
    return replace(known, findings=(*known.findings, finding))


def _read_file(
    here: SubjectEvidence,
    entry: LockEntry | ControlEntry,
    artifact: Artifact,
    project: Project,
    *,
    evaluate: bool,
) -> SubjectEvidence:
    """Return the subject with what its file says and what its network does.

    Raises:
        ContainerError: The file can't be opened, or changes while it is read.
        OSError: It goes away, or can't be read to its end.
    """
    fingerprint = read_fingerprint(artifact.path, project.cache, here.id)
    identification = identify_file(fingerprint, project.cache)
    held = _held_against_lock(here, entry, fingerprint)
    return replace(
        held,
        kinds=("live",),
        identification=identification,
        # what was listed of the entry's own file stays true beside another file
        size=here.size if held.lock_match == "contradicted" else _file_size(fingerprint, project),
        evaluation=evaluate_weights(artifact.path, fingerprint, identification, project, here.id)
        if evaluate
        else SWITCHED_OFF,
        training=measure_weights(artifact.path, fingerprint, identification, project.cache, here.id),
        sanity=examine_weights(artifact.path, fingerprint, identification, project, here.id) if evaluate else UNTRIED,
    )


def _held_against_lock(
    subject: SubjectEvidence, entry: LockEntry | ControlEntry, fingerprint: Fingerprint
) -> SubjectEvidence:
    """Return the subject with the fingerprint of a file, here or recorded, and whether the lock names that file."""
    if isinstance(entry, ControlEntry):
        return replace(subject, fingerprint=fingerprint)
    findings = tuple(lock_findings(entry, fingerprint))
    return replace(subject, fingerprint=fingerprint, findings=findings, lock_match=lock_match(entry, findings))


def _file_size(fingerprint: Fingerprint, project: Project) -> SizeForensics:
    size = SizeRange(minimum_bytes=fingerprint.file.size_bytes, maximum_bytes=fingerprint.file.size_bytes)
    return _size_forensics("file", size, project)


def _size_forensics(basis: Literal["file", "listed"], size: SizeRange, project: Project) -> SizeForensics:
    return SizeForensics(
        basis=basis,
        minimum_bytes=size.minimum_bytes,
        maximum_bytes=size.maximum_bytes,
        identification=identify_known_size(size, project.cache),
    )

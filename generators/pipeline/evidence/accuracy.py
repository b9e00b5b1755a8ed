"""What is known of a subject's accuracy: kept measurements, or why there are none, held against published figures."""

from __future__ import annotations

from msgspec.structs import replace

from generators.judge import compare_figures
from generators.model.accuracy import Accuracy, UntestedReason
from generators.model.evidence import SubjectEvidence
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.pipeline.evidence.records import find_record
from generators.pipeline.evidence.runnable import Obstacle, find_runnable
from generators.pipeline.project import Project
from generators.provenance import digest_code

DATA_VARIABLE = "ASSAY_HUMAN36M"
"""Environment variable that names the folder of the Human3.6M data set."""
ACCURACY_CODE = (
    "architectures",
    "evaluate/cuda_presence",
    "evaluate/determinism",
    "evaluate/device",
    "evaluate/failures",
    "evaluate/human36m",
    "evaluate/loading",
    "evaluate/memory",
    "evaluate/networks",
    "evaluate/preprocessing",
)
"""Parts of the package whose change makes kept measurements stale."""


def with_accuracy(subject: SubjectEvidence, project: Project) -> SubjectEvidence:
    """Return a subject with what was measured of its weights, or why nothing was; nothing is run.

    A control that nobody measured stays without: no figure was ever published of one.

    Args:
        subject: As it was read; a recorded measurement that it brings is kept.
        project: Its project.
    """
    found = _measured(subject, project)
    if subject.role == "control":
        return replace(subject, accuracy=found if found.status == "measured" else None)
    return replace(subject, accuracy=compared(found, subject, project))


def compared(accuracy: Accuracy, subject: SubjectEvidence, project: Project) -> Accuracy:
    """Return a measurement, compared with every error figure that was published of what the file is said to be."""
    figures = [figure for figure in project.report.figures if figure.architecture == subject.variant]
    return replace(accuracy, comparisons=compare_figures(figures, project.report.protocols, accuracy))


def hindrance(subject: SubjectEvidence) -> Accuracy | None:
    """Return why a subject can't be measured, by what is known of its file alone; None when it can."""
    if subject.lock_match == "contradicted":
        return _untested("another-file")
    if not subject.available or subject.fingerprint is None:
        return _untested("no-file")
    found = find_runnable(subject.fingerprint, subject.identification)
    return _untested(found.reason, found.detail) if isinstance(found, Obstacle) else None


def keep_accuracy(accuracy: Accuracy, subject: SubjectEvidence, project: Project) -> bool:
    """Keep a measurement for the next build, unless a kept one covers more; say whether it was kept."""
    if accuracy.status != "measured" or subject.fingerprint is None:
        return False
    key = _key(subject.fingerprint, subject.identification)
    kept = project.cache.find(key, Accuracy)
    if kept is not None and kept.code_digest == accuracy.code_digest and _covers(kept) > _covers(accuracy):
        return False
    project.cache.keep(key, accuracy)
    return True


def code_digest() -> str:
    """Return the digest of the code that measures."""
    return digest_code(*ACCURACY_CODE)


def _measured(subject: SubjectEvidence, project: Project) -> Accuracy:
    if not subject.available and subject.accuracy is not None:
        return subject.accuracy  # recorded
    hindered = hindrance(subject)
    if hindered is not None or subject.fingerprint is None:
        return hindered or _untested("no-file")
    kept = project.cache.find(_key(subject.fingerprint, subject.identification), Accuracy)
    if kept is None and (recorded := _recorded(subject.id, subject.fingerprint, project)):
        return recorded
    if kept is None:
        return _untested("not-measured" if project.environment.get(DATA_VARIABLE) else "no-data-set")
    return kept if kept.code_digest == code_digest() else _untested("other-code")


def _recorded(subject_id: str, fingerprint: Fingerprint, project: Project) -> Accuracy | None:
    """Return what was measured of the same weights where the data set is, and recorded."""
    record = find_record(subject_id, project)
    known = record.subject.fingerprint if record else None
    if record is None or known is None or known.weights_digest is None:
        return None
    return record.subject.accuracy if known.weights_digest == fingerprint.weights_digest else None


def _covers(accuracy: Accuracy) -> tuple[bool, bool, int, int]:
    """Rank measurements: of the data set itself, of all images, under more protocols, of more images."""
    recognised = accuracy.data_set is not None and accuracy.data_set.recognised
    return recognised, accuracy.subset is None, len(accuracy.runs), sum(run.images for run in accuracy.runs)


def _key(fingerprint: Fingerprint, identification: Identification) -> str:
    return f"accuracy {fingerprint.weights_digest} {identification.architecture}"


def _untested(reason: UntestedReason, detail: str = "") -> Accuracy:
    return Accuracy(status="untested", reason=reason, detail=detail)

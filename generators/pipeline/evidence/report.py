"""All entries of a lock to a judged report."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from generators import __version__
from generators.architectures import ARCHITECTURES
from generators.architectures.filesize import predict_file_bytes
from generators.architectures.macs import UPSAMPLING_CHOICES, count_conv_macs
from generators.errors import ClaimError
from generators.fingerprint.digest import digest_layout
from generators.identify.solve import published_settings
from generators.judge import find_dangling_check, judge_claims, tally_verdicts
from generators.model.architecture import Architecture, ConvNeXtPoseConfiguration
from generators.model.claim import Tally
from generators.model.evaluation import MacCount
from generators.model.evidence import (
    ArchitectureFacts,
    Build,
    ReportEvidence,
    SubjectEvidence,
)
from generators.model.finding import Finding
from generators.model.inspection import SCHEMA_VERSION
from generators.pipeline.evidence.accuracy import with_accuracy
from generators.pipeline.evidence.comparison import compare_subjects
from generators.pipeline.evidence.counting import count_operations
from generators.pipeline.evidence.lineage import compare_lineage
from generators.pipeline.evidence.reading_ahead import read_ahead
from generators.pipeline.evidence.subjects import collect_subject
from generators.pipeline.listings.listed import collect_listings
from generators.pipeline.project import Project, build_command, open_project
from generators.provenance import build_date, describe_platform, describe_python, digest_code
from generators.store import to_document

log = logging.getLogger("generators.pipeline")

NO_VERDICTS = Tally(supported=0, refuted=0, cannot_tell=0, untested=0)


def collect_evidence(root: Path, *, evaluate: bool = True, executor: str = "") -> ReportEvidence:
    """Collect all evidence of a project and judge its claims on it.

    Args:
        root: Folder of the lock.
        evaluate: Whether networks are run.
        executor: Where files are read, as ``--executor`` says it; ``ASSAY_EXECUTOR`` when empty.

    Returns:
        The evidence with its verdicts, as ``evidence/report.json`` has it. A file that isn't here leaves claims
        untested.

    Raises:
        ExecutorError: The executor can't be used.
        LockError: The lock is wrong.
        ClaimError: The report is wrong, or a check points at something that no evidence has.
        EvaluationError: ``ASSAY_DEVICE`` names a device that isn't here.
    """
    return collect_project(open_project(root), evaluate=evaluate, executor=executor)


def collect_project(project: Project, *, evaluate: bool = True, executor: str = "") -> ReportEvidence:
    """Do the same for a project that is open."""
    entries = project.lock.entries
    deadly = read_ahead(entries, project, executor)
    subjects = []
    for number, entry in enumerate(entries, start=1):
        started = time.perf_counter()
        subjects.append(collect_subject(entry, project, evaluate=evaluate, deadly=entry.id in deadly))
        seconds = time.perf_counter() - started
        log.info("[%d/%d] %s: %s (%.1f s)", number, len(entries), entry.id, _outcome(subjects[-1]), seconds)
    told = tuple(_without_stand_ins(subjects, project))
    return _judge(replace(_gather(project, told), lineage=compare_lineage(told, project)), project)


def architecture_facts(architecture: Architecture) -> ArchitectureFacts:
    """Return what follows from an architecture's definition alone.

    Args:
        architecture: For example ``find_architecture("convnextpose-m")``.

    Returns:
        Settings, first layer, parameters, multiply-accumulates, predicted size of a training checkpoint in bytes.
    """
    return ArchitectureFacts(
        id=architecture.id,
        title=architecture.title,
        family=architecture.family,
        parameters=architecture.parameters,
        buffers=architecture.buffers,
        elements=architecture.elements,
        tensors=len(architecture.tensors),
        first_layer=architecture.tensors[0].shape,
        settings=published_settings(architecture),
        macs=tuple(_macs(architecture)),
        published_upsampling=_published_upsampling(architecture),
        predicted_bytes=predict_file_bytes(architecture),
        layout_digest=digest_layout((t.name, t.dtype, t.shape) for t in architecture.tensors),
        sources=architecture.sources,
    )


def _outcome(subject: SubjectEvidence) -> str:
    kinds = "+".join(subject.kinds) or "nothing known"
    found = subject.identification
    return f"{found.status} by {found.basis}: {found.architecture or '-'} ({kinds})"


def _gather(project: Project, subjects: tuple[SubjectEvidence, ...]) -> ReportEvidence:
    architectures = tuple(architecture_facts(a) for a in ARCHITECTURES)
    return ReportEvidence(
        schema_version=SCHEMA_VERSION,
        build=_build(project),
        report=project.report,
        subjects=subjects,
        architectures=architectures,
        comparison=compare_subjects(subjects, project.lock),
        tally=NO_VERDICTS,
        verdicts=(),
        hypotheses=(),
        steps=(),
        operations=count_operations(architectures, subjects, project.report),
        listings=collect_listings(project.root, project.lock),
    )


def _check_pointers(evidence: ReportEvidence, document: Mapping[str, object], project: Project) -> None:
    report = evidence.report
    dangling = find_dangling_check((*report.claims, *report.hypotheses, *report.steps), document)
    if dangling is not None:
        claim, check, step = dangling
        raise ClaimError(
            "dangling-quantity",
            f"the check {claim.id}.{check.id} points at {check.quantity}, but there is no {step!r}",
            where=f"{project.report_path}:{claim.line}",
            remedy="point at a value of evidence/report.json, which every build writes",
        )


def _judge(evidence: ReportEvidence, project: Project) -> ReportEvidence:
    document = to_document(evidence)
    _check_pointers(evidence, document, project)
    verdicts = judge_claims(evidence.report.claims, document)
    judged = replace(
        evidence,
        verdicts=verdicts,
        tally=tally_verdicts(verdicts),
        hypotheses=judge_claims(evidence.report.hypotheses, document),
    )
    # next steps may rest on the verdicts themselves
    return replace(judged, steps=judge_claims(evidence.report.steps, to_document(judged)))


def _build(project: Project) -> Build:
    return Build(
        date=build_date(project.environment),
        version=__version__,
        code_digest=digest_code(),
        lock_sha256=hashlib.sha256(project.lock.path.read_bytes()).hexdigest(),
        python=describe_python(),
        platform=describe_platform(),
        rebuild=build_command(project.root),
    )


def _published_upsampling(architecture: Architecture) -> int:
    configuration = architecture.configuration
    return configuration.upsampling_blocks if isinstance(configuration, ConvNeXtPoseConfiguration) else 0


def _macs(architecture: Architecture) -> Iterator[MacCount]:
    choices = UPSAMPLING_CHOICES if _published_upsampling(architecture) else (0,)
    for blocks in choices:
        yield MacCount(upsampling_blocks=blocks, conv_macs=count_conv_macs(architecture, blocks))


def _without_stand_ins(subjects: Sequence[SubjectEvidence], project: Project) -> Iterator[SubjectEvidence]:
    """Mark each checkpoint whose weights are a control's: Assay's own stand-in proves nothing about the file."""
    controls = {s.fingerprint.weights_digest: s.id for s in subjects if s.role == "control" and s.fingerprint}
    for subject in subjects:
        digest = subject.fingerprint.weights_digest if subject.fingerprint else None
        if subject.role == "control" or digest is None or digest not in controls:
            yield subject
            continue
        finding = Finding(code="is-a-control", severity="error", where=subject.title, found=controls[digest])
        stand_in = replace(subject, lock_match="contradicted", findings=(*subject.findings, finding))
        yield with_accuracy(stand_in, project)

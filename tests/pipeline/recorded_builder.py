"""A checkpoint with one of everything, as a build with its file reads it, and a project that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from render.report_builder import control, training

from generators.model.accuracy import Accuracy
from generators.model.evidence import Provenance, ReportedFact, SubjectEvidence
from generators.model.sanity import ShownProbe
from generators.pipeline.project import Project, open_project

S = "convnextpose-s"
MakeProject = Callable[..., Path]


def live_checkpoint(**changes: Any) -> SubjectEvidence:
    """A checkpoint whose file is here and was read, run and examined."""
    made = control(S, S)
    assert made.sanity is not None
    shown = ShownProbe(kind="photograph", seed=1, image_jpeg="/9j/4AAQ", pixels_mm=None, skeletons=())
    fact = ReportedFact(id="f", subject=S, quantity="elements", value=1, source="UP", locator="log", date="")
    fields: dict[str, Any] = {
        "role": "checkpoint",
        "title": "ConvNeXtPose_S.tar",
        "reported": (fact,),
        "provenance": Provenance(addresses=("https://example.org",), origin="project"),
        "training": training(),
        "sanity": replace(made.sanity, shown=(*made.sanity.shown, shown)),
        "accuracy": Accuracy(status="untested", reason="no-data-set"),
    }
    return replace(made, **(fields | changes))


def with_file(subject: SubjectEvidence, **changes: Any) -> SubjectEvidence:
    """The subject with other facts of its file."""
    assert subject.fingerprint is not None
    fingerprint = subject.fingerprint
    return replace(subject, fingerprint=replace(fingerprint, file=replace(fingerprint.file, **changes)))


def with_evaluation(subject: SubjectEvidence, **changes: Any) -> SubjectEvidence:
    assert subject.evaluation is not None
    return replace(subject, evaluation=replace(subject.evaluation, **changes))


def with_device(subject: SubjectEvidence, **changes: Any) -> SubjectEvidence:
    """The subject as another device runs it."""
    assert subject.evaluation is not None
    assert subject.evaluation.device is not None
    return with_evaluation(subject, device=replace(subject.evaluation.device, **changes))


def project_of(make_project: MakeProject) -> Project:
    """A small project that is on 1 January 2026."""
    return replace(open_project(make_project(known="")), environment={"SOURCE_DATE_EPOCH": "1767225600"})


def later(project: Project) -> Project:
    """The same project a day later."""
    return replace(project, environment={"SOURCE_DATE_EPOCH": str(1767225600 + 86400)})

"""One entry of the lock measured on a data set that the user has: minutes of work, and never part of a build."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generators.architectures import find_architecture
from generators.errors import EvaluationError
from generators.model.accuracy import Accuracy
from generators.model.evidence import SubjectEvidence
from generators.model.lock import ControlEntry, LockEntry, Unavailable
from generators.model.metric import Protocol
from generators.pipeline.evidence.accuracy import DATA_VARIABLE, code_digest, compared, hindrance, keep_accuracy
from generators.pipeline.evidence.subjects import collect_subject, find_entry_file
from generators.pipeline.files.tensors import open_weights
from generators.pipeline.project import Project
from generators.provenance import build_date, package_version

log = logging.getLogger("generators.pipeline")

DATA_SET = "Human3.6M"
"""The data set that can be read, as protocols name it."""
DEFAULT_SEED = 20231010
"""Of the draw of a subset: any number, the same each time unless another is asked for."""


class Request(Struct, frozen=True, kw_only=True):
    """What to measure.

    Attributes:
        protocols: Ids of protocols of the report; empty for all that the data set serves.
        subset: Number of images to draw; None for all.
        seed: Of the draw.
        folder: Of the data set; None for the one that ``ASSAY_HUMAN36M`` names.
    """

    protocols: tuple[str, ...] = ()
    subset: int | None = None
    seed: int = DEFAULT_SEED
    folder: Path | None = None


def measure_accuracy(entry: LockEntry | ControlEntry, project: Project, request: Request) -> SubjectEvidence:
    """Return an entry's evidence with its accuracy measured anew, or the reason why it isn't.

    Raises:
        EvaluationError: A protocol isn't in the report or can't be carried out; the data set is damaged.
    """
    protocols = choose_protocols(project.report.protocols, request.protocols)
    subject = collect_subject(entry, project, evaluate=False)
    accuracy = hindrance(subject) or _measure(subject, entry, project, request, protocols)
    if accuracy.status == "measured" and not keep_accuracy(accuracy, subject, project):
        log.info("%s: a kept measurement covers more; the site goes on showing that one", subject.id)
    return replace(subject, accuracy=accuracy if subject.role == "control" else compared(accuracy, subject, project))


def choose_protocols(known: Sequence[Protocol], wanted: Sequence[str]) -> tuple[Protocol, ...]:
    """Return the protocols asked for, in the order of the report; all of the data set when none is.

    Raises:
        EvaluationError: One isn't in the report.
    """
    served = tuple(protocol for protocol in known if protocol.dataset == DATA_SET)
    unknown = [name for name in wanted if name not in {protocol.id for protocol in served}]
    if unknown or not served:
        raise EvaluationError(
            "unknown-protocol",
            f"the report has no protocol {unknown[0]!r} of {DATA_SET}" if unknown else f"no protocol is of {DATA_SET}",
            where="--protocol" if unknown else "[[protocol]]",
            remedy=f"use one of {', '.join(protocol.id for protocol in served)}" if served else "add one to the report",
        )
    return tuple(protocol for protocol in served if not wanted or protocol.id in wanted)


def _measure(
    subject: SubjectEvidence,
    entry: LockEntry | ControlEntry,
    project: Project,
    request: Request,
    protocols: tuple[Protocol, ...],
) -> Accuracy:
    if not package_version("torch"):
        return Accuracy(status="untested", reason="torch-missing")
    folder = request.folder or _data_folder(project)
    if folder is None:
        return Accuracy(status="untested", reason="no-data-set")
    architecture = find_architecture(subject.identification.architecture or "")
    found = find_entry_file(entry, project)
    if isinstance(found, Unavailable) or architecture is None or subject.fingerprint is None:
        return Accuracy(status="untested", reason="no-file")
    from generators.evaluate.human36m.measuring import evaluate_accuracy  # imports torch

    log.info("%s: measuring as %s on %s", subject.id, architecture.title, folder)
    started = time.perf_counter()
    with open_weights(found.path, subject.fingerprint, subject.identification) as weights:
        accuracy = evaluate_accuracy(architecture, weights, folder, protocols, subset=request.subset, seed=request.seed)
    log.info("%s: done in %.1f s", subject.id, time.perf_counter() - started)
    return replace(accuracy, measured_at=build_date(project.environment), code_digest=code_digest())


def _data_folder(project: Project) -> Path | None:
    named = project.environment.get(DATA_VARIABLE, "")
    return Path(named).expanduser() if named else None

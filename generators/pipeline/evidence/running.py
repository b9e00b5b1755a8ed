"""Controls and evaluations, kept by content. torch is imported here only when nothing kept will do."""

from __future__ import annotations

import logging
import shutil
import time
from pathlib import Path

from generators.architectures import find_architecture
from generators.model.architecture import Architecture
from generators.model.evaluation import Evaluation
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.model.lock import Artifact, ControlEntry, Unavailable
from generators.pipeline.evidence.runnable import PASSING_REASONS, Obstacle, find_runnable, machine_key
from generators.pipeline.files.tensors import open_weights
from generators.pipeline.project import Project
from generators.provenance import digest_code, package_version
from generators.store import note_use

log = logging.getLogger("generators.pipeline")

EVALUATION_SEED = 20231010
"""Of the input batch: the same for every subject, so that outputs can be compared."""
CONTROLS = "controls"
"""Below the cache's folder."""
CONTROL_FILE = "snapshot_0.pth.tar"
"""As the training code names the checkpoint of epoch 0. Source: UP ``common/base.py``."""
CONTROL_CODE = (
    "evaluate/controls",
    "evaluate/determinism",
    "evaluate/initialisation",
    "evaluate/legacy_keys",
    "evaluate/networks",
    "architectures",
)
"""Parts of the package whose change makes kept controls stale."""
TRAINED_CODE = (*CONTROL_CODE, "evaluate/trained", "evaluate/preprocessing", "evaluate/probes")
"""The same of controls that are trained."""
EVALUATION_CODE = ("evaluate", "architectures", "identify")
"""Parts of the package whose change makes kept evaluations stale."""
COUNTER = "ptflops"
"""Distribution that counts all operations: with another version, or without it, an evaluation says other things."""


def control_path(entry: ControlEntry, project: Project) -> Path:
    """Return where a control's file is kept, by its recipe, its seed, the code and torch."""
    code = digest_code(*(TRAINED_CODE if entry.training else CONTROL_CODE))
    key = f"{entry.recipe}-{entry.seed}-{code}-{package_version('torch') or 'no-torch'}"
    return project.cache.folder / CONTROLS / entry.id / key / CONTROL_FILE


def build_control(entry: ControlEntry, project: Project) -> Artifact | Unavailable:
    """Return a control's file; write it by its recipe when it isn't in the cache."""
    version = package_version("torch")
    path = control_path(entry, project)
    folder, key = path.parents[1], path.parent.name
    if not path.is_file():
        if not version:
            return Unavailable(reason="torch-missing", searched=(f"{folder.name}/{key}",))
        if _torch_problem():
            return Unavailable(reason="torch-broken", searched=(f"{folder.name}/{key}",))
        _write_control(entry, path)
        _remove_others(path.parent)
    # the file's own times say whether it is the one that was read
    note_use(path.parent)
    return Artifact(path=path, size_bytes=path.stat().st_size, origin="recipe")


def evaluate_weights(
    path: Path, fingerprint: Fingerprint, identification: Identification, project: Project, label: str
) -> Evaluation:
    """Run the sanity evaluation, or take the one kept for the same weights, code, torch and device.

    Returns:
        An evaluation that was not run, with the reason, where the weights aren't all here or fit no architecture.

    Raises:
        EvaluationError: ``ASSAY_DEVICE`` names a device that isn't here.
    """
    architecture = find_runnable(fingerprint, identification)
    if isinstance(architecture, Obstacle):
        return Evaluation(status="not-run", reason=architecture.reason, detail=architecture.detail)
    version = package_version("torch")
    if not version:
        return Evaluation(status="not-run", reason="torch-missing", architecture=architecture.id)
    software = f"{version} {package_version(COUNTER)}"
    inputs = f"{fingerprint.weights_digest} {architecture.id} {EVALUATION_SEED} {software} {machine_key(project)}"
    return project.cache.get_or_compute(
        f"evaluation {inputs} {digest_code(*EVALUATION_CODE)}",
        Evaluation,
        lambda: _evaluate(path, fingerprint, identification, architecture, label),
        worth_keeping=_is_lasting,
    )


def _is_lasting(evaluation: Evaluation) -> bool:
    """Return whether nothing of the evaluation was left out for a reason that may be gone at the next build."""
    if evaluation.device is not None and None in (evaluation.numerics, evaluation.speed):
        return False
    comparisons = evaluation.numerics.comparisons if evaluation.numerics else ()
    stops = (evaluation.speed.stop,) if evaluation.speed else ()
    return PASSING_REASONS.isdisjoint({evaluation.reason, *(c.reason for c in comparisons), *stops})


def _write_control(entry: ControlEntry, path: Path) -> None:
    from generators.evaluate.controls import write_control  # imports torch
    from generators.evaluate.trained import write_trained_control

    architecture = find_architecture(entry.recipe)
    assert architecture is not None, "reading the lock made sure that it is there"  # noqa: S101
    log.info("%s: building the control (%s, seed %d)", entry.id, architecture.title, entry.seed)
    started = time.perf_counter()
    write = write_trained_control if entry.training else write_control
    write(architecture, entry.seed, path)
    log.info("%s: built, %.0f MB in %.1f s", entry.id, path.stat().st_size / 1e6, time.perf_counter() - started)


def _torch_problem() -> str:
    """Return why torch, although installed, can't be imported; empty where it can."""
    from generators.evaluate.availability import torch_problem  # imports torch

    problem = torch_problem()
    if problem:
        log.warning("torch can't be imported: %s", problem)
    return problem


def _remove_others(folder: Path) -> None:
    """Remove the controls that other code, another seed or another torch left beside this one."""
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def _evaluate(
    path: Path, fingerprint: Fingerprint, identification: Identification, architecture: Architecture, label: str
) -> Evaluation:
    problem = _torch_problem()
    if problem:
        return Evaluation(status="not-run", reason="torch-broken", detail=problem)
    from generators.evaluate.on_device import measure_on_device  # imports torch
    from generators.evaluate.sanity import evaluate_sanity  # imports torch

    log.info("%s: evaluating as %s", label, architecture.title)
    started = time.perf_counter()
    with open_weights(path, fingerprint, identification) as weights:
        evaluation = evaluate_sanity(architecture, weights, seed=EVALUATION_SEED)
    if evaluation.status == "run":
        # read again rather than held: that takes a hundredth of the time, and memory is what runs out
        with open_weights(path, fingerprint, identification) as weights:
            evaluation = measure_on_device(evaluation, architecture, weights)
    log.info("%s: evaluated in %.1f s", label, time.perf_counter() - started)
    return evaluation

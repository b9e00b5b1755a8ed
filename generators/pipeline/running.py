"""Controls and evaluations, kept by content. torch is imported here only when nothing kept will do."""

from __future__ import annotations

import logging
import shutil
import time
from pathlib import Path

from generators.architectures import find_architecture
from generators.errors import LockError
from generators.model.architecture import Architecture
from generators.model.evaluation import Evaluation
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.model.lock import Artifact, ControlEntry, Lock, Unavailable
from generators.pipeline.project import Project
from generators.pipeline.reading import open_weights
from generators.provenance import accelerator_hint, digest_code, package_version

log = logging.getLogger("generators.pipeline")

EVALUATION_SEED = 20231010
"""Of the input batch: the same for every subject, so that outputs can be compared."""
CONTROL_FILE = "snapshot_0.pth.tar"
"""As the training code names the checkpoint of epoch 0. Source: UP ``common/base.py``."""
CONTROL_CODE = ("evaluate/controls", "evaluate/initialisation", "evaluate/networks", "architectures")
"""Parts of the package whose change makes kept controls stale."""
EVALUATION_CODE = ("evaluate", "architectures")
"""Parts of the package whose change makes kept evaluations stale."""
DEVICE_VARIABLES = ("ASSAY_DEVICE", "CUDA_VISIBLE_DEVICES")
"""Environment variables that change where an evaluation runs."""


def build_control(entry: ControlEntry, project: Project) -> Artifact | Unavailable:
    """Return a control's file; write it by its recipe when it isn't in the cache.

    Raises:
        LockError: The recipe is no known architecture.
    """
    architecture = _recipe(entry, project.lock)
    version = package_version("torch")
    key = f"{entry.recipe}-{entry.seed}-{digest_code(*CONTROL_CODE)}-{version or 'no-torch'}"
    folder = project.cache.folder / "controls" / entry.id
    path = folder / key / CONTROL_FILE
    if not path.is_file():
        if not version:
            return Unavailable(reason="torch-missing", searched=(f"{folder.name}/{key}",))
        shutil.rmtree(folder, ignore_errors=True)
        path.parent.mkdir(parents=True)
        _write_control(entry, architecture, path)
    return Artifact(path=path, size_bytes=path.stat().st_size, origin="recipe")


def evaluate_weights(
    path: Path, fingerprint: Fingerprint, identification: Identification, project: Project, label: str
) -> Evaluation:
    """Run the sanity evaluation, or take the one kept for the same weights, code, torch and device.

    Returns:
        An evaluation that was not run, with the reason, where the weights aren't all here or fit no architecture.
    """
    architecture = find_architecture(identification.architecture or "")
    if any(t.missing for t in fingerprint.model_tensors):
        missing = sum(t.missing for t in fingerprint.model_tensors)
        return Evaluation(status="not-run", reason="weights-incomplete", detail=str(missing))
    if architecture is None or identification.status != "EXACT":
        return Evaluation(status="not-run", reason="not-identified", detail=identification.status)
    version = package_version("torch")
    if not version:
        return Evaluation(status="not-run", reason="torch-missing", architecture=architecture.id)
    place = " ".join(project.environment.get(name, "") for name in DEVICE_VARIABLES)
    inputs = f"{fingerprint.weights_digest} {architecture.id} {EVALUATION_SEED} {version} {accelerator_hint()} {place}"
    return project.cache.get_or_compute(
        f"evaluation {inputs} {digest_code(*EVALUATION_CODE)}",
        Evaluation,
        lambda: _evaluate(path, fingerprint, identification, architecture, label),
    )


def _recipe(entry: ControlEntry, lock: Lock) -> Architecture:
    architecture = find_architecture(entry.recipe)
    if architecture is None:
        raise LockError(
            "unknown-recipe",
            f"the control {entry.id!r} has the recipe {entry.recipe!r}, which is no known architecture",
            where=f"{lock.path}:{entry.line}",
            remedy="use an id of generators/architectures, for example convnextpose-xs",
        )
    return architecture


def _write_control(entry: ControlEntry, architecture: Architecture, path: Path) -> None:
    from generators.evaluate.controls import write_control  # imports torch

    log.info("%s: building the control (%s, seed %d)", entry.id, architecture.title, entry.seed)
    started = time.perf_counter()
    write_control(architecture, entry.seed, path)
    log.info("%s: built, %.0f MB in %.1f s", entry.id, path.stat().st_size / 1e6, time.perf_counter() - started)


def _evaluate(
    path: Path, fingerprint: Fingerprint, identification: Identification, architecture: Architecture, label: str
) -> Evaluation:
    from generators.evaluate.sanity import evaluate_sanity  # imports torch

    log.info("%s: evaluating as %s", label, architecture.title)
    started = time.perf_counter()
    with open_weights(path, fingerprint, identification) as weights:
        evaluation = evaluate_sanity(architecture, weights, seed=EVALUATION_SEED)
    log.info("%s: evaluated in %.1f s", label, time.perf_counter() - started)
    return evaluation

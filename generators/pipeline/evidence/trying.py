"""Whether networks behave as trained ones, kept by content. torch is imported here only when nothing kept will do."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from blake3 import blake3

from generators.model.architecture import Architecture
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.model.sanity import SanityEvaluation
from generators.pipeline.evidence.runnable import PASSING_REASONS, Obstacle, find_runnable, machine_key
from generators.pipeline.files.tensors import open_weights
from generators.pipeline.project import Project
from generators.provenance import digest_code, package_version

log = logging.getLogger("generators.pipeline")

SEEDS = (20261101, 20261102, 20261103)
"""Of probes and twins. Three sets of three values that don't overlap have a Cliff's delta of 1, and the largest network
with its twelve twins still takes only some seconds on two cores."""
CODE = ("evaluate", "architectures", "identify", "model/sanity")
"""Parts of the package whose change makes kept results stale."""
PACKAGES = ("torch", "scikit-image", "pillow")
"""Distributions whose presence and version decide what is tried."""
PROBES_VARIABLE = "ASSAY_PROBES"
"""Folder of the reader's own images, instead of ``docs/assets/probes`` in the project."""
PROBES_FOLDER = Path("docs") / "assets" / "probes"


def examine_weights(
    path: Path, fingerprint: Fingerprint, identification: Identification, project: Project, label: str
) -> SanityEvaluation:
    """Examine a network and its untrained twins, or take the result kept for the same weights, code, probes and device.

    Returns:
        An examination that was not run, with the reason, where the weights aren't all here or fit no architecture.

    Raises:
        EvaluationError: ``ASSAY_DEVICE`` names a device that isn't here, or an own image can't be used.
    """
    architecture = find_runnable(fingerprint, identification)
    if isinstance(architecture, Obstacle):
        return SanityEvaluation(status="not-run", reason=architecture.reason, detail=architecture.detail)
    if not package_version("torch"):
        return SanityEvaluation(status="not-run", reason="torch-missing", architecture=architecture.id)
    folder = own_images_folder(project)
    versions = " ".join(f"{name}={package_version(name)}" for name in PACKAGES)
    inputs = f"{fingerprint.weights_digest} {architecture.id} {SEEDS} {versions} {machine_key(project)}"
    return project.cache.get_or_compute(
        f"sanity {inputs} {_digest_folder(folder)} {digest_code(*CODE)}",
        SanityEvaluation,
        lambda: _examine(path, fingerprint, identification, architecture, folder, label),
        worth_keeping=lambda sanity: sanity.reason not in PASSING_REASONS,
    )


def own_images_folder(project: Project) -> Path:
    """Return the folder of the reader's own images; it need not be there."""
    chosen = project.environment.get(PROBES_VARIABLE)
    return Path(chosen).expanduser() if chosen else project.root / PROBES_FOLDER


def _digest_folder(folder: Path) -> str:
    hasher = blake3()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_file():
            hasher.update(path.name.encode(errors="surrogateescape") + b"\0" + blake3(path.read_bytes()).digest())
    return hasher.hexdigest()[:12]


def _examine(
    path: Path,
    fingerprint: Fingerprint,
    identification: Identification,
    architecture: Architecture,
    folder: Path,
    label: str,
) -> SanityEvaluation:
    from generators.evaluate.examining import examine_network  # imports torch

    log.info("%s: trained or not? Examining it and its untrained twins", label)
    started = time.perf_counter()
    with open_weights(path, fingerprint, identification) as weights:
        sanity = examine_network(architecture, weights, seeds=SEEDS, own_images=folder, label=label)
    log.info("%s: %s (%.1f s)", label, sanity.statement or sanity.reason, time.perf_counter() - started)
    return sanity

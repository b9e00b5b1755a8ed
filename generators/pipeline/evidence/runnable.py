"""Whether a network can be run with a file's weights, and what its results depend on beside them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.architectures import find_architecture
from generators.model.architecture import Architecture
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.pipeline.project import Project
from generators.provenance import accelerator_hint

PASSING_REASONS = frozenset({"out-of-memory", "device-failed", "torch-broken"})
"""Reasons not to run, or not to compare, that lie in the machine's state: the next build tries again."""
DEVICE_VARIABLES = ("ASSAY_DEVICE", "CUDA_VISIBLE_DEVICES", "ASSAY_COMPILE")
"""Environment variables that change where a network runs, and what is run."""


class Obstacle(Struct, frozen=True, kw_only=True):
    """Why no network can be run with the weights.

    Attributes:
        reason: Code, as evaluations have it.
        detail: How many tensors' bytes aren't here, or how far the identification came.
    """

    reason: Literal["weights-incomplete", "not-identified"]
    detail: str


def find_runnable(fingerprint: Fingerprint, identification: Identification) -> Architecture | Obstacle:
    """Return the architecture that the weights fit and fill, or why there is none."""
    unread = sum(tensor.digest is None for tensor in fingerprint.model_tensors)
    if unread:
        return Obstacle(reason="weights-incomplete", detail=str(unread))
    architecture = find_architecture(identification.architecture or "")
    if architecture is None or identification.status != "EXACT":
        return Obstacle(reason="not-identified", detail=identification.status)
    return architecture


def machine_key(project: Project) -> str:
    """Return what of this machine a result depends on, as a part of the key that it is kept under."""
    place = " ".join(project.environment.get(name, "") for name in DEVICE_VARIABLES)
    return f"{accelerator_hint()} {place}"

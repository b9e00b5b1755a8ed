"""How a network behaves on the device where it was evaluated: numerics, speed, operations."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import torch
from msgspec.structs import replace

from generators.evaluate.all_operations import count_all_operations
from generators.evaluate.failures import machine_failure
from generators.evaluate.loading import LoadRefusal, load_network
from generators.evaluate.numerics import compare_numerics
from generators.evaluate.sanity import BATCH_SIZE, seeded_images
from generators.evaluate.speed import measure_speed
from generators.model.architecture import Architecture
from generators.model.evaluation import Evaluation
from generators.model.tensor import WeightTensor

_LOG = logging.getLogger(__name__)


def measure_on_device(
    evaluation: Evaluation, architecture: Architecture, weights: Iterable[WeightTensor]
) -> Evaluation:
    """Return a sanity evaluation that was run, with numerics, speed and the count of all operations.

    Args:
        evaluation: Of the same weights; its device and seed are used.
        architecture: What the weights were identified as.
        weights: The model's tensors, by canonical name.

    Returns:
        The same evaluation where it was not run; without numerics and speed where the machine fails at once.
    """
    if evaluation.device is None or evaluation.seed is None:
        return evaluation
    device, images = torch.device(evaluation.device.kind), seeded_images(evaluation.seed, BATCH_SIZE)
    counted = replace(evaluation, macs=count_all_operations(architecture, evaluation.macs))
    try:
        network = load_network(architecture, weights, device)
        if isinstance(network, LoadRefusal):
            return counted
        numerics = compare_numerics(architecture, network, images, device, seed=evaluation.seed)
        return replace(counted, numerics=numerics, speed=measure_speed(architecture, network, images[:1], device))
    except (RuntimeError, MemoryError) as error:
        if machine_failure(error) is None:
            raise
        _LOG.warning("%s: %s on %s", architecture.id, machine_failure(error), evaluation.device.name)
        return counted

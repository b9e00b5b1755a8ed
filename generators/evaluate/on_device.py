"""How a network behaves on the device where it was evaluated: numerics, speed, operations."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

import torch
from msgspec.structs import replace

from generators.evaluate.all_operations import count_all_operations
from generators.evaluate.failures import first_line, machine_failure
from generators.evaluate.loading import LoadRefusal, load_network
from generators.evaluate.numerics import compare_numerics
from generators.evaluate.probes.drawn import drawn_inputs
from generators.evaluate.sanity import BATCH_SIZE
from generators.evaluate.speed import measure_speed
from generators.model.architecture import Architecture
from generators.model.evaluation import Evaluation
from generators.model.tensor import WeightTensor

_LOG = logging.getLogger(__name__)

T = TypeVar("T")


def measure_on_device(
    evaluation: Evaluation, architecture: Architecture, weights: Iterable[WeightTensor]
) -> Evaluation:
    """Return a sanity evaluation that was run, with numerics, speed and the count of all operations.

    Args:
        evaluation: Of the same weights; its device and seed are used.
        architecture: What the weights were identified as.
        weights: The model's tensors, by canonical name.

    Returns:
        The same evaluation where it was not run; without numerics or speed where the machine fails before either has
        anything to say.
    """
    if evaluation.device is None or evaluation.seed is None:
        return evaluation
    seed, device = evaluation.seed, torch.device(evaluation.device.kind)
    # of people, because a network that was trained on them is sure of itself there, and its rounding another
    images = torch.from_numpy(drawn_inputs(seed, BATCH_SIZE))
    counted = replace(evaluation, macs=count_all_operations(architecture, evaluation.macs))
    network = _unless_machine_fails(lambda: load_network(architecture, weights, device))
    if network is None or isinstance(network, LoadRefusal):
        return counted
    return replace(
        counted,
        numerics=_unless_machine_fails(lambda: compare_numerics(architecture, network, images, device, seed=seed)),
        speed=_unless_machine_fails(lambda: measure_speed(architecture, network, images[:1], device)),
    )


def _unless_machine_fails(measure: Callable[[], T]) -> T | None:
    """Return what is measured; None, with a warning, where memory, device or driver give in."""
    try:
        return measure()
    except (RuntimeError, MemoryError) as error:
        failure = machine_failure(error)
        if failure is None:
            raise
        _LOG.warning("%s: %s", failure, first_line(error))
        return None

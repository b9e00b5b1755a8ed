"""One seeded batch through a checkpoint's network, measured.

It answers whether the weights make a network that computes at all: right
output shape, finite values, the same bits twice; and what it costs:
multiply-accumulates, latency, memory. Whether the network was trained is
another question.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from statistics import median

import torch
from msgspec.structs import replace
from torch import Tensor, nn

from generators.architectures.macs import INPUT_PIXELS, UPSAMPLING_CHOICES
from generators.evaluate.determinism import reproducible
from generators.evaluate.device import select_device
from generators.evaluate.failures import first_line, machine_failure
from generators.evaluate.loading import LoadRefusal, load_network
from generators.evaluate.macs import count_conv_macs
from generators.evaluate.memory import peak_memory_bytes, restart_peak
from generators.evaluate.networks import build_network, network_inputs
from generators.evaluate.preprocessing import LARGEST_LEVEL, PIXEL_MEAN, PIXEL_STD
from generators.evaluate.timing import time_passes
from generators.model.architecture import Architecture, ConvNeXtPoseConfiguration
from generators.model.evaluation import Device, Evaluation, MacCount
from generators.model.tensor import WeightTensor

_LOG = logging.getLogger(__name__)

BATCH_SIZE = 2
"""Images in the batch: more than one, so that a mix-up along the batch would show, and small enough for two cores."""
LATENCY_IMAGES = 1
"""Images in a timed pass: latency is what one person in a picture waits for."""
TIMED_PASSES = 7
"""Odd, so that the median is one of them; few, so that RootNet takes about a second on two cores."""


def evaluate_sanity(
    architecture: Architecture,
    weights: Iterable[WeightTensor],
    *,
    seed: int,
    device: Device | None = None,
    batch_size: int = BATCH_SIZE,
    timed_passes: int = TIMED_PASSES,
) -> Evaluation:
    """Load the weights strictly and measure the network on one seeded batch.

    Torch's switches, threads and random state are as before afterwards.

    Args:
        architecture: What the checkpoint was identified as.
        weights: The model's tensors, by canonical name.
        seed: Of the input batch.
        device: Where to run; None for :func:`~generators.evaluate.device.select_device`'s choice.
        batch_size: Images in the batch.
        timed_passes: Forward passes of one image that are timed.

    Returns:
        The measurements; or ``not-run`` because the weights don't fit (``load-refused``), the memory doesn't suffice
        (``out-of-memory``), or the card or its driver refuses (``device-failed``).

    Raises:
        EvaluationError: No device is given and ``ASSAY_DEVICE`` names none that is here.
    """
    device = device or select_device()
    not_run = Evaluation(status="not-run", architecture=architecture.id)
    try:
        network = load_network(architecture, weights, torch.device(device.kind))
        if isinstance(network, LoadRefusal):
            return replace(not_run, reason="load-refused", detail=network.detail)
        with reproducible(), torch.inference_mode():
            measured = _measure(network, seeded_images(seed, batch_size), torch.device(device.kind), timed_passes)
    except (RuntimeError, MemoryError) as error:
        failure = machine_failure(error)
        if failure is None:
            raise
        _LOG.warning("%s: %s on %s", architecture.id, failure, device.name)
        return replace(not_run, reason=failure, device=device, detail=first_line(error))
    return replace(
        measured, architecture=architecture.id, device=device, seed=seed, macs=count_architecture_macs(architecture)
    )


def seeded_images(seed: int, count: int) -> Tensor:
    """Return noise images as a network takes them, on the CPU: the same for the same seed on every device.

    Args:
        seed: Of torch's CPU generator.
        count: Images.

    Returns:
        float32[count, 3, 256, 256]: uniform in 0..255, then normalised as the published code does it (see
        :mod:`~generators.evaluate.preprocessing`).
    """
    generator = torch.Generator().manual_seed(seed)
    levels = LARGEST_LEVEL * torch.rand((count, len(PIXEL_MEAN), INPUT_PIXELS, INPUT_PIXELS), generator=generator)
    mean, std = (torch.tensor(figures).view(1, -1, 1, 1) for figures in (PIXEL_MEAN, PIXEL_STD))
    return (levels - mean) / std


def count_architecture_macs(architecture: Architecture) -> tuple[MacCount, ...]:
    """Return the convolutions' multiply-accumulates for one image of 256x256.

    Args:
        architecture: For ConvNeXtPose once for each number of upsampling blocks in question, else once.
    """
    if isinstance(architecture.configuration, ConvNeXtPoseConfiguration):
        return tuple(
            MacCount(upsampling_blocks=blocks, conv_macs=_conv_macs(architecture, blocks))
            for blocks in UPSAMPLING_CHOICES
        )
    return (MacCount(upsampling_blocks=0, conv_macs=_conv_macs(architecture, None)),)


def _conv_macs(architecture: Architecture, upsampling_blocks: int | None) -> int:
    with torch.device("meta"):
        network = build_network(architecture, upsampling_blocks).eval()
    return count_conv_macs(network, (1, len(PIXEL_MEAN), INPUT_PIXELS, INPUT_PIXELS))


def _measure(network: nn.Module, images: Tensor, device: torch.device, timed_passes: int) -> Evaluation:
    inputs = network_inputs(network, images.to(device))
    one_image = tuple(argument[:LATENCY_IMAGES] for argument in inputs)
    restart_peak(device)
    first, second = network(*inputs).cpu(), network(*inputs).cpu()
    seconds = time_passes(lambda: network(*one_image), device, timed_passes)
    all_finite = bool(torch.isfinite(first).all())
    return Evaluation(
        status="run",
        input_shape=tuple(images.shape),
        output_shape=tuple(first.shape),
        all_finite=all_finite,
        repeatable=_same_bits(first, second),
        output_mean=first.double().mean().item() if all_finite else None,
        output_std=first.double().std(correction=0).item() if all_finite else None,
        latency_seconds=median(seconds),
        latency_minimum_seconds=min(seconds),
        latency_maximum_seconds=max(seconds),
        timed_passes=len(seconds),
        peak_memory_bytes=peak_memory_bytes(device),
    )


def _same_bits(first: Tensor, second: Tensor) -> bool:
    # as integers, because a NaN differs from itself
    return torch.equal(first.view(torch.int32), second.view(torch.int32))

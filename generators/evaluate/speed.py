"""Latency and throughput of a network over batch sizes, beside the device's ceilings.

The batch doubles until one of four things ends the series: the next size would
go beyond the time limit (foreseen from the last one), it would need more than
half of the memory that is left (foreseen likewise), the device refuses, or the
largest size was timed. The first size is always timed.
"""

from __future__ import annotations

import logging
import time
from statistics import median

import torch
from msgspec import Struct
from torch import Tensor, nn

from generators.architectures.macs import count_conv_macs
from generators.evaluate.ceilings import FLOPS_PER_MAC, measure_ceilings
from generators.evaluate.determinism import reproducible
from generators.evaluate.failures import first_line, machine_failure
from generators.evaluate.memory import available_memory_bytes, peak_memory_bytes, restart_peak
from generators.evaluate.networks import network_inputs
from generators.evaluate.tensor_float import float32_products
from generators.evaluate.timing import time_passes
from generators.evaluate.traffic import Traffic, count_traffic
from generators.model.architecture import Architecture
from generators.model.speed import BatchSpeed, Ceiling, Speed, SpeedStop

_LOG = logging.getLogger(__name__)

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Doubling: throughput rises with the batch until the device is full, and each step shows as one."""
LIMIT_SECONDS = {"cpu": 1.5, "cuda": 0.8}
"""Of a series: five networks take an eighth of the minute that a report may take on two cores, and less than half of
the 10 s that it may take on a card."""
PASSES = 3
"""Odd, so that the median is one of them."""
WARMUP = 1
SPARE_SHARE = 0.5
"""Of the memory that is left, what a batch may take."""


class _Yardsticks(Struct, frozen=True, kw_only=True):
    """What a network's passes are held against."""

    conv_macs: int
    traffic: Traffic
    ceilings: tuple[Ceiling, ...]

    def rate(self, ceiling_id: str) -> float | None:
        """Return the median of a ceiling, where it was measured."""
        return next((ceiling.median for ceiling in self.ceilings if ceiling.id == ceiling_id), None)


def measure_speed(
    architecture: Architecture,
    network: nn.Module,
    image: Tensor,
    device: torch.device,
    limit_seconds: float | None = None,
) -> Speed:
    """Return the speed of the network in float32, over batch sizes: with deterministic algorithms, without TF32.

    Args:
        architecture: Whose network it is, with the published number of upsampling blocks.
        network: On the device, in evaluation mode.
        image: float32[1, 3, H, W], normalised; a batch repeats it.
        device: Where the network is.
        limit_seconds: Of the series; None for the device's own.
    """
    limit = LIMIT_SECONDS[device.type] if limit_seconds is None else limit_seconds
    yardsticks = _Yardsticks(
        conv_macs=count_conv_macs(architecture),
        traffic=count_traffic(architecture),
        ceilings=measure_ceilings(device.type),
    )
    with reproducible(), float32_products("ieee"), torch.inference_mode():
        batches, stop = _time_series(network, image, device, yardsticks, limit)
    return Speed(
        conv_macs=yardsticks.conv_macs,
        batches=tuple(batches),
        stop=stop,
        limit_seconds=limit,
        ceilings=yardsticks.ceilings,
    )


def _time_series(
    network: nn.Module, image: Tensor, device: torch.device, yardsticks: _Yardsticks, limit_seconds: float
) -> tuple[list[BatchSpeed], SpeedStop]:
    batches: list[BatchSpeed] = []
    started = time.perf_counter()
    for batch_size in BATCH_SIZES:
        spent = time.perf_counter() - started
        if batches and spent + _foreseen_seconds(batches[-1], batch_size) > limit_seconds:
            return batches, "time"
        if not _fits(batch_size, yardsticks.traffic, device):
            return batches, "memory"
        try:
            batches.append(_time_batch(network, image, batch_size, device, yardsticks))
        except (RuntimeError, MemoryError) as error:
            failure = machine_failure(error)
            if failure is None:
                raise
            _LOG.warning("a batch of %d on %s: %s", batch_size, device, first_line(error))
            return batches, "memory" if failure == "out-of-memory" else "device-failed"
    return batches, "largest"


def _foreseen_seconds(last: BatchSpeed, batch_size: int) -> float:
    return (PASSES + WARMUP) * last.latency_seconds * batch_size / last.batch_size


def _fits(batch_size: int, traffic: Traffic, device: torch.device) -> bool:
    available = available_memory_bytes(device)
    return available is None or batch_size * traffic.largest_image_bytes <= SPARE_SHARE * available


def _time_batch(
    network: nn.Module, image: Tensor, batch_size: int, device: torch.device, yardsticks: _Yardsticks
) -> BatchSpeed:
    inputs = network_inputs(network, image.to(device).repeat(batch_size, 1, 1, 1))
    restart_peak(device)
    seconds = time_passes(lambda: network(*inputs), device, PASSES, warmup=WARMUP)
    latency = median(seconds)
    flops = FLOPS_PER_MAC * yardsticks.conv_macs * batch_size / latency
    traffic = yardsticks.traffic.of_batch(batch_size) / latency
    return BatchSpeed(
        batch_size=batch_size,
        latency_seconds=latency,
        latency_minimum_seconds=min(seconds),
        latency_maximum_seconds=max(seconds),
        passes=len(seconds),
        images_per_second=batch_size / latency,
        peak_memory_bytes=peak_memory_bytes(device),
        flops_per_second=flops,
        product_share=_share(flops, yardsticks.rate("product-float32")),
        traffic_bytes_per_second=traffic,
        copy_share=_share(traffic, yardsticks.rate("copy")),
    )


def _share(reached: float, ceiling: float | None) -> float | None:
    return reached / ceiling if ceiling else None

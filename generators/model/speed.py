"""How fast a network ran, beside what the device can do at most."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

CeilingId = Literal["copy", "product-float32", "product-tf32", "product-bfloat16", "product-float16"]
"""``copy``: of a large block within the device's memory; ``product-*``: of two large square matrices of that dtype."""

SpeedStop = Literal["time", "memory", "device-failed", "largest"]
"""Why no larger batch was timed: the time or the memory would not have sufficed, the device failed, or it was the
largest of the series."""


class Ceiling(Struct, frozen=True, kw_only=True):
    """A rate that the device reached where nothing else held it up, measured in the same run.

    Attributes:
        id: What was done.
        unit: ``B/s`` (bytes read and written) or ``FLOP/s`` (a multiplication and an addition are two).
        size: Bytes of the block, or rows of the matrices.
        median: Of the runs; None where it could not be measured here.
        slowest: Of the runs.
        fastest: Of the runs.
        runs: How many were timed, after one that wasn't.
    """

    id: CeilingId
    unit: Literal["B/s", "FLOP/s"]
    size: int
    median: float | None = None
    slowest: float | None = None
    fastest: float | None = None
    runs: int = 0


class BatchSpeed(Struct, frozen=True, kw_only=True):
    """Forward passes of one batch size, in float32.

    Attributes:
        batch_size: Images of a pass.
        latency_seconds: Median of the passes.
        latency_minimum_seconds: Fastest.
        latency_maximum_seconds: Slowest.
        passes: How many were timed, after the warm-up.
        images_per_second: ``batch_size`` by the median.
        peak_memory_bytes: Allocated by torch on CUDA, resident set of the process on a CPU; None where unknown.
        flops_per_second: Two for each multiply-accumulate of the convolutions, by the median.
        product_share: Of ``product-float32``; None where that wasn't measured.
        traffic_bytes_per_second: What the operators read and write, each its own tensors once, by the median.
        copy_share: Of ``copy``. More than 1 where caches keep what one operator hands to the next.
    """

    batch_size: int
    latency_seconds: float
    latency_minimum_seconds: float
    latency_maximum_seconds: float
    passes: int
    images_per_second: float
    peak_memory_bytes: int | None
    flops_per_second: float
    product_share: float | None
    traffic_bytes_per_second: float
    copy_share: float | None


class Speed(Struct, frozen=True, kw_only=True):
    """Latency and throughput over batch sizes.

    Attributes:
        conv_macs: Multiply-accumulates of the convolutions for one image, of the network that ran.
        batches: By batch size.
        stop: Why the series ends where it ends.
        limit_seconds: Time that the series may take; a batch size that would go beyond isn't begun.
        ceilings: Of the device.
    """

    conv_macs: int
    batches: tuple[BatchSpeed, ...]
    stop: SpeedStop
    limit_seconds: float
    ceilings: tuple[Ceiling, ...]

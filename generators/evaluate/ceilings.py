"""What the device can do where nothing holds it up: a large copy, and a large matrix product for each dtype.

Measured once a process, so that all networks of a run stand beside the same
figures.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from statistics import median

import torch
from torch import Tensor

from generators.evaluate.failures import machine_failure
from generators.evaluate.numerics import is_fast
from generators.evaluate.tensor_float import float32_products, has_tensor_float32
from generators.evaluate.timing import time_passes
from generators.model.speed import Ceiling, CeilingId

COPY_BYTES = {"cpu": 128 * 2**20, "cuda": 2**30}
"""Far beyond the caches: the largest of one die have 96 MiB on a CPU, 50 MiB on an H100."""
PRODUCT_ROWS = {"cpu": 2048, "cuda": 8192}
"""Large enough that starting doesn't count, small enough that two cores take a fifth of a second."""
RUNS = {"cpu": 5, "cuda": 11}
"""Odd, so that the median is one of them."""
FLOPS_PER_MAC = 2


@functools.cache
def measure_ceilings(kind: str) -> tuple[Ceiling, ...]:
    """Return the ceilings of torch's current CPU or CUDA device, also those without a figure.

    Args:
        kind: ``cpu`` or ``cuda``.
    """
    return tuple(_measure(torch.device(kind)))


def _measure(device: torch.device) -> Iterator[Ceiling]:
    size = COPY_BYTES[device.type]
    yield _timed(Ceiling(id="copy", unit="B/s", size=size), 2 * size, lambda: _copy(device, size), device)
    for ceiling_id, dtype, setting in _PRODUCTS:
        rows = PRODUCT_ROWS[device.type]
        blank = Ceiling(id=ceiling_id, unit="FLOP/s", size=rows)
        if not _is_own(dtype, setting, device):
            yield blank
        else:
            with float32_products(setting), torch.inference_mode():
                yield _timed(blank, FLOPS_PER_MAC * rows**3, functools.partial(_product, device, rows, dtype), device)


_PRODUCTS: tuple[tuple[CeilingId, torch.dtype, str], ...] = (
    ("product-float32", torch.float32, "ieee"),
    ("product-tf32", torch.float32, "tf32"),
    ("product-bfloat16", torch.bfloat16, "ieee"),
    ("product-float16", torch.float16, "ieee"),
)


def _is_own(dtype: torch.dtype, setting: str, device: torch.device) -> bool:
    """Return whether the device has instructions of its own for such a product."""
    if setting == "tf32":
        return has_tensor_float32(device)
    return dtype == torch.float32 or is_fast(dtype, device)


def _timed(blank: Ceiling, amount: int, prepare: Callable[[], Callable[[], Tensor]], device: torch.device) -> Ceiling:
    """Return the rate at which ``amount`` is done; ``blank`` where the machine refuses."""
    runs = RUNS[device.type]
    try:
        seconds = time_passes(prepare(), device, runs, warmup=1)
    except (RuntimeError, MemoryError) as error:
        if machine_failure(error) is None:
            raise
        return blank
    return Ceiling(
        id=blank.id,
        unit=blank.unit,
        size=blank.size,
        median=amount / median(seconds),
        slowest=amount / max(seconds),
        fastest=amount / min(seconds),
        runs=runs,
    )


def _copy(device: torch.device, size: int) -> Callable[[], Tensor]:
    source = torch.ones(size // 4, dtype=torch.float32, device=device)
    target = torch.zeros_like(source)
    return lambda: target.copy_(source)


def _product(device: torch.device, rows: int, dtype: torch.dtype) -> Callable[[], Tensor]:
    # random, because some cards are faster on zeros: less switches in them
    generator = torch.Generator(device).manual_seed(0)
    first, second = (torch.rand((rows, rows), generator=generator, device=device).to(dtype) for _ in range(2))
    result = torch.empty_like(first)
    return lambda: torch.matmul(first, second, out=result)

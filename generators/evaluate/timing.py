"""How long passes take, one by one."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

WARMUP_PASSES = 2
"""Passes before timing starts: the first ones choose kernels and allocate memory."""


def time_passes(
    run: Callable[[], object], device: torch.device, passes: int, *, warmup: int = WARMUP_PASSES
) -> list[float]:
    """Return the seconds of each pass, after some that aren't timed."""
    for _ in range(warmup):
        run()
    return [time_pass(run, device) for _ in range(passes)]


def time_pass(run: Callable[[], object], device: torch.device) -> float:
    """Return the seconds from a device at rest to a device at rest."""
    # a GPU works in the background: without waiting, only the launch would be timed
    wait_for(device)
    start = time.perf_counter()
    run()
    wait_for(device)
    return time.perf_counter() - start


def wait_for(device: torch.device) -> None:
    """Wait until the device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)

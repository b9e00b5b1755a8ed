"""Torch's numeric switches, set for a while and put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch

EXACT_PRECISION = "ieee"
"""Source: torch documentation, "Numerical accuracy": float32 products without TensorFloat-32."""


@contextmanager
def reproducible() -> Iterator[None]:
    """Run the block with full float32 precision and deterministic algorithms where torch has them.

    An operation without a deterministic algorithm still runs, with torch's
    warning: whether the result repeats is measured, not assumed. All switches
    are as before afterwards.
    """
    cudnn = torch.backends.cudnn
    algorithms = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    benchmark, deterministic = cudnn.benchmark, cudnn.deterministic
    precision, fresh_memory = _convolution_precision(), cast("Any", torch.utils.deterministic)
    filling = fresh_memory.fill_uninitialized_memory
    try:
        torch.use_deterministic_algorithms(mode=True, warn_only=True)
        # filling fresh memory only shows reads of garbage, and would be timed with the network
        fresh_memory.fill_uninitialized_memory = False
        cudnn.benchmark, cudnn.deterministic = False, True
        _set_convolution_precision(EXACT_PRECISION if isinstance(precision, str) else False)
        yield
    finally:
        torch.use_deterministic_algorithms(algorithms[0], warn_only=algorithms[1])
        fresh_memory.fill_uninitialized_memory = filling
        cudnn.benchmark, cudnn.deterministic = benchmark, deterministic
        _set_convolution_precision(precision)


def _convolution_precision() -> str | bool:
    """Return cuDNN's setting: a name since torch 2.9, before that whether TensorFloat-32 is allowed."""
    convolution = getattr(torch.backends.cudnn, "conv", None)
    if convolution is None:
        return bool(torch.backends.cudnn.allow_tf32)
    return str(convolution.fp32_precision)


def _set_convolution_precision(setting: str | bool) -> None:  # noqa: FBT001
    if isinstance(setting, bool):
        torch.backends.cudnn.allow_tf32 = setting
    else:
        torch.backends.cudnn.conv.fp32_precision = setting  # type: ignore[attr-defined,unused-ignore]


@contextmanager
def single_thread() -> Iterator[None]:
    """Run the block on one CPU thread, so that sums don't depend on how many cores there are."""
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        yield
    finally:
        torch.set_num_threads(threads)

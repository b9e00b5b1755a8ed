"""TensorFloat-32 for a while: float32 products and convolutions with 10 bits of mantissa."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch

TF32_CAPABILITY = (8, 0)
"""Source: NVIDIA, "CUDA C++ Programming Guide", compute capability 8.0: the first with TensorFloat-32."""


def has_tensor_float32(device: torch.device) -> bool:
    """Return whether the device has it; no CPU does."""
    return device.type == "cuda" and torch.cuda.get_device_capability(device) >= TF32_CAPABILITY


@contextmanager
def float32_products(setting: str) -> Iterator[None]:
    """Run the block with CUDA's float32 matrix products and convolutions as said; both switches are put back.

    Args:
        setting: ``ieee`` or ``tf32``. Source: torch documentation, "Numerical accuracy".
    """
    switches = _switches()
    before = [(owner, name, getattr(owner, name)) for owner, name in switches]
    try:
        for owner, name in switches:
            setattr(owner, name, setting if name == "fp32_precision" else setting == "tf32")
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def _switches() -> tuple[tuple[Any, str], ...]:
    """Return the owners of the switches: their names changed in torch 2.9."""
    matmul, cudnn = cast("Any", torch.backends.cuda.matmul), cast("Any", torch.backends.cudnn)
    convolution = getattr(cudnn, "conv", None)
    if convolution is None:
        return (matmul, "allow_tf32"), (cudnn, "allow_tf32")
    return (matmul, "fp32_precision"), (convolution, "fp32_precision")

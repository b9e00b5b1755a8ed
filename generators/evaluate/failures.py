"""Which errors of torch say something of the machine, and which are defects of our own."""

from __future__ import annotations

from typing import Literal

import torch

CPU_ALLOCATION_FAILURE = "can't allocate memory"
"""Source: torch ``c10/core/impl/alloc_cpu.cpp``: the text of the RuntimeError when the CPU's allocator fails."""
DEVICE_FAILURES = ("CUDA error", "CUDA driver", "cuDNN", "CUDNN_STATUS", "CUBLAS_STATUS", "NVRTC")
"""What the RuntimeErrors begin with or contain that a driver, a card or its libraries cause.

Source: torch ``c10/cuda/CUDAException.cpp``, ``aten/src/ATen/cuda/Exceptions.h``, ``aten/src/ATen/cudnn/Exceptions.h``.
"""

MachineFailure = Literal["out-of-memory", "device-failed"]


def machine_failure(error: BaseException) -> MachineFailure | None:
    """Return how the machine is at fault, or None where the error is no statement on it."""
    text = str(error)
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or CPU_ALLOCATION_FAILURE in text:
        return "out-of-memory"
    accelerator = getattr(torch, "AcceleratorError", None)  # since torch 2.8
    if accelerator is not None and isinstance(error, accelerator):
        return "device-failed"
    if isinstance(error, RuntimeError) and any(mark in text for mark in DEVICE_FAILURES):
        return "device-failed"
    return None


def first_line(error: BaseException) -> str:
    """Return what the error says in its first line; the rest is advice and addresses."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "")

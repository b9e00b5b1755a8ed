"""Whether torch finds a CUDA device, and why not."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Literal

import torch
from msgspec import Struct

from generators.evaluate.failures import first_line
from generators.model.evaluation import WithoutCuda

DRIVER_FACTS = Path("/proc/driver/nvidia/version")
"""Source: NVIDIA driver README, "The /proc Interface": there while the kernel module is loaded."""
TOO_OLD = "driver on your system is too old"
"""Source: torch ``c10/cuda/CUDAFunctions.cpp``: its warning where CUDA needs a newer driver."""
VISIBLE_VARIABLE = "CUDA_VISIBLE_DEVICES"


class CudaPresence(Struct, frozen=True, kw_only=True):
    """What torch says when it is asked for CUDA.

    Attributes:
        missing: Why there is no device; empty where there is one.
        detail: torch's own words; empty where it has none.
    """

    missing: WithoutCuda | Literal[""] = ""
    detail: str = ""


def find_cuda() -> CudaPresence:
    """Ask torch for a CUDA device that can add two numbers; its warnings become part of the answer."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        here = torch.cuda.is_available()
    if here:
        return _try_cuda()
    detail = " ".join(str(warning.message).splitlines()[0] for warning in caught if str(warning.message))
    return CudaPresence(missing=_why_missing(detail), detail=detail)


def _try_cuda() -> CudaPresence:
    # a card that torch has no code for, or that another program broke or filled, shows only when it is used
    try:
        torch.ones(2, device="cuda").sum().item()
    except RuntimeError as error:
        return CudaPresence(missing="cuda-failed", detail=first_line(error))
    return CudaPresence()


def _why_missing(detail: str) -> WithoutCuda:
    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        return "cpu-build"
    if TOO_OLD in detail:
        return "driver-too-old"
    if detail:
        return "cuda-failed"
    if os.environ.get(VISIBLE_VARIABLE, "0").strip() in {"", "-1"}:
        return "none-visible"
    return "no-device" if DRIVER_FACTS.is_file() else "driver-missing"

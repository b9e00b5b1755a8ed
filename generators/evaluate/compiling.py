"""Compiling a network: only where it is asked for, because it takes longer than all else together."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Mapping
from typing import cast

import torch
from torch import nn

COMPILE_VARIABLE = "ASSAY_COMPILE"
"""Environment variable that asks for compiled networks: anything but nothing and ``0``."""
COMPILERS = ("g++", "clang++", "c++", "cl")
"""Source: torch ``_inductor/cpp_builder.py`` and ``_inductor/config.py``, ``cpp.cxx``: what it looks for."""


def compiling_is_asked(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether the environment asks for compiled networks."""
    return environment.get(COMPILE_VARIABLE, "") not in {"", "0"}


def compiler_is_here(device: torch.device) -> bool:
    """Return whether torch has what it compiles with: a C++ compiler, and Triton for CUDA."""
    wanted = os.environ.get("CXX")
    found = any(shutil.which(name) for name in ((wanted,) if wanted else COMPILERS))
    return found and (device.type == "cpu" or importlib.util.find_spec("triton") is not None)


def compile_network(network: nn.Module) -> nn.Module:
    """Return the network as torch's default compiler will make it at the first pass."""
    return cast("nn.Module", torch.compile(network, dynamic=False))


def is_compile_failure(error: BaseException) -> bool:
    """Return whether an error is the compiler's: torch gives each of its parts a class of its own."""
    module = type(error).__module__
    return module.startswith(("torch._dynamo", "torch._inductor", "triton"))

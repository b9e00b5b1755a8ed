"""Where to run, and what that device is."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Literal

import torch

from generators.errors import EvaluationError
from generators.evaluate.cuda_presence import CudaPresence, find_cuda
from generators.evaluate.memory import total_memory_bytes
from generators.model.evaluation import Device

DEVICE_VARIABLE = "ASSAY_DEVICE"
"""Environment variable that chooses the device: ``cpu`` or ``cuda``."""
CPU_FACTS = Path("/proc/cpuinfo")
"""Source: proc(5), ``/proc/cpuinfo``: on Linux the only place with the processor's name."""
CPU_NAME_FIELDS = ("model name", "Model", "cpu model", "Processor", "cpu")
"""Of x86, ARM boards, MIPS, older ARM, POWER; most telling first. Source: Linux ``arch/*/kernel``, ``show_cpuinfo``."""


def select_device(name: str | None = None) -> Device:
    """Return the device to run on: the one named, else that of ``ASSAY_DEVICE``, else CUDA if present, else the CPU.

    Args:
        name: ``cpu`` or ``cuda``; None to leave the choice to the environment.

    Raises:
        EvaluationError: The name is neither, or CUDA is asked for and isn't there.
    """
    where = DEVICE_VARIABLE if name is None else "device"
    wanted = os.environ.get(DEVICE_VARIABLE, "") if name is None else name
    match wanted:
        case "":
            found = find_cuda()
            return _describe("cpu" if found.missing else "cuda", found)
        case "cpu":
            return _describe("cpu", CudaPresence())
        case "cuda":
            return _describe_cuda(where)
        case _:
            raise EvaluationError(
                "unknown-device",
                f"there is no device {wanted!r}",
                where=where,
                remedy="write cpu or cuda, or leave it out to use CUDA where there is one",
            )


def _describe_cuda(where: str) -> Device:
    found = find_cuda()
    if found.missing:
        said = f" ({found.missing}: {found.detail})" if found.detail else f" ({found.missing})"
        raise EvaluationError(
            "cuda-missing",
            f"CUDA was asked for, and torch finds no CUDA device here{said}",
            where=where,
            remedy="write cpu, or install a driver and a CUDA build of torch",
        )
    return _describe("cuda", found)


def _describe(kind: Literal["cuda", "cpu"], found: CudaPresence) -> Device:
    return Device(
        kind=kind,
        name=torch.cuda.get_device_name() if kind == "cuda" else cpu_name(),
        threads=torch.get_num_threads(),
        torch=str(torch.__version__),
        cuda=torch.version.cuda or "",
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        capability=_capability(kind),
        memory_bytes=total_memory_bytes(torch.device(kind)),
        without_cuda=found.missing,
        without_cuda_detail=found.detail,
    )


def _capability(kind: Literal["cuda", "cpu"]) -> str:
    if kind == "cuda":
        return ".".join(map(str, torch.cuda.get_device_capability()))
    return str(torch.backends.cpu.get_cpu_capability())


def cpu_name() -> str:
    """Return the processor's name as the operating system tells it, never empty."""
    try:
        text = CPU_FACTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    return _cpu_name_in(text) or platform.processor() or platform.machine() or "CPU"


def _cpu_name_in(text: str) -> str:
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}
    return next((fields[field] for field in CPU_NAME_FIELDS if fields.get(field)), "")

"""Peak memory of a run.

On CUDA it is what torch allocated. On a CPU it is the resident set of the
process: Linux can restart the peak (:func:`restart_peak`), elsewhere the
peak is that of the process since it began.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch

PEAK_RESET = Path("/proc/self/clear_refs"), "5"
"""Source: proc(5), ``/proc/pid/clear_refs``: writing 5 sets the peak resident set to the current one."""
PROCESS_STATUS = Path("/proc/self/status")
"""Source: proc(5), ``/proc/pid/status``: ``VmHWM`` is the peak resident set, in kB of 1024 bytes."""
MACHINE_MEMORY = Path("/proc/meminfo")
"""Source: proc(5), ``/proc/meminfo``: ``MemAvailable`` is what can be taken without swapping, in kB of 1024 bytes."""
KIBIBYTE = 1024


def restart_peak(device: torch.device) -> None:
    """Start a new measurement of peak memory on ``device``."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        return
    path, command = PEAK_RESET
    try:
        path.write_text(command, encoding="ascii")
    except OSError:
        return  # another system, or a sandbox without it: the peak since the start stands


def peak_memory_bytes(device: torch.device) -> int | None:
    """Return the peak since :func:`restart_peak`; None where the system doesn't tell."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        return int(torch.cuda.max_memory_allocated(device))
    try:
        lines = PROCESS_STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return _peak_since_start()
    peak = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), None)
    return _peak_since_start() if peak is None else int(peak) * KIBIBYTE


def _peak_since_start() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIBIBYTE


def total_memory_bytes(device: torch.device) -> int | None:
    """Return the memory of the card or the machine; None where the system doesn't tell."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def available_memory_bytes(device: torch.device) -> int | None:
    """Return what may still be taken; None where the system doesn't tell.

    A CPU's allocator seldom refuses: Linux ends the process instead, so that
    asking first is the only way to end in a statement.
    """
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        lines = MACHINE_MEMORY.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    available = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), None)
    return None if available is None else int(available) * KIBIBYTE

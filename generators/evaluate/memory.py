"""Peak memory of a run.

On CUDA it is what torch allocated. On a CPU it is the resident set of the
process: Linux can restart the peak (:func:`restart_peak`), elsewhere the
peak is that of the process since it began.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

PEAK_RESET = Path("/proc/self/clear_refs"), "5"
"""Source: proc(5), ``/proc/pid/clear_refs``: writing 5 sets the peak resident set to the current one."""
PROCESS_STATUS = Path("/proc/self/status")
"""Source: proc(5), ``/proc/pid/status``: ``VmHWM`` is the peak resident set, in kB of 1024 bytes."""
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

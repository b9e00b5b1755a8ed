"""Run as a script: print the memory, in MB, that opening a file takes beyond what Python and the package take."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from generators.containers import open_checkpoint

STATUS = Path("/proc/self/status")


def peak_mb() -> float:
    """Return the peak; Linux counts into ``ru_maxrss`` what the process that started this one held then."""
    if STATUS.exists():
        return next(int(line.split()[1]) / (1 << 10) for line in STATUS.open() if line.startswith("VmHWM"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    before = peak_mb()
    with open_checkpoint(Path(sys.argv[1])) as reader:
        findings = reader.container.findings
    sys.stdout.write(f"{peak_mb() - before:.0f} {' '.join(sorted({f.code for f in findings}))}\n")

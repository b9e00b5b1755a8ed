"""What tests let workers do. Workers import it by its name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def double(number: int) -> int:
    return 2 * number


def double_backwards(number: int) -> int:
    """Let the first items take longest."""
    time.sleep(0.2 if number == 0 else 0)
    return 2 * number


def die_if_negative(number: int) -> int:
    if number < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def die_once(mark: str) -> str:
    """Die where nobody has died before, as a worker whose memory was taken by something else."""
    path = Path(mark)
    if not path.exists():
        path.write_text(str(os.getpid()), encoding="utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name


def refuse(number: int) -> int:
    from generators.errors import ContainerError

    raise ContainerError("no-such", f"no {number}", where="here", remedy="count")


def note_and_sleep(folder: str) -> str:
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(60)
    return folder

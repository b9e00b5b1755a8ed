"""Files that end any process but the one that was started: as those do that take all of its memory."""

from __future__ import annotations

from pathlib import Path

POISON = "poison"
_HOOK = f"""
import multiprocessing, os, signal, sys

def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].endswith("{POISON}.safetensors"):
        if {{condition}}:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
"""


def write_hook(folder: Path, *, always: bool = False) -> Path:
    """Write a module that Python imports when it starts, and return the folder to be named in PYTHONPATH."""
    folder.mkdir(parents=True, exist_ok=True)
    condition = "True" if always else "multiprocessing.parent_process() is not None"
    (folder / "sitecustomize.py").write_text(_HOOK.format(condition=condition), encoding="utf-8")
    return folder

"""Fire payloads, to show that the corpus attacks for real: ``python detonate.py LOADER CANARY FILE...``.

Each file is loaded in a process of its own, in an empty folder, without input
and with a time limit. A payload can only create the canary file; whether it
did is printed as JSON, by file name. This is the one place of the project that
unpickles, and it only ever gets files that the corpus wrote.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

LIMIT_SECONDS = 20.0
WAIT_SECONDS = 1.0
"""A payload may start a process that takes a moment."""


def load_with_pickle(path: Path) -> object:
    """Load as any Python program would."""
    return pickle.loads(path.read_bytes())


def load_with_torch(path: Path) -> object:
    """Load as every program did before ``weights_only`` became the default."""
    import torch

    return torch.load(io.BytesIO(path.read_bytes()), weights_only=False)


LOADERS: dict[str, Callable[[Path], object]] = {"pickle": load_with_pickle, "torch": load_with_torch}


def fires(loader: Callable[[Path], object], path: Path, canary: Path) -> bool:
    """Say whether loading a file makes the canary appear."""
    canary.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        _load_and_leave(loader, path)
    deadline = time.monotonic() + LIMIT_SECONDS
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, 9)
        time.sleep(0.01)
    deadline = time.monotonic() + WAIT_SECONDS
    while not canary.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    fired = canary.exists()
    canary.unlink(missing_ok=True)
    return fired


def _load_and_leave(loader: Callable[[Path], object], path: Path) -> None:
    try:
        with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("r+b") as nothing:
            for descriptor in (0, 1, 2):
                os.dup2(nothing.fileno(), descriptor)
            os.chdir(folder)
            loader(path)
    finally:
        os._exit(0)


def main(arguments: list[str]) -> None:
    """Fire every file and print what happened."""
    name, canary, *files = arguments
    warnings.simplefilter("ignore")
    if name == "torch":
        import torch  # noqa: F401 - once for all children
    fired = {Path(file).name: fires(LOADERS[name], Path(file), Path(canary)) for file in files}
    sys.stdout.write(json.dumps(fired))


if __name__ == "__main__":
    main(sys.argv[1:])

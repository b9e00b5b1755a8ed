"""One process at a time: of two that fetch the same file, the second waits and finds it there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from generators.errors import SourceError
from generators.sources.faults import missing_package, storage_fault

log = logging.getLogger("generators.sources")

FOLDER = ".locks"
"""Below ``checkpoints/``: a lock outlives what it locks, and an entry's folder holds nothing but its file."""
WRITERS = "+lock"
"""The name that whoever writes ``checkpoints.lock`` holds; no entry can be called so."""
RECORDERS = "+record"
"""The name that whoever writes records holds: two processes would lose each other's verdicts."""
PATIENCE_SECONDS = 1.0
"""After which the wait is told."""


@contextmanager
def all_exclusively(folder: Path, names: Iterable[str]) -> Iterator[None]:
    """Hold the locks of names, and of all that were ever locked, without waiting for any.

    Raises:
        SourceError: ``busy`` when another process holds one; ``missing-package``; or the folder can't be written.
    """
    try:
        from filelock import FileLock, Timeout
    except ImportError as problem:
        raise missing_package("filelock", "fetch") from problem
    inside = folder / FOLDER
    with ExitStack() as stack:
        try:
            inside.mkdir(parents=True, exist_ok=True)
            for name in sorted({*names, *(path.stem for path in inside.glob("*.lock"))}):
                stack.enter_context(FileLock(inside / f"{name}.lock", timeout=0))
        except Timeout:
            raise SourceError(
                "busy",
                f"another process is at {name!r}",
                where=f"{folder.name}/{FOLDER}",
                remedy="wait until it is done, then run the command again",
            ) from None
        except OSError as problem:
            raise storage_fault(problem, f"{folder.name}/{FOLDER}") from problem
        yield


@contextmanager
def exclusively(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of a name; the system gives it back when the process ends, however it ends.

    Raises:
        SourceError: ``missing-package``, or the folder can't be written.
    """
    try:
        from filelock import FileLock, Timeout
    except ImportError as problem:
        raise missing_package("filelock", "fetch") from problem
    path = folder / FOLDER / f"{name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=PATIENCE_SECONDS)
        except Timeout:
            log.info("%s: another process is at it; waiting", name)
            lock.acquire()
    except OSError as problem:
        raise storage_fault(problem, f"{folder.name}/{FOLDER}") from problem
    try:
        yield
    finally:
        lock.release()

"""Worker processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from threading import Thread

from generators.errors import ExecutorError
from generators.pipeline.executing.crew import Item, Result


class ProcessCrew:
    """A pool of processes, made anew when one of them dies: Python's own is of no use after that.

    Each process starts from nothing: a copy of this one would have its locks without the threads that hold them.

    Args:
        workers: How many.

    Raises:
        ExecutorError: No process can be started.
    """

    trials_alone = 2
    deaths: tuple[type[Exception], ...] = (BrokenProcessPool,)
    losses: tuple[type[Exception], ...] = ()

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._others = set(multiprocessing.active_children())
        self._pool = self._start()

    def submit(self, task: Callable[[Item], Result], item: Item) -> Future[Result]:
        """Give an item to a process."""
        return self._pool.submit(task, item)

    def renew(self) -> None:
        """Start a new pool."""
        self.stop()
        self._pool = self._start()

    def leave(self) -> None:
        """Let the processes end by themselves."""
        self._pool.shutdown()

    def stop(self) -> None:
        """Kill the processes."""
        # those of the pool, and no child that somebody else started before
        for process in set(multiprocessing.active_children()) - self._others:
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=_begin)
        try:
            pool.submit(os.getpid).result()
        except (BrokenProcessPool, OSError) as problem:
            raise ExecutorError(
                "no-workers",
                "no worker process can be started",
                remedy="look at the memory and the number of processes that are left, or say --executor inline",
            ) from problem
        return pool


def _begin() -> None:
    """Prepare a worker: Ctrl-C is its parent's matter, and it doesn't outlive its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_follow_parent, name="parent", daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)

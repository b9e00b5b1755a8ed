"""A Dask cluster of this machine: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from file_projects import PROJECT
from poison import write_hook

START_SECONDS = 60


@dataclass
class Cluster:
    """A running cluster.

    Attributes:
        address: As ``--executor`` takes it.
        processes: Scheduler and workers.
    """

    address: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)


@contextmanager
def cluster(folder: Path, workers: int = 2, environment: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Start a scheduler and workers with nannies; poisoned files end the workers that open them."""
    scheduler_file = folder / "scheduler.json"
    path = os.pathsep.join([str(write_hook(folder / "hook", always=True)), str(PROJECT), str(PROJECT / "tests")])
    settings = {
        **os.environ,
        "PYTHONPATH": path,
        "OMP_NUM_THREADS": "1",
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        **(environment or {}),
    }
    dask = [sys.executable, "-m", "dask"]
    quiet = ["--no-dashboard", "--scheduler-file", str(scheduler_file)]
    commands = [
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", *quiet],
        [*dask, "worker", "--nworkers", str(workers), "--nthreads", "1", "--local-directory", str(folder), *quiet],
    ]
    running = Cluster("")
    try:
        with (folder / "log").open("wb") as log:
            for command in commands:
                running.processes.append(
                    subprocess.Popen(
                        command,
                        cwd=folder,
                        env=settings,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                )
        running.address = _address(scheduler_file).replace("tcp://", "dask://")
        yield running
    finally:
        for process in running.processes:
            end_session(process)


def end_session(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that leads a session, and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _address(scheduler_file: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            return str(json.loads(scheduler_file.read_text(encoding="utf-8"))["address"])
        except (OSError, ValueError):
            time.sleep(0.05)
    raise TimeoutError(scheduler_file)

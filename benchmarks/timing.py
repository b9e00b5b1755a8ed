"""Times in turn, and work in child processes."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from generators.model.benchmarks import Benchmark, BenchmarkId, BenchmarkUnit

ROOT = Path(__file__).resolve().parents[1]


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def pairs(one: Callable[[], object], other: Callable[[], object], runs: int) -> list[tuple[float, float]]:
    """Time two calls in turn, after one of each that isn't counted; seconds."""
    one(), other()
    return [(seconds(one), seconds(other)) for _ in range(runs)]


def ratios(timed: Sequence[tuple[float, float]]) -> list[float]:
    """Return the quotient of each pair."""
    return [one / other for one, other in timed]


def summarize(id: BenchmarkId, unit: BenchmarkUnit, figures: Sequence[float], goal: float) -> Benchmark:  # noqa: A002
    """Return the benchmark of some figures, to three digits: more would be noise."""
    median, minimum, maximum = (float(f"{f:.3g}") for f in (statistics.median(figures), min(figures), max(figures)))
    return Benchmark(
        id=id,
        unit=unit,
        median=median,
        minimum=minimum,
        maximum=maximum,
        runs=len(figures),
        goal=goal,
    )


def in_child(function: str, *arguments: object, cores: int | None = None) -> Any:
    """Call ``module:function`` of this package in a fresh process and return its result, by JSON.

    Args:
        function: As ``fingerprints:time_pairs``.
        arguments: What JSON can carry.
        cores: How many cores the child may use; all if None.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    module, _, name = function.partition(":")
    script = (
        "import importlib, json, os, sys\n"
        "cores, arguments = json.loads(sys.argv[1])\n"
        "if cores: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])\n"
        f"print(json.dumps(importlib.import_module('benchmarks.{module}').{name}(*arguments)))\n"
    )
    command = [sys.executable, "-c", script, json.dumps([cores, arguments], default=str)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def peak_mebibytes() -> float:
    """Return the most memory that this process has had resident since it began, in MiB (Linux)."""
    # ru_maxrss counts what the parent had before the program was started
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def processor_name() -> str:
    """Return how the system names the processor."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()

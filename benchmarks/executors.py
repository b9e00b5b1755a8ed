"""Many files at once: here, on processes, on a Dask cluster of this machine; and what files elsewhere cost.

Other programs on the machine lengthen the time; the processor time of our own processes they hardly change. So both are
recorded, the times as the shortest of the runs.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import psutil

from benchmarks.samples import write_small_checkpoints, write_training_checkpoints
from benchmarks.timing import ROOT, in_child, processor_name
from generators.model.executors import (
    ExecutorRecord,
    ExecutorRun,
    FileSet,
    FileSetId,
    RemoteCost,
    Traffic,
    WorkerKind,
)
from generators.provenance import describe_python, package_version
from generators.store import encode, write_atomically

RECORD = ROOT / "docs" / "measurements" / "executors.json"
PACKAGES = ("numpy", "blake3", "msgspec", "dask", "distributed", "fsspec")
SMALL_FILES = 196
LARGE_FILES = 4
PLACES: tuple[tuple[WorkerKind, int], ...] = (
    ("inline", 1),
    ("processes", 1),
    ("processes", 2),
    ("dask", 1),
    ("dask", 2),
)


def main() -> int:
    """Measure, print, record where asked to; the exit code is 0."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.executors",
        description="Measure many files on workers. Writes 0.4 GB of temporary files; leave the machine alone.",
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each place (default: 5)")
    parser.add_argument("--record", action="store_true", help=f"keep the figures in {RECORD.relative_to(ROOT)}")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    # as an installed package has it, also where Python is told to write none
    compileall.compile_dir(ROOT / "generators", quiet=1)
    folder = Path(tempfile.mkdtemp(prefix="assay-benchmark-"))
    try:
        sets = write_sets(folder)
        record = ExecutorRecord(
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            processor=processor_name(),
            cores=len(os.sched_getaffinity(0)),
            load=_three(load),
            python=describe_python(),
            packages=tuple((name, package_version(name)) for name in PACKAGES),
            sets=describe_sets(sets),
            runs=tuple(measure(sets, options.runs)),
            remote=measure_remote(sets),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(encode(record).decode())
    if options.record:
        with write_atomically(RECORD) as file:
            file.write(encode(record))
    return 0


def write_sets(folder: Path) -> dict[FileSetId, list[Path]]:
    """Write the files: many small ones, a few training checkpoints, and both."""
    small_folder, large_folder = folder / "small", folder / "large"
    small_folder.mkdir(parents=True)
    large_folder.mkdir()
    small = write_small_checkpoints(small_folder, SMALL_FILES)
    large = write_training_checkpoints(large_folder, LARGE_FILES)
    # the large ones lie among the others, as in a folder that somebody kept
    mixed = small.copy()
    for number, path in enumerate(large):
        mixed.insert((number + 1) * len(mixed) // (len(large) + 1), path)
    return {"small": small, "large": large, "mixed": mixed}


def describe_sets(sets: dict[FileSetId, list[Path]]) -> tuple[FileSet, ...]:
    """Return how many files and bytes each set has."""
    return tuple(
        FileSet(id=name, files=len(paths), size_bytes=sum(path.stat().st_size for path in paths))
        for name, paths in sets.items()
    )


def measure(sets: dict[FileSetId, list[Path]], runs: int) -> Iterator[ExecutorRun]:
    """Yield how long each set takes in each place; the places in turn, so that a busy minute hits all of them."""
    timed: dict[tuple[FileSetId, WorkerKind, int], list[tuple[float, float, float]]] = {}
    for _ in range(runs):
        for kind, workers in PLACES:
            with _cluster(workers if kind == "dask" else 0) as (address, processes):
                executor = {"inline": "inline", "processes": f"processes:{workers}", "dask": address}[kind]
                for name, paths in sets.items():
                    found = in_child("executors:time_files", executor, [str(p) for p in paths], processes)
                    timed.setdefault((name, kind, workers), []).append(tuple(found))
    for (name, kind, workers), figures in timed.items():
        wall, cpu, parent = (min(column) for column in zip(*figures, strict=True))
        yield ExecutorRun(
            files=name,
            place=kind,
            workers=workers,
            wall_seconds=_three(wall),
            cpu_seconds=_three(cpu),
            client_cpu_seconds=_three(parent),
            runs=runs,
        )


def time_files(executor: str, paths: Sequence[str], others: Sequence[int]) -> tuple[float, float, float]:
    """Read files as ``assay inspect`` does; seconds by the clock, of all processors, and of this process's own."""
    from generators.pipeline.executing.choice import parse_executor
    from generators.pipeline.executing.crew import gather_crew
    from generators.pipeline.executing.each import run_each
    from generators.pipeline.files.inspecting import Question, answer
    from generators.store import encode_line

    questions = [Question(path=path, how="digests-and-statistics") for path in paths]
    before, start, begun = _processor_seconds(others), time.perf_counter(), os.times()
    with gather_crew(parse_executor(executor)) as crew, Path(os.devnull).open("wb") as out:
        out.writelines(encode_line(found) for found in run_each(answer, questions, crew))
        elsewhere = _processor_seconds(others)
    wall = time.perf_counter() - start
    own = os.times()
    client = own.user + own.system - begun.user - begun.system
    # processes of a pool are counted once they ended, a cluster's while they run
    return wall, client + own.children_user + own.children_system + elsewhere - before, client


def _processor_seconds(processes: Sequence[int]) -> float:
    total = 0.0
    for number in processes:
        try:
            times = psutil.Process(number).cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def measure_remote(sets: dict[FileSetId, list[Path]]) -> tuple[RemoteCost, ...]:
    """Return what a training checkpoint costs that lies elsewhere: by its index, and by all of its bytes."""
    tuple(_remote_costs(sets["large"][0]))  # what is imported once isn't counted
    return tuple(_remote_costs(sets["large"][0]))


def _remote_costs(path: Path) -> Iterator[RemoteCost]:
    from generators.containers import open_checkpoint
    from generators.containers.ranged_bytes import RangedBytes
    from generators.containers.streamed_bytes import StreamedBytes
    from generators.fingerprint.compose import fingerprint_header
    from generators.pipeline.files.heading import identified
    from generators.pipeline.files.inspecting import Answer
    from generators.pipeline.files.reading import inspect_bytes
    from generators.store import encode_line

    size = path.stat().st_size
    descriptor = os.open(path, os.O_RDONLY)
    ways: tuple[tuple[Traffic, RangedBytes], ...] = (
        ("index", RangedBytes(size, lambda start, wanted: os.pread(descriptor, wanted, start))),
        ("whole", StreamedBytes(size, lambda start, wanted: os.pread(descriptor, wanted, start))),
    )
    for traffic, file in ways:
        start = time.process_time()
        if traffic == "index":
            with open_checkpoint(file) as reader:
                inspection = identified(fingerprint_header(path.name, size, reader.container))
        else:
            inspection = inspect_bytes(path.name, file, "digests-and-statistics")
        cpu = time.process_time() - start
        told = ForkingPickler.dumps(Answer(inspection=inspection))  # as a pool sends it
        start = time.process_time()
        encode_line(ForkingPickler.loads(told))
        client = time.process_time() - start
        yield RemoteCost(
            traffic=traffic,
            size_bytes=size,
            read_bytes=file.read_bytes,
            requests=file.requests,
            cpu_seconds=_three(cpu),
            answer_bytes=len(told),
            client_seconds=_three(client),
        )
    os.close(descriptor)


def _three(figure: float) -> float:
    return float(f"{figure:.3g}")


@contextmanager
def _cluster(workers: int) -> Iterator[tuple[str, list[int]]]:
    """Start a scheduler and workers, each a process, and give the address and the processes; nothing for no workers."""
    if not workers:
        yield "", []
        return
    folder = Path(tempfile.mkdtemp(prefix="assay-dask-"))
    found = folder / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    dask = [sys.executable, "-m", "dask"]
    quiet = ["--no-dashboard", "--scheduler-file", str(found)]
    more = ["--nworkers", str(workers), "--nthreads", "1", "--local-directory", str(folder)]
    commands = (
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", *quiet],
        [*dask, "worker", *more, *quiet],
    )
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        while not found.exists() or not found.read_text(encoding="utf-8").endswith("}"):
            time.sleep(0.05)
        address = str(json.loads(found.read_text(encoding="utf-8"))["address"]).replace("tcp://", "dask://")
        _warm(address, workers)
        yield address, [p.pid for one in running for p in (psutil.Process(one.pid), *_below(one.pid))]
    finally:
        for one in running:
            for process in _below(one.pid):
                process.kill()
            one.kill()
            one.wait()


def _below(number: int) -> list[psutil.Process]:
    return list(psutil.Process(number).children(recursive=True))


def _warm(address: str, workers: int) -> None:
    """Wait until all workers are there."""
    from distributed import Client

    with Client(address.replace("dask://", "tcp://"), set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=60)


if __name__ == "__main__":
    sys.exit(main())

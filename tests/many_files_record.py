"""A record of many files, made up."""

from __future__ import annotations

from msgspec.structs import replace

from generators.model.executors import ExecutorRecord, ExecutorRun, FileSet, RemoteCost, WorkerKind


def a_run(place: WorkerKind, workers: int, wall: float, cpu: float) -> ExecutorRun:
    return ExecutorRun(
        files="small",
        place=place,
        workers=workers,
        wall_seconds=wall,
        cpu_seconds=cpu,
        client_cpu_seconds=0.1,
        runs=3,
    )


INDEX = RemoteCost(
    traffic="index",
    size_bytes=91_000_000,
    read_bytes=1_000_000,
    requests=79,
    cpu_seconds=0.05,
    answer_bytes=1000,
    client_seconds=0.001,
)
WHOLE = replace(INDEX, traffic="whole", read_bytes=92_000_000, requests=99, cpu_seconds=0.3, client_seconds=0.002)
A_RECORD = ExecutorRecord(
    date="2026-11-25",
    processor="p",
    cores=2,
    load=0.1,
    python="3.11.7",
    packages=(),
    sets=(FileSet(id="small", files=10, size_bytes=1000),),
    runs=(a_run("inline", 1, 2.0, 2.0), a_run("processes", 1, 3.0, 2.5), a_run("processes", 2, 1.5, 3.0)),
    remote=(INDEX, WHOLE),
)

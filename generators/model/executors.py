"""How long many files take in one place and another, and what files elsewhere cost: as recorded, and worked out."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

FileSetId = Literal["small", "large", "mixed"]
WorkerKind = Literal["inline", "processes", "dask"]
Traffic = Literal["index", "whole"]
Bottleneck = Literal["processors", "waiting", "storage", "client"]


class FileSet(Struct, frozen=True, kw_only=True):
    """Files that were read."""

    id: FileSetId
    files: int
    size_bytes: int


class ExecutorRun(Struct, frozen=True, kw_only=True):
    """One set of files in one place.

    Attributes:
        files: The set.
        place: Where it was read.
        workers: How many processes read at once.
        wall_seconds: By the clock, with the start of processes; the shortest run.
        cpu_seconds: Of all processors, our own processes alone; the least.
        client_cpu_seconds: Of it, the process's that asked.
        runs: How many there were.
    """

    files: FileSetId
    place: WorkerKind
    workers: int
    wall_seconds: float
    cpu_seconds: float
    client_cpu_seconds: float
    runs: int


class RemoteCost(Struct, frozen=True, kw_only=True):
    """What one file elsewhere costs.

    Attributes:
        traffic: How much of it is read.
        size_bytes: Of the file.
        read_bytes: That came.
        requests: That were made.
        cpu_seconds: Of the worker.
        answer_bytes: That go back to the client.
        client_seconds: That the client's processor takes for the answer.
    """

    traffic: Traffic
    size_bytes: int
    read_bytes: int
    requests: int
    cpu_seconds: float
    answer_bytes: int
    client_seconds: float


class ExecutorRecord(Struct, frozen=True, kw_only=True):
    """One run of these measurements.

    Attributes:
        date: Of the run, ISO 8601.
        processor: As the system names it.
        cores: That the run might use.
        load: Of the machine before it began: processes that wanted to run, over a minute.
        python: Version.
        packages: Name and version of what takes part.
        sets: What was read.
        runs: How long it took.
        remote: What a file elsewhere costs.
    """

    date: str
    processor: str
    cores: int
    load: float
    python: str
    packages: tuple[tuple[str, str], ...]
    sets: tuple[FileSet, ...]
    runs: tuple[ExecutorRun, ...]
    remote: tuple[RemoteCost, ...]


class StoragePrices(Struct, frozen=True, kw_only=True):
    """What object storage is assumed to give and to cost.

    Attributes:
        latency_seconds: Until a request's first byte.
        connection_megabytes: A second, over one connection.
        requests_per_second: That one prefix of keys answers.
        million_requests_dollars: For reading.
        gigabyte_dollars: Of each that leaves the region; within it nothing.
        core_hour_dollars: Of a rented core.
        date: Of the prices, a month.
        sources: Addresses where these figures stand.
    """

    latency_seconds: float
    connection_megabytes: float
    requests_per_second: int
    million_requests_dollars: float
    gigabyte_dollars: float
    core_hour_dollars: float
    date: str
    sources: tuple[str, ...]


class Projection(Struct, frozen=True, kw_only=True):
    """Many files on object storage, worked out.

    Attributes:
        traffic: How much of each is read.
        workers: Files that are read at once.
        terabytes: That come.
        requests: That are made.
        hours: That it takes.
        request_dollars: For the requests.
        core_dollars: For one core a worker.
        transfer_dollars: Further, where the workers are outside the region.
        bottleneck: What it can't be quicker than.
    """

    traffic: Traffic
    workers: int
    terabytes: float
    requests: int
    hours: float
    request_dollars: float
    core_dollars: float
    transfer_dollars: float
    bottleneck: Bottleneck


class ManyFiles(Struct, frozen=True, kw_only=True):
    """The record, and what follows from it.

    Attributes:
        record: As measured.
        ratios: Each run's time, as a multiple of the same files' here; in the order of the runs.
        start_seconds: Processor time of a worker until it reads.
        busy_workers: Workers that together give the client as many training checkpoints' results as it can take.
        files: Of the projections.
        prices: Of the projections.
        projections: Many files on object storage.
    """

    record: ExecutorRecord
    ratios: tuple[float, ...]
    start_seconds: float
    busy_workers: int
    files: int
    prices: StoragePrices
    projections: tuple[Projection, ...]

"""How long many files take on workers, as recorded; and what a hundred thousand would take on object storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generators.model.executors import (
    Bottleneck,
    ExecutorRecord,
    ManyFiles,
    Projection,
    RemoteCost,
    StoragePrices,
)
from generators.store import read_record

RECORD = Path("docs", "measurements", "executors.json")
"""Written by ``python -m benchmarks.executors --record``."""
PROJECTED_FILES = 100_000
PROJECTED_WORKERS = (1, 16, 256)
PARALLEL_PARTS = 8
"""Connections for an index: :data:`generators.containers.ranged_bytes.CONNECTIONS`."""
PRICES = StoragePrices(
    latency_seconds=0.15,
    connection_megabytes=85.0,
    requests_per_second=5500,
    million_requests_dollars=0.4,
    gigabyte_dollars=0.09,
    core_hour_dollars=0.0408,
    date="2026-06",
    sources=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html",
        "https://aws.amazon.com/s3/pricing/",
        "https://www.factualminds.com/blog/amazon-ec2-on-demand-pricing-instance-families-2026/",
    ),
)
"""Source, in the order of ``sources``: 100 to 200 ms for small objects, 5,500 GET requests a second for a prefix; one
request at a time for each 85 to 90 MB/s; requests and transfer in us-east-1, as cloudoptimo.com and others report them;
m7g.large, two cores for 0.0816 USD an hour, in June 2026."""


def read_many_files(root: Path) -> ManyFiles | None:
    """Return the record of a project and what follows from it; None where none was made.

    Raises:
        StoreError: The record can't be read.
    """
    remedy = "run `python -m benchmarks.executors --record` again, or delete the file"
    record = read_record(root / RECORD, ExecutorRecord, remedy)
    return None if record is None else follow(record, PRICES)


def follow(record: ExecutorRecord, prices: StoragePrices) -> ManyFiles:
    """Return what follows from a record."""
    here = {run.files: run for run in record.runs if run.place == "inline"}
    started = [run for run in record.runs if (run.files, run.place, run.workers) == ("small", "processes", 1)]
    whole = next(cost for cost in record.remote if cost.traffic == "whole")
    return ManyFiles(
        record=record,
        ratios=tuple(_three(run.wall_seconds / here[run.files].wall_seconds) for run in record.runs),
        start_seconds=_three(max(0.0, min(run.cpu_seconds for run in started) - here["small"].cpu_seconds)),
        busy_workers=max(1, round(whole.cpu_seconds / whole.client_seconds)),
        files=PROJECTED_FILES,
        prices=prices,
        projections=tuple(_project(record, prices)),
    )


def _project(record: ExecutorRecord, prices: StoragePrices) -> Iterator[Projection]:
    index = next(cost for cost in record.remote if cost.traffic == "index")
    for cost in record.remote:
        waiting = _waiting_seconds(cost, index, prices)
        requests = PROJECTED_FILES * (cost.requests + 1)  # and one that asks for the size
        seconds_a_file = waiting + cost.cpu_seconds
        for workers in PROJECTED_WORKERS:
            limits: dict[Bottleneck, float] = {
                "waiting" if waiting > cost.cpu_seconds else "processors": PROJECTED_FILES * seconds_a_file / workers,
                "storage": requests / prices.requests_per_second,
                "client": PROJECTED_FILES * cost.client_seconds,
            }
            bottleneck = max(limits, key=lambda name: limits[name])
            hours = limits[bottleneck] / 3600
            terabytes = PROJECTED_FILES * cost.read_bytes / 1e12
            yield Projection(
                traffic=cost.traffic,
                workers=workers,
                terabytes=_three(terabytes),
                requests=requests,
                hours=_three(hours),
                request_dollars=_three(requests / 1e6 * prices.million_requests_dollars),
                core_dollars=_three(hours * workers * prices.core_hour_dollars),
                transfer_dollars=_three(terabytes * 1000 * prices.gigabyte_dollars),
                bottleneck=bottleneck,
            )


def _waiting_seconds(cost: RemoteCost, index: RemoteCost, prices: StoragePrices) -> float:
    """Return how long one file's worker waits: an index comes over several connections, the rest part after part."""
    in_turn = 1 + index.requests / PARALLEL_PARTS + (cost.requests - index.requests)
    return in_turn * prices.latency_seconds + cost.read_bytes / 1e6 / prices.connection_megabytes


def _three(figure: float) -> float:
    return float(f"{figure:.3g}")

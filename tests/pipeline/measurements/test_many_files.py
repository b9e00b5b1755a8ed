from __future__ import annotations

from pathlib import Path

import pytest
from many_files_record import A_RECORD, INDEX, WHOLE
from msgspec.structs import replace

from generators.containers.ranged_bytes import CONNECTIONS
from generators.errors import StoreError
from generators.pipeline.measurements.many_files import (
    PARALLEL_PARTS,
    PRICES,
    PROJECTED_FILES,
    RECORD,
    follow,
    read_many_files,
)
from generators.store import encode


def test_without_a_record_nothing_follows(tmp_path: Path) -> None:
    assert read_many_files(tmp_path) is None


def test_a_record_is_read_with_what_follows_from_it(tmp_path: Path) -> None:
    path = tmp_path / RECORD
    path.parent.mkdir(parents=True)
    path.write_bytes(encode(A_RECORD))
    found = read_many_files(tmp_path)
    assert found is not None
    assert (found.record, found.ratios, found.start_seconds) == (A_RECORD, (1.0, 1.5, 0.75), 0.5)
    assert found.busy_workers == 150
    path.write_bytes(b"{}")
    with pytest.raises(StoreError, match=r"benchmarks\.executors"):
        read_many_files(tmp_path)


def test_bytes_requests_and_prices_are_those_of_a_file_a_hundred_thousand_times() -> None:
    index, *_ = follow(A_RECORD, PRICES).projections
    assert (index.traffic, index.workers, index.terabytes, index.requests) == ("index", 1, 0.1, 80 * PROJECTED_FILES)
    assert (index.request_dollars, index.transfer_dollars) == (3.2, 9.0)


def test_one_worker_waits_and_many_are_held_up_by_the_storage() -> None:
    rows = {(row.traffic, row.workers): row for row in follow(A_RECORD, PRICES).projections}
    # a question for the size, ten rounds of eight parts, a megabyte, and the processor
    a_file = (1 + 79 / 8) * 0.15 + 1 / 85 + 0.05
    assert rows["index", 1].hours == pytest.approx(a_file * PROJECTED_FILES / 3600, rel=0.01)
    assert rows["index", 1].bottleneck == "waiting"
    assert rows["index", 256].hours == pytest.approx(80 * PROJECTED_FILES / 5500 / 3600, rel=0.01)
    assert rows["index", 256].bottleneck == "storage"
    assert rows["whole", 16].hours == pytest.approx(rows["whole", 1].hours / 16, rel=0.01)


def test_a_slow_client_and_slow_processors_are_named() -> None:
    slow = replace(A_RECORD, remote=(replace(INDEX, client_seconds=5.0), replace(WHOLE, cpu_seconds=60.0)))
    rows = {(row.traffic, row.workers): row.bottleneck for row in follow(slow, PRICES).projections}
    assert (rows["index", 256], rows["whole", 1]) == ("client", "processors")


def test_the_connections_are_those_of_the_reader() -> None:
    assert PARALLEL_PARTS == CONNECTIONS


def test_the_record_of_this_project_can_be_read() -> None:
    found = read_many_files(Path(__file__).resolve().parents[3])
    assert found is not None
    assert len(found.record.runs) == 5 * len(found.record.sets)

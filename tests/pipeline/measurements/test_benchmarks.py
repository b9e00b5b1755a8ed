"""The benchmarks: what is recorded of them, and that they measure something."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from generators.errors import StoreError
from generators.model.benchmarks import BenchmarkRecord
from generators.pipeline.measurements.benchmarks import RECORD, read_benchmarks
from generators.store import encode

PROJECT = Path(__file__).resolve().parents[3]

sys.path.append(str(PROJECT))

from benchmarks.many import time_files  # noqa: E402 - found once the path is set
from benchmarks.timing import in_child, peak_mebibytes, ratios, summarize  # noqa: E402

EMPTY = BenchmarkRecord(date="2026-11-22", processor="p", cores=2, python="3.11", packages=(), benchmarks=())


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / RECORD
    path.parent.mkdir(parents=True)
    path.write_bytes(encode(EMPTY))
    assert read_benchmarks(tmp_path) == EMPTY


def test_without_a_record_there_is_nothing_to_show(tmp_path: Path) -> None:
    assert read_benchmarks(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"date": 1}'])
def test_a_broken_record_stops_the_build(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / RECORD
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="malformed"):
        read_benchmarks(tmp_path)


def test_a_figure_has_three_digits_and_is_held_against_its_goal() -> None:
    slow = summarize("verify", "ratio", ratios([(1.0, 3.0), (2.0, 3.0), (4.0, 3.0)]), 0.25)
    assert (slow.median, slow.minimum, slow.maximum, slow.runs, slow.met) == (0.667, 0.333, 1.33, 3, False)
    assert summarize("many-warm", "ms", [0.1], 0.5).met


def test_a_child_has_its_own_memory_and_cores(tmp_path: Path) -> None:
    held = bytearray(300 << 20)
    assert peak_mebibytes() > len(held) >> 20
    assert in_child("timing:peak_mebibytes", cores=1) < 100


def test_files_are_timed_cold_and_warm(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save({"w": torch.ones(3)}, tmp_path / "a.pth")
    timed = time_files(str(tmp_path / "cache"), [str(tmp_path / "a.pth")])
    assert timed["cold"][0] > timed["warm"][0] > 0


def test_the_command_teaches() -> None:
    command = [sys.executable, "-m", "benchmarks", "--help"]
    told = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert "--record" in told.stdout

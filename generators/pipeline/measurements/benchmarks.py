"""The recorded benchmarks, read."""

from __future__ import annotations

from pathlib import Path

from generators.model.benchmarks import BenchmarkRecord
from generators.store import read_record

RECORD = Path("docs", "measurements", "benchmarks.json")
"""Written by ``python -m benchmarks --record``."""


def read_benchmarks(root: Path) -> BenchmarkRecord | None:
    """Return the benchmarks of a project; None where none were recorded.

    Raises:
        StoreError: The record can't be read.
    """
    return read_record(root / RECORD, BenchmarkRecord, "run `python -m benchmarks --record` again, or delete the file")

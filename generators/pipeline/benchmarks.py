"""The recorded benchmarks, read."""

from __future__ import annotations

from pathlib import Path

import msgspec

from generators.errors import StoreError
from generators.model.benchmarks import BenchmarkRecord

RECORD = Path("docs", "measurements", "benchmarks.json")
"""Written by ``python -m benchmarks --record``."""


def read_benchmarks(root: Path) -> BenchmarkRecord | None:
    """Return the benchmarks of a project; None where none were recorded.

    Raises:
        StoreError: The record can't be read.
    """
    path = root / RECORD
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=BenchmarkRecord)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise StoreError(
            "malformed",
            f"the benchmarks can't be read: {problem}",
            where=str(path),
            remedy="run `python -m benchmarks --record` again, or delete the file",
        ) from problem

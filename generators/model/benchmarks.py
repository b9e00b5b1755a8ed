"""How fast Assay was, on what machine, against what it aims for."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

BenchmarkId = Literal[
    "fingerprint-two-cores",
    "fingerprint-one-core",
    "fingerprint-sha256sum",
    "fingerprint-torch",
    "fingerprint-memory",
    "verify",
    "heading-zip",
    "heading-legacy",
    "heading-safetensors",
    "heading-read",
    "many-cold",
    "many-warm",
    "many-growth",
    "site-share",
    "site-entry",
    "site-growth",
]
BenchmarkUnit = Literal["ratio", "ms", "MiB", "KiB"]


class Benchmark(Struct, frozen=True, kw_only=True):
    """One figure.

    Attributes:
        id: What was measured; its sentence is the catalog message ``benchmark`` / ``id``.
        unit: Of all figures. A ratio compares two things timed in turn, in one run.
        median: Of the runs.
        minimum: Of the runs.
        maximum: Of the runs.
        runs: How many there were.
        goal: What the figure should not exceed.
    """

    id: BenchmarkId
    unit: BenchmarkUnit
    median: float
    minimum: float
    maximum: float
    runs: int
    goal: float

    @property
    def met(self) -> bool:
        """Whether the median keeps to the goal."""
        return self.median <= self.goal


class BenchmarkRecord(Struct, frozen=True, kw_only=True):
    """One run of the benchmarks, as it is recorded.

    Attributes:
        date: Of the run, ISO 8601.
        processor: As the system names it.
        cores: That the run might use.
        python: Version.
        packages: Name and version of what does the arithmetic.
        benchmarks: The figures.
    """

    date: str
    processor: str
    cores: int
    python: str
    packages: tuple[tuple[str, str], ...]
    benchmarks: tuple[Benchmark, ...]

"""What was measured of Assay itself, and recorded."""

from __future__ import annotations

from dataclasses import dataclass

from generators.model.benchmarks import BenchmarkRecord
from generators.model.scanners import ScannerComparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """The records of a project.

    Attributes:
        scanners: What Assay and other tools say of the same files; None where it wasn't recorded.
        benchmarks: How fast Assay was; None likewise.
    """

    scanners: ScannerComparison | None = None
    benchmarks: BenchmarkRecord | None = None


NOTHING_MEASURED = Measurements()

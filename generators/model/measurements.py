"""What was measured of Assay itself, and recorded."""

from __future__ import annotations

from msgspec import Struct

from generators.model.benchmarks import BenchmarkRecord
from generators.model.executors import ManyFiles
from generators.model.scanners import ScannerComparison


class Measurements(Struct, frozen=True, kw_only=True):
    """The records of a project.

    Attributes:
        scanners: What Assay and other tools say of the same files; None where it wasn't recorded.
        benchmarks: How fast Assay was; None likewise.
        many_files: How long many files take in one place and another; None likewise.
    """

    scanners: ScannerComparison | None = None
    benchmarks: BenchmarkRecord | None = None
    many_files: ManyFiles | None = None


NOTHING_MEASURED = Measurements()

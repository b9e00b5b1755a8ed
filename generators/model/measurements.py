"""What was measured of Assay itself, and what a project keeps of its evidence and verdicts."""

from __future__ import annotations

from msgspec import Struct

from generators.model.benchmarks import BenchmarkRecord
from generators.model.executors import ManyFiles
from generators.model.history import VerdictFlip, VerdictHistory
from generators.model.page_figures import PageRecord
from generators.model.recorded import Drift
from generators.model.scanners import ScannerComparison


class Measurements(Struct, frozen=True, kw_only=True):
    """The records of a project, and how a build stands to them.

    Attributes:
        scanners: What Assay and other tools say of the same files; None where it wasn't recorded.
        benchmarks: How fast Assay was; None likewise.
        many_files: How long many files take in one place and another; None likewise.
        held: Ids of the entries whose file was held against its record in this build, with the record's date.
        drifts: What the build finds otherwise than it was recorded, by entry.
        history: The verdicts over time; None where none were recorded.
        unrecorded: Claims whose verdict in this build is another than the last recorded one.
        is_recorded: Whether the last record has the verdicts of this build, for the same reasons and files.
        pages: How heavy and how steady the site's pages were; None likewise.
    """

    scanners: ScannerComparison | None = None
    benchmarks: BenchmarkRecord | None = None
    many_files: ManyFiles | None = None
    held: tuple[tuple[str, str], ...] = ()
    drifts: tuple[Drift, ...] = ()
    history: VerdictHistory | None = None
    unrecorded: tuple[VerdictFlip, ...] = ()
    is_recorded: bool = False
    pages: PageRecord | None = None


NOTHING_MEASURED = Measurements()

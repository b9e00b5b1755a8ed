"""``python -m benchmarks``: measure, print a table, record it where asked to."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import fingerprints, headings, many, site
from benchmarks.timing import ROOT, processor_name
from generators.model.benchmarks import Benchmark, BenchmarkRecord
from generators.provenance import describe_python, package_version
from generators.store import encode, write_atomically

RECORD = ROOT / "docs" / "measurements" / "benchmarks.json"
PACKAGES = ("numpy", "blake3", "zlib-ng", "torch", "mkdocs", "mkdocs-material")
GROUPS: dict[str, Callable[[Path, int], Iterator[Benchmark]]] = {
    "fingerprints": fingerprints.measure,
    "headings": headings.measure,
    "many": many.measure,
    "site": site.measure,
}


def main() -> int:
    """Run what is asked for and return the exit code: 1 where a goal is missed."""
    options = _parser().parse_args()
    console = Console()
    measured: list[Benchmark] = []
    for name in options.groups or GROUPS:
        folder = Path(tempfile.mkdtemp(prefix="assay-benchmark-"))
        try:
            with console.status(f"measuring {name}"):
                measured.extend(GROUPS[name](folder, options.runs))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    record = BenchmarkRecord(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        processor=processor_name(),
        cores=len(os.sched_getaffinity(0)),
        python=describe_python(),
        packages=tuple((name, package_version(name)) for name in PACKAGES),
        benchmarks=tuple(measured),
    )
    console.print(_table(record))
    if options.record:
        with write_atomically(RECORD) as file:
            file.write(encode(record))
    return 0 if all(benchmark.met for benchmark in measured) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure how fast Assay is. Writes some GB of temporary files; leave the machine alone meanwhile.",
        epilog="Exit codes: 0 every goal is met; 1 one is missed; 2 wrong usage.",
    )
    parser.add_argument("groups", nargs="*", choices=[[], *GROUPS], help="what to measure (default: everything)")
    parser.add_argument("--runs", type=int, default=9, help="counted runs of each pair (default: 9)")
    parser.add_argument("--record", action="store_true", help=f"keep the figures in {RECORD.relative_to(ROOT)}")
    return parser


def _table(record: BenchmarkRecord) -> Table:
    title = f"{record.processor}, {record.cores} cores, Python {record.python}"
    table = Table(title=title, box=None, pad_edge=False)
    for name in ("benchmark", "median", "min", "max", "goal", "unit", ""):
        table.add_column(name, justify="left" if name in {"benchmark", "unit", ""} else "right")
    for benchmark in record.benchmarks:
        figures = (benchmark.median, benchmark.minimum, benchmark.maximum, benchmark.goal)
        verdict = "met" if benchmark.met else "missed"
        table.add_row(benchmark.id, *(f"{figure:.3g}" for figure in figures), benchmark.unit, verdict)
    return table


if __name__ == "__main__":
    sys.exit(main())

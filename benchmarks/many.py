"""A thousand small checkpoints, never read before and read before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.samples import write_small_checkpoints
from benchmarks.timing import in_child, seconds, summarize
from generators.model.benchmarks import Benchmark

FEW, MANY = 100, 1000


def measure(folder: Path, runs: int) -> Iterator[Benchmark]:  # noqa: ARG001 - a thousand files are runs enough
    """Yield milliseconds a file, and how the time a file grows from a hundred to a thousand."""
    paths = write_small_checkpoints(folder, MANY)
    few = in_child("many:time_files", folder / "few", paths[:FEW])
    many = in_child("many:time_files", folder / "many", paths)
    yield summarize("many-cold", "ms", many["cold"], 5)
    yield summarize("many-warm", "ms", many["warm"], 0.5)
    growth = (sum(many["cold"]) / MANY) / (sum(few["cold"]) / FEW)
    yield summarize("many-growth", "ratio", [growth], 1.25)


def time_files(cache: str, paths: Sequence[str]) -> dict[str, list[float]]:
    """Time each file's fingerprint, twice; milliseconds."""
    from generators.pipeline.files.reading import read_fingerprint
    from generators.store import CacheFolder

    kept = CacheFolder(Path(cache))

    def read(path: str) -> float:
        return seconds(lambda: read_fingerprint(Path(path), kept, "small")) * 1000

    return {state: [read(path) for path in paths] for state in ("cold", "warm")}

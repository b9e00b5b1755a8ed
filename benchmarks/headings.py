"""What a file is, by its index alone: a process of its own, against one that does nothing."""

from __future__ import annotations

import compileall
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.samples import write_large_safetensors, write_training_checkpoint
from benchmarks.timing import ROOT, pairs, summarize
from generators.model.benchmarks import Benchmark, BenchmarkId

ASK = "import sys; from generators.cli import main; sys.exit(main(['inspect', {!r}, '--no-statistics', '--no-digest']))"
COUNT = """
import os
counted = 0
def pread(descriptor, size, start, original=os.pread):
    global counted
    data = original(descriptor, size, start)
    counted += len(data)
    return data
os.pread = pread
try:
    {}
finally:
    print(counted, file=sys.stderr)
"""


def measure(folder: Path, runs: int) -> Iterator[Benchmark]:
    """Yield the milliseconds beyond an interpreter's start for three formats, and the most KiB that one reads."""
    # as an installed package has it, also where Python is told to write none
    compileall.compile_dir(ROOT / "generators", quiet=1)
    samples: dict[BenchmarkId, Path] = {
        "heading-zip": write_training_checkpoint(folder),
        "heading-legacy": write_training_checkpoint(folder, legacy=True),
        "heading-safetensors": write_large_safetensors(folder),
    }
    for name, path in samples.items():
        timed = pairs(lambda path=path: _run(ASK.format(str(path))), lambda: _run("pass"), runs)  # type: ignore[misc]  # the loop's path
        yield summarize(name, "ms", [(one - other) * 1000 for one, other in timed], 50)
    # every file has to keep to the goal, so the one of which most is read counts
    most = max(_bytes_read(path) for path in samples.values())
    yield summarize("heading-read", "KiB", [most / 1024], 1_000_000 / 1024)


def _run(script: str) -> str:
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return done.stderr.decode()


def _bytes_read(path: Path) -> int:
    return int(_run(COUNT.format(ASK.format(str(path)))).splitlines()[-1])

"""What a build in which nothing changed does without."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BUILD = """
import sys; from pathlib import Path
from generators.pipeline.site import site_files
pages = [path for path, _ in site_files(Path(sys.argv[1]), "en")]
assert "index.md" in pages and "checkpoints/control-xs.md" in pages
print(" ".join(sorted({"torch", "matplotlib", "numpy", "ml_dtypes"} & set(sys.modules))))
"""


def build(project: Path) -> str:
    """Build the pages in a process of its own and return which heavy packages it imported."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", BUILD, str(project)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()


def test_a_warm_build_imports_nothing_that_computes(make_project: Callable[..., Path]) -> None:
    project = make_project()
    os.utime(project / "checkpoints.lock", (1, 1))
    for control in Path(os.environ["ASSAY_CACHE"]).glob("controls/**/*.pth.tar"):
        os.utime(control, (1, 1))
    build(project)
    assert build(project) == ""

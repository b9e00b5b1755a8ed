"""Our share of a site build in which nothing changed, and how it grows with the entries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.timing import ROOT, in_child, seconds, summarize
from generators.model.benchmarks import Benchmark

FEW, MANY = 10, 1000
LOCALES = ("en", "es", "ko")
ENTRY = """
[[checkpoint]]
id = "entry-{number}"
title = "Entry {number}"
variant = "convnextpose-{variant}"
report = "convnextpose"
size_bytes = {{ minimum = {size}, maximum = {size} }}
sources = [{{ kind = "gdrive", address = "{number:033d}" }}]
"""


def measure(folder: Path, runs: int) -> Iterator[Benchmark]:
    """Yield our share of the project's own site build, and our time an entry for ten and a thousand entries."""
    site = folder / "site"
    build = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(site)]
    subprocess.run(build, cwd=ROOT, check=True)  # whatever isn't kept yet is made now
    shares = [in_child("site:time_build", site) for _ in range(max(3, runs // 3))]
    yield summarize("site-share", "ratio", [ours / theirs for ours, theirs in shares], 0.1)
    few, many = (in_child("site:time_entries", _write_project(folder / str(n), n)) / n for n in (FEW, MANY))
    pages = len(list(site.rglob("index.html")))
    theirs_a_page = min(theirs for _, theirs in shares) / pages
    yield summarize("site-entry", "ratio", [many / (len(LOCALES) * theirs_a_page)], 1)
    yield summarize("site-growth", "ratio", [many / few], 1)


def time_build(site: str) -> tuple[float, float]:
    """Build the site; return the seconds spent in our code and in MkDocs' own."""
    clock = _Clock()
    import runpy

    import mkdocs.commands.build as building
    from mkdocs.config import load_config
    from mkdocs.plugins import PluginCollection

    runpy.run_path = clock.ours(runpy.run_path)
    original = PluginCollection._register_event

    def register(self: Any, event: str, method: Any, *rest: Any, **more: Any) -> None:
        inner = getattr(method, "func", method)
        if "hooks.py" in getattr(getattr(inner, "__code__", None), "co_filename", ""):
            method = clock.ours(method)
        original(self, event, method, *rest, **more)

    PluginCollection._register_event = register  # type: ignore[assignment,method-assign]
    building.build = clock.theirs(building.build)
    started = time.perf_counter()
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=site)
    config.plugins.on_startup(command="build", dirty=False)
    building.build(config)
    whole = time.perf_counter() - started
    return clock.seconds, whole - clock.seconds


class _Clock:
    """Seconds spent in our code; a build that our code starts isn't."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since: float | None = None

    def ours(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return self._switching(function, running=True)

    def theirs(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return self._switching(function, running=False)

    def _switching(self, function: Callable[..., Any], *, running: bool) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            before = self._since is not None
            self._switch(running=running)
            try:
                return function(*arguments, **options)
            finally:
                self._switch(running=before)

        return call

    def _switch(self, *, running: bool) -> None:
        now = time.perf_counter()
        if self._since is not None:
            self.seconds += now - self._since
        self._since = now if running else None


def time_entries(project: str) -> float:
    """Return the seconds that the pages of a project take in all languages when everything is kept."""
    os.environ["ASSAY_CACHE"] = str(Path(project) / "cache")
    from generators.pipeline.site import begin_build, site_files

    def write() -> None:
        begin_build()
        for locale in LOCALES:
            for _ in site_files(Path(project), locale):
                pass

    write()
    return seconds(write)


def _write_project(folder: Path, entries: int) -> Path:
    reports = folder / "docs" / "reports"
    reports.mkdir(parents=True)
    shutil.copy(ROOT / "docs" / "reports" / "convnextpose.toml", reports)
    official = (ROOT / "checkpoints.lock").read_text(encoding="utf-8").partition("[[control]]")[0]
    more = (
        ENTRY.format(number=n, variant="xsml"[n % 4] if n % 4 else "xs", size=40_000_000 + 1000 * n)
        for n in range(entries)
    )
    (folder / "checkpoints.lock").write_text(official + "".join(more), encoding="utf-8")
    return folder

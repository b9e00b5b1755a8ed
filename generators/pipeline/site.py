"""A report to the files of a site, one language at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from generators.model.evidence import ReportEvidence
from generators.model.measurements import Measurements
from generators.pipeline.benchmarks import read_benchmarks
from generators.pipeline.many_files import read_many_files
from generators.pipeline.publishing import PUBLISHED_STATE, published_state
from generators.pipeline.report import collect_evidence
from generators.pipeline.scanners import read_scanners
from generators.store import CacheFolder, cache_folder, encode, json_schema


class _Build(Struct, frozen=True, kw_only=True):
    """What the three languages of one build share: the evidence, and its files."""

    evidence: ReportEvidence
    measurements: Measurements
    files: tuple[tuple[str, bytes], ...]


_built: dict[Path, _Build] = {}
"""The build that is under way, by project."""


def begin_build() -> None:
    """Forget the evidence of the last build: the next call of :func:`site_files` collects it anew."""
    _built.clear()


def site_files(root: Path, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield the generated files of one language's site: pages, charts, evidence.

    Args:
        root: Folder of the lock.
        locale: ``en``, ``es`` or ``ko``.

    Yields:
        Path relative to the language's root, and content.

    Raises:
        AssayError: The lock, the report, a catalog or a template is wrong.
    """
    from generators.render.pages import render_pages  # imports Jinja, which reading checkpoints doesn't need

    if root not in _built:
        evidence = collect_evidence(root)
        files = tuple(_evidence_files(evidence))
        measurements = Measurements(
            scanners=read_scanners(root), benchmarks=read_benchmarks(root), many_files=read_many_files(root)
        )
        _built[root] = _Build(evidence=evidence, measurements=measurements, files=files)
    build = _built[root]
    cache = CacheFolder(cache_folder(root, os.environ))
    yield from render_pages(build.evidence, locale, cache, build.measurements)
    yield from build.files


def _evidence_files(evidence: ReportEvidence) -> Iterator[tuple[str, bytes]]:
    for subject in evidence.subjects:
        yield f"evidence/{subject.id}.json", encode(subject)
    yield "evidence/report.json", encode(evidence)
    yield "evidence/schema.json", json_schema()
    yield PUBLISHED_STATE, encode(published_state(evidence))

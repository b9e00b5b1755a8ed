"""A report to the files of a site, one language at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from generators.model.evidence import ReportEvidence
from generators.model.exports import Publication
from generators.model.measurements import Measurements
from generators.pipeline.evidence.records import find_record, find_strays
from generators.pipeline.evidence.report import collect_project
from generators.pipeline.exporting import (
    ExportInputs,
    expected_verdicts,
    export_claim_reviews,
    gather_inputs,
    has_statement,
    language_files,
    shared_files,
)
from generators.pipeline.measurements.benchmarks import read_benchmarks
from generators.pipeline.measurements.many_files import read_many_files
from generators.pipeline.measurements.page_figures import read_page_figures
from generators.pipeline.measurements.scanners import read_scanners
from generators.pipeline.project import Project, open_project
from generators.pipeline.publishing import PUBLISHED_STATE, published_state
from generators.pipeline.recording.drift import compare_with_record, drift_warning
from generators.pipeline.recording.history import flips_between, is_same_state, read_history, unflipped_record
from generators.provenance import source_commit
from generators.shipped import shipped
from generators.store import CacheFolder, cache_folder, encode, json_schema

if TYPE_CHECKING:
    from generators.pipeline.documents import DocumentParts
    from generators.render.foot import Foot


class _Build(Struct, frozen=True, kw_only=True):
    """What the languages of one build share: evidence, files, commit, and what a person should be told."""

    evidence: ReportEvidence
    exports: ExportInputs
    measurements: Measurements
    commit: str
    files: tuple[tuple[str, bytes], ...]
    warnings: tuple[str, ...]


CLAIMS_PAGE = "claims.md"

_built: dict[Path, _Build] = {}
"""The build that is under way, by project."""


def begin_build() -> None:
    """Forget the evidence of the last build: the next call of :func:`site_files` collects it anew."""
    _built.clear()


def page_foot(root: Path, locale: str, kinds: Sequence[str]) -> Foot | None:
    """Return what stands at the foot of a page in a language; None where the build has no evidence.

    Args:
        root: Folder of the lock.
        locale: ``en``, ``es`` or ``ko``.
        kinds: Kinds of evidence that the page shows.
    """
    from generators.render.foot import make_foot

    if root not in _built:
        return None
    build = _built[root]
    return make_foot(build.evidence.build, build.commit, tuple(kinds), locale)


def site_files(root: Path, locale: str, address: str = "", shared: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield the generated files of one language's site: pages, charts, evidence.

    Args:
        root: Folder of the lock.
        locale: ``en``, ``es`` or ``ko``.
        address: Where the language's site is published, ending with ``/``; empty where that isn't known.
        shared: Where the files lie that are the same in every language, as seen from there; empty where this site has
            them itself.

    Yields:
        Path relative to the language's root, and content.

    Raises:
        AssayError: The lock, the report, a catalog or a template is wrong.
    """
    from generators.pipeline.documents import DOCUMENT_PATH, PDF_PATH, printed_document, report_document
    from generators.render.pages import with_date  # imports Jinja, which reading checkpoints doesn't need

    build, cache = _build(root), CacheFolder(cache_folder(root, os.environ))
    publication = _publication(build, address, shared)
    parts = _parts(build, locale, cache, publication)
    document = report_document(root, build.evidence, locale, cache, parts, address)
    yield DOCUMENT_PATH, document
    printed = printed_document(document, build.evidence.build.date, os.environ)
    if printed:  # no page leads to a file that isn't there
        yield PDF_PATH, printed
        parts = _parts(build, locale, cache, replace(publication, has_pdf=True))
    yield from ((path, with_date(content, build.evidence, locale)) for path, content in parts.pages.items())
    yield PUBLISHED_STATE, encode(published_state(build.evidence))
    yield from language_files(build.exports, locale, address)
    yield from _shipped_prose(root, locale)
    if not shared:
        yield from parts.charts.items()
        yield from build.files


def site_document(root: Path, locale: str, address: str = "", shared: str = "") -> bytes:
    """Return the whole report in one language as a single HTML file; it leads to where its site has its files.

    Raises:
        AssayError: The lock, the report, a catalog or a template is wrong.
    """
    from generators.pipeline.documents import report_document

    build, cache = _build(root), CacheFolder(cache_folder(root, os.environ))
    parts = _parts(build, locale, cache, _publication(build, address, shared))
    return report_document(root, build.evidence, locale, cache, parts, address)


def site_exports(root: Path) -> ExportInputs:
    """Return what the other exports of a project are made of.

    Raises:
        AssayError: The lock, the report or what is expected of it is wrong.
    """
    return _build(root).exports


def structured_data(root: Path, locale: str, page: str, address: str) -> str:
    """Return what the head of a page tells machines, as JSON-LD for a ``<script>`` element; empty where it has none.

    Args:
        root: Folder of the lock.
        locale: The language.
        page: Path of the page in the docs folder.
        address: Where the language's site is published.
    """
    return export_claim_reviews(_build(root).exports, locale, address) if page == CLAIMS_PAGE else ""


def _shipped_prose(root: Path, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield the pages about the method that come with Assay, where the project has none of that name."""
    from generators.render.pages import PROSE_PAGES

    for name in PROSE_PAGES:
        if not (root / "docs" / locale / name).exists():
            yield name, (shipped("prose") / locale / name).read_bytes()


def site_warnings(root: Path) -> tuple[str, ...]:
    """Return what is wrong with the records of the build under way, a sentence each; a strict build fails on it."""
    return _built[root].warnings if root in _built else ()


def _build(root: Path) -> _Build:
    if root not in _built:
        _built[root] = _collect(open_project(root))
    return _built[root]


def _parts(build: _Build, locale: str, cache: CacheFolder, publication: Publication) -> DocumentParts:
    from generators.pipeline.documents import document_parts

    return document_parts(build.evidence, locale, cache, build.measurements, publication)


def _publication(build: _Build, address: str, shared: str) -> Publication:
    commit, _, changed = build.commit.partition("-")
    return Publication(
        address=address,
        commit=commit,
        is_changed=bool(changed),
        has_statement=has_statement(build.exports),
        shared=shared,
    )


def _collect(project: Project) -> _Build:
    expectations = expected_verdicts(project.root, project.report)
    evidence = collect_project(project)
    measurements = _measurements(evidence, project)
    exports = gather_inputs(project.root, evidence, expectations, measurements.history)
    return _Build(
        evidence=evidence,
        exports=exports,
        measurements=measurements,
        commit=source_commit(project.root),
        files=(*_evidence_files(evidence, measurements), *shared_files(exports)),
        warnings=tuple(_warnings(evidence, measurements, project)),
    )


def _measurements(evidence: ReportEvidence, project: Project) -> Measurements:
    history, now = read_history(project), unflipped_record(evidence)
    last = history.records[-1] if history and history.records else None
    return Measurements(
        scanners=read_scanners(project.root),
        benchmarks=read_benchmarks(project.root),
        many_files=read_many_files(project.root),
        pages=read_page_figures(project.root),
        held=tuple(_held(evidence, project)),
        drifts=tuple(drift for subject in evidence.subjects for drift in compare_with_record(subject, project)),
        history=history,
        unrecorded=flips_between(last, now) if last else (),
        is_recorded=last is not None and is_same_state(last, now),
    )


def _held(evidence: ReportEvidence, project: Project) -> Iterator[tuple[str, str]]:
    for subject in evidence.subjects:
        record = find_record(subject.id, project) if subject.available and subject.fingerprint else None
        if record is not None:
            yield subject.id, record.recorded_at


def _warnings(evidence: ReportEvidence, measurements: Measurements, project: Project) -> Iterator[str]:
    contradicted = [drift for drift in measurements.drifts if drift.severity == "error"]
    for subject in evidence.subjects:
        drifts = [drift for drift in contradicted if drift.subject == subject.id]
        if drifts:
            yield drift_warning(drifts, project, is_locks_file=subject.lock_match != "contradicted")
    for path in find_strays(project):
        name = path.relative_to(project.root).as_posix()
        yield f"{name}: checkpoints.lock has no such entry. Delete the record (`assay gc` names it), or add the entry."


def _evidence_files(evidence: ReportEvidence, measurements: Measurements) -> Iterator[tuple[str, bytes]]:
    for subject in evidence.subjects:
        yield f"evidence/{subject.id}.json", encode(subject)
    yield "evidence/report.json", encode(evidence)
    if measurements.history is not None:
        yield "evidence/history.json", encode(measurements.history)
    yield "evidence/schema.json", json_schema()

"""The verdicts of a state of the project: of this checkout, of a report built elsewhere, of the last record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from generators.errors import StoreError
from generators.judge.flips import claim_states
from generators.model.changes import VerdictState
from generators.model.claim import EvidenceKind, Verdict
from generators.model.evaluation import Evaluation
from generators.model.evidence import Build, ReportEvidence
from generators.model.history import FileState
from generators.model.sanity import SanityEvaluation
from generators.pipeline.evidence.report import collect_project
from generators.pipeline.evidence.subjects import SWITCHED_OFF, UNTRIED
from generators.pipeline.project import Project, open_project
from generators.pipeline.recording.conditions import conditions
from generators.pipeline.recording.history import read_history
from generators.store import CacheFolder

T = TypeVar("T")

MAX_REPORT_BYTES = 64 << 20
"""Of a report that is read: ten times this project's own."""
_REMEDY = "give the evidence/report.json of a site that this version of Assay built"


class _Named(Struct, frozen=True, kw_only=True):
    """A report's id, without the rest."""

    id: str


class _ReadFile(Struct, frozen=True, kw_only=True):
    sha256: str | None = None


class _ReadFingerprint(Struct, frozen=True, kw_only=True):
    file: _ReadFile
    weights_digest: str | None = None


class _ReadSubject(Struct, frozen=True, kw_only=True):
    id: str
    kinds: tuple[EvidenceKind, ...]
    fingerprint: _ReadFingerprint | None = None


class _ReadReport(Struct, frozen=True, kw_only=True):
    """What is read of a report that was built elsewhere: other versions have other fields beside these."""

    build: Build
    report: _Named
    verdicts: tuple[Verdict, ...]
    subjects: tuple[_ReadSubject, ...] = ()


class KeptEvaluations(CacheFolder):
    """A cache from which evaluations come when they are kept, and which makes none: verdicts without the minutes."""

    def get_or_compute(
        self,
        key: str,
        kind: type[T],
        compute: Callable[[], T],
        *,
        worth_keeping: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """Return what is kept; an evaluation that isn't counts as switched off."""
        if kind is Evaluation:
            return self.find(key, kind) or cast("T", SWITCHED_OFF)
        if kind is SanityEvaluation:
            return self.find(key, kind) or cast("T", UNTRIED)
        return super().get_or_compute(key, kind, compute, worth_keeping=worth_keeping)


def current_state(root: Path) -> VerdictState:
    """Return the verdicts of a checkout, with the evaluations that are kept and no new one.

    Raises:
        AssayError: The lock or the report is wrong.
    """
    project = open_project(root)
    state = _state(collect_project(replace(project, cache=KeptEvaluations(project.cache.folder))))
    return replace(state, code=conditions(device=None).code)


def read_state(path: Path) -> VerdictState:
    """Return the verdicts of a built report.

    Raises:
        StoreError: It isn't there, is too large, or is no report.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_REPORT_BYTES + 1)
    except OSError as problem:
        raise StoreError("unreadable", f"can't be read: {problem.strerror}", where=str(path), remedy=_REMEDY) from None
    if len(data) > MAX_REPORT_BYTES:
        raise StoreError("too-large", f"has more than {MAX_REPORT_BYTES} bytes", where=str(path), remedy=_REMEDY)
    try:
        return _state(msgspec.json.decode(data, type=_ReadReport))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise StoreError("malformed", f"is no report: {problem}", where=str(path), remedy=_REMEDY) from None


def recorded_state(project: Project) -> VerdictState | None:
    """Return the verdicts that were recorded last; None where none were.

    Raises:
        StoreError: The record can't be read.
    """
    history = read_history(project)
    if history is None or not history.records:
        return None
    last = history.records[-1]
    return VerdictState(
        report=history.report,
        date=last.recorded_at,
        version=last.conditions.version,
        code_digest="",  # a record has one for each part, a report one for all
        lock_sha256=last.lock_sha256,
        claims=last.claims,
        files=last.files,
        code=last.conditions.code,
    )


def _state(read: _ReadReport | ReportEvidence) -> VerdictState:
    return VerdictState(
        report=read.report.id,
        date=read.build.date,
        version=read.build.version,
        code_digest=read.build.code_digest,
        lock_sha256=read.build.lock_sha256,
        claims=claim_states(read.verdicts),
        files=tuple(
            FileState(
                subject=subject.id,
                kinds=subject.kinds,
                sha256=subject.fingerprint.file.sha256 if subject.fingerprint else None,
                weights_digest=subject.fingerprint.weights_digest if subject.fingerprint else None,
            )
            for subject in read.subjects
        ),
    )

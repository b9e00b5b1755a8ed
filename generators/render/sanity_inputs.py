"""What the charts of the sanity evaluation show: measures beside those of untrained twins, entropies, skeletons."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.sanity import Criterion, ProbeResult, SanityEvaluation, ShownProbe
from generators.render.links import check_id


class Panel(Struct, frozen=True, kw_only=True):
    """One measure that the rule looks at.

    Attributes:
        measure: Its name.
        threshold: Of the rule.
        trained_is: On which side of it a trained network is.
        columns: Values at each seed: of the network, then of each kind of twin.
    """

    measure: str
    threshold: float
    trained_is: str
    columns: tuple[tuple[float, ...], ...]


class MeasuresChart(Struct, frozen=True, kw_only=True):
    """A network's measures beside its twins', on drawn figures."""

    panels: tuple[Panel, ...]


class EntropyChart(Struct, frozen=True, kw_only=True):
    """Entropy by joint, in nats: of the network, then of each kind of twin."""

    joints: tuple[str, ...]
    curves: tuple[tuple[float | None, ...], ...]


class SkeletonChart(Struct, frozen=True, kw_only=True):
    """Predicted skeletons over their probes, and from the front and from the side."""

    probes: tuple[ShownProbe, ...]


class OverviewRow(Struct, frozen=True, kw_only=True):
    """A subject: what the rule says, and for each measure the network's and the twins' medians."""

    subject: str
    statement: str
    own: tuple[float | None, ...]
    twins: tuple[tuple[float, ...], ...]


class OverviewChart(Struct, frozen=True, kw_only=True):
    """All subjects that were examined, by the measures that the rule looks at."""

    measures: tuple[str, ...]
    thresholds: tuple[float, ...]
    rows: tuple[OverviewRow, ...]


SanityChart = MeasuresChart | EntropyChart | SkeletonChart | OverviewChart
OVERVIEW = "evaluation"
"""Name of the chart of all subjects."""
OVERVIEW_CRITERIA = ("articulated", "follows", "mirrors")
"""Criteria that every kind of probes can answer."""


def plan_sanity_charts(evidence: ReportEvidence) -> Iterator[tuple[str, SanityChart]]:
    """Yield the charts of a report's examined subjects, with their names."""
    examined = [subject for subject in evidence.subjects if subject.sanity and subject.sanity.status == "run"]
    for subject in examined:
        yield from _subject_charts(subject)
    rows = tuple(row for subject in examined for row in _overview_rows(subject))
    if rows:
        criteria = next(c for s in examined if (c := _overview_criteria(s.sanity)))
        yield (
            OVERVIEW,
            OverviewChart(
                measures=tuple(criterion.measure for criterion in criteria),
                thresholds=tuple(criterion.threshold for criterion in criteria),
                rows=rows,
            ),
        )


def measures_chart_name(subject: SubjectEvidence) -> str:
    """Return the name of a subject's chart of measures."""
    return f"measures-{check_id(subject.id)}"


def entropy_chart_name(subject: SubjectEvidence) -> str:
    """Return the name of a subject's chart of entropies."""
    return f"entropy-{check_id(subject.id)}"


def skeleton_chart_name(subject: SubjectEvidence) -> str:
    """Return the name of a subject's chart of skeletons."""
    return f"skeletons-{check_id(subject.id)}"


def _subject_charts(subject: SubjectEvidence) -> Iterator[tuple[str, SanityChart]]:
    sanity = subject.sanity
    drawn = _drawn(sanity)
    if sanity is None or drawn is None:
        return
    panels = tuple(_panel(drawn, criterion) for criterion in drawn.criteria)
    if any(any(panel.columns) for panel in panels):
        yield measures_chart_name(subject), MeasuresChart(panels=panels)
    if any(entropy.entropy_nats is not None for entropy in sanity.entropies):
        own = tuple(entropy.entropy_nats for entropy in sanity.entropies)
        twins = tuple(zip(*(entropy.twin_entropy_nats for entropy in sanity.entropies), strict=True))
        joints = tuple(entropy.joint for entropy in sanity.entropies)
        yield entropy_chart_name(subject), EntropyChart(joints=joints, curves=(own, *twins))
    shown = tuple(probe for probe in sanity.shown if any(len(s.joints) > 1 for s in probe.skeletons))
    if shown and len(sanity.entropies) > 1:
        yield skeleton_chart_name(subject), SkeletonChart(probes=shown)


def _drawn(sanity: SanityEvaluation | None) -> ProbeResult | None:
    probes = sanity.probes if sanity else ()
    return next((result for result in probes if result.kind == "drawn"), None)


def _panel(result: ProbeResult, criterion: Criterion) -> Panel:
    measure = next(m for m in result.measures if m.name == criterion.measure)
    columns = (measure.values, *(twin.values for twin in measure.twins))
    return Panel(
        measure=measure.name,
        threshold=criterion.threshold,
        trained_is=criterion.trained_is,
        columns=tuple(tuple(v.value for v in column if v.value is not None) for column in columns),
    )


def _overview_criteria(sanity: SanityEvaluation | None) -> tuple[Criterion, ...]:
    drawn = _drawn(sanity)
    found = tuple(c for c in drawn.criteria if c.name in OVERVIEW_CRITERIA) if drawn else ()
    return found if len(found) == len(OVERVIEW_CRITERIA) else ()


def _overview_rows(subject: SubjectEvidence) -> Iterator[OverviewRow]:
    drawn, criteria = _drawn(subject.sanity), _overview_criteria(subject.sanity)
    if drawn is None or subject.sanity is None or not criteria:
        return
    measures = [next(m for m in drawn.measures if m.name == c.measure) for c in criteria]
    yield OverviewRow(
        subject=check_id(subject.id),
        statement=subject.sanity.statement or "",
        own=tuple(measure.median for measure in measures),
        twins=tuple(tuple(t.median for t in m.twins if t.median is not None) for m in measures),
    )

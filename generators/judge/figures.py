"""Published error figures held against measured ones, where their protocols allow it."""

from __future__ import annotations

from collections.abc import Iterable

from generators.model.accuracy import Accuracy, AccuracyRun, ComparisonReason, FigureComparison
from generators.model.claim import Outcome
from generators.model.metric import Figure, Protocol, ProtocolField, differing_fields

TOLERANCE_MM = 0.35
"""Up to this difference a figure counts as reproduced. It is less than half of 0.75 mm, the least difference between
the figures of two variants (S 51.80, M 51.05): no measurement can agree with both."""
DOUBT_MM = 2.2
"""Up to this difference fields that are only assumed may be the reason. It is twice the 1.1 mm by which PoseNet's own
figure changes with the source of boxes and roots: 53.3 mm with ground truth, 54.4 mm without. Source: PN issue 10."""

_Decision = tuple[Outcome, ComparisonReason, tuple[ProtocolField, ...]]


def compare_figures(
    figures: Iterable[Figure], protocols: Iterable[Protocol], accuracy: Accuracy
) -> tuple[FigureComparison, ...]:
    """Compare every error figure with what was measured under its protocol.

    Args:
        figures: Published, all of the architecture that was measured; others than error figures are left out.
        protocols: All of the report.
        accuracy: What was measured; may be nothing.
    """
    known = {protocol.id: protocol for protocol in protocols}
    return tuple(_compare(figure, known[figure.protocol], known, accuracy) for figure in figures if figure.protocol)


def _compare(figure: Figure, protocol: Protocol, known: dict[str, Protocol], accuracy: Accuracy) -> FigureComparison:
    run = _nearest(protocol, accuracy.runs)
    outcome, reason, fields = _decide(figure, protocol, known, run)
    if outcome == "refuted" and accuracy.pixel_range is not None and accuracy.pixel_range.is_doubtful:
        outcome, reason = "cannot-tell", "input-doubtful"
    return FigureComparison(
        figure=figure,
        measured_mm=run.error_mm if run else None,
        measured_as=run.id if run else "",
        tolerance_mm=TOLERANCE_MM,
        outcome=outcome,
        reason=reason,
        fields=fields,
    )


def _nearest(protocol: Protocol, runs: tuple[AccuracyRun, ...]) -> AccuracyRun | None:
    """Return the run of the same metric that contradicts the protocol in the fewest fields."""
    of_metric = [run for run in runs if run.measured_as.metric == protocol.metric]
    return min(of_metric, key=lambda run: len(differing_fields(protocol, run.measured_as)), default=None)


def _decide(figure: Figure, protocol: Protocol, known: dict[str, Protocol], run: AccuracyRun | None) -> _Decision:
    if run is None:
        return "untested", "not-measured", ()
    if differing := differing_fields(protocol, run.measured_as):
        return "cannot-tell", "protocols-differ", differing
    if not run.recognised:
        return "cannot-tell", "data-set-unrecognised", ()
    if figure.second_hand:
        return "cannot-tell", "second-hand", ()
    low, high = (run.error_mm, run.error_mm) if run.whole else (run.interval_low_mm, run.interval_high_mm)
    if low is None or high is None:
        return "cannot-tell", "interval-too-wide", ()
    lowest, highest = figure.value - TOLERANCE_MM, figure.value + TOLERANCE_MM
    if lowest <= low and high <= highest:
        return "supported", "reproduced" if run.whole else "reproduced-in-sample", ()
    if low <= highest and lowest <= high:
        return "cannot-tell", "interval-too-wide", ()
    return _doubt(figure, protocol, known, low if low > highest else high)


def _doubt(figure: Figure, protocol: Protocol, known: dict[str, Protocol], nearest_mm: float) -> _Decision:
    """Say whether a difference refutes the figure, or what else may be the reason of it."""
    if protocol.assumed and abs(nearest_mm - figure.value) <= DOUBT_MM:
        return "cannot-tell", "within-assumptions", protocol.assumed
    if _training_explains(protocol, known, larger=nearest_mm > figure.value):
        return "cannot-tell", "training-unknown", ("training_subjects",)
    return "refuted", "not-reproduced", ()


def _training_explains(protocol: Protocol, known: dict[str, Protocol], *, larger: bool) -> bool:
    """Whether a network of another protocol's training, which a file doesn't tell, would err in this direction.

    A network that was trained on a subject less errs more than the published one; one that was trained on a subject
    that is tested here errs less.
    """
    others = [_subjects(p.training_subjects) for p in known.values() if p.dataset == protocol.dataset]
    own, tested = _subjects(protocol.training_subjects), _subjects(protocol.subjects)
    if not own:
        return False
    return any(own - other if larger else (other - own) & tested for other in others if other)


def _subjects(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())

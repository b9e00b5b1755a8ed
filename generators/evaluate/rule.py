"""The rule by which a network is called trained, or untrained, or neither.

Six criteria, none of which counts alone: a heatmap that is the same everywhere
is perfectly steady and mirrors perfectly; a random convolution with sharp
heatmaps follows every shift. A criterion is met only where the network is
beyond the threshold *and* better than every kind of its untrained twins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from generators.model.sanity import Answer, Criterion, CriterionName, Measure, MeasureName, ProbeResult, Statement


class Requirement(Struct, frozen=True, kw_only=True):
    """What a criterion asks: the measure, and on which side of the threshold a trained network is."""

    name: CriterionName
    measure: MeasureName
    threshold: float
    trained_is: Literal["below", "above"]


SMALLEST_SPREAD_PIXELS = 16.0
"""Two cells of the coarsest published heatmap (UP ``main/config.py``: 32 cells over 256 pixels). The published box
leaves a person 80 % of the crop's height; joints nearer together than this are no person of that size."""
HALF = 0.5
"""Of shares: nearer to what a trained network would do (0) than to what one does that sees nothing (1)."""
REQUIREMENTS = (
    Requirement(name="articulated", measure="spread", threshold=SMALLEST_SPREAD_PIXELS, trained_is="above"),
    Requirement(name="follows", measure="shift-share", threshold=HALF, trained_is="below"),
    Requirement(name="mirrors", measure="flip-share", threshold=HALF, trained_is="below"),
    Requirement(name="steady", measure="noise-share", threshold=HALF, trained_is="below"),
    Requirement(name="symmetric", measure="limb-asymmetry", threshold=HALF, trained_is="below"),
    Requirement(name="accurate", measure="truth-share", threshold=HALF, trained_is="below"),
)
LARGE_DELTA = 0.474
"""From here on Cliff's delta is called large. Source: Romano et al., "Appropriate statistics for ordinal level data",
annual meeting of the Florida Association of Institutional Research (2006)."""
FEWEST_CRITERIA = 4
"""Criteria that must be answerable, and that a trained network must meet: with fewer, a random convolution whose
heatmaps happen to be sharp would be as good."""
SPARED = 1
"""Criteria beyond those that a trained network may miss, and that an untrained one may meet by chance."""


def answer_criteria(measures: Sequence[Measure]) -> tuple[Criterion, ...]:
    """Return the criteria that the measures can answer."""
    by_name: Mapping[MeasureName, Measure] = {measure.name: measure for measure in measures}
    return tuple(
        _answer(requirement, by_name[requirement.measure])
        for requirement in REQUIREMENTS
        if requirement.measure in by_name
    )


def _answer(requirement: Requirement, measure: Measure) -> Criterion:
    sign = 1.0 if requirement.trained_is == "above" else -1.0
    deltas = [sign * twin.delta for twin in measure.twins if twin.delta is not None]
    worst = min(deltas, default=None)
    return Criterion(
        name=requirement.name,
        measure=requirement.measure,
        threshold=requirement.threshold,
        trained_is=requirement.trained_is,
        value=measure.median,
        delta=worst,
        answer=_decide(sign, measure.median, requirement.threshold, worst),
    )


def _decide(sign: float, value: float | None, threshold: float, delta: float | None) -> Answer:
    if value is None or sign * value <= sign * threshold:
        return "no"
    # no twin gave a finite value: there is nothing that the network could be confused with
    return "yes" if delta is None or delta >= LARGE_DELTA else "not-distinct"


def state_of_criteria(criteria: Sequence[Criterion]) -> Statement:
    """Return what the criteria say together.

    Returns:
        ``trained`` if all are met, or all but one of more than four; ``untrained`` if at most one is; else, and where
        there are fewer than four, ``cannot-tell``.
    """
    if len(criteria) < FEWEST_CRITERIA:
        return "cannot-tell"
    met = sum(criterion.answer == "yes" for criterion in criteria)
    if met >= max(len(criteria) - SPARED, FEWEST_CRITERIA):
        return "trained"
    return "untrained" if met <= SPARED else "cannot-tell"


def state_of_probes(results: Sequence[ProbeResult]) -> tuple[Statement, str]:
    """Return what the kinds of probes say together, and the reason's code.

    A network may know people and no drawings, or the reverse: ``trained`` on one kind is enough. It is ``untrained``
    only where every kind that can say something says so.
    """
    said = {result.statement for result in results if len(result.criteria) >= FEWEST_CRITERIA}
    if not said:
        return "cannot-tell", "too-few"
    if "trained" in said:
        return "trained", "criteria"
    return ("untrained", "criteria") if said == {"untrained"} else ("cannot-tell", "mixed")

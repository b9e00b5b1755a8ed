"""How far two small sets of numbers are apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, variance

FEWEST = 2
"""Numbers of a set without which its spread can't be told."""


def cliffs_delta(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Return how much oftener a number of ours is larger than one of theirs than smaller, -1 to 1.

    It asks nothing of the distributions; 1 and -1 mean that the sets don't overlap.

    Source: Cliff, "Dominance statistics: ordinal analyses to answer ordinal questions", Psychological Bulletin 114
    (1993), equation 1.
    """
    if not ours or not theirs:
        return None
    signs = [(one > other) - (one < other) for one in ours for other in theirs]
    return sum(signs) / len(signs)


def hedges_g(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Return the difference of the means in pooled standard deviations, corrected for small sets.

    Source: Hedges, "Distribution theory for Glass's estimator of effect size", Journal of Educational Statistics 6
    (1981); the correction 1 - 3 / (4 m - 1) for m degrees of freedom is its equation 6e.

    Returns:
        None where a set has fewer than two numbers, or no number varies.
    """
    if min(len(ours), len(theirs)) < FEWEST:
        return None
    freedom = len(ours) + len(theirs) - 2
    pooled = ((len(ours) - 1) * variance(ours) + (len(theirs) - 1) * variance(theirs)) / freedom
    if pooled <= 0 or not math.isfinite(pooled):
        return None
    return (1 - 3 / (4 * freedom - 1)) * (fmean(ours) - fmean(theirs)) / math.sqrt(pooled)

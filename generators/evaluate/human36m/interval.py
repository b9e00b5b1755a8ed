"""How far a mean error may be from that of other recordings of the same kind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generators.evaluate.human36m.cameras import Floats

CONFIDENCE = 0.95
"""By convention."""
RESAMPLES = 10_000
"""At which the ends of the interval vary by about a hundredth of its width from seed to seed."""
BOOTSTRAP_SEED = 20231010
"""Any number, the same for all, so that the interval can be computed again."""
FEWEST_TAKES = 2
"""Of one take nothing is known about others."""


def interval_over_takes(errors: Floats, takes: NDArray[np.int64]) -> tuple[float, float] | None:
    """Return the percentile bootstrap interval of the mean error, drawing whole takes.

    The frames of a take are much alike, and its cameras see the same movement: drawing single frames would make the
    interval far too narrow. A drawn take brings all its frames, so that the mean stays one over frames.

    Source: Davison and Hinkley, "Bootstrap Methods and their Application", 1997, sections 2.4 and 3.8.

    Args:
        errors: float64[N], mean error of each image.
        takes: int64[N], the take that it is from.

    Returns:
        None with fewer than two takes.
    """
    _, number = np.unique(takes, return_inverse=True)
    totals, counts = np.bincount(number, weights=errors), np.bincount(number)
    if len(counts) < FEWEST_TAKES:
        return None
    drawn = np.random.default_rng(BOOTSTRAP_SEED).integers(len(counts), size=(RESAMPLES, len(counts)))
    means = totals[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)

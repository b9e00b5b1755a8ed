"""How far a tensor's values are from what its initialiser draws.

The distance is Kolmogorov and Smirnov's: the largest difference between the two
distribution functions. It is taken at the borders of narrow bins, so that
values are counted block by block and never sorted.
"""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

import numpy as np
from msgspec import Struct

from generators.model.training import Initialiser
from generators.weights.values import Doubles, Floats

BINS = 4096
"""Between the ends; none holds more than a thousandth of a normal distribution, and so much the distance is short."""
REACH = 6.0
"""Deviations from the mean to the first and the last border: beyond lie two in a thousand million draws."""
BLOCK = 2**18
"""Values that are counted at a time."""
CHANCE = 0.001
"""Share of true draws that come out further than the chance distance: one layer in a thousand."""


class Distance(Struct, frozen=True, kw_only=True):
    """Of one tensor; the fields are those of :class:`~generators.model.training.LayerEvidence`."""

    distance: float
    chance_distance: float
    std_ratio: float | None = None
    displacement: float | None = None


def measure_distance(values: Floats, initialiser: Initialiser) -> Distance | None:
    """Return the distance of values from an initialiser; None where no value is finite."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    if initialiser.kind == "constant":
        return _from_constant(finite, initialiser.mean)
    return Distance(
        distance=_kolmogorov_smirnov(finite, initialiser),
        chance_distance=chance_distance(finite.size),
        std_ratio=float(finite.std(dtype=np.float64)) / initialiser.std,
    )


def chance_distance(draws: int) -> float:
    """Return the distance that so many draws reach by chance with probability ``CHANCE``.

    Source: the limit of Kolmogorov's distribution, sqrt(-ln(p / 2) / 2n); a little too far for few draws.
    """
    return min(1.0, math.sqrt(-math.log(CHANCE / 2) / (2 * draws)))


def _from_constant(finite: Floats, constant: float) -> Distance:
    away = np.abs(finite.astype(np.float64) - constant)
    return Distance(
        distance=float(np.count_nonzero(away)) / finite.size, chance_distance=0.0, displacement=float(away.max())
    )


def _kolmogorov_smirnov(finite: Floats, initialiser: Initialiser) -> float:
    counts = np.zeros(BINS + 2, dtype=np.int64)
    for start in range(0, finite.size, BLOCK):
        block = finite[start : start + BLOCK].astype(np.float64)
        scaled = (block - initialiser.mean) / initialiser.std
        place = np.ceil((scaled + REACH) * (BINS / (2 * REACH)))  # a value on a border lies below it
        counts += np.bincount(np.clip(place, 0, BINS + 1).astype(np.intp), minlength=BINS + 2)
    found = np.cumsum(counts)[:-1] / finite.size
    cut = None if initialiser.cut is None else initialiser.cut / initialiser.std
    return float(np.abs(found - _distribution(cut)).max())


@cache
def _distribution(cut: float | None) -> Doubles:
    """Return the distribution function of a standard normal, cut or not, at the borders: float64[BINS + 1]."""
    normal = NormalDist()
    borders = [-REACH + 2 * REACH * n / BINS for n in range(BINS + 1)]
    if cut is None:
        return np.array([normal.cdf(x) for x in borders])
    low, whole = normal.cdf(-cut), normal.cdf(cut) - normal.cdf(-cut)
    return np.array([(normal.cdf(min(max(x, -cut), cut)) - low) / whole for x in borders])

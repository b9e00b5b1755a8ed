"""How far two tensors of one shape are from each other, from blocks of their values or from their statistics.

Blocks of the two needn't end at the same element. Sums are taken in double precision; memory is that of two blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generators.model.difference import Magnitude
from generators.model.fingerprint import Statistics
from generators.weights.arithmetic import steady_arithmetic

Values = NDArray[np.generic]


def measure_difference(first: Iterator[Values], second: Iterator[Values]) -> Magnitude:
    """Measure two tensors.

    Args:
        first: Its elements in blocks: numbers of any kind, flat.
        second: As many of them.
    """
    totals = _Totals()
    with steady_arithmetic():
        for ours, theirs in _aligned(first, second):
            totals.add(ours, theirs)
    return totals.magnitude()


def bound_difference(first: Statistics, second: Statistics) -> Magnitude | None:
    """Return the least distance that two tensors with these statistics can have; None where one has none.

    Whatever the order of the elements, the mean squared difference is at least the squared difference of the means plus
    that of the deviations.

    Source: M. Gelbrich, On a formula for the L2 Wasserstein metric, 1990, for one dimension; equality for
    distributions of one shape.
    """
    known = (first.mean, first.std, second.mean, second.std)
    if first.count != second.count or first.nonfinite or second.nonfinite or None in known:
        return None
    mean, std, other_mean, other_std = (float(value or 0) for value in known)
    norm = math.hypot(mean, std)
    distance = math.hypot(other_mean - mean, other_std - std)
    return Magnitude(
        basis="statistics",
        elements=first.count,
        changed=None,
        relative_distance=_finite(distance / norm) if norm else None,
        maximum=None,
        cosine=None,
    )


class _Totals:
    """Sums over pairs of elements."""

    def __init__(self) -> None:
        self.elements = self.changed = self.left_out = 0
        self.squares = self.other_squares = self.products = self.distances = self.maximum = 0.0

    def add(self, ours: Values, theirs: Values) -> None:
        self.elements += ours.size
        a, b = _real(ours), _real(theirs)
        # of complex numbers, the two parts stand one after the other
        differs = (a != b) & ~(np.isnan(a) & np.isnan(b))
        if ours.dtype.kind in "iu" and theirs.dtype.kind in "iu":
            self.changed += int(np.count_nonzero(ours != theirs))  # 64-bit integers aren't exact as doubles
        else:
            self.changed += int(np.count_nonzero(_by_element(differs, ours, theirs)))
        finite = np.isfinite(a) & np.isfinite(b)
        if not finite.all():
            self.left_out += int(np.count_nonzero(_by_element(~finite, ours, theirs)))
            a, b = a[finite], b[finite]
        if not a.size:
            return
        distance = b - a
        self.squares += float(np.vdot(a, a))
        self.other_squares += float(np.vdot(b, b))
        self.products += float(np.vdot(a, b))
        self.distances += float(np.vdot(distance, distance))
        self.maximum = max(self.maximum, float(np.abs(distance).max()))

    def magnitude(self) -> Magnitude:
        usable = self.elements > self.left_out
        norms = math.sqrt(self.squares) * math.sqrt(self.other_squares)
        cosine = max(-1.0, min(1.0, self.products / norms)) if norms and math.isfinite(norms) else None
        relative = math.sqrt(self.distances) / math.sqrt(self.squares) if usable and self.squares else None
        return Magnitude(
            basis="values",
            elements=self.elements,
            changed=self.changed,
            relative_distance=_finite(relative),
            maximum=_finite(self.maximum) if usable else None,
            cosine=_finite(cosine),
            left_out=self.left_out,
        )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _real(values: Values) -> NDArray[np.float64]:
    if values.dtype.kind == "c":
        return np.ascontiguousarray(values, dtype=np.complex128).view(np.float64)
    return values.astype(np.float64)


def _by_element(parts: NDArray[np.bool_], ours: Values, theirs: Values) -> NDArray[np.bool_]:
    """Return whether it is so of an element: of a complex one, of any of its parts."""
    if ours.dtype.kind == theirs.dtype.kind == "c":
        return np.asarray(parts.reshape(-1, 2).any(axis=1), dtype=np.bool_)
    return parts


def _aligned(first: Iterator[Values], second: Iterator[Values]) -> Iterator[tuple[Values, Values]]:
    """Cut the blocks of two tensors at the same elements."""
    ours, theirs = next(first, None), next(second, None)
    while ours is not None and theirs is not None:
        size = min(ours.size, theirs.size)
        if size:
            yield ours[:size], theirs[:size]
        ours = ours[size:] if ours.size > size else next(first, None)
        theirs = theirs[size:] if theirs.size > size else next(second, None)

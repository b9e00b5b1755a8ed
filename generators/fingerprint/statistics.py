"""Running statistics of a tensor whose values come block by block."""

from __future__ import annotations

import math

import numpy as np

from generators.fingerprint.blocks import numpy_dtype
from generators.fingerprint.moments import Moments, measure_block
from generators.model.fingerprint import Statistics


class RunningStatistics:
    """Count, zeros, non-finite values, extremes, mean and deviation of a stream of blocks.

    Mean and squared deviation of the blocks are merged pairwise (Chan, Golub and LeVeque, "Updating formulae and a
    pairwise algorithm for computing sample variances", 1979), so that nothing cancels and nothing is held.

    Args:
        dtype: torch's name. A dtype without order or number (complex, bits) is only counted.
    """

    __slots__ = ("_count", "_dtype", "_merged", "_zeros")

    def __init__(self, dtype: str) -> None:
        self._dtype = numpy_dtype(dtype)
        self._count = self._zeros = 0
        self._merged: Moments | None = None

    def add(self, block: bytes | bytearray | memoryview) -> None:
        """Take in the next values: whole elements, at most a block of them."""
        if self._dtype is None:
            return
        values = np.frombuffer(block, dtype=self._dtype)
        if not values.flags.aligned:
            values = np.frombuffer(bytes(block), dtype=self._dtype)
        moments = measure_block(values)
        self._count += values.size
        self._zeros += moments.zeros
        if moments.finite:
            self._merged = moments if self._merged is None else _merge(self._merged, moments)

    def result(self) -> Statistics | None:
        """Return the statistics of all values so far; None for a dtype that can't be read."""
        if self._dtype is None:
            return None
        merged = self._merged
        ordered = merged if self._dtype.kind != "c" else None
        return Statistics(
            count=self._count,
            nonfinite=self._count - (merged.finite if merged else 0),
            zeros=self._zeros,
            minimum=ordered.minimum if ordered else None,
            maximum=ordered.maximum if ordered else None,
            mean=_float_or_none(ordered.mean) if ordered else None,
            std=_float_or_none((ordered.squares / ordered.finite) ** 0.5) if ordered else None,
        )


def _merge(one: Moments, other: Moments) -> Moments:
    finite = one.finite + other.finite
    distance = other.mean - one.mean
    return Moments(
        finite,
        0,
        min(one.minimum, other.minimum),
        max(one.maximum, other.maximum),
        one.mean + distance * (other.finite / finite),
        one.squares + other.squares + distance * distance * (one.finite * other.finite / finite),
    )


def _float_or_none(value: float | np.floating) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None

"""Running statistics of a tensor whose values come block by block."""

from __future__ import annotations

import numpy as np

from generators.fingerprint.blocks import NUMPY_DTYPES
from generators.model.fingerprint import Statistics


class RunningStatistics:
    """Count, zeros, non-finite values, extremes, mean and deviation of a stream of blocks.

    Mean and squared deviation of the blocks are merged pairwise (Chan, Golub and LeVeque, "Updating formulae and a
    pairwise algorithm for computing sample variances", 1979), so that nothing cancels and nothing is held. Types whose
    values or sums a float64 can't carry (64-bit integers, float64 itself) are summed in ``numpy.longdouble``.

    Args:
        dtype: torch's name. A dtype without order or number (complex, bits) is only counted.
    """

    def __init__(self, dtype: str) -> None:
        self._dtype = NUMPY_DTYPES.get(dtype)
        wide = self._dtype is not None and self._dtype.itemsize == 8  # noqa: PLR2004 - 64 bits
        self._float = np.longdouble if wide else np.float64
        self._count = self._finite = self._zeros = 0
        self._mean = self._float(0)
        self._squares = self._float(0)
        self._minimum: int | float | None = None
        self._maximum: int | float | None = None

    def add(self, block: bytes | memoryview) -> None:
        """Take in the next values."""
        if self._dtype is None:
            return
        values = np.frombuffer(block, dtype=self._dtype)
        self._count += values.size
        self._zeros += values.size - int(np.count_nonzero(values))
        if self._dtype.kind == "c":
            self._finite += int(np.count_nonzero(np.isfinite(values)))
            return
        numbers = values.astype(self._float)
        with np.errstate(invalid="ignore", over="ignore"):
            total = numbers.sum()
        if not np.isfinite(total):
            mask = np.isfinite(numbers)
            values, numbers = values[mask], numbers[mask]
            total = numbers.sum()
        if numbers.size:
            self._merge(values, numbers, total / numbers.size)

    def result(self) -> Statistics | None:
        """Return the statistics of all values so far; None for a dtype that can't be read."""
        if self._dtype is None:
            return None
        ordered = self._finite > 0 and self._dtype.kind != "c"
        return Statistics(
            count=self._count,
            nonfinite=self._count - self._finite,
            zeros=self._zeros,
            minimum=self._minimum,
            maximum=self._maximum,
            mean=_float_or_none(self._mean) if ordered else None,
            std=_float_or_none(np.sqrt(self._squares / self._finite)) if ordered else None,
        )

    def _merge(self, values: np.ndarray, numbers: np.ndarray, mean: np.floating) -> None:
        numbers -= mean
        with np.errstate(over="ignore"):
            squares = np.dot(numbers, numbers)
        finite = self._finite + numbers.size
        distance = mean - self._mean
        self._mean += distance * (numbers.size / finite)
        with np.errstate(over="ignore"):
            self._squares += squares + distance * distance * (self._finite * numbers.size / finite)
        self._finite = finite
        low, high = _extremes(values)
        self._minimum = low if self._minimum is None else min(self._minimum, low)
        self._maximum = high if self._maximum is None else max(self._maximum, high)


def _extremes(values: np.ndarray) -> tuple[int | float, int | float]:
    if values.dtype.kind in "iub":
        return int(values.min()), int(values.max())
    return float(values.min()), float(values.max())


def _float_or_none(value: np.floating) -> float | None:
    number = float(value)
    return number if np.isfinite(number) else None

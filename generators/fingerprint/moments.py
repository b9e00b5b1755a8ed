"""Count, extremes, mean and squared deviation of one block of values."""

from __future__ import annotations

import math
import threading
from typing import NamedTuple

import numpy as np

from generators.fingerprint.whole_digest import BLOCK_BYTES

ROW = 64
"""Values that are added up in float32 before float64 takes over: of more, rounding would show in the mean."""
SQUARES_ROW = 512
"""Squares, which can't cancel, that are added up in float32."""
SINGLE_THREADED = 8192
"""Elements of a product that BLAS computes on the calling thread: the other core has work of its own.
Source: OpenBLAS 0.3, ``kernel/x86_64/ddot.c`` and ``interface/gemv.c``, start threads beyond 10,000 and 9,216."""
NEAR_ONE = (1e-9, 1e9)
"""Largest magnitudes whose squares, and those of values that matter beside them, float32 holds as they are."""
FEWEST_FLOAT32 = 8192
"""Values from which on float32 is faster."""
CANCELLED = 0.9
"""Share of the squares that the mean may make up before deviations are measured from it instead of from zero."""

_FULL_FLOAT32 = BLOCK_BYTES // 4
_ONES = np.ones(ROW, dtype=np.float32)
_COMPARED_AS_THEY_ARE = frozenset(np.dtype(code) for code in ("f4", "f8", "i1", "i2", "i4", "u1", "u2", "u4", "?"))


class Moments(NamedTuple):
    """Of the finite values of a block, and how many are zero.

    Attributes:
        finite: Number of finite values.
        zeros: Number of values equal to zero.
        minimum: Smallest finite value.
        maximum: Largest.
        mean: Their mean.
        squares: Sum of their squared distances from the mean.
    """

    finite: int
    zeros: int
    minimum: int | float = 0
    maximum: int | float = 0
    mean: float | np.longdouble = 0.0
    squares: float | np.longdouble = 0.0


class _Scratch(threading.local):
    """Memory for one block's values, kept by each thread: fresh pages would cost as much as the arithmetic."""

    def __init__(self) -> None:
        self.float64 = np.empty(BLOCK_BYTES, dtype=np.float64)
        self.float32 = np.empty(_FULL_FLOAT32, dtype=np.float32)
        self.mask = np.empty(BLOCK_BYTES, dtype=np.bool_)


_SCRATCH = _Scratch()


def quiet_arithmetic() -> np.errstate:
    """Return a context in which infinities and NaN, which are looked for, give no warnings."""
    return np.errstate(invalid="ignore", over="ignore", under="ignore")


def measure_block(values: np.ndarray) -> Moments:
    """Measure up to ``BLOCK_BYTES`` bytes of values; of complex ones only how many are finite and zero.

    To be called under :func:`quiet_arithmetic`.

    Many float32 are measured in float32 with float64 sums, to about eight digits; everything else in float64; what
    that can't add up (64-bit integers, huge float64) in ``numpy.longdouble``.
    """
    if values.dtype.kind == "c":
        return Moments(finite=int(np.count_nonzero(np.isfinite(values))), zeros=_zeros(values))
    if values.dtype.kind in "iu" and values.dtype.itemsize == 8:  # noqa: PLR2004 - 64 bits
        return _measure_wide(values, _zeros(values))
    if values.dtype == np.float32 and values.size >= FEWEST_FLOAT32:
        return _measure_float32(values)
    return _measure_float64(values)


def _measure_float32(values: np.ndarray) -> Moments:
    low, high = float(np.minimum.reduce(values)), float(np.maximum.reduce(values))
    if not math.isfinite(high - low):
        return _measure_float64(values)
    zeros = _zeros(values) if low <= 0 <= high else 0
    exponent = _exponent(max(-low, high))
    scaled = values
    if exponent or values.size % SINGLE_THREADED:
        scaled = _pad(np.multiply(values, np.float32(2.0**-exponent), out=_SCRATCH.float32[: values.size]))
    total, squares = _sum_float32(scaled)
    shift = 0.0
    if total * total > CANCELLED * squares * values.size:
        # an approximate mean does: what is left of it is measured
        shift = float(np.float32(total / values.size))
        near = np.subtract(scaled[: values.size], np.float32(shift), out=_SCRATCH.float32[: values.size])
        total, squares = _sum_float32(_pad(near))
    mean = math.ldexp(shift + total / values.size, exponent)
    squares = math.ldexp(max(0.0, squares - total * total / values.size), 2 * exponent)
    return Moments(values.size, zeros, low, high, mean, squares)


def _pad(values: np.ndarray) -> np.ndarray:
    """Return scratch memory from its beginning to whole rows, with zeros, which add nothing, behind the values."""
    padded = -(-values.size // SINGLE_THREADED) * SINGLE_THREADED
    _SCRATCH.float32[values.size : padded] = 0
    return _SCRATCH.float32[:padded]


def _exponent(magnitude: float) -> int:
    """Return the power of two that brings the largest magnitude near one; 0 where it needn't be brought."""
    low, high = NEAR_ONE
    return 0 if low <= magnitude <= high or not magnitude else max(-120, math.frexp(magnitude)[1])


def _sum_float32(values: np.ndarray) -> tuple[float, float]:
    """Return the sum of values and the sum of their squares: of rows in float32, of the rows in float64."""
    total = np.matmul(values.reshape(-1, SINGLE_THREADED // ROW, ROW), _ONES)
    rows = values.reshape(-1, SQUARES_ROW)
    squares = np.vecdot(rows, rows)
    return float(np.add.reduce(total, axis=None, dtype=np.float64)), float(np.add.reduce(squares, dtype=np.float64))


def _measure_float64(values: np.ndarray) -> Moments:
    numbers = _SCRATCH.float64[: values.size]
    np.copyto(numbers, values)
    total = float(np.add.reduce(numbers))
    if values.dtype not in _COMPARED_AS_THEY_ARE:
        values = numbers.copy()
    zeros = _zeros(values)
    if not math.isfinite(total):
        return _measure_wide(values[np.isfinite(values)], zeros)
    low, high = _extremes(values)
    mean = total / numbers.size
    np.subtract(numbers, mean, out=numbers)
    squares = _sum_squares(numbers)
    if not math.isfinite(squares):
        return _measure_wide(values, zeros)
    return Moments(numbers.size, zeros, low, high, mean, squares)


def _measure_wide(values: np.ndarray, zeros: int) -> Moments:
    """Measure finite values that float64 can't add up, or those that are left of a block with others."""
    if not values.size:
        return Moments(finite=0, zeros=zeros)
    numbers = values.astype(np.longdouble)
    mean = numbers.mean()
    numbers -= mean
    return Moments(numbers.size, zeros, *_extremes(values), mean, np.dot(numbers, numbers))


def _sum_squares(numbers: np.ndarray) -> float:
    rows = numbers.size // SINGLE_THREADED
    if not rows:
        return float(np.dot(numbers, numbers))
    whole = numbers[: rows * SINGLE_THREADED].reshape(rows, SINGLE_THREADED)
    rest = numbers[rows * SINGLE_THREADED :]
    return float(np.add.reduce(np.vecdot(whole, whole)) + np.dot(rest, rest))


def _zeros(values: np.ndarray) -> int:
    return int(np.count_nonzero(np.equal(values, 0, out=_SCRATCH.mask[: values.size])))


def _extremes(values: np.ndarray) -> tuple[int | float, int | float]:
    low, high = np.minimum.reduce(values), np.maximum.reduce(values)
    return (int(low), int(high)) if values.dtype.kind in "iub" else (float(low), float(high))

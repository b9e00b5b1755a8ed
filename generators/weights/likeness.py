"""Two tensors of one shape: the same once rounded, close, faintly alike, or strangers.

The measure is the cosine of their values once what whole rows and columns share
is taken away: kernels that all lean to their middle are alike in any two
networks. Of unrelated tensors it scatters around 0 with the deviation
1 / sqrt((rows - 1)(columns - 1)), of vectors 1 / sqrt(n - 1): that is what a
random order of the values gives (Pitman 1937, permutation of a correlation).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from msgspec import Struct

from generators.model.tensor import WeightTensor
from generators.weights.arithmetic import steady_arithmetic
from generators.weights.values import Doubles, Floats, as_matrix, read_values

CHANCE_SIGMAS = 6.0
"""Deviations of chance beyond which a cosine isn't chance: once in five hundred million unrelated tensors."""
CLOSE_COSINE = 0.5
"""Cosine from which on tensors are close: more than half of the one's direction is the other's."""
FINER = {"bfloat16": 0, "float16": 1, "float32": 2, "float64": 3}
"""Number formats from the coarsest to the finest."""
BLOCK_ROWS = 4096
"""Rows that are turned into float64 at a time."""

Likeness = Literal["rounded", "close", "faint", "unrelated"]


class Compared(Struct, frozen=True, kw_only=True):
    """Two tensors.

    Attributes:
        likeness: What they are to each other.
        cosine: Between -1 and 1; 0 where one of them is constant.
    """

    likeness: Likeness
    cosine: float


def compare_tensors(first: WeightTensor, second: WeightTensor) -> Compared | None:
    """Compare two tensors of one shape that aren't the same bytes; None where they hold no numbers to compare."""
    ours, theirs = read_values(first), read_values(second)
    if ours is None or theirs is None or ours.size != theirs.size or not ours.size:
        return None
    with steady_arithmetic():
        if first.dtype != second.dtype and _is_rounded(first, second):
            return Compared(likeness="rounded", cosine=1.0)
        cosine = _cosine(ours, theirs, first.shape)
    if cosine is None:
        return None
    return Compared(likeness=_judge(cosine, chance_deviation(first.shape)), cosine=cosine)


def chance_deviation(shape: tuple[int, ...]) -> float:
    """Return the deviation of unrelated tensors' cosine; infinite where rows and columns leave nothing."""
    count = math.prod(shape)
    rows = shape[0] if len(shape) > 1 else 1
    free = (rows - 1) * (count // rows - 1) if rows and _has_both(rows, count) else count - 1
    return 1 / math.sqrt(float(free)) if free > 0 else math.inf


def can_tell(shape: tuple[int, ...]) -> bool:
    """Whether a tensor has enough values for its cosine to tell close from chance."""
    return math.prod(shape) > 0 and CHANCE_SIGMAS * chance_deviation(shape) <= CLOSE_COSINE


def _judge(cosine: float, deviation: float) -> Likeness:
    if abs(cosine) <= CHANCE_SIGMAS * deviation:
        return "unrelated"
    return "close" if cosine >= CLOSE_COSINE else "faint"


def _is_rounded(first: WeightTensor, second: WeightTensor) -> bool:
    """Whether the finer tensor, rounded to the coarser one's format, is that one bit for bit."""
    coarse, fine = sorted((first, second), key=lambda t: FINER.get(t.dtype, -1))
    values = read_values(fine)
    if coarse.dtype not in FINER or values is None:
        return False
    if coarse.dtype == "bfloat16":
        import ml_dtypes  # few checkpoints have these

        return bool(values.astype(np.float32).astype(ml_dtypes.bfloat16).tobytes() == coarse.data)
    return values.astype(np.dtype(coarse.dtype).newbyteorder("<")).tobytes() == coarse.data


def _cosine(ours: Floats, theirs: Floats, shape: tuple[int, ...]) -> float | None:
    one, other = as_matrix(ours, shape), as_matrix(theirs, shape)
    if one is None or other is None or not _has_both(one.shape[0], one.size):
        one, other = ours.reshape(1, -1), theirs.reshape(1, -1)
    product, ours_squared, theirs_squared = (_inner(a, b) for a, b in ((one, other), (one, one), (other, other)))
    if not all(map(math.isfinite, (product, ours_squared, theirs_squared))):
        return None
    scale = math.sqrt(max(ours_squared, 0.0)) * math.sqrt(max(theirs_squared, 0.0))
    return max(-1.0, min(1.0, product / scale)) if scale > 0 else 0.0


def _has_both(rows: int, count: int) -> bool:
    return rows > 1 and count // rows > 1


def _inner(one: Floats, other: Floats) -> float:
    """Return the inner product of two matrices without their row and column means; of one row without its mean."""
    rows, columns = one.shape
    total: float = 0.0
    row_part: float = 0.0
    sums: list[Doubles] = [np.zeros(columns), np.zeros(columns)]
    for start in range(0, rows, BLOCK_ROWS):
        a, b = (m[start : start + BLOCK_ROWS].astype(np.float64) for m in (one, other))
        total += float(np.vdot(a, b))
        row_part += float(np.vdot(a.sum(axis=1), b.sum(axis=1))) / columns
        sums[0] += a.sum(axis=0)
        sums[1] += b.sum(axis=0)
    if rows == 1:
        return total - row_part
    column_part = float(np.vdot(sums[0], sums[1])) / rows
    mean_part = float(sums[0].sum()) * float(sums[1].sum()) / (rows * columns)
    centred: float = total - row_part - column_part + mean_part
    return centred

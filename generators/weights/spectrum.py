"""A layer's singular values against those of noise.

The singular values of a matrix of independent draws end at the edge that
Marchenko and Pastur found: deviation times (sqrt(rows) + sqrt(columns)).
Training puts directions in that stand far beyond it. A few outliers among the
values can do that, too; so the same values are shuffled once, and have to stay
behind.

Sources: Marchenko and Pastur 1967 (the edge); Rudelson and Vershynin 2007
(stable rank); Roy and Vetterli 2007 (effective rank, here of squared singular
values); Martin and Mahoney, JMLR 2021 (trained layers against the edge).
"""

from __future__ import annotations

import math

import numpy as np

from generators.model.training import Spectrum
from generators.weights.values import Doubles, Floats

SMALLEST_SIDE = 8
"""Rows or columns of the smallest matrix that is measured: of fewer, noise strays too far from the edge."""
MAX_ROWS = 512
"""Rows that are measured; part of a noise matrix is one, too. It bounds the time: the cost grows with their cube."""
MAX_COLUMNS = 4096
"""Columns, likewise."""
MARGIN = 1.25
"""Multiple of the edge, and of the shuffled values' largest, from which on a singular value stands out.

Of 425 shuffled layers of the published XS file the furthest came to 1.23, of as many normal draws to 1.04. As they were
trained, all but one of its 46 layers at hand lie beyond.
"""
SHUFFLE_SEED = 0
"""Of the one order in which values are shuffled: the same values give the same figures."""


def measure_spectrum(matrix: Floats) -> Spectrum | None:
    """Measure a matrix; None where it is too small, all values are the same, or one isn't finite."""
    part = _part(matrix)
    if min(part.shape) < SMALLEST_SIDE or not np.isfinite(part).all():
        return None
    centred = _centred(part)
    deviation = float(centred.std())
    if deviation <= np.finfo(np.float32).eps:
        return None  # what rounding leaves of one repeated value
    rows, columns = centred.shape
    edge = deviation * (math.sqrt(rows) + math.sqrt(columns))
    squares = _squared_singular_values(centred)
    largest, shuffled = math.sqrt(squares[-1]), math.sqrt(_squared_singular_values(_shuffled(centred))[-1])
    shares = squares / squares.sum()
    present = shares[shares > 0]
    return Spectrum(
        rows=rows,
        columns=columns,
        edge_ratio=largest / edge,
        shuffled_ratio=largest / shuffled,
        beyond_edge=float(np.mean(squares > edge**2)),
        stable_rank_share=float(1 / shares[-1]) / rows,
        effective_rank_share=math.exp(-float(np.sum(present * np.log(present)))) / rows,
        structured=largest >= MARGIN * max(edge, shuffled),
    )


def _part(matrix: Floats) -> Floats:
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    return wide[:MAX_ROWS, :MAX_COLUMNS]


def _centred(part: Floats) -> Doubles:
    """Return values in units of the largest, so that no square leaves float64, with their mean taken away."""
    largest = float(np.abs(part).max())
    scaled: Doubles = part.astype(np.float64) / (largest or 1.0)
    scaled -= scaled.mean()
    return scaled


def _shuffled(centred: Doubles) -> Doubles:
    return np.random.default_rng(SHUFFLE_SEED).permutation(centred.ravel()).reshape(centred.shape)


def _squared_singular_values(wide: Doubles) -> Doubles:
    """Return them ascending, from the product with the transpose: its side is the shorter one."""
    squares: Doubles = np.linalg.eigvalsh(wide @ wide.T).astype(np.float64)
    return np.maximum(squares, 0.0)

"""Numbers from a tensor's bytes."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from generators.model.tensor import WeightTensor

READABLE = frozenset({"float16", "float32", "float64", "bfloat16"})
"""Floating types in which weights are trained or kept; 8-bit ones are quantised, and no distribution fits them."""
MAX_ELEMENTS = 2**24
"""Elements of one tensor that are measured, 64 MiB of float32; of a larger one the first ones."""

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]


def read_values(tensor: WeightTensor) -> Floats | None:
    """Return a tensor's values, flat, or the first of them that were handed over; None for another kind of number.

    Returns:
        float16, float32 or float64[N]; bfloat16 comes as float32.
    """
    if tensor.dtype == "bfloat16":
        halves = np.frombuffer(tensor.data, dtype="<u2").astype(np.uint32)
        return (halves << 16).view(np.float32)
    if tensor.dtype not in READABLE:
        return None
    values: Floats = np.frombuffer(tensor.data, dtype=np.dtype(tensor.dtype).newbyteorder("<"))
    return values


def as_matrix(values: Floats, shape: tuple[int, ...]) -> Floats | None:
    """Return values as output channels by the rest; of a tensor that was cut, the whole rows. None for a vector."""
    if len(shape) < 2 or 0 in shape:  # noqa: PLR2004 - a matrix has two dimensions
        return None
    columns = prod(shape[1:])
    rows = min(shape[0], values.size // columns)
    return values[: rows * columns].reshape(rows, columns) if rows else None

"""Channels that carry nothing: their input hardly varies, or their filter is zero."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from generators.architectures.training import BATCH_NORM_EPSILON
from generators.model.training import DeadBy, DeadChannels
from generators.weights.values import Doubles, Floats

DEAD_VARIANCE = BATCH_NORM_EPSILON / 100
"""Running variance below which a channel is dead.

Normalisation divides by sqrt(variance + epsilon); at a hundredth of epsilon it gives out a tenth of the deviation that
it is there to give. Below, what the channel says is drowned by what is the same in every image.
"""
ZERO_FILTER = float(np.finfo(np.float32).eps)
"""Root mean square of a filter, as a share of its layer's, below which it is zero: float32 adds nothing so small."""
LISTED = 64
"""Channels of a layer that are listed; all are counted."""


def find_flat_channels(layer: str, variances: Floats) -> Iterator[DeadChannels]:
    """Yield the channels of a normalisation layer whose input hardly varies, if there are any."""
    yield from _named(layer, "running-variance", variances < DEAD_VARIANCE)


def find_zero_filters(layer: str, matrix: Floats) -> Iterator[DeadChannels]:
    """Yield the filters of a convolution or linear layer that are zero, if there are any.

    Args:
        layer: Its name.
        matrix: A filter a row.
    """
    sizes: Doubles = np.sqrt(np.mean(np.square(matrix, dtype=np.float64), axis=1))
    typical = float(np.sqrt(np.mean(sizes**2)))
    if np.isfinite(typical):
        yield from _named(layer, "zero-filter", sizes <= ZERO_FILTER * typical)


def _named(layer: str, by: DeadBy, dead: np.ndarray) -> Iterator[DeadChannels]:
    indices = np.flatnonzero(dead)
    if indices.size:
        first = tuple(int(index) for index in indices[:LISTED])
        yield DeadChannels(name=layer, by=by, channels=int(dead.size), dead=int(indices.size), indices=first)

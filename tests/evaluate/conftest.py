"""Weights for the networks under test: drawn here, not read from a file."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np
import pytest

from generators.model.architecture import Architecture, TensorSpec
from generators.model.tensor import WeightTensor

DrawWeights = Callable[[Architecture, int], tuple[WeightTensor, ...]]


def draw_values(spec: TensorSpec, generator: np.random.Generator) -> np.ndarray:
    """Return values with which features neither fade nor explode, so that an output tells one input from another."""
    if spec.dtype == "int64":
        return np.array(5, dtype="<i8")
    if len(spec.shape) > 1:
        # a softmax over large scores is all or nothing, and would show rounding alone
        gain = 0.1 if "final_layer" in spec.name else 1.0
        return generator.normal(0, gain * prod(spec.shape[1:]) ** -0.5, spec.shape).astype("<f4")
    if spec.name.endswith((".bias", ".running_mean")):
        return generator.normal(0, 0.1, spec.shape).astype("<f4")
    return generator.uniform(0.5, 1.5, spec.shape).astype("<f4")


@pytest.fixture(scope="session")
def draw_weights() -> DrawWeights:
    """Return a function that draws an architecture's weights, as a container's reader would give them."""

    def draw(architecture: Architecture, seed: int) -> tuple[WeightTensor, ...]:
        generator = np.random.default_rng(seed)
        return tuple(
            WeightTensor(name=t.name, dtype=t.dtype, shape=t.shape, data=draw_values(t, generator).tobytes())
            for t in architecture.tensors
        )

    return draw

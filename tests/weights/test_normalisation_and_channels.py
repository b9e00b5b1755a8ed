from __future__ import annotations

import numpy as np
import pytest

from generators.model.fingerprint import Statistics, TensorFingerprint
from generators.weights.channels import DEAD_VARIANCE, LISTED, find_flat_channels, find_zero_filters
from generators.weights.normalisation import batches_at_least, measure_normalisation


def fingerprinted(name: str, values: np.ndarray) -> tuple[str, TensorFingerprint]:
    statistics = Statistics(
        count=values.size,
        nonfinite=0,
        zeros=0,
        minimum=float(values.min()),
        maximum=float(values.max()),
        mean=float(values.mean()),
        std=float(values.std()),
    )
    return name, TensorFingerprint(
        name=name,
        model_name=name,
        dtype="float32",
        shape=values.shape,
        strides=(1,),
        storage="0",
        offset=0,
        role="buffer",
        digest="",
        missing=False,
        statistics=statistics,
    )


@pytest.mark.parametrize("batches", [1, 2, 7, 100, 387])
def test_a_channel_without_any_variation_tells_the_number_of_batches(batches: int) -> None:
    variance = np.float32(1)
    for _ in range(batches):
        variance = np.float32(0.9) * variance
    assert batches_at_least(float(variance)) == batches


def test_a_channel_that_varies_never_tells_more_batches_than_there_were() -> None:
    generator, variance = np.random.default_rng(1), 1.0
    for batches in range(1, 300):
        variance = 0.9 * variance + 0.1 * float(generator.exponential(1e-6))
        assert batches_at_least(variance) <= batches


def test_a_variance_at_or_above_its_start_and_an_impossible_one_tell_nothing() -> None:
    assert [batches_at_least(v) for v in (1.0, 3.5, 0.0, -1.0)] == [0, 0, 0, 0]


def test_layers_at_their_start_and_moved_ones_are_told_apart() -> None:
    start = [fingerprinted("a.running_mean", np.zeros(4)), fingerprinted("a.running_var", np.ones(4))]
    moved = [
        fingerprinted("b.running_mean", np.array([3.0, -3.0])),
        fingerprinted("b.running_var", np.array([0.81, 2.0])),
    ]
    lonely = [fingerprinted("c.running_mean", np.zeros(4))]
    first, second = measure_normalisation([*start, *moved, *lonely])
    assert (first.name, first.moved, first.batches_at_least, first.mean_distance) == ("a", False, 0, 0)
    assert (second.name, second.moved, second.batches_at_least) == ("b", True, 2)
    assert second.mean_distance == pytest.approx(3)


def test_flat_channels_are_named() -> None:
    variances = np.array([1.0, DEAD_VARIANCE / 2, 1e-3, 0.0, np.nan])
    (found,) = find_flat_channels("norm", variances)
    assert (found.by, found.channels, found.dead, found.indices) == ("running-variance", 5, 2, (1, 3))
    assert list(find_flat_channels("norm", np.ones(3))) == []


def test_zero_filters_are_named_and_small_ones_are_not() -> None:
    filters = np.random.default_rng(2).normal(0, 0.02, (6, 9)).astype("float32")
    filters[1] = 0
    filters[4] *= 1e-9
    filters[5] *= 1e-3
    (found,) = find_zero_filters("conv", filters)
    assert (found.by, found.dead, found.indices) == ("zero-filter", 2, (1, 4))
    (all_zero,) = find_zero_filters("conv", np.zeros((3, 4)))
    assert all_zero.dead == 3
    assert list(find_zero_filters("conv", np.full((3, 4), np.inf))) == []


def test_many_dead_channels_are_counted_and_the_first_are_listed() -> None:
    (found,) = find_flat_channels("norm", np.zeros(LISTED + 10))
    assert (found.dead, len(found.indices)) == (LISTED + 10, LISTED)

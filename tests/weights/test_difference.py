from __future__ import annotations

from collections.abc import Iterator

import ml_dtypes
import numpy as np
import pytest

from generators.model.fingerprint import Statistics
from generators.weights.difference import bound_difference, measure_difference


def blocks(values: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, values.size, size):
        yield values[start : start + size]


def drawn(seed: int, count: int = 1000) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.3, 2, count).astype("float32")


@pytest.mark.parametrize("sizes", [(7, 1000), (1000, 7), (64, 63), (1, 1)])
def test_figures_are_numpys_whatever_blocks_the_values_come_in(sizes: tuple[int, int]) -> None:
    first, second = drawn(1), drawn(2)
    second[:900] = first[:900]
    found = measure_difference(blocks(first, sizes[0]), blocks(second, sizes[1]))
    a, b = first.astype("float64"), second.astype("float64")
    assert (found.basis, found.elements, found.changed, found.left_out) == ("values", 1000, 100, 0)
    assert found.relative_distance == pytest.approx(np.linalg.norm(b - a) / np.linalg.norm(a), rel=1e-12)
    assert found.maximum == np.abs(b - a).max()
    assert found.cosine == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), rel=1e-12)


def test_values_that_are_not_finite_are_counted_and_left_out() -> None:
    first, second = drawn(1), drawn(1)
    first[0], second[0] = np.nan, np.nan
    second[1], first[2] = np.inf, np.nan
    found = measure_difference(iter([first]), iter([second]))
    assert (found.changed, found.left_out, found.maximum, found.relative_distance) == (2, 3, 0.0, 0.0)
    nothing = np.full(4, np.nan, dtype="float32")
    found = measure_difference(iter([nothing]), iter([drawn(1, 4)]))
    assert (found.changed, found.left_out, found.maximum, found.relative_distance, found.cosine) == (
        4,
        4,
        None,
        None,
        None,
    )


def test_whole_numbers_beyond_doubles_are_told_apart() -> None:
    first = np.array([2**62, 5], dtype="int64")
    found = measure_difference(iter([first]), iter([first + np.array([1, 0])]))
    assert found.changed == 1


def test_a_complex_element_counts_once() -> None:
    first = np.array([1 + 1j, 2 + 2j], dtype="complex64")
    found = measure_difference(iter([first]), iter([np.array([2 + 2j, 2 + 2j], dtype="complex64")]))
    assert (found.elements, found.changed, found.maximum) == (2, 1, 1.0)


def test_another_number_format_is_compared_by_value() -> None:
    first = drawn(1)
    for kind in (np.dtype("float16"), np.dtype(ml_dtypes.bfloat16)):
        found = measure_difference(blocks(first, 10), blocks(first.astype(kind), 999))
        assert found.relative_distance is not None
        assert 0 < found.relative_distance < 0.01
        assert found.cosine == pytest.approx(1, abs=1e-4)


def test_a_zero_tensor_has_no_relative_distance() -> None:
    found = measure_difference(iter([np.zeros(4)]), iter([np.ones(4)]))
    assert (found.relative_distance, found.cosine, found.maximum) == (None, None, 1.0)


def statistics(values: np.ndarray) -> Statistics:
    return Statistics(
        count=values.size,
        nonfinite=0,
        zeros=0,
        minimum=float(values.min()),
        maximum=float(values.max()),
        mean=float(values.mean(dtype="float64")),
        std=float(values.std(dtype="float64")),
    )


@pytest.mark.parametrize("seed", range(20))
def test_what_statistics_tell_is_never_more_than_the_distance(seed: int) -> None:
    generator = np.random.default_rng(seed)
    first = generator.normal(generator.uniform(-2, 2), generator.uniform(0.1, 3), 500)
    second = first * generator.uniform(0.5, 2) + generator.uniform(-1, 1) + generator.normal(0, 0.1 * seed, 500)
    bound = bound_difference(statistics(first), statistics(second))
    found = measure_difference(iter([first]), iter([second]))
    assert bound is not None
    assert bound.basis == "statistics"
    assert bound.relative_distance is not None
    assert found.relative_distance is not None
    assert 0 < bound.relative_distance <= found.relative_distance * (1 + 1e-9)


def test_a_shifted_and_stretched_tensor_reaches_the_bound() -> None:
    first = drawn(4).astype("float64")
    bound = bound_difference(statistics(first), statistics(first * 2 + 1))
    found = measure_difference(iter([first]), iter([first * 2 + 1]))
    assert bound is not None
    assert bound.relative_distance == pytest.approx(found.relative_distance, rel=1e-9)


def test_statistics_over_some_of_the_values_bound_nothing() -> None:
    values = statistics(drawn(1))
    hurt = Statistics(count=1000, nonfinite=1, zeros=0, minimum=0.0, maximum=1.0, mean=0.5, std=0.1)
    assert bound_difference(values, hurt) is None
    assert bound_difference(values, statistics(drawn(1, 10))) is None

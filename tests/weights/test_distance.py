from __future__ import annotations

import math

import numpy as np
import pytest

from generators.model.training import Initialiser
from generators.weights.distance import CHANCE, chance_distance, measure_distance

NORMAL = Initialiser(kind="normal", std=0.02)
CUT = Initialiser(kind="truncated-normal", std=1.0, cut=1.0)
ONE = Initialiser(kind="constant", mean=1.0)


def exact_distance(values: np.ndarray, std: float) -> float:
    """Kolmogorov and Smirnov's distance from a normal distribution, by sorting."""
    ordered = np.sort(values.astype(float))
    expected = np.array([0.5 * (1 + math.erf(x / std / math.sqrt(2))) for x in ordered])
    n = len(ordered)
    return float(max((np.arange(1, n + 1) / n - expected).max(), (expected - np.arange(n) / n).max()))


@pytest.mark.parametrize("values", [(0, 0.02, 3000), (0.005, 0.02, 3000), (0, 0.05, 5000), (0.1, 0.001, 200)])
def test_the_distance_is_that_of_an_exact_computation(values: tuple[float, float, int]) -> None:
    mean, std, count = values
    drawn = np.random.default_rng(7).normal(mean, std, count).astype("float32")
    found = measure_distance(drawn, NORMAL)
    assert found is not None
    assert found.distance == pytest.approx(exact_distance(drawn, 0.02), abs=0.0015)
    assert found.std_ratio == pytest.approx(drawn.std() / 0.02, rel=1e-4)


def test_blocks_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = np.random.default_rng(8).normal(0, 0.03, 5000).astype("float32")
    whole = measure_distance(drawn, NORMAL)
    monkeypatch.setattr("generators.weights.distance.BLOCK", 17)
    assert measure_distance(drawn, NORMAL) == whole


def test_true_draws_are_beyond_chance_as_rarely_as_said() -> None:
    generator = np.random.default_rng(9)
    runs, draws = 2000, 400
    beyond = sum(
        found.distance > found.chance_distance
        for found in (measure_distance(generator.normal(0, 0.02, draws), NORMAL) for _ in range(runs))
        if found
    )
    assert beyond <= 3 * CHANCE * runs
    assert chance_distance(10_000) == pytest.approx(0.0195, abs=1e-4)


def test_a_cut_distribution_is_told_from_an_uncut_one() -> None:
    normal = np.random.default_rng(10).normal(size=20_000)
    cut = measure_distance(normal[np.abs(normal) <= 1], CUT)
    uncut = measure_distance(normal, CUT)
    assert cut is not None
    assert uncut is not None
    assert cut.distance < cut.chance_distance < uncut.distance


def test_a_constant_is_a_case_of_its_own() -> None:
    at_start = measure_distance(np.ones(8, dtype="float32"), ONE)
    moved = measure_distance(np.array([1, 1, 0.75, 1.5], dtype="float32"), ONE)
    assert at_start is not None
    assert moved is not None
    assert (at_start.distance, at_start.displacement, at_start.std_ratio) == (0, 0, None)
    assert (moved.distance, moved.displacement) == (0.5, 0.5)


def test_values_that_are_not_finite_are_left_out() -> None:
    drawn = np.random.default_rng(11).normal(0, 0.02, 1000)
    assert measure_distance(np.concatenate([drawn, [np.nan, np.inf]]), NORMAL) == measure_distance(drawn, NORMAL)
    assert measure_distance(np.array([np.nan]), NORMAL) is None

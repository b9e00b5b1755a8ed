from __future__ import annotations

import math

import numpy as np
import pytest

from generators.weights import spectrum
from generators.weights.spectrum import measure_spectrum


def noise(rows: int, columns: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.02, (rows, columns)).astype("float32")


def with_direction(rows: int, columns: int, seed: int = 2) -> np.ndarray:
    generator = np.random.default_rng(seed)
    outer = np.outer(generator.normal(size=rows), generator.normal(size=columns))
    return (noise(rows, columns, seed) + 0.02 * outer).astype("float32")


def test_the_figures_are_those_of_a_singular_value_decomposition() -> None:
    matrix = with_direction(40, 90).astype("float64")
    singular = np.linalg.svd(matrix - matrix.mean(), compute_uv=False)
    edge = matrix.std() * (math.sqrt(40) + math.sqrt(90))
    shares = singular**2 / np.sum(singular**2)
    found = measure_spectrum(matrix)
    assert found is not None
    assert found.edge_ratio == pytest.approx(singular[0] / edge)
    assert found.beyond_edge == pytest.approx(np.mean(singular > edge))
    assert found.stable_rank_share == pytest.approx(np.sum(singular**2) / singular[0] ** 2 / 40)
    assert found.effective_rank_share == pytest.approx(math.exp(-np.sum(shares * np.log(shares))) / 40)


@pytest.mark.parametrize("shape", [(40, 48), (320, 9), (640, 160), (24, 64)])
def test_noise_does_not_stand_out_and_a_direction_does(shape: tuple[int, int]) -> None:
    for seed in range(8):
        plain, directed = measure_spectrum(noise(*shape, seed)), measure_spectrum(with_direction(*shape, seed))
        assert plain is not None
        assert directed is not None
        assert not plain.structured
        assert directed.structured


def test_shuffled_values_of_a_structured_layer_do_not_stand_out() -> None:
    for seed in range(8):
        values = with_direction(60, 200, seed)
        order = np.random.default_rng(100 + seed).permutation(values.ravel()).reshape(values.shape)
        found = measure_spectrum(order)
        assert found is not None
        assert not found.structured


def test_a_few_huge_values_are_no_structure() -> None:
    values = noise(40, 49)
    values[3, 5] = values[17, 40] = 2.0
    found = measure_spectrum(values)
    assert found is not None
    assert found.edge_ratio > spectrum.MARGIN
    assert not found.structured


def test_a_common_offset_is_no_structure() -> None:
    found, moved = measure_spectrum(noise(40, 90)), measure_spectrum(noise(40, 90) + 5)
    assert found is not None
    assert moved is not None
    assert moved.edge_ratio == pytest.approx(found.edge_ratio, rel=1e-3)


@pytest.mark.parametrize(
    "matrix",
    [
        np.zeros((20, 20)),
        np.full((20, 20), 0.1, dtype="float32"),
        np.full((20, 20), np.nan),
        np.where(np.eye(20) > 0, np.inf, 1.0),
        noise(7, 100),
    ],
)
def test_what_has_no_spectrum_gives_none(matrix: np.ndarray) -> None:
    assert measure_spectrum(matrix) is None


def test_huge_and_tiny_values_have_the_spectrum_of_their_shape() -> None:
    values = with_direction(20, 30).astype("float64")
    expected = measure_spectrum(values)
    assert expected is not None
    for scale in (1e-200, 1e200):
        found = measure_spectrum(values * scale)
        assert found is not None
        assert found.edge_ratio == pytest.approx(expected.edge_ratio)


def test_of_a_large_matrix_a_part_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spectrum, "MAX_ROWS", 30)
    monkeypatch.setattr(spectrum, "MAX_COLUMNS", 50)
    values = noise(200, 60)
    found = measure_spectrum(values)
    assert found is not None
    assert (found.rows, found.columns) == (30, 50)
    assert found == measure_spectrum(values.T[:30, :50])

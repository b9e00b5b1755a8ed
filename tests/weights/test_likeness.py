from __future__ import annotations

import numpy as np
import pytest
from weights.files import tensor

from generators.weights import likeness
from generators.weights.likeness import can_tell, chance_deviation, compare_tensors


def centred_cosine(one: np.ndarray, other: np.ndarray) -> float:
    a, b = (m.reshape(m.shape[0], -1).astype(float) for m in (one, other))
    a, b = (m - m.mean(axis=0) - m.mean(axis=1, keepdims=True) + m.mean() for m in (a, b))
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


@pytest.mark.parametrize("shape", [(20, 30), (16, 1, 7, 7), (12, 4, 3, 3)])
def test_the_cosine_is_that_of_values_without_row_and_column_means(
    shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "BLOCK_ROWS", 5)
    generator = np.random.default_rng(1)
    one = generator.normal(1, 1, shape).astype("float32")
    other = (one + generator.normal(3, 2, shape)).astype("float32")
    found = compare_tensors(tensor(one), tensor(other))
    assert found is not None
    assert found.cosine == pytest.approx(centred_cosine(one, other), abs=1e-6)


def test_of_vectors_it_is_the_correlation() -> None:
    generator = np.random.default_rng(2)
    one = generator.normal(5, 1, 300)
    other = one + generator.normal(size=300)
    found = compare_tensors(tensor(one), tensor(other))
    assert found is not None
    assert found.cosine == pytest.approx(np.corrcoef(one, other)[0, 1])


@pytest.mark.parametrize("shape", [(400,), (4, 200), (64, 1, 3, 3)])
def test_unrelated_tensors_scatter_as_chance_is_said_to(shape: tuple[int, ...]) -> None:
    generator = np.random.default_rng(3)
    pairs = [(generator.exponential(size=shape), generator.normal(size=shape)) for _ in range(600)]
    results = [compare_tensors(tensor(a), tensor(b)) for a, b in pairs]
    cosines = np.array([found.cosine for found in results if found])
    assert cosines.std() == pytest.approx(chance_deviation(shape), rel=0.12)
    assert abs(cosines.mean()) < 4 * chance_deviation(shape) / 600**0.5


def test_few_values_tell_nothing() -> None:
    assert [can_tell(shape) for shape in ((40,), (145,), (320,), (40, 1, 7, 7), (1, 9), (), (0, 5))] == [
        False,
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_numbers_that_cannot_be_compared_give_nothing() -> None:
    whole, bad = np.arange(400), np.full(400, np.nan)
    assert compare_tensors(tensor(whole), tensor(whole)) is None
    assert compare_tensors(tensor(bad), tensor(np.arange(400.0))) is None
    constant = compare_tensors(tensor(np.ones(400)), tensor(np.arange(400.0)))
    assert constant is not None
    assert (constant.likeness, constant.cosine) == ("unrelated", 0)

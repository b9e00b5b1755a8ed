from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from generators.fingerprint.moments import quiet_arithmetic
from generators.fingerprint.statistics import RunningStatistics


def _measure(dtype: str, array: np.ndarray, block: int = 7):  # noqa: ANN202
    running = RunningStatistics(dtype)
    with quiet_arithmetic():
        for start in range(0, array.size, block):
            running.add(array[start : start + block].tobytes())
    result = running.result()
    assert result is not None
    return result


@given(npst.arrays(np.float32, st.integers(1, 60), elements=st.floats(width=32)))
def test_blocks_give_what_numpy_gives_over_the_finite_values(array: np.ndarray) -> None:
    result = _measure("float32", array)
    finite = array[np.isfinite(array)].astype(np.longdouble)
    assert (result.count, result.nonfinite) == (array.size, array.size - finite.size)
    assert result.zeros == int((array == 0).sum())
    if not finite.size:
        assert result.minimum is result.maximum is result.mean is result.std is None
        return
    assert (result.minimum, result.maximum) == (float(finite.min()), float(finite.max()))
    scale = float(np.abs(finite).max()) or 1.0
    assert result.mean == pytest.approx(float(finite.mean()), abs=1e-12 * scale)
    assert result.std == pytest.approx(float(finite.std()), abs=1e-9 * scale)


@given(npst.arrays(np.int64, st.integers(1, 40)))
def test_integers_keep_their_exact_extremes(array: np.ndarray) -> None:
    result = _measure("int64", array)
    assert (result.minimum, result.maximum) == (int(array.min()), int(array.max()))
    assert result.nonfinite == 0


def test_deviation_survives_a_large_offset() -> None:
    array = (np.arange(10_000) % 2 + 1e6).astype(np.float64)
    assert _measure("float64", array, 333).std == pytest.approx(0.5, rel=1e-12)


def test_huge_float64_values_do_not_overflow() -> None:
    array = np.array([1.5e308, 1.5e308, -1.5e308])
    result = _measure("float64", array)
    assert result.nonfinite == 0
    assert result.mean == pytest.approx(0.5e308)
    assert result.std is not None
    assert math.isfinite(result.std)


def test_booleans_count_as_zero_and_one() -> None:
    result = _measure("bool", np.array([True, False, True, True]))
    assert (result.minimum, result.maximum, result.zeros, result.mean) == (0, 1, 1, 0.75)


def test_complex_values_are_counted_but_not_ordered() -> None:
    result = _measure("complex64", np.array([1 + 2j, complex("nan"), 0], dtype=np.complex64))
    assert (result.count, result.nonfinite, result.zeros) == (3, 1, 1)
    assert result.minimum is result.mean is result.std is None


def test_an_empty_tensor_has_no_extremes() -> None:
    result = RunningStatistics("float32").result()
    assert result is not None
    assert (result.count, result.minimum, result.mean) == (0, None, None)


FULL = 65_536
"""Values of a block of float32."""
SHAPES = {
    "around zero": lambda r: r.standard_normal(FULL * 2 + 9000),
    "tiny": lambda r: r.standard_normal(FULL + 8192) ** 2 * 1e-22,
    "huge": lambda r: r.standard_normal(FULL + 8191) * 1e30,
    "far from zero": lambda r: 1000 + r.standard_normal(FULL) * 1e-2,
    "far from where it begins": lambda r: np.r_[np.zeros(1000), 1e6 + r.standard_normal(FULL - 1000)],
    "one value": lambda _: np.full(FULL + 10_000, 0.1),
    "zeros": lambda _: np.zeros(FULL),
    "mostly zeros": lambda r: np.where(r.random(FULL) < 1e-3, 1.0, 0.0),
    "denormal": lambda r: r.standard_normal(FULL) * 1e-42,
    "with infinities": lambda r: np.where(r.random(FULL) < 1e-4, np.inf, r.standard_normal(FULL)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_many_float32_values_are_measured_to_seven_digits(shape: str) -> None:
    array = SHAPES[shape](np.random.default_rng(7)).astype(np.float32)
    result = _measure("float32", array, FULL)
    finite = array[np.isfinite(array)].astype(np.longdouble)
    assert (result.count, result.nonfinite) == (array.size, array.size - finite.size)
    assert result.zeros == int((array == 0).sum())
    assert (result.minimum, result.maximum) == (float(finite.min()), float(finite.max()))
    deviation = float(finite.std())
    standard_error = deviation / array.size**0.5
    assert result.mean == pytest.approx(float(finite.mean()), rel=1e-7, abs=1e-5 * standard_error)
    assert result.std == pytest.approx(deviation, rel=1e-7, abs=1e-8 * abs(float(finite.mean())))

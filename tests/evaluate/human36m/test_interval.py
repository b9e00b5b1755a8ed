from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap

from generators.evaluate.human36m.interval import CONFIDENCE, RESAMPLES, interval_over_takes


def errors_of_takes(takes: int, frames: int = 40, between: float = 8.0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(takes)
    numbers = np.repeat(np.arange(takes) * 17 + 900, frames)
    of_take = generator.normal(50, between, takes)
    return np.repeat(of_take, frames) + generator.normal(0, 2, takes * frames), numbers


def test_the_interval_is_scipys_bootstrap_of_the_ratio_of_sums() -> None:
    errors, takes = errors_of_takes(60)
    keep = np.random.default_rng(1).random(len(errors)) < 0.6  # takes of different length
    errors, takes = errors[keep], takes[keep]
    totals = np.array([errors[takes == take].sum() for take in np.unique(takes)])
    counts = np.array([float((takes == take).sum()) for take in np.unique(takes)])
    expected = bootstrap(
        (totals, counts),
        lambda t, c, axis: t.sum(axis=axis) / c.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(7),
    ).confidence_interval
    found = interval_over_takes(errors, takes)
    assert found == pytest.approx((expected.low, expected.high), abs=0.1)
    assert found is not None
    assert found[0] < errors.mean() < found[1]


def test_frames_of_one_take_are_not_counted_as_if_they_were_independent() -> None:
    errors, takes = errors_of_takes(20)
    found = interval_over_takes(errors, takes)
    assert found is not None
    of_frames = 2 * 1.96 * errors.std() / np.sqrt(len(errors))
    assert found[1] - found[0] > 4 * of_frames


def test_one_take_gives_no_interval() -> None:
    errors, takes = errors_of_takes(1)
    assert interval_over_takes(errors, takes) is None


def test_the_interval_is_the_same_each_time() -> None:
    errors, takes = errors_of_takes(5)
    assert interval_over_takes(errors, takes) == interval_over_takes(errors, takes)

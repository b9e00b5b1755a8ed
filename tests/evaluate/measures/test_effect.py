from __future__ import annotations

import math

import pytest

from generators.evaluate.measures.effect import cliffs_delta, hedges_g


def test_cliffs_delta_is_1_where_every_number_of_ours_is_larger() -> None:
    assert cliffs_delta([5, 6, 7], [1, 2]) == 1
    assert cliffs_delta([1, 2], [5, 6, 7]) == -1


def test_cliffs_delta_counts_pairs_and_leaves_ties_out() -> None:
    # of the nine pairs: larger in (2,1) (3,1) (3,2); equal in three; smaller in three
    assert cliffs_delta([1, 2, 3], [1, 2, 3]) == 0
    assert cliffs_delta([1, 4], [1, 2]) == pytest.approx((2 - 1) / 4)
    assert cliffs_delta([], [1.0]) is None


def test_hedges_g_is_cohen_s_d_made_smaller_for_small_sets() -> None:
    # means 3 and 1, both variances 1, so d = 2; four degrees of freedom shrink it by the published 1 - 3 / 15
    assert hedges_g([2, 3, 4], [0, 1, 2]) == pytest.approx(2 * (1 - 3 / 15))


def test_the_correction_is_close_to_the_exact_one() -> None:
    exact = math.gamma(10 / 2) / (math.sqrt(10 / 2) * math.gamma(9 / 2))
    ours, theirs = [1.0, 2, 3, 4, 5, 6], [0.0, 1, 2, 3, 4, 5]
    assert hedges_g(ours, theirs) == pytest.approx(exact * 1 / math.sqrt(3.5), rel=1e-3)


@pytest.mark.parametrize(("ours", "theirs"), [([1.0], [2.0, 3.0]), ([1.0, 1.0], [2.0, 2.0])])
def test_without_spread_there_is_no_g(ours: list[float], theirs: list[float]) -> None:
    assert hedges_g(ours, theirs) is None

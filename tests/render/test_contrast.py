from __future__ import annotations

import pytest

from generators.render.contrast import blend, contrast, readable_on


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#777777", "#ffffff") == contrast("#ffffff", "#777777")


def test_half_of_black_over_white_is_grey() -> None:
    assert blend("#000000", 0.5, "#ffffff") == "#808080"


@pytest.mark.parametrize("cell", ["#0072b2", "#56b4e9"])
@pytest.mark.parametrize("paper", ["#ffffff", "#1e2129"])
def test_a_number_can_be_read_on_any_shade_of_a_cell(cell: str, paper: str) -> None:
    for percent in range(101):
        share = percent / 100
        assert contrast(readable_on(cell, share, paper), blend(cell, share, paper)) >= 4.5

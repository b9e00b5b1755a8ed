from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from render.report_builder import speed

from generators.render.charts import draw_chart
from generators.render.speed_chart import SpeedChart, speed_chart

WHOLE = re.compile(r"\d+")


def labels(chart: SpeedChart) -> list[str]:
    return re.findall(r"<!-- (.*?) -->", draw_chart(chart, "light").decode())


def test_a_row_has_what_was_measured() -> None:
    chart = speed_chart(speed())
    assert [row.batch_size for row in chart.rows] == [1, 2, 4]
    first = chart.rows[0]
    assert first.images_per_second == pytest.approx((20, 1 / 0.06, 1 / 0.045))
    assert first.gflops == pytest.approx(2 * 0.815 / 0.05)
    assert first.intensity == pytest.approx(2 * 815e6 / 0.05 / 2e9)
    assert (chart.copy_gigabytes, chart.products) == (20, (("float32", 90),))


def test_a_ceiling_that_was_not_measured_is_not_drawn() -> None:
    assert "tf32" not in labels(speed_chart(speed()))
    bare = speed_chart(replace(speed(), ceilings=()))
    assert (bare.copy_gigabytes, bare.products) == (None, ())
    assert draw_chart(bare, "dark")


@pytest.mark.parametrize("factor", [1e-4, 0.01, 1, 100, 1e5])
def test_every_label_is_a_whole_number_or_the_name_of_a_type(factor: float) -> None:
    chart = speed_chart(speed())
    rows = tuple(
        replace(
            row,
            images_per_second=tuple(value * factor for value in row.images_per_second),
            gflops=row.gflops * factor,
        )
        for row in chart.rows
    )
    drawn = labels(replace(chart, rows=rows, products=(("float32", 90 * factor), ("bfloat16", 200 * factor))))
    assert {"float32", "bfloat16"} <= set(drawn)
    assert all(WHOLE.fullmatch(label) for label in drawn if label not in {"float32", "bfloat16"})


def test_one_batch_size_can_be_drawn() -> None:
    chart = speed_chart(speed())
    assert draw_chart(replace(chart, rows=chart.rows[:1]), "light")

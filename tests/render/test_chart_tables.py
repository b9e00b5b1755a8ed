from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from render.report_builder import build_report

from generators.render.chart_inputs import plan_charts
from generators.render.chart_tables import chart_table, chart_tables
from generators.render.charts import draw_chart

CHARTS = plan_charts(build_report())
TABLES = chart_tables(CHARTS)


@pytest.mark.parametrize("name", TABLES)
def test_each_row_has_a_cell_for_each_heading(name: str) -> None:
    table = TABLES[name]
    assert table.rows
    assert {len(row) for row in table.rows} == {len(table.headings)}


def test_only_charts_of_tensors_and_of_pictures_have_no_table() -> None:
    without = {name.partition("-")[0] for name in CHARTS if name not in TABLES}
    assert without <= {"layers", "skeletons"}


@pytest.mark.parametrize("name", TABLES)
def test_each_mark_of_a_chart_lies_in_it_and_has_its_value_in_the_table(name: str) -> None:
    root = ET.fromstring(draw_chart(CHARTS[name], "light"))  # noqa: S314 - our own bytes
    (metadata,) = (e for e in root.iter("{http://www.w3.org/2000/svg}metadata") if e.get("id") == "marks")
    marks = json.loads(metadata.text or "")
    table = chart_table(CHARTS[name])
    assert marks
    assert table
    for across, down, row, column in marks:
        assert 0 <= across <= 1
        assert 0 <= down <= 1
        assert table.rows[row][column].value is not None

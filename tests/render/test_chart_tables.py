from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from render.report_builder import build_report

from generators.render.chart_inputs import ChartInputs, LayersChart, layers_chart_name, plan_charts
from generators.render.chart_tables import chart_table, chart_tables
from generators.render.charts import draw_chart

CHARTS = plan_charts(build_report())
TABLES = chart_tables(CHARTS)


def marks_of(chart: ChartInputs) -> list[tuple[float, float, int, int]]:
    root = ET.fromstring(draw_chart(chart, "light"))  # noqa: S314 - our own bytes
    (metadata,) = (e for e in root.iter("{http://www.w3.org/2000/svg}metadata") if e.get("id") == "marks")
    return [tuple(mark) for mark in json.loads(metadata.text or "")]


@pytest.mark.parametrize("name", TABLES)
def test_each_row_has_a_cell_for_each_heading(name: str) -> None:
    table = TABLES[name]
    assert table.rows
    assert {len(row) for row in table.rows} == {len(table.headings)}


def test_a_chart_of_tensors_marks_every_value_in_the_table_of_tensors_and_what_is_missing() -> None:
    for subject in build_report().subjects:
        chart = CHARTS.get(layers_chart_name(subject))
        if not isinstance(chart, LayersChart) or subject.fingerprint is None:
            continue
        tensors = subject.fingerprint.model_tensors
        marks = {(row, column) for _, _, row, column in marks_of(chart)}
        for row, tensor in enumerate(tensors):
            known = tensor.statistics is not None and tensor.statistics.std is not None
            is_drawn = known and not tensor.name.endswith("num_batches_tracked")
            assert ((row, 9) in marks) is is_drawn, tensor.name
            assert ((row, 4) in marks) is (tensor.missing and not tensor.name.endswith("num_batches_tracked"))


def test_only_charts_of_tensors_and_of_pictures_have_no_table() -> None:
    without = {name.partition("-")[0] for name in CHARTS if name not in TABLES}
    assert without <= {"layers", "skeletons"}


@pytest.mark.parametrize("name", TABLES)
def test_each_mark_of_a_chart_lies_in_it_and_has_its_value_in_the_table(name: str) -> None:
    marks = marks_of(CHARTS[name])
    table = chart_table(CHARTS[name])
    assert marks
    assert table
    for across, down, row, column in marks:
        assert 0 <= across <= 1
        assert 0 <= down <= 1
        assert table.rows[row][column].value is not None

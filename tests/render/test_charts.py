from __future__ import annotations

import re
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace
from render.report_builder import build_report, damaged_checkpoint

from generators.architectures.skeleton import JOINTS
from generators.errors import RenderError
from generators.model.sanity import MeasureName
from generators.render.chart_inputs import (
    ChartInputs,
    Layer,
    LayersChart,
    Prediction,
    SizeRow,
    SizesChart,
    plan_charts,
)
from generators.render.charts import THEMES, Theme, chart_key, draw_chart

CHARTS = plan_charts(build_report())
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    "name",
    [
        *("sizes", "capacity", "matrix", "kinship"),
        *("layers-convnextpose-xs", "speed-control-xs", "distances-convnextpose-xs"),
    ],
)
@pytest.mark.parametrize("theme", THEMES)
def test_a_chart_is_the_same_bytes_each_time(name: str, theme: Theme) -> None:
    assert draw_chart(CHARTS[name], theme) == draw_chart(CHARTS[name], theme)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_an_svg_without_text_script_or_foreign_address(name: str) -> None:
    content = draw_chart(CHARTS[name], "light")
    root = ET.fromstring(content)  # noqa: S314 - our own bytes
    tags = {element.tag for element in root.iter()}
    assert tags.isdisjoint({f"{SVG}text", f"{SVG}script", f"{SVG}foreignObject", f"{SVG}image"})
    references = [value for e in root.iter() for key, value in e.attrib.items() if key.endswith("href")]
    assert all(reference.startswith("#") for reference in references)
    assert not any(key.startswith("on") for e in root.iter() for key in e.attrib)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_has_only_numbers_and_identifiers(name: str) -> None:
    drawn = re.findall(r"<!-- (.*?) -->", draw_chart(CHARTS[name], "light").decode())
    identifiers = {s.id for s in build_report().subjects} | {a.id for a in build_report().architectures}
    identifiers |= {"float32", "tf32", "bfloat16", "float16"}
    identifiers |= {*JOINTS, *get_args(MeasureName)}
    assert drawn
    for label in drawn:
        is_power = re.fullmatch(r"\$\\mathdefault\{10\^\{[-−]?\d+\}\}\$", label)
        assert label in identifiers or is_power or re.fullmatch(r"[-−]?\d+", label), label


def test_the_themes_differ_and_neither_has_a_background() -> None:
    light, dark = (draw_chart(CHARTS["matrix"], theme) for theme in THEMES)
    assert light != dark
    assert b"#ffffff" not in light.split(b"</g>")[0]


def test_the_key_changes_with_the_inputs_and_the_theme() -> None:
    sizes = CHARTS["sizes"]
    assert isinstance(sizes, SizesChart)
    other = replace(sizes, rows=sizes.rows[1:])
    keys = {chart_key(sizes, "light"), chart_key(sizes, "dark"), chart_key(other, "light")}
    assert len(keys) == 3


def test_an_exact_fit_and_a_listed_range_can_be_drawn() -> None:
    chart = SizesChart(
        rows=(
            SizeRow(subject="exact", minimum_bytes=100, maximum_bytes=100),
            SizeRow(subject="range", minimum_bytes=90, maximum_bytes=110),
        ),
        predictions=(Prediction(architecture="a", size_bytes=100),),
    )
    assert draw_chart(chart, "light")


@pytest.mark.parametrize("value", [0.0, 2.2e-18, 1e30, -5.0])
def test_values_of_any_magnitude_can_be_drawn(value: float) -> None:
    chart: ChartInputs = LayersChart(layers=(Layer(row=0, missing=False, std=value, minimum=-value, maximum=value),))
    assert draw_chart(chart, "light")


def test_a_file_without_a_known_value_gets_no_layer_chart() -> None:
    report = build_report()
    empty = replace(damaged_checkpoint().fingerprint, tensors=())  # type: ignore[type-var]
    changed = replace(damaged_checkpoint(), fingerprint=empty)
    assert "layers-convnextpose-xs" not in plan_charts(replace(report, subjects=(changed,)))


def test_the_matrix_outlines_what_the_first_layer_would_allow() -> None:
    matrix = CHARTS["matrix"]
    rows = {row.subject: row for row in matrix.rows}  # type: ignore[union-attr]
    assert rows["control-s"].same_first_layer == (False, True, True)  # type: ignore[union-attr]
    assert rows["control-xs"].same_first_layer == (True, False, False)  # type: ignore[union-attr]


def test_a_hostile_id_never_reaches_a_chart() -> None:
    report = build_report()
    hostile = replace(report.subjects[1], id="--><script>")
    with pytest.raises(RenderError):
        plan_charts(replace(report, subjects=(hostile,)))

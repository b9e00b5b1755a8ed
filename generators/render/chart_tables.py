"""The numbers of each chart as a table, so that its values can be read, copied and heard.

A chart is a picture; its table holds what the picture was drawn from, row by
row. Charts of single tensors need none of their own: their marks lead into the
page's table of tensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

from generators.model.sanity import TwinKind
from generators.render.accuracy_chart import JointsChart
from generators.render.chart_inputs import CapacityChart, ChartInputs, MatrixChart, SizeRow, SizesChart
from generators.render.sanity_inputs import EntropyChart, MeasuresChart, OverviewChart
from generators.render.speed_chart import SpeedChart
from generators.render.weights_chart_inputs import DistancesChart

CHART_COLUMNS = (
    "file",
    "smallest-size",
    "largest-size",
    "architecture",
    "parameters",
    "published-parameters",
    "macs-two",
    "macs-three",
    "published-macs",
    "joint",
    "batch-size",
    "images-median",
    "images-slowest",
    "images-fastest",
    "intensity",
    "rate",
    "layer",
    "distance",
    "chance",
    "edge-ratio",
    "measure",
    "threshold",
    "network",
    "twins",
)
"""Headings, by the code of their message."""

Format = Literal["name", "number", "share", "bytes", "macs", "numbers"]
TWINS: tuple[TwinKind, ...] = get_args(TwinKind)


class Heading(Struct, frozen=True, kw_only=True):
    """The heading of a column: a message of a context, or an identifier where the context is empty."""

    code: str
    context: str = "chart-column"


class Cell(Struct, frozen=True, kw_only=True):
    """One value.

    Attributes:
        value: None where the chart has no mark.
        format: How it is written.
        unit: Of a number.
        is_marked: Whether the chart outlines it.
    """

    value: float | int | str | tuple[float, ...] | None
    format: Format = "number"
    unit: str = ""
    is_marked: bool = False


class ChartTable(Struct, frozen=True, kw_only=True):
    """What a chart shows, as a table."""

    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]


def chart_tables(charts: Mapping[str, ChartInputs]) -> dict[str, ChartTable]:
    """Return the tables of charts by the charts' names; a chart of which a page shows the numbers anyway has none."""
    tables = {name: chart_table(inputs) for name, inputs in charts.items()}
    return {name: table for name, table in tables.items() if table is not None}


def chart_table(chart: ChartInputs) -> ChartTable | None:
    """Return the numbers of a chart; None for one of single tensors, or of pictures."""
    match chart:
        case SizesChart():
            return _sizes(chart)
        case CapacityChart():
            return _capacity(chart)
        case MatrixChart():
            return _matrix(chart)
        case JointsChart():
            return _joints(chart)
        case SpeedChart():
            return _speed(chart)
        case DistancesChart():
            return _distances(chart)
        case MeasuresChart():
            return _measures(chart)
        case EntropyChart():
            return _entropy(chart)
        case OverviewChart():
            return _overview(chart)
        case _:
            return None


def distance_share(row: SizeRow, predicted_bytes: int) -> float:
    """Return how far a prediction is from the nearest size that a row allows, as a share of the prediction."""
    return max(row.minimum_bytes - predicted_bytes, predicted_bytes - row.maximum_bytes, 0) / predicted_bytes


def _headings(*codes: str) -> tuple[Heading, ...]:
    return tuple(Heading(code=code) for code in codes)


def _named(*names: str) -> tuple[Heading, ...]:
    return tuple(Heading(code=name, context="") for name in names)


def _name(text: str) -> Cell:
    return Cell(value=text, format="name")


def _sizes(chart: SizesChart) -> ChartTable:
    def row(of: SizeRow) -> tuple[Cell, ...]:
        sizes = (Cell(value=size, format="bytes") for size in (of.minimum_bytes, of.maximum_bytes))
        shares = (Cell(value=distance_share(of, p.size_bytes), format="share") for p in chart.predictions)
        return (_name(of.subject), *sizes, *shares)

    names = _named(*(prediction.architecture for prediction in chart.predictions))
    return ChartTable(
        headings=(*_headings("file", "smallest-size", "largest-size"), *names),
        rows=tuple(row(of) for of in chart.rows),
    )


def _capacity(chart: CapacityChart) -> ChartTable:
    codes = ("architecture", "parameters", "published-parameters", "macs-two", "macs-three", "published-macs")
    rows = []
    for row in chart.rows:
        macs = dict(row.macs)
        counts = (macs.get(2), macs.get(3), row.published_macs)
        rows.append(
            (
                _name(row.architecture),
                Cell(value=row.parameters),
                Cell(value=row.published_parameters),
                *(Cell(value=count, format="macs") for count in counts),
            )
        )
    return ChartTable(headings=_headings(*codes), rows=tuple(rows))


def _matrix(chart: MatrixChart) -> ChartTable:
    return ChartTable(
        headings=(*_headings("file"), *_named(*chart.architectures)),
        rows=tuple(
            (
                _name(row.subject),
                *(
                    Cell(value=share, format="share", is_marked=marked)
                    for share, marked in zip(row.shares, row.same_first_layer, strict=True)
                ),
            )
            for row in chart.rows
        ),
    )


def _joints(chart: JointsChart) -> ChartTable:
    return ChartTable(
        headings=(*_headings("joint"), *_named(*(row.protocol for row in chart.rows))),
        rows=tuple(
            (_name(joint), *(Cell(value=row.errors_mm[place], unit="mm") for row in chart.rows))
            for place, joint in enumerate(chart.joints)
        ),
    )


def _speed(chart: SpeedChart) -> ChartTable:
    codes = ("batch-size", "images-median", "images-slowest", "images-fastest", "intensity", "rate")
    return ChartTable(
        headings=_headings(*codes),
        rows=tuple(
            tuple(Cell(value=v) for v in (row.batch_size, *row.images_per_second, row.intensity, row.gflops))
            for row in chart.rows
        ),
    )


def _distances(chart: DistancesChart) -> ChartTable:
    return ChartTable(
        headings=_headings("layer", "distance", "chance", "edge-ratio"),
        rows=tuple(
            (
                Cell(value=place),
                Cell(value=mark.distance, format="share"),
                Cell(value=mark.chance, format="share"),
                Cell(value=mark.edge_ratio, format="share", is_marked=mark.structured),
            )
            for place, mark in enumerate(chart.marks, start=1)
        ),
    )


def _of_twins() -> tuple[Heading, ...]:
    return tuple(Heading(code=kind, context="twin") for kind in TWINS)


def _measures(chart: MeasuresChart) -> ChartTable:
    return ChartTable(
        headings=(*_headings("measure", "threshold", "network"), *_of_twins()),
        rows=tuple(
            (
                _name(panel.measure),
                Cell(value=panel.threshold),
                *(Cell(value=column, format="numbers") for column in panel.columns),
            )
            for panel in chart.panels
        ),
    )


def _entropy(chart: EntropyChart) -> ChartTable:
    return ChartTable(
        headings=(*_headings("joint", "network"), *_of_twins()[: len(chart.curves) - 1]),
        rows=tuple(
            (_name(joint), *(Cell(value=curve[place]) for curve in chart.curves))
            for place, joint in enumerate(chart.joints)
        ),
    )


def _overview(chart: OverviewChart) -> ChartTable:
    return ChartTable(
        headings=_headings("file", "measure", "threshold", "network", "twins"),
        rows=tuple(
            (
                _name(row.subject),
                _name(measure),
                Cell(value=chart.thresholds[place]),
                Cell(value=row.own[place]),
                Cell(value=row.twins[place], format="numbers"),
            )
            for row in chart.rows
            for place, measure in enumerate(chart.measures)
        ),
    )

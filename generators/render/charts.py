"""Charts as SVG: numbers and identifiers only, the same bytes from the same inputs.

The words of a chart stand in the page around it, so that one file serves every
language; axes are whole numbers or powers of ten, so that none needs a decimal
separator. Text is drawn as paths: a reader's fonts don't matter.

matplotlib is imported inside the functions: a build that draws nothing anew
doesn't pay for it.
"""

from __future__ import annotations

import functools
import hashlib
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, assert_never

import msgspec
from msgspec import Struct

from generators.render.accuracy_chart import JointsChart, draw_joints
from generators.render.chart_inputs import (
    CapacityChart,
    ChartInputs,
    LayersChart,
    MatrixChart,
    SizeRow,
    SizesChart,
)
from generators.render.chart_marks import Marks
from generators.render.chart_tables import distance_share
from generators.render.contrast import readable_on
from generators.render.sanity_charts import draw_sanity
from generators.render.sanity_inputs import EntropyChart, MeasuresChart, OverviewChart, SkeletonChart
from generators.render.speed_chart import SpeedChart, draw_speed
from generators.render.weights_chart_inputs import DistancesChart
from generators.render.weights_charts import draw_distances

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import Locator

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

PNG_DPI = 150
"""1425 pixels across: what GitHub shows in half of that is sharp on screens of double density."""
MIB = 1024 * 1024
DEVIATION_FLOOR = 1e-6
"""Where an exact fit is drawn on the logarithmic axis: a byte in a megabyte."""
_COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#8c8c8c",
    "#b59f00",
    "#7a5195",
    "#a05a2c",
)
"""Source: Okabe and Ito, Color Universal Design (2008), the first six; the rest differ in lightness."""
_TENSOR_COLUMNS = {"missing": 4, "minimum": 6, "maximum": 7, "std": 9}
"""Columns of a page's table of tensors that have what the chart of layers shows; see ``subject.md.j2``."""
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "h")
"""A marker an architecture, so that nothing depends on colour alone."""


class _Ink(Struct, frozen=True, kw_only=True):
    """Colours of a theme; the background is the page's."""

    text: str
    grid: str
    strong: str
    cell: str
    paper: str


_INKS: dict[Theme, _Ink] = {
    "light": _Ink(text="#333333", grid="#cccccc", strong="#000000", cell="#0072b2", paper="#ffffff"),
    "dark": _Ink(text="#dddddd", grid="#555555", strong="#ffffff", cell="#56b4e9", paper="#1e2129"),
}


def chart_key(inputs: ChartInputs, theme: Theme) -> str:
    """Return the cache key of a chart: it changes with its inputs, its theme and the modules of charts."""
    digest = hashlib.sha256(_source())
    digest.update(msgspec.json.encode([type(inputs).__name__, inputs, theme]))
    return f"chart-{digest.hexdigest()}"


@functools.cache
def _source() -> bytes:
    """Return the digest of the modules of charts."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*chart*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def draw_chart(inputs: ChartInputs, theme: Theme) -> bytes:
    """Return the chart as SVG with a transparent background."""
    return _save(inputs, theme, {"format": "svg", "transparent": True, "metadata": {"Date": None, "Creator": None}})


def draw_opaque_chart(inputs: ChartInputs, theme: Theme) -> bytes:
    """Return the chart as PNG on the theme's paper: it reads the same on a page of any colour."""
    options = {"format": "png", "dpi": PNG_DPI, "facecolor": _INKS[theme].paper, "metadata": {"Software": None}}
    return _save(inputs, theme, options)


def _save(inputs: ChartInputs, theme: Theme, options: dict[str, Any]) -> bytes:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    ink = _INKS[theme]
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_style(ink))
        figure, marks = Figure(layout="constrained"), Marks()
        _draw(figure, inputs, ink, marks)
        buffer = io.BytesIO()
        figure.savefig(buffer, **options)
        content = buffer.getvalue()
        return marks.write_into(content, figure) if options["format"] == "svg" else content


def _draw(figure: Figure, inputs: ChartInputs, ink: _Ink, marks: Marks) -> None:
    match inputs:
        case SizesChart():
            _draw_sizes(figure, inputs, ink, marks)
        case CapacityChart():
            _draw_capacity(figure, inputs, ink, marks)
        case LayersChart():
            _draw_layers(figure, inputs, ink, marks)
        case MatrixChart():
            _draw_matrix(figure, inputs, ink, marks)
        case JointsChart():
            draw_joints(figure, inputs, _COLOURS, marks)
        case SpeedChart():
            draw_speed(figure, inputs, ink.text, marks)
        case DistancesChart():
            draw_distances(figure, inputs, colours=_COLOURS, text=ink.text, marks=marks)
        case MeasuresChart() | EntropyChart() | SkeletonChart() | OverviewChart():
            draw_sanity(figure, inputs, ink.text, ink.grid, marks)
        case _:
            assert_never(inputs)


def _style(ink: _Ink) -> dict[Any, Any]:
    inks: dict[Any, Any] = dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), ink.text)
    return inks | {
        "svg.fonttype": "path",
        "svg.hashsalt": "assay",
        "font.size": 9,
        "axes.edgecolor": ink.grid,
        "axes.facecolor": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "grid.color": ink.grid,
        "grid.linewidth": 0.5,
        "legend.frameon": False,
    }


def _draw_sizes(figure: Figure, chart: SizesChart, ink: _Ink, marks: Marks) -> None:
    figure.set_size_inches(9.5, 1.6 + 0.32 * len(chart.rows))
    sizes, deviations = figure.subplots(1, 2, sharey=True)
    places = range(len(chart.rows))
    for number, prediction in enumerate(chart.predictions):
        mark = {"marker": _MARKERS[number % 10], "color": _COLOURS[number % 10], "linestyle": "none", "markersize": 5}
        predicted = [prediction.size_bytes / MIB] * len(chart.rows)
        sizes.plot(predicted, places, label=prediction.architecture, alpha=0.8, **mark)
        distances = [_deviation(row, prediction.size_bytes) for row in chart.rows]
        deviations.plot(distances, places, **mark)
        marks.add_each(deviations, zip(distances, places, strict=True), column=number + 3)
    middles = [(row.minimum_bytes + row.maximum_bytes) / 2 / MIB for row in chart.rows]
    marks.add_each(sizes, zip(middles, places, strict=True), column=1)
    sizes.plot(middles, places, "|", color=ink.strong, markersize=15, markeredgewidth=1.5)
    _whole_log_axis(sizes, (25, 50, 100, 200, 400, 800))
    deviations.set_xscale("log")
    deviations.set_xlim(DEVIATION_FLOOR / 2, 40)
    sizes.set_yticks(places, [row.subject for row in chart.rows])
    sizes.invert_yaxis()
    figure.legend(loc="outside lower center", ncols=5)


def _deviation(row: SizeRow, predicted: int) -> float:
    """Distance of the prediction from the nearest size that the observation allows, as a share of the prediction."""
    return max(distance_share(row, predicted), DEVIATION_FLOOR)


def _whole_log_axis(axes: Axes, ticks: tuple[int, ...]) -> None:
    axes.set_xscale("log")
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_xticks([], minor=True)


def _draw_capacity(figure: Figure, chart: CapacityChart, ink: _Ink, marks: Marks) -> None:
    figure.set_size_inches(9.5, 1.0 + 0.5 * len(chart.rows))
    parameters, macs = figure.subplots(1, 2, sharey=True)
    ring = {"marker": "o", "markersize": 13, "markerfacecolor": "none", "color": ink.strong, "linestyle": "none"}
    for place, row in enumerate(chart.rows):
        parameters.plot([row.parameters // 1000], [place], "o", color=_COLOURS[0])
        marks.add(parameters, row.parameters // 1000, place, row=place, column=1)
        if row.published_parameters is not None:
            parameters.plot([row.published_parameters // 1000], [place], **ring)
        for blocks, count in row.macs:
            macs.plot([count // 10**6], [place], "o", color=_COLOURS[0 if blocks == 2 else 1])  # noqa: PLR2004
            marks.add(macs, count // 10**6, place, row=place, column=blocks + 1)
            macs.annotate(str(blocks), (count // 10**6, place), (0, 9), textcoords="offset points", ha="center")
        if row.published_macs is not None:
            macs.plot([row.published_macs // 10**6], [place], **ring)
    for axes in (parameters, macs):
        axes.set_xlim(left=0)
        axes.margins(y=0.3)
        axes.xaxis.set_major_formatter("{x:.0f}")
    parameters.set_yticks(range(len(chart.rows)), [row.architecture for row in chart.rows])
    parameters.invert_yaxis()


def _draw_layers(figure: Figure, chart: LayersChart, ink: _Ink, marks: Marks) -> None:
    figure.set_size_inches(9.5, 3.2)
    axes = figure.subplots()
    floor = _foot(chart)
    series = (
        ([layer.std for layer in chart.layers], "o", _COLOURS[0], _TENSOR_COLUMNS["std"]),
        ([layer.maximum for layer in chart.layers], "^", _COLOURS[1], _TENSOR_COLUMNS["maximum"]),
        ([layer.minimum for layer in chart.layers], "v", _COLOURS[2], _TENSOR_COLUMNS["minimum"]),
    )
    for values, marker, colour, column in series:
        known = [(place, max(abs(value), floor)) for place, value in enumerate(values) if value is not None]
        axes.plot([place for place, _ in known], [value for _, value in known], marker, color=colour, markersize=2.5)
        for place, value in known:
            marks.add(axes, place, value, row=chart.layers[place].row, column=column)
    missing = [place for place, layer in enumerate(chart.layers) if layer.missing]
    axes.plot(missing, [floor] * len(missing), "x", color=ink.strong, markersize=5)
    for place in missing:
        marks.add(axes, place, floor, row=chart.layers[place].row, column=_TENSOR_COLUMNS["missing"])
    axes.set_yscale("log")
    axes.set_xlim(-2, len(chart.layers) + 1)
    axes.yaxis.set_minor_formatter("")
    axes.xaxis.set_major_locator(_whole_numbers())
    axes.grid(visible=False, axis="x")


def _foot(chart: LayersChart) -> float:
    """Where zeros and missing tensors are drawn: a power of ten below every other value."""
    values = [value for layer in chart.layers for value in (layer.std, layer.minimum, layer.maximum)]
    smallest = min((abs(value) for value in values if value), default=1.0)
    return 10.0 ** (math.floor(math.log10(smallest)) - 1)


def _whole_numbers() -> Locator:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True)


def _whole_percent(share: float) -> int:
    """Percent rounded down, so that only a full match is 100; the addend undoes binary rounding of the share."""
    return math.floor(share * 100 + 1e-9)


def _draw_matrix(figure: Figure, chart: MatrixChart, ink: _Ink, marks: Marks) -> None:
    from matplotlib.patches import Rectangle

    figure.set_size_inches(9.5, 1.4 + 0.42 * len(chart.rows))
    axes = figure.subplots()
    for place, row in enumerate(chart.rows):
        for column, (share, same) in enumerate(zip(row.shares, row.same_first_layer, strict=True)):
            corner, alpha = (column - 0.5, place - 0.5), share or 0.0
            axes.add_patch(Rectangle(corner, 1, 1, facecolor=ink.cell, alpha=alpha, linewidth=0))
            if same:
                inner = (column - 0.44, place - 0.42)
                axes.add_patch(Rectangle(inner, 0.88, 0.84, fill=False, edgecolor=_COLOURS[1], linewidth=1.8))
            if share is not None:
                colour = readable_on(ink.cell, share, ink.paper)
                axes.text(column, place, str(_whole_percent(share)), ha="center", va="center", color=colour)
                marks.add(axes, column, place, row=place, column=column + 1)
    axes.set_xlim(-0.5, len(chart.architectures) - 0.5)
    axes.set_ylim(len(chart.rows) - 0.5, -0.5)
    axes.set_xticks(range(len(chart.architectures)), list(chart.architectures), rotation=30, ha="right")
    axes.set_yticks(range(len(chart.rows)), [row.subject for row in chart.rows])
    axes.grid(visible=False)

"""The chart of a checkpoint's layers against what they were drawn from and against noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from generators.render.chart_marks import Marks
from generators.render.weights_chart_inputs import DistancesChart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PERCENT = 100
LOWEST_TOP = 50
"""Percent that the upper axis reaches at least, so that a file as drawn and a trained one can be told at a glance."""
FURTHEST_TICKS = (100, 200, 400, 800, 1600)
"""Percent of noise's edge, on a logarithmic axis."""


def draw_distances(figure: Figure, chart: DistancesChart, *, colours: Sequence[str], text: str, marks: Marks) -> None:
    """Draw two panels, a layer a place: distance from the initialiser above, largest singular value below.

    Both are in percent: of the greatest distance there is, and of noise's edge.

    Args:
        figure: To draw in.
        chart: What to show.
        colours: For what stands out, and for what doesn't.
        text: Colour of lines that are compared with.
        marks: Where to note the marks.
    """
    figure.set_size_inches(9.5, 4.4)
    above, below = figure.subplots(2, 1, sharex=True)
    places = range(1, len(chart.marks) + 1)
    for place, mark in zip(places, chart.marks, strict=True):
        if mark.distance is not None and mark.chance is not None:
            marker, colour = ("o", colours[0]) if mark.distance > mark.chance else ("s", colours[1])
            above.plot([place], [PERCENT * mark.distance], marker, color=colour, markersize=4)
            marks.add(above, place, PERCENT * mark.distance, row=place - 1, column=1)
            above.plot([place], [PERCENT * mark.chance], "_", color=text, markersize=6)
        if mark.edge_ratio is not None:
            marker, colour = ("o", colours[0]) if mark.structured else ("s", colours[1])
            below.plot([place], [PERCENT * mark.edge_ratio], marker, color=colour, markersize=4)
            marks.add(below, place, PERCENT * mark.edge_ratio, row=place - 1, column=3)
    below.axhline(PERCENT, color=text, linewidth=1)
    below.axhline(PERCENT * chart.margin, color=text, linewidth=1, linestyle="--")
    above.set_ylim(0, max(above.get_ylim()[1], LOWEST_TOP))
    _percent_axis(below)
    for axes in (above, below):
        axes.grid(visible=False, axis="x")
        axes.set_xlim(0, len(chart.marks) + 1)
    _whole_numbers(above, below)


def _percent_axis(axes: Axes) -> None:
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.set_yticks(FURTHEST_TICKS, [str(tick) for tick in FURTHEST_TICKS])
    axes.set_yticks([], minor=True)
    axes.set_ylim(min(low, 80), max(high, 250))


def _whole_numbers(above: Axes, below: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    above.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    below.xaxis.set_major_locator(MaxNLocator(integer=True))

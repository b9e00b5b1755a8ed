"""Draws the charts of the sanity evaluation. Numbers and identifiers only; the words stand in the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, assert_never

from generators.architectures.skeleton import BONES, DEPTH_BOX_MM
from generators.model.sanity import ShownProbe
from generators.render.chart_marks import Marks
from generators.render.sanity_inputs import (
    EntropyChart,
    MeasuresChart,
    OverviewChart,
    Panel,
    SanityChart,
    SkeletonChart,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OWN, TWINS, TRUTH = "#d55e00", ("#56b4e9", "#0072b2", "#cc79a7", "#7a5195"), "#009e73"
"""Source: Okabe and Ito, Color Universal Design (2008), but for the last twin."""
MARKERS = ("o", "v", "^", "s", "D")
"""Of the network and the four kinds of twin, so that nothing depends on colour alone."""
CROP_PIXELS = 256
FLOOR = 1e-3
"""Where smaller values are drawn on logarithmic axes."""
SHOWN_TWIN = "shuffled-recalibrated"


def draw_sanity(figure: Figure, chart: SanityChart, text: str, grid: str, marks: Marks) -> None:
    """Draw a chart of the sanity evaluation.

    Args:
        figure: Empty.
        chart: What to draw.
        text: Colour of text and of what must stand out.
        grid: Colour of lines in the background.
        marks: Where to note the marks.
    """
    match chart:
        case MeasuresChart():
            _draw_measures(figure, chart, text, marks)
        case EntropyChart():
            _draw_entropy(figure, chart, marks)
        case SkeletonChart():
            _draw_skeletons(figure, chart, grid)
        case OverviewChart():
            _draw_overview(figure, chart, text, marks)
        case _:
            assert_never(chart)


def _draw_measures(figure: Figure, chart: MeasuresChart, text: str, marks: Marks) -> None:
    figure.set_size_inches(9.5, 2.6 * -(-len(chart.panels) // 3))
    panels = figure.subplots(-(-len(chart.panels) // 3), 3, squeeze=False).flat
    for row, (axes, panel) in enumerate(zip(panels, chart.panels, strict=False)):
        _draw_panel(axes, panel, text)
        for place, column in enumerate(panel.columns):
            for value in column:
                marks.add(axes, place + 1, max(value, FLOOR), row=row, column=place + 2)
    for axes in list(panels)[len(chart.panels) :]:
        axes.set_visible(False)


def _draw_panel(axes: Axes, panel: Panel, text: str) -> None:
    """One column each for the network and the kinds of twin, a mark a seed; the trained side of the line is shaded."""
    largest = max((value for column in panel.columns for value in column), default=1.0)
    top = 2 * max(largest, panel.threshold)
    for place, column in enumerate(panel.columns):
        colour = (OWN, *TWINS)[place]
        heights = [max(value, FLOOR) for value in column]
        axes.plot([place + 1] * len(column), heights, MARKERS[place], color=colour, markersize=8 if place == 0 else 6)
    axes.set_yscale("log")
    axes.set_ylim(FLOOR / 2, top)
    axes.axhline(panel.threshold, color=text, linewidth=1, linestyle="--")
    low, high = (panel.threshold, top) if panel.trained_is == "above" else (FLOOR / 2, panel.threshold)
    axes.axhspan(low, high, color=TRUTH, alpha=0.12, linewidth=0)
    axes.set_xlim(0.5, 5.5)
    axes.set_xticks(range(1, 6))
    axes.yaxis.set_minor_formatter("")
    axes.set_title(panel.measure, fontsize=9)


def _draw_entropy(figure: Figure, chart: EntropyChart, marks: Marks) -> None:
    figure.set_size_inches(9.5, 3.4)
    axes = figure.subplots()
    for place, curve in enumerate(chart.curves):
        known = [(joint, value) for joint, value in enumerate(curve) if value is not None]
        (line,) = axes.plot([joint for joint, _ in known], [value for _, value in known], MARKERS[place], linestyle="-")
        for joint, value in known:
            marks.add(axes, joint, value, row=joint, column=place + 1)
        line.set(color=(OWN, *TWINS)[place], markersize=5 if place == 0 else 3.5, linewidth=2 if place == 0 else 1)
    axes.set_xticks(range(len(chart.joints)), list(chart.joints), rotation=40, ha="right")
    axes.margins(y=0.08)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter("{x:.0f}")


def _draw_skeletons(figure: Figure, chart: SkeletonChart, grid: str) -> None:
    figure.set_size_inches(9.5, 2.5 * len(chart.probes))
    rows = figure.subplots(len(chart.probes), 4, squeeze=False)
    for row, probe in zip(rows, chart.probes, strict=True):
        _draw_over_picture(row[0], probe, "network")
        _draw_over_picture(row[1], probe, SHOWN_TWIN)
        _draw_side(row[2], probe, 0, grid)
        _draw_side(row[3], probe, 2, grid)


def _draw_over_picture(axes: Axes, probe: ShownProbe, who: str) -> None:
    from matplotlib import image

    if probe.image_jpeg:
        picture = image.imread(io.BytesIO(base64.b64decode(probe.image_jpeg)), format="jpeg")
        axes.imshow(picture, extent=(0, CROP_PIXELS, CROP_PIXELS, 0), interpolation="none")
    for skeleton in probe.skeletons:
        if skeleton.of == who and skeleton.joints:
            _draw_bones(axes, [(x, y) for x, y, _ in skeleton.joints], OWN if who == "network" else TWINS[3])
    axes.set_xlim(0, CROP_PIXELS)
    axes.set_ylim(CROP_PIXELS, 0)
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.set_yticks([])


def _draw_side(axes: Axes, probe: ShownProbe, across: int, grid: str) -> None:
    """Draw the skeletons in mm from the root, from the front (across is x) or from the side (across is depth)."""
    scale = probe.pixels_mm or DEPTH_BOX_MM / CROP_PIXELS
    colours = {"truth": TRUTH, "network": OWN, SHOWN_TWIN: TWINS[3]}
    for skeleton in probe.skeletons:
        if skeleton.of in colours and skeleton.joints:
            root = skeleton.joints[0]
            factors = (scale, scale, 1.0)
            relative = [
                tuple((p - r) * f for p, r, f in zip(joint, root, factors, strict=True)) for joint in skeleton.joints
            ]
            _draw_bones(axes, [(joint[across], joint[1]) for joint in relative], colours[skeleton.of])
    axes.set_xlim(-1000, 1000)
    axes.set_ylim(1000, -1000)
    axes.set_aspect("equal")
    axes.set_xticks((-500, 0, 500))
    axes.set_yticks((-500, 0, 500))
    axes.tick_params(labelsize=7)
    axes.grid(color=grid)


def _draw_bones(axes: Axes, joints: Sequence[tuple[float, float]], colour: str) -> None:
    for start, end in BONES:
        (x, y), (to_x, to_y) = joints[start], joints[end]
        axes.plot([x, to_x], [y, to_y], "-", color=colour, linewidth=1.6, solid_capstyle="round")
    axes.plot([x for x, _ in joints], [y for _, y in joints], "o", color=colour, markersize=2.2)


def _draw_overview(figure: Figure, chart: OverviewChart, text: str, marks: Marks) -> None:
    figure.set_size_inches(9.5, 1.2 + 0.42 * len(chart.rows))
    panels: Any = figure.subplots(1, len(chart.measures), sharey=True, squeeze=False)[0]
    for column, (axes, measure) in enumerate(zip(panels, chart.measures, strict=True)):
        for place, row in enumerate(chart.rows):
            twins = [max(value, FLOOR) for value in row.twins[column]]
            axes.plot(twins, [place] * len(twins), "|", color=TWINS[1], markersize=11, markeredgewidth=1.5)
            value = row.own[column]
            if value is not None:
                filled = OWN if row.statement == "trained" else "none"
                axes.plot([max(value, FLOOR)], [place], "o", color=OWN, markerfacecolor=filled, markersize=8)
                marks.add(axes, max(value, FLOOR), place, row=place * len(chart.measures) + column, column=3)
        axes.axvline(chart.thresholds[column], color=text, linewidth=1, linestyle="--")
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter("")
        axes.set_title(measure, fontsize=9)
    panels[0].set_yticks(range(len(chart.rows)), [row.subject for row in chart.rows])
    panels[0].invert_yaxis()
    panels[0].margins(y=0.1)

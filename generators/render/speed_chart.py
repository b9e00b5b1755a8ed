"""The chart of a network's speed: throughput over batch sizes, and its rate under the device's ceilings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

from generators.model.evidence import SubjectEvidence
from generators.model.speed import BatchSpeed, Speed
from generators.render.chart_marks import Marks
from generators.render.links import check_id

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GIGA = 10**9
PRODUCT = "product-"
_DOT, _COPY, _ROOF = "#0072b2", "#d55e00", "#009e73"
"""Source: Okabe and Ito, Color Universal Design (2008)."""
_ROOM = 0.1
"""Of the axis, in powers of ten, left free beyond the first and the last value."""


class SpeedRow(Struct, frozen=True, kw_only=True):
    """One batch size.

    Attributes:
        batch_size: Images of a pass.
        images_per_second: By the median, the slowest and the fastest pass.
        intensity: Operations for each byte that the operators move.
        gflops: Rate of the convolutions, in 10^9 operations a second.
    """

    batch_size: int
    images_per_second: tuple[float, float, float]
    intensity: float
    gflops: float


class SpeedChart(Struct, frozen=True, kw_only=True):
    """Throughput and rate over batch sizes.

    Attributes:
        rows: By batch size.
        copy_gigabytes: A second, measured; None where it wasn't.
        products: Name of the type and 10^9 operations a second, measured.
    """

    rows: tuple[SpeedRow, ...]
    copy_gigabytes: float | None
    products: tuple[tuple[str, float], ...]


def speed_chart_name(subject: SubjectEvidence) -> str:
    """Return the name of a subject's speed chart."""
    return f"speed-{check_id(subject.id)}"


def speed_chart(speed: Speed) -> SpeedChart:
    """Return what the chart of a series shows."""
    rates = {ceiling.id: ceiling.median / GIGA for ceiling in speed.ceilings if ceiling.median}
    return SpeedChart(
        rows=tuple(_row(batch) for batch in speed.batches),
        copy_gigabytes=rates.get("copy"),
        products=tuple((name.removeprefix(PRODUCT), rate) for name, rate in rates.items() if name.startswith(PRODUCT)),
    )


def _row(batch: BatchSpeed) -> SpeedRow:
    seconds = (batch.latency_seconds, batch.latency_maximum_seconds, batch.latency_minimum_seconds)
    median, slowest, fastest = (batch.batch_size / second for second in seconds)
    return SpeedRow(
        batch_size=batch.batch_size,
        images_per_second=(median, slowest, fastest),
        intensity=batch.flops_per_second / batch.traffic_bytes_per_second,
        gflops=batch.flops_per_second / GIGA,
    )


def draw_speed(figure: Figure, chart: SpeedChart, text: str, marks: Marks) -> None:
    """Draw the chart and note its marks; ``text`` is the colour of what is written beside them."""
    figure.set_size_inches(9.5, 3.4)
    throughput, roofline = figure.subplots(1, 2)
    _draw_throughput(throughput, chart)
    _draw_roofline(roofline, chart, text)
    marks.add_each(throughput, [(row.batch_size, row.images_per_second[0]) for row in chart.rows], column=1)
    marks.add_each(roofline, [(row.intensity, row.gflops) for row in chart.rows], column=5)


def _draw_throughput(axes: Axes, chart: SpeedChart) -> None:
    sizes = [row.batch_size for row in chart.rows]
    medians = [row.images_per_second[0] for row in chart.rows]
    below = [row.images_per_second[0] - row.images_per_second[1] for row in chart.rows]
    above = [row.images_per_second[2] - row.images_per_second[0] for row in chart.rows]
    axes.errorbar(sizes, medians, yerr=[below, above], fmt="o-", color=_DOT, capsize=4, markersize=5)
    highest = max(row.images_per_second[2] for row in chart.rows)
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.set_xticks([], minor=True)
    axes.set_ylim(0, 1.15 * highest)
    _whole_axis(axes, highest)


def _whole_axis(axes: Axes, highest: float) -> None:
    """Put whole numbers beside the axis: about five steps of 1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(max(highest / 5, 1)))
    step = next(factor * power for factor in (1, 2, 5, 10) if highest / (factor * power) <= 6)  # noqa: PLR2004
    ticks = range(0, math.ceil(1.15 * highest) + 1, step)
    axes.set_yticks([tick for tick in ticks if tick <= 1.15 * highest])
    axes.yaxis.set_major_formatter("{x:.0f}")


def _draw_roofline(axes: Axes, chart: SpeedChart, text: str) -> None:
    intensities = [row.intensity for row in chart.rows]
    rates = [row.gflops for row in chart.rows]
    peak = max((rate for _, rate in chart.products), default=max(rates))
    ridge = peak / chart.copy_gigabytes if chart.copy_gigabytes else max(intensities)
    low, high = min(*intensities, ridge) / 4, max(*intensities, ridge) * 4
    if chart.copy_gigabytes:
        bend = min(high, ridge)
        axes.plot([low, bend], [low * chart.copy_gigabytes, bend * chart.copy_gigabytes], "-", color=_COPY)
    for name, rate in chart.products:
        start = max(low, rate / chart.copy_gigabytes) if chart.copy_gigabytes else low
        axes.plot([start, high], [rate, rate], "-", color=_ROOF)
        axes.annotate(name, (high, rate), (-2, 3), textcoords="offset points", ha="right", color=text)
    axes.plot(intensities, rates, "o", color=_DOT, markersize=5)
    for row in (chart.rows[0], *chart.rows[-1:])[: len(chart.rows)]:
        axes.annotate(
            str(row.batch_size), (row.intensity, row.gflops), (0, -13), textcoords="offset points", ha="center"
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    floor = min(*rates, low * chart.copy_gigabytes if chart.copy_gigabytes else peak)
    axes.set_ylim(floor * 10**-_ROOM, peak * 10 ** (3 * _ROOM))
    axes.set_xticks(*_whole_ticks(low, high))
    axes.set_yticks(*_whole_ticks(*axes.get_ylim()))
    axes.set_xticks([], minor=True)
    axes.set_yticks([], minor=True)


def _whole_ticks(low: float, high: float) -> tuple[list[int], list[str]]:
    """Return 1, 2 and 5 times the powers of ten within an axis; only whole numbers, which need no decimal separator."""
    ticks = [factor * 10**power for power in range(math.ceil(math.log10(high)) + 1) for factor in (1, 2, 5)]
    inside = [tick for tick in ticks if low <= tick <= high]
    return inside, [str(tick) for tick in inside]

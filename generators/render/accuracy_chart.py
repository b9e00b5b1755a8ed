"""The chart of errors joint by joint: bars in the order of the body, with the error in mm at each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generators.model.evidence import SubjectEvidence
from generators.render.chart_marks import Marks
from generators.render.links import check_id

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class JointSeries(Struct, frozen=True, kw_only=True):
    """The errors of one protocol, in the order of the joints, in mm."""

    protocol: str
    errors_mm: tuple[float, ...]


class JointsChart(Struct, frozen=True, kw_only=True):
    """The errors of each joint, under each protocol that was measured."""

    joints: tuple[str, ...]
    rows: tuple[JointSeries, ...]


def joints_chart_name(subject: SubjectEvidence) -> str:
    """Return the name of a subject's chart of joints."""
    return f"joints-{check_id(subject.id)}"


def joints_chart(subject: SubjectEvidence) -> JointsChart:
    """Return the errors of a subject's joints; without rows where nothing was measured."""
    runs = subject.accuracy.runs if subject.accuracy else ()
    return JointsChart(
        joints=tuple(joint.name for joint in runs[0].joints) if runs else (),
        rows=tuple(
            JointSeries(protocol=run.id, errors_mm=tuple(joint.error_mm for joint in run.joints)) for run in runs
        ),
    )


def draw_joints(figure: Figure, chart: JointsChart, colours: tuple[str, ...], marks: Marks) -> None:
    """Draw a chart of joints into an empty figure, and note its marks."""
    figure.set_size_inches(9.5, 1.2 + 0.4 * len(chart.joints))
    axes = figure.subplots()
    thickness = 0.8 / len(chart.rows)
    for number, row in enumerate(chart.rows):
        places = [place - 0.4 + thickness * (number + 0.5) for place in range(len(chart.joints))]
        bars = axes.barh(places, row.errors_mm, thickness * 0.92, color=colours[number], label=row.protocol)
        marks.add_each(axes, zip(row.errors_mm, places, strict=True), column=number + 1)
        axes.bar_label(bars, fmt="%.0f", padding=3, fontsize=7)
    axes.set_yticks(range(len(chart.joints)), list(chart.joints))
    axes.invert_yaxis()
    axes.margins(y=0.01)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter("{x:.0f} mm")
    axes.grid(visible=False, axis="y")
    figure.legend(loc="outside lower center", ncols=min(len(chart.rows), 3))

"""The charts of an issue on GitHub: opaque pictures, one for its light pages and one for its dark ones."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from generators.model.evidence import ReportEvidence
from generators.render.chart_inputs import plan_charts
from generators.render.charts import Theme, chart_key, draw_opaque_chart

ISSUE_CHARTS: Final = {"sizes": "index.md", "matrix": "index.md", "capacity": "expected.md"}
"""Charts that an issue shows, with the page that each stands on under an anchor of its name."""


class IssueChart(Struct, frozen=True, kw_only=True):
    """A chart of an issue.

    Attributes:
        name: Of the chart; also its anchor on the page.
        page: Page that shows it, in the docs folder.
        file: The picture on the published site, in the docs folder.
        dark_file: The one for dark pages.
        attachment: The light picture's name as a file that goes with the text.
    """

    name: str
    page: str
    file: str
    dark_file: str
    attachment: str


class ChartPicture(Struct, frozen=True, kw_only=True):
    """A picture of a chart.

    Attributes:
        file: Its path in the docs folder.
        key: What it is cached under.
        draw: Makes it, as PNG.
    """

    file: str
    key: str
    draw: Callable[[], bytes]


def charts_shown(evidence: ReportEvidence) -> Iterator[IssueChart]:
    """Yield the charts that have data."""
    planned = plan_charts(evidence)
    for name, page in ISSUE_CHARTS.items():
        if name in planned:
            yield IssueChart(
                name=name,
                page=page,
                file=_picture_path(name, "light"),
                dark_file=_picture_path(name, "dark"),
                attachment=f"{name}.png",
            )


def chart_pictures(evidence: ReportEvidence, theme: Theme) -> Iterator[ChartPicture]:
    """Yield the pictures of the same charts in a theme."""
    planned = plan_charts(evidence)
    for chart in charts_shown(evidence):
        inputs = planned[chart.name]
        yield ChartPicture(
            file=_picture_path(chart.name, theme),
            key=f"png-{chart_key(inputs, theme)}",
            draw=functools.partial(draw_opaque_chart, inputs, theme),
        )


def _picture_path(name: str, theme: Theme) -> str:
    return f"charts/{name}.png" if theme == "light" else f"charts/{name}-{theme}.png"

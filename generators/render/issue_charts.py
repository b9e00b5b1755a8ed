"""The charts of an issue on GitHub: pictures of their own, because GitHub shows one and the same on light and dark."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from generators.model.evidence import ReportEvidence
from generators.render.chart_inputs import plan_charts
from generators.render.charts import chart_key, draw_opaque_chart

ISSUE_CHARTS: Final = {"sizes": "index.md", "matrix": "index.md", "capacity": "expected.md"}
"""Charts that an issue shows, with the page that each stands on under an anchor of its name."""


class IssueChart(Struct, frozen=True, kw_only=True):
    """A chart of an issue.

    Attributes:
        name: Of the chart; also its anchor on the page.
        page: Page that shows it, in the docs folder.
        file: The picture on the published site, in the docs folder.
        attachment: The same picture's name as a file that goes with the text.
    """

    name: str
    page: str
    file: str
    attachment: str


def charts_shown(evidence: ReportEvidence) -> Iterator[IssueChart]:
    """Yield the charts that have data."""
    planned = plan_charts(evidence)
    for name, page in ISSUE_CHARTS.items():
        if name in planned:
            yield IssueChart(name=name, page=page, file=f"charts/{name}.png", attachment=f"{name}.png")


def chart_pictures(evidence: ReportEvidence) -> Iterator[tuple[IssueChart, str, Callable[[], bytes]]]:
    """Yield the same charts, each with the key it is cached under and what draws it as PNG."""
    planned = plan_charts(evidence)
    for chart in charts_shown(evidence):
        inputs = planned[chart.name]
        yield chart, f"png-{chart_key(inputs, 'light')}", functools.partial(draw_opaque_chart, inputs)

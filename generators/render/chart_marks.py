"""Where a chart's marks lie, so that a page can tell the value under the pointer or the next one by keyboard.

A mark is a place in the picture and a cell of the chart's table (see
:mod:`generators.render.chart_tables`), which holds the value in the words of
the page. So the marks, like the picture, serve every language.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DECIMALS = 4
"""Of a share of the picture's width: a tenth of a pixel on a wide screen."""


class Marks:
    """The marks of one chart, noted while it is drawn."""

    def __init__(self) -> None:
        self._marks: list[tuple[Axes, float, float, int, int]] = []

    def add(self, axes: Axes, x: float, y: float, *, row: int, column: int) -> None:
        """Note a mark at data coordinates, and the cell of the chart's table that has its value."""
        self._marks.append((axes, x, y, row, column))

    def add_each(self, axes: Axes, points: Iterable[tuple[float, float]], *, column: int, first_row: int = 0) -> None:
        """Note a mark a row, in the order of the rows."""
        for row, (x, y) in enumerate(points, start=first_row):
            self.add(axes, x, y, row=row, column=column)

    def write_into(self, svg: bytes, figure: Figure) -> bytes:
        """Return the picture with its marks as metadata: shares of width and height, row, column.

        Args:
            svg: The picture as it was saved.
            figure: After it was saved, when everything has its place.
        """
        marks = [mark for noted in self._marks for mark in _placed(noted, figure)]
        if not marks:
            return svg
        metadata = f'<metadata id="marks">{json.dumps(marks, separators=(",", ":"))}</metadata>'
        body, _, _ = svg.rpartition(b"</svg>")
        return body + metadata.encode() + b"</svg>\n"


def _placed(noted: tuple[Axes, float, float, int, int], figure: Figure) -> Iterable[tuple[float, float, int, int]]:
    axes, x, y, row, column = noted
    across, up = figure.transFigure.inverted().transform(axes.transData.transform((x, y)))
    if 0 <= across <= 1 and 0 <= up <= 1:
        yield round(float(across), _DECIMALS), round(1 - float(up), _DECIMALS), row, column

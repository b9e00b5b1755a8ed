"""How heavy the site's pages are, and how steady while they load, as a browser measured it."""

from __future__ import annotations

from msgspec import Struct


class PageFigures(Struct, frozen=True, kw_only=True):
    """One page, loaded with an empty cache.

    Attributes:
        path: Address below the site's.
        requests: All that the page asked for.
        transferred_bytes: Bodies of the answers, compressed with gzip where a server would.
        layout_shift: Cumulative layout shift; 0 is a page in which nothing moves.
        largest_paint_ms: From the start of the navigation to the largest contentful paint.
    """

    path: str
    requests: int
    transferred_bytes: int
    layout_shift: float
    largest_paint_ms: float


class TableFigures(Struct, frozen=True, kw_only=True):
    """A long table, used.

    Attributes:
        rows: That it has.
        keystrokes: Typed into its filter and timed.
        filter_median_ms: From a keystroke to the paint that shows its rows.
        filter_maximum_ms: The slowest of them.
        sort_ms: From a click on a heading to the paint.
    """

    rows: int
    keystrokes: int
    filter_median_ms: float
    filter_maximum_ms: float
    sort_ms: float


class PageRecord(Struct, frozen=True, kw_only=True):
    """One run of the measurement.

    Attributes:
        date: ISO 8601.
        browser: Name and version.
        processor: As the system names it.
        cores: That the run might use.
        slowdown: How many times slower the processor was made to look.
        bits_per_second: Of the connection that was imitated.
        round_trip_ms: Likewise.
        pages: One of each kind.
        table: A table of the length that pages may have.
    """

    date: str
    browser: str
    processor: str
    cores: int
    slowdown: int
    bits_per_second: int
    round_trip_ms: int
    pages: tuple[PageFigures, ...]
    table: TableFigures

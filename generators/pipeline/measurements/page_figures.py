"""The recorded figures of the site's pages, read."""

from __future__ import annotations

from pathlib import Path

from generators.model.page_figures import PageRecord
from generators.store import read_record

RECORD = Path("docs", "measurements", "pages.json")
"""Written by ``python -m benchmarks.pages --record``."""


def read_page_figures(root: Path) -> PageRecord | None:
    """Return the figures of a project's pages; None where none were recorded.

    Raises:
        StoreError: The record can't be read.
    """
    return read_record(root / RECORD, PageRecord, "run `python -m benchmarks.pages --record` again, or delete the file")

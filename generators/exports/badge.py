"""The tally as a badge.

Source: shields.io, endpoint badge, ``schemaVersion`` 1.
"""

from __future__ import annotations

from msgspec import Struct

from generators.model.claim import Tally
from generators.model.exports import ReportWords


class Badge(Struct, frozen=True, kw_only=True, rename="camel"):
    """What shields.io draws; ``color`` is a name that it knows."""

    schema_version: int = 1
    label: str
    message: str
    color: str


def make_badge(tally: Tally, words: ReportWords) -> Badge:
    """Return the badge of a report."""
    return Badge(label="Assay", message=words.tally, color=_color(tally))


def _color(tally: Tally) -> str:
    """Return red as soon as something is refuted, grey where nothing is decided."""
    if tally.refuted:
        return "red"
    if not tally.supported:
        return "lightgrey"
    return "yellow" if tally.untested or tally.cannot_tell else "brightgreen"

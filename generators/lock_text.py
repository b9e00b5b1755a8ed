"""The text of a lock cut at its table headers, so that one table can be written and every other line stays.

tomlkit keeps comments, but moves tables together that people keep apart (a control between two checkpoints). Here only
the lines of what is written are touched; tomlkit writes the values.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

ENTRY = "checkpoint"
RESOLVED = "resolved"

Lines = tuple[str, ...]


class Segment(Struct, frozen=True, kw_only=True):
    """A header with all lines up to the next one; the first segment has none.

    Attributes:
        lines: Without line ends.
        tables: What they say by themselves.
    """

    lines: Lines
    tables: dict[str, Any]

    @property
    def entry_id(self) -> str | None:
        """The id, where an entry begins here."""
        entries = self.tables.get(ENTRY)
        return str(entries[0].get("id")) if isinstance(entries, list) and len(self.tables) == 1 else None

    @property
    def is_part(self) -> bool:
        """Whether this is a table of the entry before."""
        return isinstance(self.tables.get(ENTRY), dict)

    @property
    def is_resolved(self) -> bool:
        """Whether this is what Assay wrote, or a part of it."""
        return self.is_part and set(self.tables[ENTRY]) == {RESOLVED}

    @property
    def body_and_tail(self) -> tuple[Lines, Lines]:
        """The lines up to the last that says something, and the comments and empty lines behind: the next one's."""
        said = [n for n, line in enumerate(self.lines) if line.strip() and not line.lstrip().startswith("#")]
        end = said[-1] + 1 if said else 0
        return self.lines[:end], self.lines[end:]


def split_segments(text: str) -> tuple[Segment, ...]:
    """Cut the text of a right TOML file at its headers.

    A line that looks like a header may stand inside a string or an array: what is in front of it isn't TOML then.
    """
    lines = text.split("\n")
    segments, start = [], 0
    for number, line in enumerate(lines):
        if number > start and line.lstrip().startswith("["):
            found = _segment(lines[start:number])
            if found is not None:
                segments.append(found)
                start = number
    last = _segment(lines[start:])
    return (*segments, last) if last is not None else tuple(segments)


def join_segments(parts: Sequence[Lines]) -> str:
    """Return the text of lines."""
    return "\n".join(line for lines in parts for line in lines)


def insert_resolved(segments: Sequence[Segment], entry_id: str, table: Lines) -> list[Lines]:
    """Return all lines with an entry's resolved table in place of the one it has, or behind its last table.

    Args:
        segments: Of the whole lock.
        entry_id: Of the entry.
        table: The new table, with its header.
    """
    begin, end = _find_entry(segments, entry_id)
    parts = [segment.lines for segment in segments]
    old = [n for n in range(begin, end) if segments[n].is_resolved]
    for number in old[1:]:
        parts[number] = segments[number].body_and_tail[1]
    if old:
        parts[old[0]] = (*table, *segments[old[0]].body_and_tail[1])
        return parts
    parts[end - 1] = _behind(segments[end - 1], table, is_last=end == len(segments))
    return parts


def insert_entry(segments: Sequence[Segment], entry: Lines) -> list[Lines]:
    """Return all lines with an entry behind the last one; behind everything where there is none."""
    parts = [segment.lines for segment in segments]
    begins = [n for n, segment in enumerate(segments) if segment.entry_id is not None]
    end = _end_of(segments, begins[-1]) if begins else len(segments)
    parts[end - 1] = _behind(segments[end - 1], entry, is_last=end == len(segments))
    return parts


def has_entry(segments: Sequence[Segment], entry_id: str) -> bool:
    """Whether an entry is a table of its own, and not an item of an array on one line."""
    return any(segment.entry_id == entry_id for segment in segments)


def _segment(lines: Sequence[str]) -> Segment | None:
    """Return a segment of lines; None where they end inside a string or an array."""
    try:
        return Segment(lines=tuple(lines), tables=tomllib.loads("\n".join(lines)))
    except tomllib.TOMLDecodeError:
        return None


def _find_entry(segments: Sequence[Segment], entry_id: str) -> tuple[int, int]:
    begin = next(n for n, segment in enumerate(segments) if segment.entry_id == entry_id)
    return begin, _end_of(segments, begin)


def _end_of(segments: Sequence[Segment], begin: int) -> int:
    return next((n for n in range(begin + 1, len(segments)) if not segments[n].is_part), len(segments))


def _behind(segment: Segment, table: Lines, *, is_last: bool) -> Lines:
    """Return a segment's lines with a table behind its body, and an empty line before and after it."""
    body, tail = segment.body_and_tail
    gap = ("",) if body else ()
    after = ("",) if (tail[0].strip() if tail else not is_last) else ()
    return (*body, *gap, *table, *after, *tail)

"""Tables of the lock as lines: keys in one order, values as tomlkit writes them, short tables on one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from generators.model.lock import LockEntry, Resolved, SizeRange, SourceAddress

if TYPE_CHECKING:
    from tomlkit.items import InlineTable

RESOLVED_COMMENT = "written by `assay lock`; change what you ask for above instead"
"""Beside each resolved table."""


def entry_lines(entry: LockEntry) -> tuple[str, ...]:
    """Return a ``[[checkpoint]]`` without what was resolved."""
    return _lines("[[checkpoint]]", _entry_items(entry))


def resolved_lines(found: Resolved) -> tuple[str, ...]:
    """Return a ``[checkpoint.resolved]``; what isn't known is left out."""
    return _lines(f"[checkpoint.resolved] # {RESOLVED_COMMENT}", _resolved_items(found))


def _lines(header: str, items: Iterable[tuple[str, object]]) -> tuple[str, ...]:
    import tomlkit

    document = tomlkit.document()
    for key, value in items:
        document.add(key, value)
    return (header, *tomlkit.dumps(document).rstrip("\n").split("\n"))


def _resolved_items(found: Resolved) -> Iterator[tuple[str, object]]:
    yield "asked", list(found.asked)
    if found.source is not None:
        yield "source", _source(found.source)
    for key in ("size_bytes", "sha256", "weights_digest"):
        value = getattr(found, key)
        if value is not None:
            yield key, value
    yield "resolved_at", found.resolved_at


def _entry_items(entry: LockEntry) -> Iterator[tuple[str, object]]:
    for key in ("id", "title", "variant", "report", "licence"):
        if getattr(entry, key):
            yield key, getattr(entry, key)
    if entry.size is not None:
        yield "size_bytes", _size(entry.size)
    if entry.sha256 is not None:
        yield "sha256", entry.sha256
    yield "sources", _sources(entry.sources)


def _size(size: SizeRange) -> object:
    if size.minimum_bytes == size.maximum_bytes:
        return size.minimum_bytes
    return _inline({"minimum": size.minimum_bytes, "maximum": size.maximum_bytes})


def _sources(sources: Iterable[SourceAddress]) -> object:
    import tomlkit

    array = tomlkit.array()
    for source in sources:
        array.append(_source(source))
    return array


def _source(source: SourceAddress) -> InlineTable:
    values: dict[str, object] = {"kind": source.kind, "address": source.address}
    if source.hosts:
        values["hosts"] = list(source.hosts)
    return _inline(values)


def _inline(values: dict[str, object]) -> InlineTable:
    import tomlkit

    table = tomlkit.inline_table()
    table.update(values)
    return table

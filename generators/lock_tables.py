"""Entries of the lock as tomlkit writes them: keys in one order, short tables on one line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generators.model.lock import LockEntry, Resolved, SizeRange, SourceAddress

if TYPE_CHECKING:
    from tomlkit.items import InlineTable


def resolved_items(found: Resolved) -> Iterator[tuple[str, object]]:
    """Yield the keys of a resolved table with their values; what isn't known is left out."""
    yield "asked", list(found.asked)
    if found.source is not None:
        yield "source", _source(found.source)
    for key in ("size_bytes", "sha256", "weights_digest"):
        value = getattr(found, key)
        if value is not None:
            yield key, value
    yield "resolved_at", found.resolved_at


def entry_items(entry: LockEntry) -> dict[str, object]:
    """Return an entry's own keys with their values, but not its sources."""
    values: dict[str, object] = {"id": entry.id, "title": entry.title, "variant": entry.variant, "report": entry.report}
    if entry.licence:
        values["licence"] = entry.licence
    if entry.size is not None:
        values["size_bytes"] = _size(entry.size)
    if entry.sha256 is not None:
        values["sha256"] = entry.sha256
    return values


def _size(size: SizeRange) -> object:
    if size.minimum_bytes == size.maximum_bytes:
        return size.minimum_bytes
    return inline_table({"minimum": size.minimum_bytes, "maximum": size.maximum_bytes})


def source_array(entry: LockEntry) -> object:
    """Return an entry's sources as an array of inline tables."""
    import tomlkit

    array = tomlkit.array()
    for source in entry.sources:
        array.append(_source(source))
    return array


def _source(source: SourceAddress) -> InlineTable:
    values: dict[str, object] = {"kind": source.kind, "address": source.address}
    if source.hosts:
        values["hosts"] = list(source.hosts)
    return inline_table(values)


def inline_table(values: dict[str, object]) -> InlineTable:
    """Return a table on one line."""
    import tomlkit

    table = tomlkit.inline_table()
    table.update(values)
    return table

"""The pickle stream that torch wrote before 1.6 (and writes still, when asked).

Five pickles (magic number, protocol version, system, object, storage keys),
then for each key the number of elements (int64) and the elements, all
little-endian.

Source: ``_legacy_save`` and ``_legacy_load`` in ``torch/serialization.py`` of PyTorch 2.13.
"""

from __future__ import annotations

import struct

from msgspec import Struct, field

from generators.containers.budget import Budget
from generators.containers.index import Index, Root
from generators.containers.pickle_machine import PickleRun, run_pickle
from generators.containers.segments import Segment, SliceSegment
from generators.containers.storages import StorageTable, key_name
from generators.containers.values import Global, Opaque, Value
from generators.model.finding import Finding

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
"""Source: ``torch/serialization.py``, ``MAGIC_NUMBER``."""
PROTOCOL_VERSION = 1001
"""Source: ``torch/serialization.py``, ``PROTOCOL_VERSION``."""
MAX_NESTING = 3
"""Checkpoints inside checkpoints inside checkpoints."""
_COUNT = struct.Struct("<q")


def begins_legacy(segment: Segment) -> bool:
    """Say whether the first pickle is torch's magic number."""
    table = StorageTable("", "", _refuse_nested)
    run = run_pickle(SliceSegment(segment, 0, 64), 0, table, "")
    return run.complete and type(run.value) is int and run.value == MAGIC_NUMBER


def read_legacy(segment: Segment, budget: Budget | None = None) -> Index:
    """Read the index of a legacy checkpoint; ``budget`` is shared with other files that are read with it."""
    table = StorageTable("", "", read_nested, budget)
    stream = _read_stream(segment, table, "")
    if stream.is_whole and stream.position < segment.size:
        # torch leaves them alone: another checkpoint, or what only other programs look for
        expected, found = str(stream.position), str(segment.size)
        stream.findings.append(Finding(code="file-long", severity="warning", expected=expected, found=found))
    return Index(
        format="torch-legacy",
        roots=(Root(value=stream.root),),
        slots=tuple(table.slots.values()),
        globals=frozenset(stream.globals | table.globals),
        findings=(*stream.findings, *table.findings),
        expected_bytes=stream.expected_bytes,
    )


def read_nested(segment: Segment, table: StorageTable, prefix: str) -> Value:
    """Read the legacy checkpoint inside a bytes value, which is how a lone storage is pickled."""
    if prefix.count("nested-") > MAX_NESTING or not begins_legacy(segment):
        table.findings.append(Finding(code="nested-unreadable", severity="warning", where=prefix.rstrip("/")))
        return Opaque("torch.storage._load_from_bytes")
    inner = StorageTable(prefix, prefix, read_nested, table.budget)
    stream = _read_stream(segment, inner, prefix)
    table.slots.update(inner.slots)
    table.globals.update(stream.globals | inner.globals)
    table.findings.extend((*stream.findings, *inner.findings))
    return stream.root


def _refuse_nested(segment: Segment, table: StorageTable, prefix: str) -> Value:  # noqa: ARG001 - a NestedReader
    return Opaque("torch.storage._load_from_bytes")


class _Stream(Struct):
    segment: Segment
    table: StorageTable
    position: int = 0
    is_whole: bool = False
    root: Value = None
    globals: set[Global] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    expected_bytes: int = 0

    def pickle(self, record: str) -> PickleRun:
        run = run_pickle(self.segment, self.position, self.table, record)
        self.position = run.end
        self.globals.update(run.globals)
        self.findings.extend(run.findings)
        return run

    def report(self, code: str, where: str = "", expected: str = "", found: str = "") -> None:
        self.findings.append(Finding(code=code, severity="error", where=where, expected=expected, found=found))


def _read_stream(segment: Segment, table: StorageTable, prefix: str) -> _Stream:
    stream = _Stream(segment, table)
    if not stream.pickle("magic-number").complete:
        return stream
    version = stream.pickle("protocol-version")
    if version.complete and version.value != PROTOCOL_VERSION:
        stream.report("legacy-protocol", "protocol-version", str(PROTOCOL_VERSION), _shown(version.value))
    if not (version.complete and stream.pickle("system").complete):
        return stream
    root = stream.pickle("object")
    stream.root = root.value
    if not root.complete:
        return stream
    keys = stream.pickle("storage-keys")
    if isinstance(keys.value, list):
        _find_storages(stream, keys.value, prefix)
    elif keys.complete:
        stream.report("pickle-malformed", "storage-keys")
    return stream


def _shown(value: Value) -> str:
    return key_name(value)[:40] if type(value) in {int, str} else type(value).__name__


def _announce_counts(stream: _Stream, keys: list[Value], prefix: str) -> None:
    """Say where the storages' counts lie, if their sizes are what the object says: one journey instead of hundreds."""
    place = stream.segment.place
    if place is None:
        return
    file, position = place[0], place[1] + stream.position
    runs = []
    for key in keys:
        slot = stream.table.slots.get(prefix + key_name(key)) if type(key) in {int, str} else None
        if slot is None:
            break
        runs.append((position, _COUNT.size))
        position += _COUNT.size + slot.declared_bytes
    file.announce(runs)


def _find_storages(stream: _Stream, keys: list[Value], prefix: str) -> None:
    _announce_counts(stream, keys, prefix)
    for number, key in enumerate(keys):
        slot = stream.table.slots.get(prefix + key_name(key)) if type(key) in {int, str} else None
        if slot is None:
            # without its type its size is unknown, and so is where the next one begins
            stream.report("storage-unknown", found=_shown(key))
            return
        head = stream.segment.read(stream.position, _COUNT.size)
        if len(head) < _COUNT.size:
            stream.expected_bytes = stream.position + _rest_bytes(stream, keys[number:], prefix)
            return
        (count,) = _COUNT.unpack(head)
        size = count * slot.itemsize
        if size != slot.declared_bytes:
            stream.report("storage-size", slot.record, str(slot.declared_bytes), str(size))
            if size < 0:
                return
        if slot.segment is not None:
            # torch takes the last of them
            stream.report("storage-repeated", slot.record)
        slot.segment = SliceSegment(stream.segment, stream.position + _COUNT.size, size)
        stream.position += _COUNT.size + size
        stream.expected_bytes = stream.position
    stream.is_whole = True


def _rest_bytes(stream: _Stream, keys: list[Value], prefix: str) -> int:
    """Return how much the storages that the file ends before would take; each is counted once."""
    named = {prefix + key_name(key) for key in keys if type(key) in {int, str}}
    return sum(_COUNT.size + slot.declared_bytes for key, slot in stream.table.slots.items() if key in named)

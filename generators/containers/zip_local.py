"""The local headers of a zip file's records, and what lies between the records.

Only the local header says where a record's content begins. The rest of what
it says, and what the descriptor behind the content says, is there for
programs that read an archive from front to back: where it isn't what the
directory says, they see another archive.

Source: APPNOTE.TXT 6.3.10, sections 4.3.7 and 4.3.9.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from generators.containers.file_bytes import FileBytes
from generators.containers.segments import Inflaters
from generators.containers.zip_directory import Entry, read_zip64
from generators.containers.zip_names import (
    LEADS_ELSEWHERE,
    MAX_NAME_BYTES,
    decode_name,
    describe_oddity,
    is_decodable,
)
from generators.containers.zip_records import DEFLATED, STORED, Archive, Record, content_segment

LOCAL = struct.Struct("<4s5H3I2H")
LOCAL_SIGNATURE = b"PK\x03\x04"
HAS_DESCRIPTOR = 1 << 3
ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13
"""A record, its strong form, and a masked header."""
_ABSENT = 0xFFFFFFFF
_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
_MAX_DESCRIPTOR_BYTES = 24
_EXTRA_GUESS_BYTES = 80
"""torch pads the extra field until the content begins at a multiple of 64."""
_SMALL_BYTES = 2048
"""Behind a record no longer than this, the next header is read along."""
_AHEAD_BYTES = 4096
_MAX_PADDING_BYTES = 1 << 16
"""Zeros between records up to this many are alignment."""


class Local(NamedTuple):
    """What a local header says; None for what it leaves to the descriptor."""

    raw_name: bytes
    flags: int
    method: int
    crc32: int | None
    stored_bytes: int | None
    size: int | None
    start: int


class _Window:
    """The last bytes read, so that small neighbours cost one system call together."""

    __slots__ = ("_data", "_file", "_start")

    def __init__(self, file: FileBytes) -> None:
        self._file = file
        self._start = 0
        self._data = b""

    def read(self, start: int, size: int, ahead: int) -> bytes:
        """Return ``size`` bytes from ``start``; where they have to be read, take so many more along."""
        offset = start - self._start
        if offset < 0 or offset + size > len(self._data):
            self._data, self._start, offset = self._file.read(start, size + ahead), start, 0
        return self._data[offset : offset + size]


def read_records(file: FileBytes, entries: list[Entry], directory_start: int, archive: Archive) -> list[Record]:
    """Return the records of a directory's entries, in its order, and report what contradicts it.

    Args:
        file: The file.
        entries: The entries; emptied, so that both are never in memory as a whole.
        directory_start: Where the records have to end.
        archive: Takes the findings.
    """
    reader = _LocalReader(file, archive, directory_start)
    order = sorted(range(len(entries)), key=lambda n: entries[n].header)
    file.announce(_header_runs(entries))
    records: dict[int, Record] = {}
    for n in order:
        records[n] = reader.read(entries[n])
        entries[n] = _READ
    reader.finish()
    entries.clear()
    return [records.pop(n) for n in range(len(records))]


def _header_runs(entries: list[Entry]) -> Iterator[tuple[int, int]]:
    """Yield what will be read of each record: its header, the descriptor before it, and a small record's neighbour."""
    for entry in entries:
        ahead = _AHEAD_BYTES if entry.stored_bytes <= _SMALL_BYTES else 0
        wanted = LOCAL.size + min(len(entry.raw_name), MAX_NAME_BYTES + 1) + _EXTRA_GUESS_BYTES + ahead
        yield entry.header - _MAX_DESCRIPTOR_BYTES, wanted + _MAX_DESCRIPTOR_BYTES


_READ = Entry(b"", 0, 0, 0, 0, 0, 0, "")


class _LocalReader:
    """Goes through the records as they lie in the file."""

    __slots__ = ("_archive", "_directory_start", "_file", "_inflaters", "_is_whole", "_last", "_position", "_window")

    def __init__(self, file: FileBytes, archive: Archive, directory_start: int) -> None:
        self._file = file
        self._archive = archive
        self._directory_start = directory_start
        self._inflaters = Inflaters()
        self._window = _Window(file)
        self._position = 0
        self._is_whole = True
        self._last: Entry | None = None

    def read(self, entry: Entry) -> Record:
        name = self._check_name(entry.raw_name)
        local, first_bytes = self._read_local(entry)
        if local is None:
            self._archive.report("record-header", name)
            self._is_whole = False
            return self._record(entry, name, 0, is_readable=False)
        self._check_gap(entry.header)
        self._check_entry(entry, name, local)
        # of an empty record the first bytes are the next one's header
        if first_bytes == LOCAL_SIGNATURE and entry.stored_bytes >= len(LOCAL_SIGNATURE):
            self._archive.note("record-is-archive", name)
        end = local.start + entry.stored_bytes
        if entry.header < self._directory_start < end:
            self._archive.report("records-overlap", name, expected=str(self._directory_start), found=str(end))
        if end >= self._position:
            self._position, self._last = end, entry
        return self._record(entry, name, local.start, is_readable=self._is_readable(entry, name))

    def finish(self) -> None:
        """Look at what lies between the last record and the directory."""
        if self._last is not None:
            self._check_gap(self._directory_start)

    def _record(self, entry: Entry, name: str, start: int, *, is_readable: bool) -> Record:
        segment = None
        if is_readable:
            segment = content_segment(self._file, start, entry.stored_bytes, entry.size, entry.method, self._inflaters)
        return Record(
            name=name,
            segment=segment,
            start=start if is_readable else 0,
            stored_bytes=entry.stored_bytes,
            size=entry.size,
            crc32=entry.crc32,
        )

    def _check_name(self, raw: bytes) -> str:
        name = decode_name(raw[:MAX_NAME_BYTES])
        oddity = describe_oddity(name)
        if len(raw) > MAX_NAME_BYTES:
            oddity = "long"
        elif not (oddity or name.isascii() or is_decodable(raw)):
            oddity = "encoding"
        if oddity:
            self._archive.report("record-name", name, found=oddity, warning=oddity not in LEADS_ELSEWHERE)
        return name

    def _read_local(self, entry: Entry) -> tuple[Local | None, bytes]:
        """Return the local header of an entry, and the first bytes of the content where they came along."""
        before = min(entry.header, self._position)
        if entry.header - before > _MAX_DESCRIPTOR_BYTES:
            before = entry.header
        wanted = LOCAL.size + min(len(entry.raw_name), MAX_NAME_BYTES + 1) + _EXTRA_GUESS_BYTES
        ahead = _AHEAD_BYTES if entry.stored_bytes <= _SMALL_BYTES else 0
        data = self._window.read(before, entry.header - before + wanted, ahead)[entry.header - before :]
        if len(data) < LOCAL.size or not data.startswith(LOCAL_SIGNATURE):
            return None, b""
        local = _parse_local(data, entry.header)
        begin = local.start - entry.header
        return local, data[begin : begin + len(LOCAL_SIGNATURE)]

    def _check_entry(self, entry: Entry, name: str, local: Local) -> None:
        if local.raw_name != entry.raw_name:
            self._disagree(name, "name", decode_name(entry.raw_name), decode_name(local.raw_name))
        for what, central, found in (
            ("method", entry.method, local.method),
            ("encrypted", entry.flags & ENCRYPTED, local.flags & ENCRYPTED),
            ("crc", entry.crc32, local.crc32),
            ("stored-bytes", entry.stored_bytes, local.stored_bytes),
            ("size", entry.size, local.size),
        ):
            if found is not None and found != central:
                self._disagree(name, what, str(central), str(found))
        if entry.method == STORED and entry.stored_bytes != entry.size:
            self._disagree(name, "stored-size", str(entry.size), str(entry.stored_bytes))
        if entry.kind and (entry.kind != "directory" or entry.size):
            self._archive.report("record-kind", name, found=entry.kind, warning=True)

    def _disagree(self, name: str, what: str, expected: str, found: str) -> None:
        self._archive.report("record-disagrees", name, expected=f"{what} {expected}", found=f"{what} {found}")

    def _is_readable(self, entry: Entry, name: str) -> bool:
        # by the directory alone, as torch does: a local flag mustn't hide what torch would read
        if entry.flags & ENCRYPTED or entry.method not in {STORED, DEFLATED}:
            self._archive.report("record-unreadable", name, found=f"method {entry.method}, flags {entry.flags}")
            return False
        return True

    def _check_gap(self, end: int) -> None:
        """Look at the bytes from the end of the last record to ``end``."""
        gap = end - self._position
        if gap < 0:
            if self._last is not None:
                where = decode_name(self._last.raw_name[:MAX_NAME_BYTES])
                self._archive.report("records-overlap", where, expected=str(end), found=str(self._position))
            return
        start = self._position
        if self._last is not None and self._last.flags & HAS_DESCRIPTOR and gap:
            start += self._skip_descriptor(self._last, start, gap)
        hidden = end - start
        # where headers are lost, the bytes of their records are nothing hidden
        if not (hidden and self._is_whole) or self._is_padding(start, hidden):
            return
        if self._last is None:
            self._archive.report("zip-prefix-bytes", found=str(hidden), warning=True)
        else:
            where = decode_name(self._last.raw_name[:MAX_NAME_BYTES])
            self._archive.note("zip-hidden-bytes", where, found=str(hidden))

    def _skip_descriptor(self, entry: Entry, start: int, gap: int) -> int:
        data = self._window.read(start, min(gap, _MAX_DESCRIPTOR_BYTES), 0)
        for prefix in (_DESCRIPTOR_SIGNATURE, b""):
            for layout in ("<I2Q", "<3I"):
                size = len(prefix) + struct.calcsize(layout)
                if len(data) >= size and data.startswith(prefix):
                    found = struct.unpack_from(layout, data, len(prefix))
                    if found == (entry.crc32, entry.stored_bytes, entry.size):
                        return size
        if data.startswith(_DESCRIPTOR_SIGNATURE):
            name = decode_name(entry.raw_name[:MAX_NAME_BYTES])
            self._disagree(name, "descriptor", f"{entry.crc32:08x} {entry.stored_bytes} {entry.size}", data.hex())
            return min(gap, _MAX_DESCRIPTOR_BYTES)
        return 0

    def _is_padding(self, start: int, size: int) -> bool:
        return size <= _MAX_PADDING_BYTES and not any(self._window.read(start, size, 0))


def _parse_local(data: bytes, position: int) -> Local:
    _, _, flags, method, _, _, crc32, stored, size, name_bytes, extra_bytes = LOCAL.unpack_from(data)
    after_name = LOCAL.size + name_bytes
    if _ABSENT in (stored, size) and extra_bytes:
        size, stored = read_zip64(data[after_name : after_name + extra_bytes], (size, stored))
    is_late = bool(flags & HAS_DESCRIPTOR)
    name = data[LOCAL.size : min(after_name, LOCAL.size + MAX_NAME_BYTES + 1)]
    return Local(
        raw_name=name,
        flags=flags,
        method=method,
        crc32=None if is_late and not crc32 else crc32,
        stored_bytes=None if stored == _ABSENT or (is_late and not stored) else stored,
        size=None if size == _ABSENT or (is_late and not size) else size,
        start=position + after_name + extra_bytes,
    )

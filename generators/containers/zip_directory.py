"""The central directory of a zip file, entry by entry.

Source: APPNOTE.TXT 6.3.10, sections 4.3.12 and 4.5.3.
"""

from __future__ import annotations

import stat
import struct
from typing import Any, NamedTuple

from generators.containers.file_bytes import FileBytes
from generators.containers.zip_end import ENTRY_SIGNATURE, Directory
from generators.containers.zip_names import MAX_NAME_BYTES
from generators.containers.zip_records import MAX_RECORDS, Archive

MAX_NAMES_BYTES = 1 << 25
"""Names of all entries together: a hundred bytes for each of as many records as are read."""
_BLOCK_BYTES = 1 << 20
"""More than the longest entry."""
_ENTRY = struct.Struct("<4s6H3I5H2I")
_EXTRA = struct.Struct("<2H")
_ZIP64_FIELD = 1
_ABSENT = 0xFFFFFFFF
_UNIX = 3
_DIRECTORY_ATTRIBUTE = 0x10


class Entry(NamedTuple):
    """One entry; ``header`` is where its local header should be, ``kind`` what the record is beside a plain file."""

    raw_name: bytes
    flags: int
    method: int
    crc32: int
    stored_bytes: int
    size: int
    header: int
    kind: str


class _Reading:
    """The entries read so far, and what they weigh."""

    __slots__ = ("comments", "entries", "names_bytes", "shift", "weight_reached")

    def __init__(self, shift: int) -> None:
        self.entries: list[Entry] = []
        self.comments = 0
        self.names_bytes = 0
        self.shift = shift
        self.weight_reached = False

    @property
    def is_full(self) -> bool:
        return self.weight_reached or len(self.entries) >= MAX_RECORDS


def read_entries(file: FileBytes, directory: Directory, archive: Archive) -> list[Entry] | None:
    """Return the entries of a directory, None when it is damaged."""
    reading = _Reading(directory.shift)
    position, end = directory.start, directory.start + directory.size
    while position < end and not reading.is_full:
        block = file.read(position, min(_BLOCK_BYTES, end - position))
        used = _parse_block(block, reading)
        if not used:
            break
        position += used
    count = len(reading.entries)
    if reading.is_full:
        archive.report("zip-records-cut", expected=str(count), found=str(max(count, directory.entries)))
    elif position < end and count < directory.entries:
        return None
    elif position < end:
        archive.report(
            "zip-end-disagrees", "directory-size", expected=str(position - directory.start), found=str(directory.size)
        )
    if count != directory.entries and not reading.is_full:
        archive.report("zip-end-disagrees", "entries", expected=str(count), found=str(directory.entries))
    if reading.comments:
        archive.note("zip-comment", found=str(reading.comments))
    return reading.entries


def _parse_block(block: bytes, reading: _Reading) -> int:
    """Read the entries that a block holds whole, and return how many of its bytes they took."""
    position, length = 0, len(block)
    while position + _ENTRY.size <= length and not reading.is_full:
        fields = _ENTRY.unpack_from(block, position)
        name_bytes, extra_bytes, comment_bytes = fields[10:13]
        after_name = position + _ENTRY.size + name_bytes
        after = after_name + extra_bytes + comment_bytes
        if fields[0] != ENTRY_SIGNATURE or after > length:
            break
        name = block[position + _ENTRY.size : min(after_name, position + _ENTRY.size + MAX_NAME_BYTES + 1)]
        _add_entry(fields, name, block[after_name : after_name + extra_bytes], reading)
        reading.comments += comment_bytes
        position = after
    return position


def _add_entry(fields: tuple[Any, ...], name: bytes, extra: bytes, reading: _Reading) -> None:
    _, made_by, _, flags, method, _, _, crc32, stored, size, *_, external, header = fields
    if extra and _ABSENT in (stored, size, header):
        size, stored, header = read_zip64(extra, (size, stored, header))
    # text that isn't ASCII may take four bytes a character
    reading.names_bytes += len(name) if name.isascii() else 4 * len(name)
    reading.weight_reached = reading.names_bytes > MAX_NAMES_BYTES
    kind = _kind(name, made_by, external) if external or name.endswith(b"/") else ""
    reading.entries.append(Entry(name, flags, method, crc32, stored, size, header + reading.shift, kind))


def read_zip64(extra: bytes, values: tuple[int, ...]) -> tuple[int, ...]:
    """Return the values with those that are saturated taken from the extra field for large archives."""
    position = 0
    while position + _EXTRA.size <= len(extra):
        field, size = _EXTRA.unpack_from(extra, position)
        position += _EXTRA.size
        if field == _ZIP64_FIELD:
            data = extra[position : position + size]
            numbers = iter(struct.unpack_from(f"<{len(data) // 8}Q", data))
            return tuple(next(numbers, v) if v == _ABSENT else v for v in values)
        position += size
    return values


def _kind(name: bytes, made_by: int, external: int) -> str:
    mode = external >> 16 if made_by >> 8 == _UNIX else 0
    if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "symlink" if stat.S_ISLNK(mode) else "special"
    is_folder = name.endswith(b"/") or bool(external & _DIRECTORY_ATTRIBUTE) or stat.S_ISDIR(mode)
    return "directory" if is_folder else ""

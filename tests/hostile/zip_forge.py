"""Zip archives of which every header says what it is told to say."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record; ``None`` in a ``local_`` or ``central_`` attribute means the truth.

    Attributes:
        name: In both headers.
        data: Its content.
        deflate: Whether it is compressed.
        flags: Of both headers.
        local_name: In the local header.
        central_name: In the directory.
        local_flags: In the local header.
        crc32: In both.
        central_size: Size of the content in the directory.
        central_stored: Bytes it takes, in the directory.
        listed: Whether the directory has it.
        repeat: Times that the directory lists it.
        before: Bytes in front of its local header.
    """

    name: str
    data: bytes
    deflate: bool = False
    flags: int = 0
    local_name: str | None = None
    central_name: str | None = None
    local_flags: int | None = None
    crc32: int | None = None
    central_size: int | None = None
    central_stored: int | None = None
    listed: bool = True
    repeat: int = 1
    before: bytes = b""


def forge_zip(entries: Sequence[Entry], *, comment: bytes = b"", count: int | None = None, tail: bytes = b"") -> bytes:
    """Return an archive.

    Args:
        entries: Its records, in order.
        comment: Of the archive.
        count: Records that the end record claims; None for the truth.
        tail: Bytes behind everything.
    """
    body, directory, listed = b"", b"", 0
    for entry in entries:
        body += entry.before
        offset = len(body)
        packed = _deflated(entry.data) if entry.deflate else entry.data
        body += _local_header(entry, packed) + packed
        if entry.listed:
            directory += _central_header(entry, packed, offset) * entry.repeat
            listed += entry.repeat
    claimed = listed if count is None else count
    end = _END.pack(b"PK\x05\x06", 0, 0, claimed, claimed, len(directory), len(body), len(comment))
    return body + directory + end + comment + tail


def torch_entries(data_pickle: bytes, *more: Entry, root: str = "archive", **told: Any) -> list[Entry]:
    """Return the records of a torch zip; ``told`` is said of ``data.pkl``."""
    return [
        Entry(name=f"{root}/data.pkl", data=data_pickle, **told),
        Entry(name=f"{root}/byteorder", data=b"little"),
        *more,
        Entry(name=f"{root}/version", data=b"3\n"),
    ]


def torch_zip(data_pickle: bytes, storages: Mapping[str, bytes], **told: Any) -> bytes:
    """Return a torch zip of a pickle and its storages; ``told`` is said of ``data.pkl``."""
    data = [Entry(name=f"archive/data/{key}", data=content) for key, content in storages.items()]
    return forge_zip(torch_entries(data_pickle, *data, **told))


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _local_header(entry: Entry, packed: bytes) -> bytes:
    name = (entry.name if entry.local_name is None else entry.local_name).encode()
    flags = entry.flags if entry.local_flags is None else entry.local_flags
    crc32 = zlib.crc32(entry.data) if entry.crc32 is None else entry.crc32
    method = 8 if entry.deflate else 0
    sizes = len(packed), len(entry.data)
    return _LOCAL.pack(b"PK\x03\x04", 20, flags, method, 0, 0x21, crc32, *sizes, len(name), 0) + name


def _central_header(entry: Entry, packed: bytes, offset: int) -> bytes:
    name = (entry.name if entry.central_name is None else entry.central_name).encode()
    crc32 = zlib.crc32(entry.data) if entry.crc32 is None else entry.crc32
    method = 8 if entry.deflate else 0
    stored = len(packed) if entry.central_stored is None else entry.central_stored
    size = len(entry.data) if entry.central_size is None else entry.central_size
    head = (b"PK\x01\x02", 20, 20, entry.flags, method, 0, 0x21, crc32, stored, size)
    return _CENTRAL.pack(*head, len(name), 0, 0, 0, 0, 0, offset) + name

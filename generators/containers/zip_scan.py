"""The records of a zip file whose directory is lost: found by their own headers."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from generators.containers.file_bytes import FileBytes
from generators.containers.segments import Inflaters
from generators.containers.zip_local import ENCRYPTED, HAS_DESCRIPTOR, LOCAL, LOCAL_SIGNATURE
from generators.containers.zip_names import MAX_NAME_BYTES, decode_name
from generators.containers.zip_records import DEFLATED, MAX_RECORDS, STORED, Record, content_segment

SCAN_BLOCK_BYTES = 1 << 22
"""A lost directory costs one pass over the file, in blocks of this size."""
MAX_SCANNED_RECORDS = MAX_RECORDS
"""Headers looked at where the directory is lost: as many records as a directory has room for."""
MAX_SIGNATURES = 4 * MAX_RECORDS
"""Places that begin like a header or a descriptor, whether they are one or not: a few seconds of looking."""
_UNMEASURED_BYTES = 1 << 50
_DESCRIPTORS = (struct.Struct("<4s3I"), struct.Struct("<4sI2Q"))
"""Source: APPNOTE.TXT 6.3.10, section 4.3.9: the data descriptor, plain and of zip64."""
_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
_IN_EXTRA_FIELD = 0xFFFFFFFF


class _Header(Struct, frozen=True, kw_only=True):
    """What a local header says; ``stored_bytes`` is None when a descriptor behind the content says it."""

    position: int
    name: str
    start: int
    method: int
    stored_bytes: int | None


def scan_records(file: FileBytes) -> Iterator[Record]:
    """Yield a record for each local header below the common root; it ends where the next begins."""
    headers = list(islice(_find_headers(file), MAX_SCANNED_RECORDS))
    if not headers:
        return
    root = _common_root(headers)
    headers = [h for h in headers if h.name.startswith(root)]
    inflaters = Inflaters()
    for n, header in enumerate(headers):
        is_last = n + 1 == len(headers)
        end = file.size if is_last else headers[n + 1].position
        yield _delimit(file, header, end, inflaters, is_last=is_last)


def _common_root(headers: list[_Header]) -> str:
    """Return the root, with its slash, of most headers: data may look like a header, and a name may be damaged."""
    roots = Counter("".join(h.name.partition("/")[:2]) for h in headers if "/" in h.name)
    return roots.most_common(1)[0][0] if roots else ""


def _delimit(file: FileBytes, header: _Header, end: int, inflaters: Inflaters, *, is_last: bool) -> Record:
    """Return the record of a header whose content ends at ``end`` at the latest."""
    stored, size, crc32 = header.stored_bytes, None, None
    if stored is None:
        found = _tail_descriptor(file, header.start, end) or (
            _search_descriptor(file, header.start, end) if is_last else None
        )
        stored, size, crc32 = found or (max(0, end - header.start), None, None)
    if size is None:
        size = stored if header.method == STORED else _UNMEASURED_BYTES
    segment = content_segment(file, header.start, stored, size, header.method, inflaters)
    return Record(name=header.name, segment=segment, start=header.start, stored_bytes=stored, size=size, crc32=crc32)


def _tail_descriptor(file: FileBytes, start: int, end: int) -> tuple[int, int, int] | None:
    """Return (stored bytes, size, CRC-32) from the descriptor that ends at ``end``."""
    for layout in _DESCRIPTORS:
        found = _parse_descriptor(file, layout, start, end - layout.size)
        if found is not None:
            return found
    return None


def _search_descriptor(file: FileBytes, start: int, end: int) -> tuple[int, int, int] | None:
    """Return the same from the first descriptor that fits, for a record that part of the directory follows."""
    for at, _ in islice(_find_signatures(file, _DESCRIPTOR_SIGNATURE, start, end), MAX_SIGNATURES):
        for layout in _DESCRIPTORS:
            found = _parse_descriptor(file, layout, start, at)
            if found is not None:
                return found
    return None


def _parse_descriptor(file: FileBytes, layout: struct.Struct, start: int, at: int) -> tuple[int, int, int] | None:
    data = file.read(at, layout.size) if at >= start else b""
    if len(data) < layout.size:
        return None
    signature, crc32, stored, size = layout.unpack(data)
    return (stored, size, crc32) if signature == _DESCRIPTOR_SIGNATURE and stored == at - start else None


def _find_signatures(file: FileBytes, signature: bytes, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield where a signature stands, and what the block has from there on."""
    overlap = LOCAL.size + MAX_NAME_BYTES
    for block_start in range(start, end, SCAN_BLOCK_BYTES):
        block = file.read(block_start, min(SCAN_BLOCK_BYTES + overlap, end - block_start))
        at = block.find(signature, 0, SCAN_BLOCK_BYTES + len(signature) - 1)
        while at >= 0:
            yield block_start + at, block[at : at + overlap]
            at = block.find(signature, at + 1, SCAN_BLOCK_BYTES + len(signature) - 1)


def _find_headers(file: FileBytes) -> Iterator[_Header]:
    """Yield what looks like a local header."""
    for at, data in islice(_find_signatures(file, LOCAL_SIGNATURE, 0, file.size), MAX_SIGNATURES):
        header = _parse_header(data, at)
        if header is not None:
            yield header


def _parse_header(data: bytes, position: int) -> _Header | None:
    if len(data) < LOCAL.size:
        return None
    _, _, flags, method, _, _, _, stored, _, name_bytes, extra_bytes = LOCAL.unpack_from(data)
    if method not in {STORED, DEFLATED} or flags & ENCRYPTED:
        return None
    raw = data[LOCAL.size : LOCAL.size + name_bytes]
    name = decode_name(raw)
    if not name or not name.isprintable() or len(raw) < name_bytes:
        return None
    has_size = stored != _IN_EXTRA_FIELD and (stored or not flags & HAS_DESCRIPTOR)
    return _Header(
        position=position,
        name=name,
        start=position + LOCAL.size + name_bytes + extra_bytes,
        method=method,
        stored_bytes=stored if has_size else None,
    )

"""The records of a zip file: by its directory, or pieced together when that is lost."""

from __future__ import annotations

import struct
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise

from generators.containers.file_bytes import FileBytes
from generators.containers.global_policy import printable
from generators.containers.segments import DeflatedSegment, FileSegment, Segment
from generators.containers.streams import PositionalStream
from generators.model.finding import Finding, Severity

SCAN_BLOCK_BYTES = 1 << 22
"""A lost directory costs one pass over the file, in blocks of this size."""
MAX_SCANNED_RECORDS = 500_000
"""Headers looked at where the directory is lost: as many records as a directory has room for."""
MAX_EXPANSION = 16
"""Bytes of all records together, for each byte of the file; weights hardly compress to two thirds."""
FREE_BYTES = 1 << 30
"""And what records may expand to in any file."""
_MOST_DEFLATED = 1032
"""Source: RFC 1951: a match of 258 bytes takes at least two bits."""
_UNMEASURED_BYTES = 1 << 50

_LOCAL = struct.Struct("<4s5H3I2H")
"""Source: APPNOTE.TXT 6.3.10, section 4.3.7: the local file header."""
_LOCAL_SIGNATURE = b"PK\x03\x04"
_DESCRIPTORS = (struct.Struct("<4s3I"), struct.Struct("<4sI2Q"))
"""Source: APPNOTE.TXT 6.3.10, section 4.3.9: the data descriptor, plain and of zip64."""
_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
_IN_EXTRA_FIELD = 0xFFFFFFFF
_HAS_DESCRIPTOR = 1 << 3
_ENCRYPTED = 1 << 0
_UTF8_NAME = 1 << 11
_MAX_NAME_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record.

    Attributes:
        name: With the archive's root.
        segment: Its content, None when it can't be read.
        start: First byte of the content in the file.
        stored_bytes: Bytes it takes in the file.
        size: Bytes of the content by the directory.
        crc32: By the directory; None when there is none.
    """

    name: str
    segment: Segment | None
    start: int
    stored_bytes: int
    size: int
    crc32: int | None


@dataclass(slots=True)
class Archive:
    """All records by name, and what is wrong with them.

    Attributes:
        records: By name; the last of a name that is there twice, in whatever letters.
        shadowed: The others of those names.
        findings: What was noticed.
        has_directory: Whether the central directory was there.
    """

    records: dict[str, Record] = field(default_factory=dict)
    shadowed: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    has_directory: bool = True
    _names: dict[str, str] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take in a record; torch looks names up without regard to case, and at random among several."""
        other = self.records.pop(self._names.get(record.name.lower(), ""), None)
        if other is not None:
            self.report("record-repeated", record.name)
            self.shadowed.append(other)
        self.records[record.name] = record
        self._names[record.name.lower()] = record.name

    def find(self, name: str) -> Record | None:
        """Return the record of a name, in whatever letters.

        Source: ``PyTorchStreamReader::getRecordID`` in ``caffe2/serialize/inline_container.cc`` of PyTorch 2.13
        calls ``mz_zip_reader_locate_file`` without its flag for case.
        """
        return self.records.get(self._names.get(name.lower(), ""))

    def report(self, code: str, where: str = "", *, warning: bool = False, found: str = "") -> None:
        """Add a finding."""
        severity: Severity = "warning" if warning else "error"
        self.findings.append(Finding(code=code, severity=severity, where=printable(where), found=found))


def read_archive(file: FileBytes) -> Archive:
    """Read a zip file's records, whatever state it is in."""
    archive = Archive()
    directory = _read_directory(file)
    if directory is None:
        archive.has_directory = False
        archive.report("zip-directory-missing")
        for record in _scan_headers(file):
            archive.add(record)
        _limit_reading(file, archive)
        return archive
    for info in directory:
        _add_record(file, info, archive)
    if any(r.segment is None for r in archive.records.values()):
        _repair_records(file, archive)
    _report_overlaps(archive)
    _limit_reading(file, archive)
    return archive


def _read_directory(file: FileBytes) -> list[zipfile.ZipInfo] | None:
    try:
        with zipfile.ZipFile(PositionalStream(file)) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, OverflowError, EOFError, struct.error):
        return None


def _add_record(file: FileBytes, info: zipfile.ZipInfo, archive: Archive) -> None:
    name = info.filename
    start = _content_start(file, info.header_offset)
    segment: Segment | None = None
    if start is None:
        archive.report("record-header", name)
    elif info.flag_bits & _ENCRYPTED or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        archive.report("record-unreadable", name, found=f"method {info.compress_type}, flags {info.flag_bits}")
        start = None
    else:
        segment = _content(file, start, info.compress_size, info.file_size, info.compress_type)
    archive.add(
        Record(
            name=name,
            segment=segment,
            start=start or 0,
            stored_bytes=info.compress_size,
            size=info.file_size,
            crc32=info.CRC,
        )
    )


def _content_start(file: FileBytes, header: int) -> int | None:
    data = file.read(header, _LOCAL.size)
    if len(data) < _LOCAL.size or not data.startswith(_LOCAL_SIGNATURE):
        return None
    *_, name_bytes, extra_bytes = _LOCAL.unpack(data)
    return header + _LOCAL.size + int(name_bytes) + int(extra_bytes)


def _content(file: FileBytes, start: int, stored_bytes: int, size: int, method: int) -> Segment:
    run = FileSegment(file, start, stored_bytes)
    return run if method == zipfile.ZIP_STORED else DeflatedSegment(run, size)


def _repair_records(file: FileBytes, archive: Archive) -> None:
    """Look for the records that the directory points past, when bytes were lost or added in the middle."""
    for found in _scan_headers(file):
        known = archive.records.get(found.name)
        if known is not None and known.segment is None and known.start == 0 and found.segment is not None:
            size = min(known.stored_bytes, found.stored_bytes)
            segment: Segment = found.segment
            if not isinstance(segment, DeflatedSegment):
                segment = FileSegment(file, found.start, size)
            archive.records[found.name] = Record(
                name=found.name,
                segment=segment,
                start=found.start,
                stored_bytes=size,
                size=known.size,
                crc32=known.crc32,
            )


def _report_overlaps(archive: Archive) -> None:
    runs = sorted((r.start, r.start + r.stored_bytes, r.name) for r in archive.records.values() if r.segment)
    for (_, end, _), (start, stop, name) in pairwise(runs):
        if start < end and stop > start:
            archive.report("records-overlap", name, warning=True)


def _limit_reading(file: FileBytes, archive: Archive) -> None:
    """Give up the records that would make a small file cost a large one's time: deflated or laid over each other."""
    left = max(FREE_BYTES, MAX_EXPANSION * file.size)
    for name, record in archive.records.items():
        if record.segment is None:
            continue
        size = max(0, min(record.stored_bytes, file.size - record.start))
        if isinstance(record.segment, DeflatedSegment):
            size = min(record.size, _MOST_DEFLATED * size)
        left -= size
        if left < 0:
            archive.report("record-unreadable", name, found=f"{record.stored_bytes} B > {record.size} B")
            archive.records[name] = replace(record, segment=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """What a local header says; ``stored_bytes`` is None when a descriptor behind the content says it."""

    position: int
    name: str
    start: int
    method: int
    stored_bytes: int | None


def _scan_headers(file: FileBytes) -> Iterator[Record]:
    """Yield a record for each local header below the common root; it ends where the next begins."""
    headers = list(islice(_find_headers(file), MAX_SCANNED_RECORDS))
    if not headers:
        return
    root = _common_root(headers)
    headers = [h for h in headers if h.name.startswith(root)]
    ends = [*(h.position for h in headers[1:]), file.size]
    for header, end in zip(headers, ends, strict=True):
        yield _delimit(file, header, end, is_last=header is headers[-1])


def _common_root(headers: list[_Header]) -> str:
    """Return the root, with its slash, of most headers: data may look like a header, and a name may be damaged."""
    roots = Counter("".join(h.name.partition("/")[:2]) for h in headers if "/" in h.name)
    return roots.most_common(1)[0][0] if roots else ""


def _delimit(file: FileBytes, header: _Header, end: int, *, is_last: bool) -> Record:
    """Return the record of a header whose content ends at ``end`` at the latest."""
    stored, size, crc32 = header.stored_bytes, None, None
    if stored is None:
        found = _tail_descriptor(file, header.start, end) or (
            _search_descriptor(file, header.start, end) if is_last else None
        )
        stored, size, crc32 = found or (max(0, end - header.start), None, None)
    if size is None:
        size = stored if header.method == zipfile.ZIP_STORED else _UNMEASURED_BYTES
    segment = _content(file, header.start, stored, size, header.method)
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
    overlap = len(_DESCRIPTOR_SIGNATURE) - 1
    for block_start in range(start, end, SCAN_BLOCK_BYTES):
        block = file.read(block_start, min(SCAN_BLOCK_BYTES + overlap, end - block_start))
        at = block.find(_DESCRIPTOR_SIGNATURE)
        while at >= 0:
            for layout in _DESCRIPTORS:
                found = _parse_descriptor(file, layout, start, block_start + at)
                if found is not None:
                    return found
            at = block.find(_DESCRIPTOR_SIGNATURE, at + 1)
    return None


def _parse_descriptor(file: FileBytes, layout: struct.Struct, start: int, at: int) -> tuple[int, int, int] | None:
    data = file.read(at, layout.size) if at >= start else b""
    if len(data) < layout.size:
        return None
    signature, crc32, stored, size = layout.unpack(data)
    return (stored, size, crc32) if signature == _DESCRIPTOR_SIGNATURE and stored == at - start else None


def _find_headers(file: FileBytes) -> Iterator[_Header]:
    """Yield what looks like a local header."""
    overlap = len(_LOCAL_SIGNATURE) - 1
    for block_start in range(0, file.size, SCAN_BLOCK_BYTES):
        block = file.read(block_start, SCAN_BLOCK_BYTES + overlap)
        at = block.find(_LOCAL_SIGNATURE)
        while at >= 0:
            header = _parse_header(file, block_start + at)
            if header is not None:
                yield header
            at = block.find(_LOCAL_SIGNATURE, at + 1)


def _parse_header(file: FileBytes, position: int) -> _Header | None:
    data = file.read(position, _LOCAL.size)
    if len(data) < _LOCAL.size:
        return None
    _, _, flags, method, _, _, _, stored, _, name_bytes, extra_bytes = _LOCAL.unpack(data)
    if method not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or flags & _ENCRYPTED:
        return None
    raw = file.read(position + _LOCAL.size, min(name_bytes, _MAX_NAME_BYTES))
    name = raw.decode("utf-8" if flags & _UTF8_NAME else "cp437", "replace")
    if not name or not name.isprintable() or len(raw) < name_bytes:
        return None
    has_size = stored != _IN_EXTRA_FIELD and (stored or not flags & _HAS_DESCRIPTOR)
    return _Header(
        position=position,
        name=name,
        start=position + _LOCAL.size + name_bytes + extra_bytes,
        method=method,
        stored_bytes=stored if has_size else None,
    )

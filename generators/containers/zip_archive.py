"""The records of a zip file: by its directory, or pieced together when that is lost."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from generators.containers.file_bytes import FileBytes
from generators.containers.segments import DeflatedSegment, FileSegment, Segment
from generators.containers.zip_directory import read_entries
from generators.containers.zip_end import Directory, find_directories
from generators.containers.zip_local import read_records
from generators.containers.zip_records import Archive, Record
from generators.containers.zip_scan import scan_records

__all__ = ["Archive", "Record", "read_archive"]

MAX_EXPANSION = 16
"""Bytes of all records together, for each byte of the file; weights hardly compress to two thirds."""
FREE_BYTES = 1 << 30
"""And what records may expand to in any file."""
SUSPECT_RATIO = 100
"""A record that is said to shrink more than this is told; deflate makes up to 1032 zeros of a byte."""
SUSPECT_BYTES = 1 << 20
"""And only when it unpacks to something."""
_MOST_DEFLATED = 1032
"""Source: RFC 1951: a match of 258 bytes takes at least two bits."""


def read_archive(file: FileBytes) -> Archive:
    """Read a zip file's records, whatever state it is in."""
    archive = Archive()
    directories = find_directories(file, archive)
    records = _read_directory(file, directories[0], archive) if directories else None
    if records is None:
        archive = Archive(has_directory=False)
        archive.report("zip-directory-missing")
        records = list(scan_records(file))
    for record in _consumed(records):
        archive.add(record)
    if archive.has_directory:
        for other in directories[1:]:
            _shadow_directory(file, other, archive)
        if any(r.segment is None for r in archive.records.values()):
            _repair_records(file, archive)
        archive.report_twins()
        _forget_missing_checksums(archive)
    _limit_reading(file, archive)
    return archive


def _consumed(records: list[Record]) -> Iterator[Record]:
    records.reverse()
    while records:
        yield records.pop()


def _read_directory(file: FileBytes, directory: Directory, archive: Archive) -> list[Record] | None:
    entries = read_entries(file, directory, archive)
    return None if entries is None else read_records(file, entries, directory.start, archive)


def _shadow_directory(file: FileBytes, directory: Directory, archive: Archive) -> None:
    """Keep what another directory has elsewhere or that only it has, so that nothing in it goes unseen."""
    silent = Archive()
    known = {r.start for r in archive.records.values()}
    for record in _read_directory(file, directory, silent) or ():
        if record.segment is not None and record.start not in known:
            archive.shadowed.append(record)


def _repair_records(file: FileBytes, archive: Archive) -> None:
    """Look for the records that the directory points past, when bytes were lost or added in the middle."""
    for found in scan_records(file):
        known = archive.records.get(found.name)
        if known is not None and known.segment is None and known.start == 0 and found.segment is not None:
            size = min(known.stored_bytes, found.stored_bytes)
            segment: Segment = found.segment
            if not isinstance(segment, DeflatedSegment):
                segment = FileSegment(file, found.start, size)
            archive.records[found.name] = replace(known, segment=segment, start=found.start, stored_bytes=size)


def _forget_missing_checksums(archive: Archive) -> None:
    """Take sums that are all zero for none.

    Source: ``torch.serialization.set_crc32_options(False)`` of PyTorch 2.13 writes every record so.
    """
    filled = [r for r in archive.records.values() if r.size]
    if len(filled) > 1 and not any(r.crc32 for r in filled):
        archive.note("zip-without-checksums")
        for record in filled:
            archive.records[record.name] = replace(record, crc32=None)


def _limit_reading(file: FileBytes, archive: Archive) -> None:
    """Give up the records that would make a small file cost a large one's time: deflated or laid over each other."""
    left = max(FREE_BYTES, MAX_EXPANSION * file.size)
    for name, record in archive.records.items():
        if record.segment is None:
            continue
        size = max(0, min(record.stored_bytes, file.size - record.start))
        if isinstance(record.segment, DeflatedSegment):
            if archive.has_directory and record.size > max(SUSPECT_BYTES, SUSPECT_RATIO * size):
                archive.note("record-ratio", name, expected=str(size), found=str(record.size))
            size = min(record.size, _MOST_DEFLATED * size)
        left -= size
        if left < 0:
            archive.report("record-unreadable", name, found=f"{record.stored_bytes} B > {record.size} B")
            archive.records[name] = replace(record, segment=None)

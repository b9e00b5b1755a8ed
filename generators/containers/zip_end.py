"""The end of a zip file: which directory its readers take, and where they wouldn't agree.

torch (miniz) takes the last end record of the file, follows the position that
it declares, and reads as many entries as it declares. Python's ``zipfile``
takes the same record, computes the position from where the record lies, and
reads as many bytes as it declares. Where these differ, two programs see two
archives in one file.

Source: APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16;
``mz_zip_reader_read_central_dir`` in ``third_party/miniz-3.0.2/miniz.c`` of
PyTorch 2.13; ``_EndRecData`` and ``_RealGetContents`` in CPython 3.11's ``zipfile``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from msgspec import Struct

from generators.containers.file_bytes import FileBytes
from generators.containers.zip_records import Archive

ENTRY_SIGNATURE = b"PK\x01\x02"
_END = struct.Struct("<4s4H2IH")
_END_SIGNATURE = b"PK\x05\x06"
_END64 = struct.Struct("<4sQ2H2I4Q")
_END64_SIGNATURE = b"PK\x06\x06"
_LOCATOR = struct.Struct("<4sIQI")
_LOCATOR_SIGNATURE = b"PK\x06\x07"
_TAIL_BYTES = _END.size + (1 << 16) - 1
_NEAR_BYTES = 4096
"""Looked at first: the end record without a comment, and much of a small directory."""
_MAX_ENDS = 8
"""End records looked at; one is right, two are a trick."""
_SATURATED = {"entries": 0xFFFF, "directory-size": 0xFFFFFFFF, "directory-offset": 0xFFFFFFFF, "disk": 0xFFFF}


class Directory(Struct, frozen=True, kw_only=True):
    """Where a central directory lies.

    Attributes:
        start: Its first byte.
        size: Its bytes.
        entries: Entries that it should have.
        shift: Added to the positions that its entries declare.
    """

    start: int
    size: int
    entries: int
    shift: int


class _End(Struct, frozen=True, kw_only=True):
    """What an end record says; ``position`` is where the directory has to end."""

    position: int
    disks: tuple[int, ...]
    entries: int
    size: int
    start: int
    comment_bytes: int


def find_directories(file: FileBytes, archive: Archive) -> list[Directory]:
    """Return the directory that torch reads, then those that others might; none when it is lost."""
    tail_start, tail = _read_tail(file)
    at = tail.rfind(_END_SIGNATURE, 0, max(0, len(tail) - _END.size + len(_END_SIGNATURE)))
    if at < 0:
        return []
    end = _read_end(file, tail_start + at, tail[at:], archive)
    _check_tail(file, tail_start + at, end, archive)
    directories = list(_places(file, end, archive))
    if directories:
        directories += _other_directories(file, tail_start, tail, at, directories[0].start, archive)
    return directories


def _read_tail(file: FileBytes) -> tuple[int, bytes]:
    """Return where the last bytes begin, and them: few when the end record is the last of all."""
    start = max(0, file.size - _NEAR_BYTES)
    near = file.read(start, _NEAR_BYTES)
    if near[-_END.size :].startswith(_END_SIGNATURE) and near.count(_END_SIGNATURE) == 1:
        return start, near
    start = max(0, file.size - _TAIL_BYTES)
    return start, file.read(start, _TAIL_BYTES)


def _read_end(file: FileBytes, position: int, data: bytes, archive: Archive) -> _End:
    _, disk, first_disk, entries_here, entries, size, start, comment_bytes = _END.unpack_from(data)
    plain = _End(
        position=position,
        disks=(disk, first_disk),
        entries=entries,
        size=size,
        start=start,
        comment_bytes=comment_bytes,
    )
    if entries_here != entries:
        archive.report("zip-end-disagrees", "entries", expected=str(entries_here), found=str(entries))
    large = _read_end64(file, plain, archive)
    if any((large or plain).disks):
        archive.report("zip-end-disagrees", "disk", expected="0", found=str(max((large or plain).disks)))
    return large or plain


def _read_end64(file: FileBytes, plain: _End, archive: Archive) -> _End | None:
    """Return what the record for large archives says, where its locator stands before the end record."""
    locator = file.read(plain.position - _LOCATOR.size, _LOCATOR.size)
    if len(locator) < _LOCATOR.size or not locator.startswith(_LOCATOR_SIGNATURE):
        return None
    _, _, declared, disks = _LOCATOR.unpack(locator)
    near = plain.position - _LOCATOR.size - _END64.size
    found = {position: _unpack_end64(file, position, plain) for position in (declared, near)}
    if disks > 1:
        archive.report("zip-end-disagrees", "disk", expected="1", found=str(disks))
    if found[declared] != found[near]:
        archive.report("zip-end-disagrees", "zip64-record", expected=str(near), found=str(declared))
    large = found[declared] or found[near]
    if large is not None:
        _compare_ends(plain, large, archive)
    return large


def _unpack_end64(file: FileBytes, position: int, plain: _End) -> _End | None:
    data = file.read(position, _END64.size)
    if len(data) < _END64.size or not data.startswith(_END64_SIGNATURE):
        return None
    _, _, _, _, disk, first_disk, _, entries, size, start = _END64.unpack(data)
    return _End(
        position=position,
        disks=(disk, first_disk),
        entries=entries,
        size=size,
        start=start,
        comment_bytes=plain.comment_bytes,
    )


def _compare_ends(plain: _End, large: _End, archive: Archive) -> None:
    for what, small, whole in (
        ("entries", plain.entries, large.entries),
        ("directory-size", plain.size, large.size),
        ("directory-offset", plain.start, large.start),
    ):
        if small not in {whole, _SATURATED[what]}:
            archive.report("zip-end-disagrees", what, expected=str(whole), found=str(small))


def _check_tail(file: FileBytes, position: int, end: _End, archive: Archive) -> None:
    behind = file.size - position - _END.size
    if end.comment_bytes:
        archive.note("zip-comment", found=str(end.comment_bytes))
    if behind > end.comment_bytes:
        archive.report("zip-trailing-bytes", found=str(behind - end.comment_bytes), warning=True)
    elif behind < end.comment_bytes:
        archive.report("zip-end-disagrees", "comment", expected=str(behind), found=str(end.comment_bytes))


def _places(file: FileBytes, end: _End, archive: Archive) -> Iterator[Directory]:
    """Yield the directory at the position that the end record declares, and the one just before the record."""
    near = end.position - end.size
    is_declared, is_near = (_holds_entry(file, start, end) for start in (end.start, near))
    if end.start == near:
        if is_near:
            yield _directory(end, near, 0)
        return
    if is_declared or is_near:
        archive.report(
            "zip-end-disagrees",
            "directory-offset",
            expected=str(near),
            found=str(end.start),
            warning=not is_declared,
        )
    if is_declared:
        yield _directory(end, end.start, 0)
    if is_near:
        yield _directory(end, near, near - end.start)


def _holds_entry(file: FileBytes, start: int, end: _End) -> bool:
    if not end.size and not end.entries:
        return 0 <= start <= end.position
    # a declared size that leads beyond the end record is a lie about the size, not about the place
    return start >= 0 and end.size > 0 and file.read(start, len(ENTRY_SIGNATURE)) == ENTRY_SIGNATURE


def _directory(end: _End, start: int, shift: int) -> Directory:
    size = min(end.size, end.position - start)
    return Directory(start=start, size=max(0, size), entries=end.entries, shift=shift)


def _other_directories(
    file: FileBytes, tail_start: int, tail: bytes, last: int, directory_start: int, archive: Archive
) -> Iterator[Directory]:
    """Yield the directories of end records before the last: a comment may hold a whole second archive's.

    Not those of an archive inside a record: no reader looks so far when there is one behind it.
    """
    at = last
    for _ in range(_MAX_ENDS):
        at = tail.rfind(_END_SIGNATURE, 0, at)
        if at < 0 or len(tail) - at < _END.size:
            return
        silent = Archive()
        end = _read_end(file, tail_start + at, tail[at:], silent)
        reaches_end = tail_start + at + _END.size + end.comment_bytes == file.size
        places = list(_places(file, end, silent)) if reaches_end or tail_start + at > directory_start else []
        if any(place.entries for place in places):
            archive.report("zip-ends-several", found=str(tail_start + at))
            yield from places

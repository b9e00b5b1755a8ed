"""The CRC-32 of zip records, held against the archive's directory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from generators.containers.file_bytes import FileBytes
from generators.containers.global_policy import printable
from generators.containers.index import Checksum
from generators.containers.segments import BLOCK_BYTES, DeflatedSegment
from generators.model.finding import Finding

if TYPE_CHECKING:
    from generators.containers.zip_archive import Archive


def archive_checksums(archive: Archive) -> tuple[Checksum, ...]:
    """Return every record that is readable and has a checksum."""
    return tuple(
        Checksum(
            record=r.name,
            # what was read before, however often, is no reason to find its sum wrong
            segment=r.segment.afresh() if isinstance(r.segment, DeflatedSegment) else r.segment,
            size=r.size,
            crc32=r.crc32,
        )
        for r in archive.records.values()
        if r.segment is not None and r.crc32 is not None
    )


class RecordRun:
    """A stored record that is summed up while the file is read; a run of the file.

    Args:
        checksum: The record.
        start: Position of its first byte in the file.

    Attributes:
        start: As given.
        stop: Position after its last byte.
    """

    __slots__ = ("_left", "_sum", "checksum", "crc32", "start", "stop")
    block_bytes = 0

    def __init__(self, checksum: Checksum, start: int) -> None:
        from zlib_ng import zlib_ng

        self._sum = zlib_ng.crc32
        self.checksum = checksum
        self.start = start
        self.stop = start + checksum.segment.size
        self._left = checksum.segment.size
        self.crc32 = 0

    @property
    def complete(self) -> bool:
        """Whether all of it was heard."""
        return not self._left

    def add(self, data: memoryview) -> None:
        """Take in the next bytes."""
        self._left -= len(data)
        self.crc32 = self._sum(data, self.crc32)


def listen_to_records(checksums: Iterable[Checksum], file: FileBytes) -> Iterator[RecordRun]:
    """Yield a run for each record whose bytes lie in the file as they are."""
    for checksum in checksums:
        place = checksum.segment.place
        if place is not None and place[0] is file:
            yield RecordRun(checksum, place[1])


def check_records(checksums: Iterable[Checksum], runs: Iterable[RecordRun]) -> Iterator[Finding]:
    """Yield a finding for each record whose sum is wrong; read what no run has heard."""
    heard = {id(run.checksum): run.crc32 for run in runs if run.complete}
    for checksum in checksums:
        size = checksum.segment.size
        crc32 = heard.get(id(checksum))
        if crc32 is None:
            crc32, size = _sum_up(checksum)
        if crc32 != checksum.crc32 or size != checksum.size:
            yield Finding(
                code="record-crc",
                severity="error",
                where=printable(checksum.record),
                expected=f"{checksum.crc32:08x}",
                found=f"{crc32:08x}",
            )


def _sum_up(checksum: Checksum) -> tuple[int, int]:
    from zlib_ng import zlib_ng

    crc32 = position = 0
    while block := checksum.segment.read(position, min(BLOCK_BYTES, checksum.size - position)):
        crc32 = zlib_ng.crc32(block, crc32)
        position += len(block)
    return crc32, position

"""Which records of an archive can be held against the checksums of its directory."""

from __future__ import annotations

from generators.containers.index import Checksum
from generators.containers.segments import DeflatedSegment
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

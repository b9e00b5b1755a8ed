"""NumPy's ``.npz``: a zip archive whose every record is an array, stored or deflated.

Source: ``savez`` and ``savez_compressed`` in ``numpy/lib/_npyio_impl.py`` of NumPy 2.3.
"""

from __future__ import annotations

from msgspec.structs import replace

from generators.containers.checksums import archive_checksums
from generators.containers.global_policy import printable
from generators.containers.index import Index
from generators.containers.inflate import DEFLATE_BITS, peek
from generators.containers.numpy_array import MAGIC, ArrayListing, HeaderDefectError, read_header
from generators.containers.segments import DeflatedSegment, Segment
from generators.containers.zip_archive import Archive

SUFFIX = ".npy"
FIRST_BYTES = 512
"""The header of most arrays is in these."""
LONGEST_HEAD_BYTES = 1 << 17


def is_numpy_archive(archive: Archive) -> bool:
    """Say whether every record is named like an array and the first one is one."""
    segments = [record.segment for record in archive.records.values()]
    named = bool(segments) and all(name.endswith(SUFFIX) for name in archive.records)
    return named and (segments[0] is None or first_bytes(segments[0], len(MAGIC)) == MAGIC)


def read_numpy_archive(archive: Archive) -> Index:
    """Read the headers of all arrays."""
    listing = ArrayListing()
    for name, record in archive.records.items():
        if record.segment is None:
            continue  # the archive's own findings say why
        head = first_bytes(record.segment, FIRST_BYTES)
        if len(head) == FIRST_BYTES and b"\n" not in head:
            head = first_bytes(record.segment, LONGEST_HEAD_BYTES)
        if isinstance(record.segment, DeflatedSegment) and not archive.has_directory:
            _measure(record.segment, head)
        listing.add(printable(name.removesuffix(SUFFIX)), record.segment, head)
    index = listing.index("numpy-zip", len(archive.records))
    return replace(
        index,
        findings=(*archive.findings, *index.findings),
        checksums=archive_checksums(archive),
        sized_by_index=not archive.has_directory,
    )


def _measure(segment: DeflatedSegment, head: bytes) -> None:
    """Find out how much of an array comes out of a record whose size nothing tells."""
    try:
        header = read_header(head)
    except HeaderDefectError:
        return  # which is reported when the array is listed
    segment.size = segment.measure(header.data_start + header.data_bytes)


def first_bytes(segment: Segment, size: int) -> bytes:
    """Return the beginning of a record without inflating the rest."""
    if isinstance(segment, DeflatedSegment):
        return peek(segment.compressed, DEFLATE_BITS, size)
    return segment.read(0, size)

"""A member of an archive as a file of its own."""

from __future__ import annotations

from generators.containers.file_bytes import FileBytes
from generators.containers.inflate import DEFLATE_BITS, allowed_bytes, unpack
from generators.containers.segments import DeflatedSegment, Segment
from generators.containers.windows import FileWindow
from generators.model.finding import Finding


def open_member(name: str, segment: Segment) -> tuple[FileBytes | None, tuple[Finding, ...]]:
    """Return the bytes of a member for reading here and there, and what is wrong with them.

    What is stored stays where it is; what is compressed is unpacked once to a file without a name, which the caller
    closes. None where that would take too much.
    """
    if not isinstance(segment, DeflatedSegment):
        return FileWindow(segment), ()
    compressed = segment.compressed
    limit = allowed_bytes(compressed.size)
    if segment.size > limit:
        return None, (_too_large(name, limit, str(segment.size)),)
    unpacked = unpack(compressed, DEFLATE_BITS, limit)
    if unpacked is None:
        return None, (_too_large(name, limit, f"> {limit}"),)
    if unpacked.complete and unpacked.file.size == segment.size:
        return unpacked.file, ()
    found = str(unpacked.file.size)
    damage = Finding(code="member-damaged", severity="error", where=name, expected=str(segment.size), found=found)
    return unpacked.file, (damage,)


def _too_large(name: str, limit: int, found: str) -> Finding:
    return Finding(code="unpacked-too-large", severity="error", where=name, expected=f"<= {limit}", found=found)

"""Unpacking what deflate compressed, a little of it or all, within bounds.

Random access into compressed bytes is paid with a pass over them each time, so what has to be read here and there is
unpacked once, to a file without a name. How much that may be depends on the file: weights hardly compress.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from msgspec import Struct

from generators.containers.segments import BLOCK_BYTES, Segment
from generators.containers.windows import TemporaryBytes

MAX_EXPANSION = 16
"""Bytes unpacked for each byte of the file; a checkpoint whose optimizer never ran comes to about 3."""
FREE_BYTES = 1 << 28
"""And what any file may be unpacked to."""
PEEK_BYTES = 1 << 16
"""Enough of the beginning to tell what was compressed."""
DEFLATE_BITS = -zlib.MAX_WBITS
GZIP_BITS = zlib.MAX_WBITS + 16
"""Source: the zlib manual, ``inflateInit2``: bare deflate, and gzip."""
MAX_SMALL_MEMBERS = 1000
SMALL_MEMBER_BYTES = 1 << 10
"""Members of a gzip file that hold less; each costs a copy of what follows it, and no compressor writes many."""
_PEEK_STEP_BYTES = 1 << 10


class Unpacked(Struct, frozen=True, kw_only=True):
    """What came out.

    Attributes:
        file: The bytes.
        complete: Whether the compressed data reached their end, undamaged.
    """

    file: TemporaryBytes
    complete: bool


def peek(compressed: Segment, bits: int, size: int = PEEK_BYTES) -> bytes:
    """Return up to ``size`` bytes of the beginning, reading little of what is compressed."""
    inflater = zlib.decompressobj(bits)
    parts: list[bytes] = []
    position = 0
    while size > 0 and not inflater.eof and (source := compressed.read(position, _PEEK_STEP_BYTES)):
        position += len(source)
        try:
            part = inflater.decompress(source, size)
        except zlib.error:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def allowed_bytes(compressed_bytes: int) -> int:
    """Return how much a file may be unpacked to: never more than half of what the disk has left."""
    import shutil  # only for what is compressed
    import tempfile

    try:
        free = shutil.disk_usage(tempfile.gettempdir()).free
    except OSError:
        return 0
    return min(max(FREE_BYTES, MAX_EXPANSION * compressed_bytes), free // 2)


def unpack(compressed: Segment, bits: int, limit: int) -> Unpacked | None:
    """Unpack to a file without a name; return None where it takes more than ``limit`` bytes, or there is no room.

    Args:
        compressed: Deflated data; with ``GZIP_BITS``, gzip members one after the other.
        bits: ``DEFLATE_BITS`` or ``GZIP_BITS``.
        limit: Bytes.
    """
    try:
        file = TemporaryBytes()
    except OSError:
        return None
    stream = _Stream(compressed, bits)
    try:
        fits = _fill(file, stream, limit)
    except BaseException:
        file.close()
        raise
    if fits:
        return Unpacked(file=file, complete=stream.complete)
    file.close()
    return None


def _fill(file: TemporaryBytes, stream: _Stream, limit: int) -> bool:
    for block in stream:
        if file.size + len(block) > limit:
            return False
        try:
            file.append(block)
        except OSError:
            return False
    return True


class _Stream:
    """Blocks of unpacked bytes, of one deflate stream or of all members of a gzip file."""

    def __init__(self, compressed: Segment, bits: int) -> None:
        self._compressed = compressed
        self._bits = bits
        self._position = 0
        self._produced = 0
        self.complete = False

    def __iter__(self) -> Iterator[bytes]:
        source, small = self._next(), 0
        while source and small < MAX_SMALL_MEMBERS:
            before = self._produced
            inflater = zlib.decompressobj(self._bits)
            yield from self._member(inflater, source)
            small += self._produced - before < SMALL_MEMBER_BYTES
            self.complete = inflater.eof
            source = inflater.unused_data or self._next()
            if not inflater.eof or self._bits != GZIP_BITS or not source.startswith(b"\x1f"):
                return  # damage, or padding behind the compressed data
        self.complete = self.complete and not source

    def _member(self, inflater: zlib._Decompress, source: bytes) -> Iterator[bytes]:
        while not inflater.eof:
            try:
                block = inflater.decompress(source, BLOCK_BYTES)
            except zlib.error:
                return
            if block:
                self._produced += len(block)
                yield block
            source = inflater.unconsumed_tail
            # a full block may leave output inside, whether or not input is left
            if not source and len(block) < BLOCK_BYTES and not inflater.eof:
                source = self._next()
                if not source:
                    return

    def _next(self) -> bytes:
        block = self._compressed.read(self._position, BLOCK_BYTES)
        self._position += len(block)
        return block

"""Runs of bytes: of a file, of a compressed record, of memory, of one another."""

from __future__ import annotations

import zlib
from threading import Lock
from typing import Protocol

from generators.containers.file_bytes import FileBytes

MAX_PASSES = 16
"""Times that a compressed record is read from its beginning before the file counts as an attack on time."""
FREE_BYTES = 1 << 26
"""And bytes that cost nothing, whatever the size of the record."""
BLOCK_BYTES = 1 << 18
"""Bytes taken from a compressed record at a time: small beside the caches, large beside a system call."""


class Segment(Protocol):
    """Bytes that can be asked for by position."""

    @property
    def size(self) -> int:
        """Bytes that the segment has."""

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; fewer only where the segment ends or is damaged."""


class FileSegment:
    """A run of a file, cut off where the file ends."""

    __slots__ = ("_file", "_start", "size")

    def __init__(self, file: FileBytes, start: int, size: int) -> None:
        self._file = file
        self._start = start
        self.size = max(0, min(size, file.size - start))

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``."""
        if start < 0:
            return b""
        return self._file.read(self._start + start, min(size, self.size - start))


class MemorySegment:
    """Bytes in memory."""

    __slots__ = ("_data", "size")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``."""
        if start < 0 or size <= 0:
            return b""
        return self._data[start : start + size]


class SliceSegment:
    """A run of another segment."""

    __slots__ = ("_inner", "_start", "size")

    def __init__(self, inner: Segment, start: int, size: int) -> None:
        self._inner = inner
        self._start = start
        self.size = max(0, min(size, inner.size - start))

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``."""
        if start < 0:
            return b""
        return self._inner.read(self._start + start, min(size, self.size - start))


class DeflatedSegment:
    """A record compressed with deflate.

    Reading on from where the last read ended costs nothing extra; reading from
    an earlier place starts over, ``MAX_PASSES`` times in all: then nothing more
    comes. One thread at a time is inside.

    Args:
        compressed: The compressed bytes.
        size: Bytes of the record as the archive declares them.
    """

    __slots__ = ("_compressed", "_inflated", "_inflater", "_lock", "_position", "_taken", "size")

    def __init__(self, compressed: Segment, size: int) -> None:
        self._compressed = compressed
        self._lock = Lock()
        self._inflated = 0
        self.size = size
        self._position = self._taken = 0
        self._inflater: zlib._Decompress | None = None  # it takes 10 KB, and most records are never read

    @property
    def compressed(self) -> Segment:
        """The compressed bytes."""
        return self._compressed

    def afresh(self) -> DeflatedSegment:
        """Return the same record with its passes unused."""
        return DeflatedSegment(self._compressed, self.size)

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; fewer where the compressed bytes end or are damaged."""
        if start < 0:
            return b""
        size = min(size, self.size - start)
        with self._lock:
            if start < self._position:
                self._rewind()
            while self._position < start and self._inflate(min(BLOCK_BYTES, start - self._position)):
                pass
            return self._collect(size) if self._position == start else b""

    def measure(self, limit: int) -> int:
        """Return how many bytes really come out, counting to ``limit`` at most."""
        with self._lock:
            self._rewind()
            while self._position < limit and self._inflate(min(BLOCK_BYTES, limit - self._position)):
                pass
            return self._position

    def _rewind(self) -> None:
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._position = 0
        self._taken = 0

    def _collect(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0 and (part := self._inflate(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _inflate(self, size: int) -> bytes:
        """Return 1 to ``size`` bytes, or none at the end or at damage."""
        if self._inflater is None:
            self._rewind()
        while self._inflater and not self._inflater.eof and self._inflated <= FREE_BYTES + MAX_PASSES * self.size:
            source = self._inflater.unconsumed_tail
            if not source:
                source = self._compressed.read(self._taken, BLOCK_BYTES)
                self._taken += len(source)
            try:
                data = self._inflater.decompress(source, size)
            except zlib.error:
                return b""
            self._position += len(data)
            self._inflated += len(data)
            if data or not source:
                return data
        return b""

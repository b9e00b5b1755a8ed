"""Runs of bytes: of a file, of a compressed record, of memory, of one another."""

from __future__ import annotations

from threading import RLock
from typing import Protocol

from generators.containers.file_bytes import FileBytes

MAX_PASSES = 16
"""Times that a compressed record is read from its beginning before the file counts as an attack on time."""
FREE_BYTES = 1 << 26
"""And bytes that cost nothing, whatever the size of the record."""
MAX_INFLATERS = 8
"""Compressed records of one archive that are in the middle of being read; each holds a window of 32 KB and more."""
BLOCK_BYTES = 1 << 18
"""Bytes taken from a compressed record at a time: small beside the caches, large beside a system call."""

Place = tuple[FileBytes, int]
"""A file and a position in it."""


class _Decompressor(Protocol):
    """What ``decompressobj`` returns; its class has no public name."""

    @property
    def eof(self) -> bool:
        """Whether the compressed data ended."""

    @property
    def unconsumed_tail(self) -> bytes:
        """Compressed bytes that weren't needed yet."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return up to ``max_length`` bytes."""


class Segment(Protocol):
    """Bytes that can be asked for by position."""

    @property
    def size(self) -> int:
        """Bytes that the segment has."""

    @property
    def place(self) -> Place | None:
        """Where its bytes lie as they are; None where they don't."""

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; fewer only where the segment ends or is damaged."""


class FileSegment:
    """A run of a file, cut off where the file ends."""

    __slots__ = ("_file", "_start", "size")

    def __init__(self, file: FileBytes, start: int, size: int) -> None:
        self._file = file
        self._start = start
        self.size = max(0, min(size, file.size - start))

    @property
    def place(self) -> Place | None:
        """Where it lies in the file, if that is one."""
        place = self._file.place
        return None if place is None else (place[0], place[1] + self._start)

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

    @property
    def place(self) -> None:
        """Nowhere in the file."""

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``."""
        if start < 0 or size <= 0:
            return b""
        return self._data[start : start + size]


def spelled_bytes(text: Segment) -> MemorySegment | None:
    """Return the bytes that protocol 2 spells as text whose characters they are; None for other text."""
    try:
        return MemorySegment(text.read(0, text.size).decode("utf-8").encode("latin-1"))
    except UnicodeError:
        return None


class SliceSegment:
    """A run of another segment."""

    __slots__ = ("_inner", "_start", "size")

    def __init__(self, inner: Segment, start: int, size: int) -> None:
        self._inner = inner
        self._start = start
        self.size = max(0, min(size, inner.size - start))

    @property
    def place(self) -> Place | None:
        """Where it lies, if its segment lies as it is."""
        place = self._inner.place
        return None if place is None else (place[0], place[1] + self._start)

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``."""
        if start < 0:
            return b""
        return self._inner.read(self._start + start, min(size, self.size - start))


class Inflaters:
    """The compressed records that are being read, of which only so many hold the state of their decompression.

    One thread at a time is inside any of them.
    """

    __slots__ = ("_busy", "lock")

    def __init__(self) -> None:
        self.lock = RLock()
        self._busy: dict[int, DeflatedSegment] = {}

    def enter(self, segment: DeflatedSegment) -> None:
        """Take in a record that begins to be read; the one that began first may have to start over."""
        self._busy[id(segment)] = segment
        if len(self._busy) > MAX_INFLATERS:
            self._busy.pop(next(iter(self._busy))).forget()

    def leave(self, segment: DeflatedSegment) -> None:
        """Let go of a record that was read to its end."""
        self._busy.pop(id(segment), None)


class DeflatedSegment:
    """A record compressed with deflate.

    Reading on from where the last read ended costs nothing extra; reading from
    an earlier place starts over, ``MAX_PASSES`` times in all: then nothing more
    comes. One thread at a time is inside.

    Args:
        compressed: The compressed bytes.
        size: Bytes of the record as the archive declares them.
        inflaters: Shared by the records of one archive.
    """

    __slots__ = ("_compressed", "_inflated", "_inflater", "_inflaters", "_position", "_taken", "size")

    def __init__(self, compressed: Segment, size: int, inflaters: Inflaters | None = None) -> None:
        self._compressed = compressed
        self._inflaters = inflaters or Inflaters()
        self._inflater: _Decompressor | None = None
        self._inflated = 0
        self._position = 0
        self._taken = 0
        self.size = size

    @property
    def place(self) -> None:
        """Nowhere in the file as it is."""

    @property
    def compressed(self) -> Segment:
        """The compressed bytes."""
        return self._compressed

    def afresh(self) -> DeflatedSegment:
        """Return the same record with its passes unused."""
        return DeflatedSegment(self._compressed, self.size, self._inflaters)

    def forget(self) -> None:
        """Give the state of the decompression back: some 50 KB."""
        self._inflater = None
        self._position = 0
        self._taken = 0

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; fewer where the compressed bytes end or are damaged."""
        if start < 0:
            return b""
        size = min(size, self.size - start)
        with self._inflaters.lock:
            inflater = self._inflater if self._inflater and start >= self._position else self._begin()
            while self._position < start and self._inflate(inflater, min(BLOCK_BYTES, start - self._position)):
                pass
            data = self._collect(inflater, size) if self._position == start else b""
            if self._position >= self.size:
                self._end()
            return data

    def measure(self, limit: int) -> int:
        """Return how many bytes really come out, counting to ``limit`` at most."""
        with self._inflaters.lock:
            inflater = self._begin()
            while self._position < limit and self._inflate(inflater, min(BLOCK_BYTES, limit - self._position)):
                pass
            measured = self._position
            self._end()
            return measured

    def _begin(self) -> _Decompressor:
        from zlib_ng import zlib_ng

        self.forget()
        self._inflaters.enter(self)
        self._inflater = zlib_ng.decompressobj(-zlib_ng.MAX_WBITS)
        return self._inflater

    def _end(self) -> None:
        self._inflaters.leave(self)
        self.forget()

    def _collect(self, inflater: _Decompressor, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0 and (part := self._inflate(inflater, size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _inflate(self, inflater: _Decompressor, size: int) -> bytes:
        """Return 1 to ``size`` bytes, or none at the end or at damage."""
        from zlib_ng import zlib_ng

        while not inflater.eof and self._inflated <= FREE_BYTES + MAX_PASSES * self.size:
            source = inflater.unconsumed_tail
            if not source:
                source = self._compressed.read(self._taken, BLOCK_BYTES)
                self._taken += len(source)
            try:
                data = inflater.decompress(source, size)
            except zlib_ng.error:  # type: ignore[misc]  # the package's types don't say that it is an exception
                return b""
            self._position += len(data)
            self._inflated += len(data)
            if data or not source:
                return data
        return b""

"""Reading a segment from front to back, in blocks."""

from __future__ import annotations

from generators.containers.defects import DefectError
from generators.containers.segments import Segment, SliceSegment

BLOCK_BYTES = 1 << 16
"""Five pickles begin a legacy file, each with a block of its own: together they stay far below a megabyte."""
LINE_LIMIT_BYTES = 1 << 24
"""What a line of a text opcode may have: an unpickler reads on for as long as there is no newline."""


class PickleDefectError(DefectError):
    """The stream can't be read on."""


class Cursor:
    """A position in a segment.

    Args:
        segment: What to read.
        position: Where to begin.

    Attributes:
        block: Bytes that were read ahead.
        index: How many of them were taken; who takes single bytes in a loop may do so here.
    """

    __slots__ = ("_origin", "block", "index", "segment")

    def __init__(self, segment: Segment, position: int = 0) -> None:
        self.segment = segment
        self.block = b""
        self.index = 0
        self._origin = position

    @property
    def position(self) -> int:
        """Byte of the segment that is read next."""
        return self._origin + self.index

    def byte(self) -> int:
        """Return the next byte.

        Raises:
            PickleDefectError: The segment ends here.
        """
        index = self.index
        if index < len(self.block):
            self.index = index + 1
            return self.block[index]
        return self.take(1)[0]

    def take(self, size: int) -> bytes:
        """Return the next ``size`` bytes.

        Raises:
            PickleDefectError: The segment ends before that.
        """
        index = self.index
        end = index + size
        if end <= len(self.block):
            self.index = end
            return self.block[index:end]
        self._load(size)
        data = self.block[:size]
        if len(data) < size:
            raise PickleDefectError("pickle-truncated", str(self.position))
        self.index = size
        return data

    def skip(self, size: int) -> Segment:
        """Move past ``size`` bytes without reading them, and return where they lie.

        Raises:
            PickleDefectError: The segment ends before that.
        """
        start = self.position
        if size > self.segment.size - start:
            raise PickleDefectError("pickle-truncated", str(start))
        self._origin, self.block, self.index = start + size, b"", 0
        return SliceSegment(self.segment, start, size)

    def line(self) -> bytes:
        """Return the bytes before the next newline, and move past it.

        Raises:
            PickleDefectError: There is none, or only far away.
        """
        end = self.block.find(b"\n", self.index)
        size = BLOCK_BYTES
        while end < 0:
            self._load(size)
            end = self.block.find(b"\n")
            if end < 0 and len(self.block) < size:
                raise PickleDefectError("pickle-truncated", str(self.position))
            if end < 0 and size >= LINE_LIMIT_BYTES:
                raise PickleDefectError("pickle-budget", f"line-bytes>{LINE_LIMIT_BYTES}")
            size *= 4
        data = self.block[self.index : end]
        self.index = end + 1
        return data

    def _load(self, size: int) -> None:
        self._origin, self.index = self.position, 0
        self.block = self.segment.read(self._origin, max(size, BLOCK_BYTES))

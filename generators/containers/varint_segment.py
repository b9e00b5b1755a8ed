"""Packed varints as the elements they stand for."""

from __future__ import annotations

from threading import Lock

from generators.containers.segments import BLOCK_BYTES, Segment

_LOW_BITS = 0x7F
_MAX_VARINT_BYTES = 10


class VarintSegment:
    """Elements that are stored as packed varints, decoded while they are read.

    Reading on from where the last read ended costs nothing extra; reading from an earlier place starts over.

    Args:
        packed: The varints.
        count: How many there should be.
        itemsize: Bytes an element; what a varint has beyond these is dropped.
    """

    def __init__(self, packed: Segment, count: int, itemsize: int) -> None:
        self._packed = packed
        self._itemsize = itemsize
        self._lock = Lock()
        # a varint takes a byte at least
        self.size = min(count, packed.size) * itemsize
        self._taken = 0
        self._rest = b""
        self._position = 0
        self._decoded = b""

    @property
    def place(self) -> None:
        """Nowhere in a file as it is."""

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; fewer where the varints end or are damaged."""
        if start < 0:
            return b""
        with self._lock:
            if start < self._position:
                self._rewind()
            while self._position + len(self._decoded) <= start and self._decode():
                pass
            while len(self._decoded) < start - self._position + size and self._decode(keep=True):
                pass
            if start > self._position + len(self._decoded):
                return b""
            self._decoded, self._position = self._decoded[start - self._position :], start
            return self._decoded[: max(0, min(size, self.size - start))]

    def _rewind(self) -> None:
        self._taken = 0
        self._rest = b""
        self._position = 0
        self._decoded = b""

    def _decode(self, *, keep: bool = False) -> bool:
        """Decode the next block, beside the last one or in its place; say whether there was one."""
        block = self._packed.read(self._taken, BLOCK_BYTES)
        self._taken += len(block)
        whole, self._rest = _split(self._rest + block)
        if not block or len(self._rest) > _MAX_VARINT_BYTES:
            return False
        elements = _elements(whole, self._itemsize)
        if keep:
            self._decoded += elements
        else:
            self._position += len(self._decoded)
            self._decoded = elements
        return True


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Return the bytes up to the end of the last whole varint, and those behind it."""
    import numpy as np  # it takes longer to import than most files take to read

    last = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) <= _LOW_BITS)
    end = int(last[-1]) + 1 if last.size else 0
    return data[:end], data[end:]


def _elements(data: bytes, itemsize: int) -> bytes:
    import numpy as np

    digits = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(digits <= _LOW_BITS)
    if not ends.size:
        return b""
    starts = np.concatenate(([0], ends[:-1] + 1))
    places = np.arange(digits.size) - np.repeat(starts, ends - starts + 1)
    shifts = np.minimum(7 * places, 63).astype(np.uint64)
    parts = (digits & _LOW_BITS).astype(np.uint64) << shifts
    return np.add.reduceat(parts, starts).astype(np.dtype(f"<u{itemsize}")).tobytes()

"""Digest and statistics of one tensor, in whatever pieces its bytes come."""

from __future__ import annotations

from blake3 import blake3

from generators.fingerprint.compose import ENDED_EARLY, Measure
from generators.fingerprint.statistics import RunningStatistics
from generators.fingerprint.whole_digest import BLOCK_BYTES
from generators.model.tensor import TensorEntry


class TensorMeter:
    """Takes in the contiguous little-endian bytes of one tensor; a run of a file where they lie there as they are.

    Values are measured in blocks counted from the tensor's start, so that the same values give the same figures to the
    last bit, wherever they lie. Only a tensor whose bytes are coming in takes memory: a file may declare many.

    Args:
        tensor: The tensor.
        start: Position of its first byte in the file, where it is a run of the file.
        measured: Whether statistics are wanted.

    Attributes:
        start: As given.
        stop: Position after its last byte.
    """

    block_bytes = BLOCK_BYTES
    __slots__ = ("_dtype", "_measure", "_open", "start", "stop")

    def __init__(self, tensor: TensorEntry, start: int = 0, *, measured: bool) -> None:
        self.start = start
        self.stop = start + tensor.size_bytes
        self._dtype = tensor.dtype if measured else None
        self._open: _Open | None = None
        self._measure: Measure | None = None
        if self.stop == start:
            self._open = _Open(0, self._dtype)
            self._close(self._open)

    def add(self, data: bytes | memoryview) -> None:
        """Take in the next bytes."""
        if self._open is None:
            self._open = _Open(self.stop - self.start, self._dtype)
        self._open.add(data)
        if not self._open.left:
            self._close(self._open)

    def result(self) -> Measure:
        """Return the digest and the statistics; neither where bytes are missing."""
        return self._measure or ENDED_EARLY

    def _close(self, measured: _Open) -> None:
        self._measure = measured.result()
        self._open = None


class _Open:
    """A tensor whose bytes are coming in."""

    __slots__ = ("_hasher", "_held", "_statistics", "left")

    def __init__(self, size_bytes: int, dtype: str | None) -> None:
        self.left = size_bytes
        self._hasher = blake3()
        self._statistics = None if dtype is None else RunningStatistics(dtype)
        self._held = bytearray()

    def add(self, data: bytes | memoryview) -> None:
        """Measure whole blocks; hold what is left of one until the next bytes come."""
        self.left -= len(data)
        at = 0
        if self._held:
            at = min(BLOCK_BYTES - len(self._held), len(data))
            self._held += data[:at]
            if len(self._held) < BLOCK_BYTES and self.left:
                return
            self._take(self._held)
            self._held = bytearray()
        while len(data) - at >= BLOCK_BYTES or (not self.left and at < len(data)):
            self._take(data[at : at + BLOCK_BYTES])
            at += BLOCK_BYTES
        self._held += data[at:]

    def result(self) -> Measure:
        """Return the digest and the statistics."""
        statistics = self._statistics.result() if self._statistics else None
        return Measure(state="read", digest=self._hasher.hexdigest(), statistics=statistics)

    def _take(self, block: bytes | bytearray | memoryview) -> None:
        self._hasher.update(block)
        if self._statistics is not None:
            self._statistics.add(block)

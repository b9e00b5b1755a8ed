"""Digest and statistics of one tensor, in whatever pieces its bytes come."""

from __future__ import annotations

from blake3 import blake3

from generators.fingerprint.blocks import BLOCK_BYTES
from generators.fingerprint.compose import Measure
from generators.fingerprint.statistics import RunningStatistics
from generators.model.tensor import TensorEntry


class TensorMeter:
    """Takes in the contiguous little-endian bytes of one tensor; a run of a file where they lie there as they are.

    Values are measured in blocks counted from the tensor's start, so that the same values give the same figures to the
    last bit, wherever they lie.

    Args:
        tensor: The tensor.
        start: Position of its first byte in the file, where it is a run of the file.
        measured: Whether statistics are wanted.

    Attributes:
        start: As given.
        stop: Position after its last byte.
    """

    block_bytes = BLOCK_BYTES
    __slots__ = ("_hasher", "_held", "_left", "_statistics", "start", "stop")

    def __init__(self, tensor: TensorEntry, start: int = 0, *, measured: bool) -> None:
        self.start = start
        self.stop = start + tensor.size_bytes
        self._left = tensor.size_bytes
        self._hasher = blake3()
        self._statistics = RunningStatistics(tensor.dtype) if measured else None
        self._held = bytearray()

    def add(self, data: bytes | memoryview) -> None:
        """Take in the next bytes."""
        self._left -= len(data)
        at = 0
        if self._held:
            at = min(BLOCK_BYTES - len(self._held), len(data))
            self._held += data[:at]
            if len(self._held) < BLOCK_BYTES and self._left:
                return
            self._measure(self._held)
            self._held = bytearray()
        while len(data) - at >= BLOCK_BYTES or (not self._left and at < len(data)):
            self._measure(data[at : at + BLOCK_BYTES])
            at += BLOCK_BYTES
        self._held += data[at:]

    def result(self) -> Measure:
        """Return the digest and the statistics; neither where bytes are missing."""
        if self._left:
            return Measure(state="ended-early")
        statistics = self._statistics.result() if self._statistics else None
        return Measure(state="read", digest=self._hasher.hexdigest(), statistics=statistics)

    def _measure(self, block: bytes | bytearray | memoryview) -> None:
        self._hasher.update(block)
        if self._statistics is not None:
            self._statistics.add(block)

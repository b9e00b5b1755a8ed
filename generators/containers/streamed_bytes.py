"""A file elsewhere, read whole: in large parts that are let go of, its index in small ones that are kept."""

from __future__ import annotations

from collections.abc import Iterable

from generators.containers.ranged_bytes import RangedBytes, ReadRange
from generators.errors import ContainerError

AT_ONCE_BYTES = 1 << 22
"""A file up to this size is asked for in one request: on object storage a request costs more than its bytes."""
KEPT_BYTES = 64_000_000
"""What may be kept of a larger one: its index, and what has to be read out of its turn, as compressed records."""


class StreamedBytes(RangedBytes):
    """The bytes of a file elsewhere, of which every byte is wanted.

    No part of it is written to a disk: the pass over the file asks for each part when its turn comes. Beside the file's
    own bytes, those of its index are read: they come first, and again in their turn.

    Args:
        size: Of the file.
        read_range: Gives so many bytes from a position; may be called from several threads.
    """

    __slots__ = ("_whole",)

    def __init__(self, size: int, read_range: ReadRange) -> None:
        super().__init__(size, read_range, KEPT_BYTES)
        self._whole = self._ask(0, size) if 0 < size <= AT_ONCE_BYTES else None

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; fewer only where the file ends."""
        if self._whole is None:
            return super().read(start, size)
        return self._whole[start : start + size] if start >= 0 and size > 0 else b""

    def read_into(self, buffer: memoryview, start: int) -> int:
        """Fill a buffer from byte ``start`` without keeping what it gets."""
        size = min(len(buffer), self.size - start)
        if size <= 0:
            return 0
        data = self._ask(start, size) if self._whole is None else self._whole[start : start + size]
        buffer[:size] = data
        return size

    def announce(self, runs: Iterable[tuple[int, int]]) -> None:
        """Read many small runs at once, unless all is here."""
        if self._whole is None:
            super().announce(runs)

    def _ask(self, start: int, size: int) -> bytes:
        with self._lock:
            self.read_bytes += size
            self.requests += 1
        data = self._fetch(start, size)
        if len(data) != size:
            raise ContainerError(
                "changing", "the file became shorter while it was read", remedy="try again; the server changes it"
            )
        return data

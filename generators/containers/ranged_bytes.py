"""A file elsewhere, read by parts: few, small, counted, and within a budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Lock

from generators.containers.file_bytes import FileBytes
from generators.errors import ContainerError

BUDGET_BYTES = 2_000_000
"""What a look at a file elsewhere may cost. Of the released checkpoints each needs less than half of it."""
BLOCK_BYTES = 256
"""The unit that is kept: the local header of a zip record fits one or two."""
FIRST_AHEAD_BYTES = 1 << 12
MOST_AHEAD_BYTES = 1 << 16
"""Taken along where reading goes on from the last part; doubled each time, so that a pickle costs few requests."""
CONNECTIONS = 8
"""At a time, for what is announced. Browsers have six a host."""

ReadRange = Callable[[int, int], bytes]


class RangedBytes(FileBytes):
    """The bytes of a file elsewhere.

    Args:
        size: Of the file.
        read_range: Gives so many bytes from a position; may be called from several threads.
        budget_bytes: What may be read in all.

    Attributes:
        read_bytes: Bytes that came until now.
        requests: Parts that were asked for.
    """

    __slots__ = ("_ahead", "_blocks", "_budget", "_fetch", "_lock", "_reached", "read_bytes", "requests")

    def __init__(self, size: int, read_range: ReadRange, budget_bytes: int = BUDGET_BYTES) -> None:
        self._descriptor = -1
        self.size = size
        self._fetch = read_range
        self._budget = budget_bytes
        self._blocks: dict[int, bytes] = {}
        self._reached = 0
        self._ahead = FIRST_AHEAD_BYTES
        self._lock = Lock()
        self.read_bytes = 0
        self.requests = 0

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; fewer only where the file ends.

        Raises:
            ContainerError: ``over-budget``.
        """
        size = min(size, self.size - start)
        if start < 0 or size <= 0:
            return b""
        first, last = start // BLOCK_BYTES, (start + size - 1) // BLOCK_BYTES
        for low, high in self._missing(first, last):
            self._take(low, self._extended(low, high))
        data = b"".join(self._blocks[number] for number in range(first, last + 1))
        return data[start - first * BLOCK_BYTES :][:size]

    def read_into(self, buffer: memoryview, start: int) -> int:
        """Fill a buffer from byte ``start``."""
        data = self.read(start, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def announce(self, runs: Iterable[tuple[int, int]]) -> None:
        """Read many small runs at once: over several connections, because each costs a journey there and back."""
        wanted = sorted(
            {
                number
                for start, size in runs
                for number in range(max(0, start) // BLOCK_BYTES, min(start + size, self.size - 1) // BLOCK_BYTES + 1)
                if number not in self._blocks
            }
        )
        parts = list(_runs(wanted))
        if not parts:
            return
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for _ in pool.map(lambda part: self._take(*part), parts):
                pass

    def close(self) -> None:
        """Forget what was read."""
        self._blocks.clear()

    def _missing(self, first: int, last: int) -> list[tuple[int, int]]:
        return list(_runs([number for number in range(first, last + 1) if number not in self._blocks]))

    def _extended(self, low: int, high: int) -> int:
        """Return the last block to take along with those that are asked for."""
        self._ahead = min(2 * self._ahead, MOST_AHEAD_BYTES) if low == self._reached else FIRST_AHEAD_BYTES
        end = high
        limit = min(high + self._ahead // BLOCK_BYTES, (self.size - 1) // BLOCK_BYTES) if low == self._reached else high
        while end < limit and end + 1 not in self._blocks:
            end += 1
        self._reached = end + 1
        return end

    def _take(self, low: int, high: int) -> None:
        start = low * BLOCK_BYTES
        wanted = min((high + 1) * BLOCK_BYTES, self.size) - start
        with self._lock:
            if self.read_bytes + wanted > self._budget:
                raise _over_budget(self._budget)
            self.read_bytes += wanted
            self.requests += 1
        data = self._fetch(start, wanted)
        if len(data) != wanted:
            raise ContainerError(
                "changing", "the file became shorter while it was read", remedy="try again; the server changes it"
            )
        for number in range(low, high + 1):
            self._blocks[number] = data[(number - low) * BLOCK_BYTES :][:BLOCK_BYTES]


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of neighbours."""
    if not numbers:
        return
    breaks = [n for n, (left, right) in enumerate(pairwise(numbers), start=1) if right != left + 1]
    for begin, end in pairwise([0, *breaks, len(numbers)]):
        yield numbers[begin], numbers[end - 1]


def _over_budget(budget: int) -> ContainerError:
    return ContainerError(
        "over-budget",
        f"its index needs more than the {budget} bytes that a look at a file elsewhere may cost",
        remedy="download it and inspect it here",
    )

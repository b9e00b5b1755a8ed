"""Where a generator's decisions come from: Hypothesis, which can shrink them, or the bytes of a coverage-guided fuzzer.

The same generators then serve both. The first of several choices is always the
plainest, so that shrinking, and a tape that ran out, lead to a plain file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

EDGES = (
    *(0, 1, 2, 3, 7, 8, 20, 22, 30, 46, 56, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x10000),
    *(0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 1 << 32, (1 << 56) - 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1),
)
"""Numbers at which widths, sizes of headers and signs change."""


class Choices(ABC):
    """A source of decisions."""

    @abstractmethod
    def below(self, limit: int) -> int:
        """Return a whole number from 0 up to, not including, ``limit``."""

    @abstractmethod
    def raw(self, size: int) -> bytes:
        """Return up to ``size`` bytes."""

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[self.below(len(options))]

    def one_in(self, number: int) -> bool:
        """Say yes about once in ``number`` times."""
        return self.below(number) == number - 1

    def number(self, truth: int = 0, bits: int = 64) -> int:
        """Return the truth, something near it, or an edge, as an unsigned number of so many bits."""
        kind = self.below(4)
        near = truth + self.below(5) - 2 if kind == 1 else self.pick(EDGES) if kind > 1 else truth
        return near & ((1 << bits) - 1)

    def lie(self, truth: int, bits: int = 64, one_in: int = 8) -> int:
        """Return the truth most of the time."""
        return self.number(truth, bits) if self.one_in(one_in) else truth


class Drawn(Choices):
    """Decisions that Hypothesis draws.

    Args:
        draw: What ``st.composite`` hands over.
    """

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        from hypothesis import strategies as st

        self._draw = draw
        self._strategies = st

    def below(self, limit: int) -> int:
        return int(self._draw(self._strategies.integers(0, limit - 1)))

    def raw(self, size: int) -> bytes:
        return bytes(self._draw(self._strategies.binary(max_size=size)))


class Tape(Choices):
    """Decisions read from bytes, zeros where they end.

    Args:
        data: The bytes.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def below(self, limit: int) -> int:
        size = 1 if limit <= 1 << 8 else 4
        return int.from_bytes(self._take(size), "little") % limit

    def raw(self, size: int) -> bytes:
        return self._take(min(size, *self._take(1) or b"\0"))

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken

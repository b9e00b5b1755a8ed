"""Numbers and texts one after the other, as headers of binary formats hold them."""

from __future__ import annotations

import struct

from generators.containers.segments import Segment

MAX_TEXT_BYTES = 1 << 16
"""A name or a description; what is longer isn't kept whole."""
_FIRST_BYTES = 1 << 12
_MOST_BYTES = 1 << 18


class FieldsEndError(Exception):
    """The bytes end inside a field; becomes a finding, never leaves the package."""


class FieldCursor:
    """A position in a segment that moves over fields; what is read ahead grows while nothing is skipped.

    Args:
        segment: The bytes.
        order: ``<`` or ``>``.
    """

    def __init__(self, segment: Segment, order: str = "<") -> None:
        self._segment = segment
        self._order = order
        self._block = b""
        self._block_start = 0
        self._ahead = _FIRST_BYTES
        self.position = 0

    def number(self, code: str) -> int | float:
        """Return the next number, by its code in :mod:`struct`.

        Raises:
            FieldsEndError: The bytes end before that.
        """
        layout = struct.Struct(self._order + code)
        (value,) = layout.unpack(self.take(layout.size))
        return value  # type: ignore[no-any-return]

    def count(self, code: str) -> int:
        """Return the next number, which is an integer."""
        return int(self.number(code))

    def take(self, size: int) -> bytes:
        """Return the next bytes.

        Raises:
            FieldsEndError: The segment ends before that.
        """
        start = self.position - self._block_start
        if start < 0 or start + size > len(self._block):
            self._load(size)
            start = 0
        data = self._block[start : start + size]
        if len(data) < size:
            raise FieldsEndError
        self.position += size
        return data

    def skip(self, size: int) -> None:
        """Move past bytes.

        Raises:
            FieldsEndError: The segment ends before that.
        """
        if size > self._segment.size - self.position:
            raise FieldsEndError
        self.position += size

    def text(self, size: int) -> str:
        """Return the next bytes as text, cut where it is very long.

        Raises:
            FieldsEndError: The segment ends before that.
        """
        kept = self.take(min(size, MAX_TEXT_BYTES)).decode("utf-8", "backslashreplace")
        self.skip(max(0, size - MAX_TEXT_BYTES))
        return kept

    def _load(self, size: int) -> None:
        follows = self.position == self._block_start + len(self._block)
        self._ahead = min(2 * self._ahead, _MOST_BYTES) if follows else _FIRST_BYTES
        self._block_start = self.position
        self._block = self._segment.read(self.position, max(size, self._ahead))

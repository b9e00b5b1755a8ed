"""Protocol buffers: the fields of a message, without its schema and without reading what is long.

Source: the Protocol Buffers documentation, "Encoding".
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from generators.containers.defects import DefectError
from generators.containers.segments import Segment

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
MAX_FIELDS = 1_500_000
"""Fields of one file that are looked at, some 5 s of work; a graph of 50,000 nodes has about a million."""
_MAX_VARINT_BYTES = 10
_FIRST_BYTES = 1 << 9
_MOST_BYTES = 1 << 16
_FIXED_BYTES = {FIXED64: 8, FIXED32: 4}
_TAG_BITS = 3
_LOW_BITS = 0x7F
_UINT64 = (1 << 64) - 1
_SIGN_BIT = 1 << 63


class WireDefectError(DefectError):
    """Bytes that are no message, or end early."""


class Field(Struct, frozen=True):
    """One field.

    Attributes:
        number: Its number in the schema.
        kind: ``VARINT``, ``FIXED64``, ``LENGTH`` or ``FIXED32``.
        value: Of a varint, as signed 64 bits; else 0.
        start: First byte of the content.
        end: One past its last byte, also where the file ends before that.
    """

    number: int
    kind: int
    value: int
    start: int
    end: int


class WireReader:
    """Fields of the messages of one segment; what is read ahead grows while nothing is skipped.

    Args:
        segment: The bytes.
    """

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.fields = 0
        self._block = b""
        self._start = 0
        self._ahead = _FIRST_BYTES

    def read_fields(self, start: int, end: int) -> Iterator[Field]:
        """Yield the fields of the message between two positions; the last may reach past the segment's end.

        Raises:
            WireDefectError: The bytes are no message, end early, or there are too many fields.
        """
        position = start
        while position < end:
            self.fields += 1
            if self.fields > MAX_FIELDS:
                raise WireDefectError("tree-too-large", f"fields>{MAX_FIELDS}")
            tag, position = self._varint(position)
            number, kind = tag >> _TAG_BITS, tag & 7
            value, start = 0, position
            if kind == VARINT:
                value, position = self._varint(position)
                value -= (value & _SIGN_BIT) << 1
            elif kind == LENGTH:
                size, start = self._varint(position)
                position = start + size
            elif kind in _FIXED_BYTES:
                position += _FIXED_BYTES[kind]
            else:
                raise WireDefectError("onnx-malformed", str(start))
            if position > end or not number:
                raise WireDefectError("onnx-malformed", str(start))
            yield Field(number, kind, value, start, position)

    def read_bytes(self, start: int, size: int) -> bytes:
        """Return bytes; fewer where the segment ends."""
        at = start - self._start
        if at < 0 or at + size > len(self._block):
            follows = 0 <= at <= len(self._block)
            self._ahead = min(2 * self._ahead, _MOST_BYTES) if follows else _FIRST_BYTES
            self._start, at = start, 0
            self._block = self.segment.read(start, max(size, self._ahead))
        return self._block[at : at + size]

    def read_text(self, field: Field, limit: int) -> str:
        """Return a field's content as text of at most ``limit`` bytes."""
        return self.read_bytes(field.start, min(field.end - field.start, limit)).decode("utf-8", "backslashreplace")

    def read_numbers(self, field: Field, limit: int) -> list[int]:
        """Return the varints of a field, packed or not.

        Raises:
            WireDefectError: There are more than ``limit``, or they are no varints.
        """
        if field.kind == VARINT:
            return [field.value]
        numbers: list[int] = []
        position = field.start
        while position < field.end:
            if len(numbers) == limit or field.kind != LENGTH:
                raise WireDefectError("onnx-malformed", str(field.start))
            value, position = self._varint(position)
            numbers.append(value - ((value & _SIGN_BIT) << 1))
        return numbers

    def _varint(self, position: int) -> tuple[int, int]:
        at = position - self._start
        if at < 0 or at + _MAX_VARINT_BYTES > len(self._block):
            self.read_bytes(position, _MAX_VARINT_BYTES)
            at = position - self._start
        block = self._block
        value = 0
        for i, byte in enumerate(block[at : at + _MAX_VARINT_BYTES]):
            value |= (byte & _LOW_BITS) << 7 * i
            if byte <= _LOW_BITS:
                return value & _UINT64, position + i + 1
        raise WireDefectError(
            "onnx-truncated" if at + _MAX_VARINT_BYTES > len(block) else "onnx-malformed", str(position)
        )

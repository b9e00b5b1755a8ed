"""The bytes of numpy arrays that lie inside a pickle, as storages beside torch's own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container as KeyCollection
from math import prod
from threading import Lock

from generators.containers.dtypes import ITEMSIZE_BYTES
from generators.containers.numpy_values import ArrayValue
from generators.containers.segments import MemorySegment, Segment
from generators.containers.storages import StorageSlot
from generators.containers.values import ByteRun, Opaque, StorageRef, TensorValue, Value
from generators.model.checkpoint import ByteOrder

_TEXT_BLOCK_BYTES = 1 << 18
_CONTINUATION_MASK, _CONTINUATION = 0xC0, 0x80
"""UTF-8: every byte after a character's first is ``10xxxxxx``."""


class ArrayStorages:
    """Gives each array's bytes a storage; arrays that share their bytes share it.

    Args:
        byteorder: Of the container: bytes of the other order are turned round as they are read.
        taken: Keys that other storages have.
    """

    def __init__(self, byteorder: ByteOrder, taken: KeyCollection[str]) -> None:
        self._byteorder = byteorder
        self._taken = taken
        self._by_data: dict[tuple[int, int], StorageSlot] = {}
        self._by_key: dict[str, StorageSlot] = {}

    @property
    def slots(self) -> tuple[StorageSlot, ...]:
        """The storages so far."""
        return tuple(self._by_data.values())

    def find(self, key: str) -> StorageSlot | None:
        """Return the storage of a key."""
        return self._by_key.get(key)

    def place(self, array: ArrayValue) -> TensorValue | None:
        """Return the array as a view of its storage, None where its bytes aren't in the pickle."""
        itemsize = ITEMSIZE_BYTES[array.dtype]
        size_bytes = prod(array.shape) * itemsize
        foreign = array.byteorder != self._byteorder and itemsize > 1
        width = (itemsize // 2 if array.dtype.startswith("complex") else itemsize) if foreign else 1
        slot = self._slot(array.data, width, itemsize, size_bytes)
        if slot is None:
            return None
        slot.declared_bytes = max(slot.declared_bytes, size_bytes)
        storage = StorageRef(slot.key, array.dtype, itemsize)
        return TensorValue(storage, array.dtype, itemsize, array.shape, array.strides)

    def _slot(self, data: Value, width: int, itemsize: int, size_bytes: int) -> StorageSlot | None:
        identity = id(_bytes_owner(data)), width
        if identity not in self._by_data:
            segment = _segment(data, size_bytes)
            if segment is None:
                return None
            key = f"numpy/{len(self._by_data)}"
            while key in self._taken:
                key = f"numpy/{key}"
            self._by_data[identity] = self._by_key[key] = StorageSlot(
                key=key,
                record=key,
                declared_bytes=0,
                itemsize=itemsize,
                segment=SwappedSegment(segment, width) if width > 1 else segment,
            )
        return self._by_data[identity]


class SwappedSegment:
    """Another segment with the bytes of each number in the opposite order.

    Args:
        inner: The segment.
        width: Bytes of a number.
    """

    __slots__ = ("_inner", "_width", "size")

    def __init__(self, inner: Segment, width: int) -> None:
        self._inner = inner
        self._width = width
        self.size = inner.size - inner.size % width

    @property
    def place(self) -> None:
        """Nowhere in the file as it is."""

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``."""
        size = min(size, self.size - start)
        if start < 0 or size <= 0:
            return b""
        first = start - start % self._width
        wanted = -(-(start + size - first) // self._width) * self._width
        data = self._inner.read(first, wanted)
        data = data[: len(data) - len(data) % self._width]
        swapped = bytearray(len(data))
        for place in range(self._width):
            swapped[place :: self._width] = data[self._width - 1 - place :: self._width]
        return bytes(swapped[start - first : start - first + size])


class Latin1Segment:
    """Bytes that protocol 2 spells as text: the character of each byte's number, in UTF-8.

    A block of the text is decoded at a time; where each block's characters
    begin is counted once, so that reading on costs nothing extra.

    Args:
        text: The UTF-8 text.
        size: Bytes that it should spell.
    """

    __slots__ = ("_last", "_lock", "_starts", "_text", "size")

    def __init__(self, text: Segment, size: int) -> None:
        self._text = text
        self._starts = [0]
        self._last: tuple[int, bytes] = (-1, b"")
        self._lock = Lock()
        self.size = min(size, text.size)

    @property
    def place(self) -> None:
        """Nowhere in the file as it is."""

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; fewer where the text ends or isn't Latin-1."""
        size = min(size, self.size - start)
        parts: list[bytes] = []
        with self._lock:
            while start >= 0 and size > 0 and (part := self._read_on(start, size)):
                parts.append(part)
                start += len(part)
                size -= len(part)
        return b"".join(parts)

    def _read_on(self, start: int, size: int) -> bytes:
        while self._starts[-1] <= start and len(self._starts) * _TEXT_BLOCK_BYTES < self._text.size + _TEXT_BLOCK_BYTES:
            self._starts.append(self._starts[-1] + len(self._block(len(self._starts) - 1)))
        block = bisect_right(self._starts, start) - 1
        skipped = start - self._starts[block]
        return self._block(block)[skipped : skipped + size]

    def _block(self, number: int) -> bytes:
        if self._last[0] != number:
            self._last = number, self._decode(number * _TEXT_BLOCK_BYTES)
        return self._last[1]

    def _decode(self, position: int) -> bytes:
        """Return the bytes spelled by the characters that begin in the block."""
        data = self._text.read(position, _TEXT_BLOCK_BYTES + 1)
        if len(data) > _TEXT_BLOCK_BYTES and data[-1] & _CONTINUATION_MASK != _CONTINUATION:
            data = data[:-1]
        if data and data[0] & _CONTINUATION_MASK == _CONTINUATION:
            data = data[1:]
        try:
            return data.decode("utf-8").encode("latin-1")
        except UnicodeError:
            return b""


def _bytes_owner(data: Value) -> Value:
    """Return what really holds the bytes: one text may be spelled out by many calls."""
    return data.args[0] if isinstance(data, Opaque) and data.args else data


def _segment(data: Value, size_bytes: int) -> Segment | None:
    match data:
        case bytes():
            return MemorySegment(data)
        case ByteRun(kind="bytes"):
            return data.segment
        case Opaque(kind="_codecs.encode", args=(ByteRun(kind="str") as run, *_)):
            return Latin1Segment(run.segment, size_bytes)
        case _:
            return None

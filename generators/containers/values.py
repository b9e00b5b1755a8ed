"""What a pickle's opcodes build here, in place of what they would build in Python.

Primitives, lists and tuples are themselves. Everything that would need
hashing, importing or calling is one of these classes, which do nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from generators.containers.segments import Segment
from generators.model.checkpoint import ByteOrder

Value = Any
"""A primitive, a list, a tuple or an instance of a class of this module."""

_SAFE_INT_BITS = 60

COMPUTED = "*"
"""In place of a module or name that the stream computes, so that reading it can't tell which one it is."""
EXTENSIONS = "copyreg.extension"
"""In place of a module: the name is a code of the process-wide registry of ``copyreg``, which only the loader knows."""


class Global(Struct, frozen=True):
    """A name that the stream wants imported. It isn't."""

    module: str
    name: str

    @property
    def path(self) -> str:
        """``module.name`` as the stream spells it."""
        return f"{self.module}.{self.name}"


class PickleDict:
    """A dict that never hashes a value of the stream.

    Hashing a deep tuple recurses in C, and integers can be chosen to collide;
    so only short primitives are looked up, everything else is a key of its own.
    """

    __slots__ = ("_entries", "kind")

    def __init__(self, kind: str = "dict") -> None:
        self.kind = kind
        # most are empty: a dict of their own would take more than they do
        self._entries: dict[object, Value] | None = None

    def set(self, key: Value, value: Value) -> None:
        """Add or replace an entry, keeping the place of the first."""
        if self._entries is None:
            self._entries = {}
        if key.__class__ is str:
            self._entries[key] = value
        elif _hashes_safely(key):
            self._entries[key] = _Pair(key, value)
        else:
            self._entries["unhashed", len(self._entries)] = _Pair(key, value)

    def get(self, key: str) -> Value:
        """Return the value of a text key, or None."""
        return self._entries.get(key) if self._entries else None

    def items(self) -> Iterator[tuple[Value, Value]]:
        """Yield keys and values in order."""
        for key, value in (self._entries or {}).items():
            yield (value.key, value.value) if value.__class__ is _Pair else (key, value)

    def __len__(self) -> int:
        return len(self._entries or ())

    def __contains__(self, key: str) -> bool:
        return self._entries is not None and key in self._entries


class _Pair:
    """A value with the key that it was set under, where that isn't the key it is found by."""

    __slots__ = ("key", "value")

    def __init__(self, key: Value, value: Value) -> None:
        self.key = key
        self.value = value


def _hashes_safely(key: Value) -> bool:
    if isinstance(key, int):
        return key.bit_length() <= _SAFE_INT_BITS
    return key is None or isinstance(key, float | bytes)


class PickleSet(Struct, eq=False):
    """A set or frozenset, with the items in the order of the stream."""

    items: list[Value]


class ByteRun(Struct, frozen=True, eq=False):
    """A long bytes or text value that stays in the file.

    Attributes:
        segment: Where it lies.
        kind: ``bytes`` or ``str`` (UTF-8).
    """

    segment: Segment
    kind: str


class StorageRef(Struct, frozen=True, eq=False):
    """A storage as a tensor names it.

    Attributes:
        key: Key in the container.
        dtype: Element type.
        itemsize: Bytes an element.
        start: First element, for the views that old legacy files declare.
        count: Elements of such a view, None for the whole storage.
    """

    key: str
    dtype: str
    itemsize: int
    start: int = 0
    count: int | None = None


class TensorValue(Struct, frozen=True, eq=False):
    """A strided view of a storage; ``storage`` is None for a tensor without bytes (device ``meta``)."""

    storage: StorageRef | None
    dtype: str
    itemsize: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0
    conjugate: bool = False
    negative: bool = False
    block: int = 1
    byteorder: ByteOrder | None = None


class CompositeTensor(Struct, frozen=True, eq=False):
    """A tensor made of others: sparse, nested, or a subclass that wraps.

    Attributes:
        kind: Layout or class.
        parts: Name and value of each component; no name for the one that has the tensor's own.
        whole: Sizes of the tensor of which the parts are only this process's share, else None.
    """

    kind: str
    parts: tuple[tuple[str | None, Value], ...]
    whole: tuple[int, ...] | None = None


class Opaque(Struct, eq=False):
    """An object whose class isn't known here: what the stream gave, unused.

    Attributes:
        kind: ``module.name`` of its class or of the function that makes it.
        args: Arguments.
        states: What BUILD was given, in order.
        items: What APPEND gave.
        pairs: What SETITEM gave.
        stands_for: The tensor it is, for the tensor objects of PyTorch before 0.4.
    """

    kind: str
    args: tuple[Value, ...] = ()
    states: list[Value] = field(default_factory=list)
    items: list[Value] = field(default_factory=list)
    pairs: PickleDict | None = None
    stands_for: TensorValue | None = None

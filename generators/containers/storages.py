"""The storages that a checkpoint's pickle names, and where their bytes lie."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from generators.containers.budget import BYTES_AN_OPCODE, Budget
from generators.containers.dtypes import ITEMSIZE_BYTES, STORAGE_DTYPES
from generators.containers.global_policy import printable
from generators.containers.segments import MemorySegment, Segment, spelled_bytes
from generators.containers.values import ByteRun, Global, Opaque, StorageRef, Value
from generators.model.finding import Finding

MAX_NESTED_CHECKPOINTS = 256
"""Checkpoints inside a checkpoint's bytes, in all."""
MAX_NESTED_TEXT_BYTES = 1 << 26
"""Protocol 2 spells bytes as text, which has to be decoded in memory."""
MAX_FINDINGS = 10_000
"""A hostile pickle can be wrong in millions of places; these are enough to see it."""
_MAX_COUNT_BITS = 56
_MAX_KEY_BITS = 64

NestedReader = Callable[[Segment, "StorageTable", str], Value]
"""Reads a checkpoint inside a bytes value into the table, under a key prefix."""


class StorageSlot(Struct, kw_only=True):
    """A storage while the container is being read.

    Attributes:
        key: Unique in the container.
        record: Archive record, else the key.
        declared_bytes: Size by the index.
        itemsize: Bytes an element of its declared type.
        dtype: Its declared type.
        segment: Its bytes, once they are found.
        elsewhere: Whether its bytes lie in another file by design, which is no damage.
    """

    key: str
    record: str
    declared_bytes: int
    itemsize: int
    dtype: str = ""
    segment: Segment | None = None
    elsewhere: bool = False

    @property
    def present_bytes(self) -> int:
        """Bytes that the file has for it."""
        return min(self.declared_bytes, self.segment.size) if self.segment else 0


class StorageTable:
    """Resolves the persistent ids of torch's zip and legacy pickles.

    Args:
        prefix: Put in front of each key.
        record_prefix: Put in front of each record name.
        read_nested: Reads checkpoints inside bytes values.
        budget: Shared with the pickles of the same file that were read before.
    """

    def __init__(
        self, prefix: str, record_prefix: str, read_nested: NestedReader, budget: Budget | None = None
    ) -> None:
        self.prefix = prefix
        self.record_prefix = record_prefix
        self.slots: dict[str, StorageSlot] = {}
        self.globals: set[Global] = set()
        self.findings: list[Finding] = []
        self.budget = budget or Budget()
        self._read_nested = read_nested
        self._nested = 0

    def load_persistent(self, persistent_id: Value) -> Value:
        """Return what ``("storage", type, key, location, elements[, view])`` or ``("module", class, ...)`` names."""
        if not isinstance(persistent_id, tuple) or not persistent_id:
            return self._unknown_id(persistent_id)
        match persistent_id:
            case ("module" | b"module", value, *_):
                return value
            case ("storage" | b"storage", Global(name=type_name), str() | int() as key, _, int() as count, *view) if (
                type_name in STORAGE_DTYPES and count >= 0 and count.bit_length() <= _MAX_COUNT_BITS
            ):
                ref = self.declare(key_name(key), STORAGE_DTYPES[type_name], count)
                return _view_of(ref, view[0]) if view else ref
            case _:
                return self._unknown_id(persistent_id)

    def declare(self, name: str, dtype: str, count: int) -> StorageRef:
        """Return the storage of that name; the first mention of a non-empty one fixes its type and size.

        Source: ``loaded_storages`` in ``torch/serialization.py`` keeps the first likewise.
        """
        key = self.prefix + name
        slot = self.slots.get(key)
        if slot is not None and slot.declared_bytes:
            return StorageRef(slot.key, slot.dtype, slot.itemsize)
        itemsize = ITEMSIZE_BYTES[dtype]
        self.slots[key] = StorageSlot(
            key=key, record=self.record_prefix + name, declared_bytes=count * itemsize, itemsize=itemsize, dtype=dtype
        )
        return StorageRef(key, dtype, itemsize)

    def load_nested(self, data: Value) -> Value:
        """Return the root of the checkpoint inside a bytes value."""
        self._nested += 1
        segment = _bytes_segment(data, self.budget)
        if segment is None or self._nested > MAX_NESTED_CHECKPOINTS:
            self._report(Finding(code="nested-unreadable", severity="warning", where=str(self._nested)))
            return Opaque("torch.storage._load_from_bytes")
        return self._read_nested(segment, self, f"{self.prefix}nested-{self._nested}/")

    def note_malformed(self, function: str, reason: str) -> None:
        """Remember a tensor that can't be."""
        self._report(Finding(code="tensor-malformed", severity="error", where=function, found=reason))

    def _report(self, finding: Finding) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)

    def _unknown_id(self, persistent_id: Value) -> Value:
        kind = persistent_id[0] if isinstance(persistent_id, tuple) and persistent_id else persistent_id
        found = kind if isinstance(kind, str) else type(kind).__name__
        self._report(Finding(code="persistent-id-unknown", severity="error", found=found[:80]))
        return Opaque("persistent_id")


def key_name(key: str | int) -> str:
    """Return the key of a storage as text: Python refuses to write an integer of thousands of digits."""
    if isinstance(key, str):
        return printable(key)
    return str(key) if key.bit_length() <= _MAX_KEY_BITS else f"{key:#x}"


def _view_of(ref: StorageRef, view: Value) -> StorageRef:
    """Read the legacy (view key, first element, elements)."""
    match view:
        case (_, int() as start, int() as count) if start >= 0 and start.bit_length() <= _MAX_COUNT_BITS:
            known = count >= 0 and count.bit_length() <= _MAX_COUNT_BITS
            return StorageRef(ref.key, ref.dtype, ref.itemsize, start, count if known else None)
        case _:
            return ref


def _bytes_segment(data: Value, budget: Budget) -> Segment | None:
    match data:
        case bytes():
            return MemorySegment(data)
        case ByteRun(kind="bytes"):
            return data.segment
        case Opaque(kind="_codecs.encode", args=(ByteRun(kind="str") as run, *_)) if (
            run.segment.size <= MAX_NESTED_TEXT_BYTES
        ):
            budget.spend(run.segment.size // BYTES_AN_OPCODE)
            return spelled_bytes(run.segment)
        case _:
            return None

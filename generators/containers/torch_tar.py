"""The tar archive that torch wrote before 0.1.10.

Three members matter: ``storages`` (how many; for each a pickled key, location
and type, then int64 elements and the elements; then views of them),
``tensors`` (how many; for each a pickled key, storage key and type, then
dimensions, sizes, strides, offset), and ``pickle`` (the object, which names
tensors and storages by key).

Source: ``legacy_load`` inside ``_legacy_load`` in ``torch/serialization.py`` of PyTorch 2.13.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from msgspec import Struct, field

from generators.containers.budget import Budget
from generators.containers.dtypes import STORAGE_DTYPES
from generators.containers.foreign_pickles import begins_text_pickle, collect_globals, may_be_pickle
from generators.containers.global_policy import printable
from generators.containers.index import Index, Root
from generators.containers.pickle_calls import MAX_DIMENSIONS
from generators.containers.pickle_machine import run_pickle
from generators.containers.segments import Segment, SliceSegment
from generators.containers.storages import StorageTable, key_name
from generators.containers.torch_legacy import read_nested
from generators.containers.values import Global, Opaque, StorageRef, TensorValue, Value
from generators.model.finding import Finding

MEMBERS = ("storages", "tensors", "pickle")
_INT64 = struct.Struct("<q")
_DIMENSIONS = struct.Struct("<i4x")
_MAX_COUNT_BITS = 56


def read_tar(
    whole: Segment,
    members: dict[str, Segment],
    budget: Budget | None = None,
    *,
    damaged: bool,
    repeated: Iterable[str] = (),
) -> Index:
    """Read the index of a tar file from its members.

    Args:
        whole: The file.
        members: The regular ones, by name.
        budget: Shared with other files that are read with it.
        damaged: Whether the archive is damaged or ends early.
        repeated: Names that several members have.
    """
    reader = _TarReader(members, table=StorageTable("", "", read_nested, budget))
    reader.read()
    reader.look_further(whole)
    for name in sorted(repeated):
        reader.report("record-repeated", printable(name))
    if damaged:
        reader.report("tar-damaged")
    return Index(
        format="torch-tar",
        records=len(members),
        roots=(Root(value=reader.root),),
        slots=tuple(reader.table.slots.values()),
        globals=frozenset(reader.globals | reader.table.globals),
        findings=(*reader.findings, *reader.table.findings),
    )


class _Member(Struct):
    """One member, read from front to back."""

    segment: Segment
    name: str
    position: int = 0

    def take(self, layout: struct.Struct) -> tuple[int, ...] | None:
        data = self.segment.read(self.position, layout.size)
        self.position += layout.size
        return layout.unpack(data) if len(data) == layout.size else None


class _TarReader(Struct):
    members: dict[str, Segment]
    root: Value = None
    globals: set[Global] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    table: StorageTable = field(default_factory=lambda: StorageTable("", "", read_nested))
    objects: dict[str, Value] = field(default_factory=dict)

    def read(self) -> None:
        for name, read_member in (
            ("storages", self._read_storages),
            ("tensors", self._read_tensors),
            ("pickle", self._read_root),
        ):
            if name in self.members:
                read_member(_Member(self.members[name], name))
            else:
                self.report("record-missing", name)

    def look_further(self, file: Segment) -> None:
        """Collect what pickles name that torch doesn't read: of other members, and of the file taken as one."""
        others = [(name, segment) for name, segment in self.members.items() if name not in MEMBERS]
        candidates = [(name, segment) for name, segment in others if may_be_pickle(segment)]
        if begins_text_pickle(file):
            candidates.append(("", file))
        for name, segment in candidates:
            named, findings = collect_globals(segment, 0, self.budget, printable(name))
            self.globals |= named
            self.findings.extend(findings)

    def report(self, code: str, where: str = "", found: str = "") -> None:
        self.findings.append(Finding(code=code, severity="error", where=where, found=found))

    @property
    def budget(self) -> Budget:
        """Shared by all pickles of the archive."""
        return self.table.budget

    # how the pickles of this format refer to what was read before (CallContext)

    def load_persistent(self, persistent_id: Value) -> Value:
        """Return the tensor or storage of a key, or the class of a ``("module"-less class, ...)`` tuple."""
        if isinstance(persistent_id, tuple) and persistent_id:
            return persistent_id[0]
        if type(persistent_id) in {int, str} and key_name(persistent_id) in self.objects:
            return self.objects[key_name(persistent_id)]
        self.report("persistent-id-unknown", "pickle")
        return Opaque("persistent_id")

    def load_nested(self, data: Value) -> Value:
        """Return the root of a checkpoint inside a bytes value."""
        return self.table.load_nested(data)

    def note_malformed(self, function: str, reason: str) -> None:
        """Remember a tensor that can't be."""
        self.table.note_malformed(function, reason)

    def _pickle(self, member: _Member) -> Value:
        """Read the next pickle of a member; None when it is damaged, which is then reported."""
        run = run_pickle(member.segment, member.position, self, member.name)
        member.position = run.end
        self.globals.update(run.globals)
        self.findings.extend(run.findings)
        return run.value if run.complete or member.name == "pickle" else None

    def _counted(self, member: _Member) -> range:
        count = self._pickle(member)
        # each entry takes more than one byte, so a larger count is damage
        if type(count) is int and 0 <= count <= member.segment.size:
            return range(count)
        self.report("pickle-malformed", member.name)
        return range(0)

    def _read_storages(self, member: _Member) -> None:
        for _ in self._counted(member):
            match self._pickle(member):
                case (str() | int() as key, _, Global(name=type_name)) if type_name in STORAGE_DTYPES:
                    head = member.take(_INT64)
                    if head is None or not 0 <= head[0] < 1 << _MAX_COUNT_BITS:
                        self.report("member-truncated", member.name)
                        return
                    self._add_storage(member, key_name(key), STORAGE_DTYPES[type_name], head[0])
                case _:
                    self.report("member-truncated", member.name)
                    return
        self._read_views(member)

    def _add_storage(self, member: _Member, key: str, dtype: str, count: int) -> None:
        ref = self.table.declare(key, dtype, count)
        slot = self.table.slots[ref.key]
        slot.segment = SliceSegment(member.segment, member.position, count * slot.itemsize)
        member.position += count * slot.itemsize
        self.objects[key] = ref

    def _read_views(self, member: _Member) -> None:
        views = self._pickle(member)
        for view in views if isinstance(views, list) else []:
            match view:
                case (str() | int() as key, str() | int() as root, int() as start, int()):
                    ref = self.objects.get(key_name(root))
                    if isinstance(ref, StorageRef) and 0 <= start < 1 << _MAX_COUNT_BITS:
                        self.objects[key_name(key)] = StorageRef(ref.key, ref.dtype, ref.itemsize, ref.start + start)

    def _read_tensors(self, member: _Member) -> None:
        for _ in self._counted(member):
            match self._pickle(member):
                case (str() | int() as key, str() | int() as storage_key, _):
                    tensor = self._read_tensor(member, self.objects.get(key_name(storage_key)))
                    if tensor is None:
                        self.report("member-truncated", member.name)
                        return
                    self.objects[key_name(key)] = tensor
                case _:
                    self.report("member-truncated", member.name)
                    return

    def _read_tensor(self, member: _Member, storage: Value) -> TensorValue | None:
        head = member.take(_DIMENSIONS)
        if head is None or not 0 <= head[0] <= MAX_DIMENSIONS or not isinstance(storage, StorageRef):
            return None
        layout = struct.Struct(f"<{head[0]}q")
        shape, strides, offset = member.take(layout), member.take(layout), member.take(_INT64)
        if shape is None or strides is None or offset is None:
            return None
        return TensorValue(
            storage=storage,
            dtype=storage.dtype,
            itemsize=storage.itemsize,
            shape=shape,
            strides=strides,
            offset=offset[0] + storage.start,
        )

    def _read_root(self, member: _Member) -> None:
        self.root = self._pickle(member)

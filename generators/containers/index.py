"""What a format's reader found, and how it becomes a container."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from msgspec import Struct, field

from generators.containers.array_storages import ArrayStorages
from generators.containers.file_bytes import FileBytes
from generators.containers.global_policy import judge_globals, printable
from generators.containers.leaves import describe_leaf
from generators.containers.numpy_values import read_array
from generators.containers.outline import outline
from generators.containers.overlaps import find_overlaps
from generators.containers.segments import Segment
from generators.containers.storages import MAX_FINDINGS, StorageSlot
from generators.containers.tree import TreeWalk
from generators.containers.values import CompositeTensor, Global, Opaque, StorageRef, TensorValue, Value
from generators.model.checkpoint import ByteOrder, Container, ContainerFormat, ObjectEntry
from generators.model.finding import Finding
from generators.model.tensor import StorageEntry, TensorEntry

MAX_OBJECTS = 10_000
"""Non-tensor values that are listed; a report with more is read by nobody."""
MAX_TENSORS = 90_000
"""Tensors that are listed, and later compared with each architecture; the largest published models have some 10,000."""


class Root(Struct, frozen=True, kw_only=True):
    """An object of a checkpoint, and the name in front of its keys.

    Attributes:
        value: The object.
        prefix: None for none.
    """

    value: Value
    prefix: str | None = None


class Checksum(Struct, frozen=True, kw_only=True):
    """A record whose content can be checked.

    Attributes:
        record: Its name.
        segment: Its bytes.
        size: Bytes by the directory.
        crc32: CRC-32 by the directory.
    """

    record: str
    segment: Segment
    size: int
    crc32: int


class Index(Struct, frozen=True, kw_only=True):
    """A container before its objects have names.

    Attributes:
        format: Kind of container.
        archive_root: Root name of a zip archive.
        byteorder: Of the storages.
        records: Number of records.
        roots: The objects.
        slots: The storages.
        globals: What the pickles name.
        findings: What was noticed so far.
        checksums: Records that can be checked.
        sized_by_index: Whether a segment longer than its storage means nothing (a directory that was pieced together).
        objects: Values that need no walk: metadata of formats without pickles.
        expected_bytes: Where the file should end by its own index; 0 where nothing says it.
    """

    format: ContainerFormat
    archive_root: str = ""
    byteorder: ByteOrder = "little"
    records: int = 0
    roots: tuple[Root, ...] = ()
    slots: tuple[StorageSlot, ...] = ()
    globals: frozenset[Global] = frozenset()
    findings: tuple[Finding, ...] = ()
    checksums: tuple[Checksum, ...] = ()
    sized_by_index: bool = False
    objects: tuple[ObjectEntry, ...] = ()
    expected_bytes: int = 0


class Reading(Struct, frozen=True, kw_only=True):
    """A container and the bytes of its storages.

    Attributes:
        container: What the index says.
        segments: Bytes of each storage, by its key.
        checksums: Records that can be checked.
        expected_bytes: Where the file should end by its own index; 0 where nothing says it.
        opened: Files beside the checkpoint's own, to be closed with it.
    """

    container: Container
    segments: dict[str, Segment]
    checksums: tuple[Checksum, ...] = ()
    expected_bytes: int = 0
    opened: tuple[FileBytes, ...] = ()


class _Listing(Struct):
    slots: dict[str, StorageSlot]
    arrays: ArrayStorages
    tensors: list[TensorEntry] = field(default_factory=list)
    objects: list[ObjectEntry] = field(default_factory=list)
    storages: list[StorageEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    objects_left_out: int = 0
    of_untyped: list[str] = field(default_factory=list)


def name_contents(index: Index) -> Reading:
    """Return the container that an index describes."""
    slots = {slot.key: slot for slot in index.slots}
    listing = _Listing(
        slots,
        ArrayStorages(index.byteorder, slots),
        objects=list(index.objects[:MAX_OBJECTS]),
        objects_left_out=max(0, len(index.objects) - MAX_OBJECTS),
    )
    for root in index.roots:
        _list_root(root, listing)
    every_slot = (*index.slots, *listing.arrays.slots)
    if listing.objects_left_out:
        found = str(MAX_OBJECTS + listing.objects_left_out)
        listing.findings.append(Finding(code="objects-cut", severity="note", expected=str(MAX_OBJECTS), found=found))
    if index.byteorder == "big" and listing.of_untyped:
        # torch swaps by the storage's type, and an untyped storage counts bytes (`load_tensor`, torch/serialization.py)
        name, *more = listing.of_untyped
        found = str(1 + len(more))
        listing.findings.append(Finding(code="byteorder-untyped", severity="warning", where=name, found=found))
    listing.findings.extend(_repeated_names(listing.tensors))
    listing.findings.extend(islice(find_overlaps(listing.tensors), MAX_FINDINGS + 1))
    container = Container(
        format=index.format,
        root=printable(index.archive_root),
        byteorder=index.byteorder,
        records=index.records,
        tensors=tuple(listing.tensors),
        storages=(*(_storage_entry(slot) for slot in every_slot), *listing.storages),
        objects=tuple(listing.objects),
        globals=tuple(sorted({printable(g.path) for g in index.globals})),
        findings=tuple(
            limit_findings(
                chain(
                    index.findings,
                    _storage_findings(every_slot, sized_by_index=index.sized_by_index),
                    listing.findings,
                    judge_globals(index.globals, torchscript=index.format == "torchscript"),
                )
            )
        ),
        outline=outline(index.roots[0].value) if index.roots else None,
    )
    return Reading(
        container=container,
        segments={slot.key: slot.segment for slot in every_slot if slot.segment is not None},
        checksums=index.checksums,
        expected_bytes=index.expected_bytes,
    )


def _list_root(root: Root, listing: _Listing) -> None:
    walk = TreeWalk(root.value, root.prefix)
    for name, value in walk:
        if len(listing.tensors) >= MAX_TENSORS:
            walk.cut = "size"
            break
        tensor = value if isinstance(value, TensorValue) else _tensor_in(value, listing)
        if tensor is not None:
            _list_tensor(name, tensor, listing)
        elif len(listing.objects) < MAX_OBJECTS:
            listing.objects.append(describe_leaf(name, value))
        else:
            listing.objects_left_out += 1
    listing.findings.extend(_walk_findings(walk))


def _tensor_in(value: Value, listing: _Listing) -> TensorValue | None:
    """Return the tensor that a storage or an array is, None for another value."""
    if isinstance(value, StorageRef):
        slot = listing.slots[value.key]
        count = slot.declared_bytes // slot.itemsize - value.start if value.count is None else value.count
        return TensorValue(value, value.dtype, value.itemsize, (max(0, count),), (1,), value.start)
    array = read_array(value) if isinstance(value, Opaque) else None
    return listing.arrays.place(array) if array is not None else None


def _walk_findings(walk: TreeWalk) -> Iterator[Finding]:
    if walk.cut:
        yield Finding(code="tree-too-deep" if walk.cut == "depth" else "tree-too-large", severity="error")
    for name in walk.cycles:
        yield Finding(code="value-contains-itself", severity="note", where=name)
    shards = [(name, value) for name, value in walk.composites if value.whole is not None]
    for name, value in walk.composites:
        if value.whole is None:
            yield Finding(code="tensor-composite", severity="note", where=name, found=printable(value.kind))
    yield from _shard_finding(shards)
    for name in walk.left_out:
        yield Finding(code="buffer-not-persistent", severity="note", where=name)


def _shard_finding(shards: list[tuple[str, CompositeTensor]]) -> Iterator[Finding]:
    """Say once how many tensors are only a part of what their names stand for."""
    if shards:
        name, first = shards[0]
        parts = ", ".join(str(part.shape) for _, part in first.parts if isinstance(part, TensorValue))
        yield Finding(
            code="tensors-sharded",
            severity="note",
            where=name,
            expected=str(first.whole),
            found=f"{len(shards)}: {parts}",
        )


def _list_tensor(name: str, value: TensorValue, listing: _Listing) -> None:
    slot = listing.slots.get(value.storage.key) or listing.arrays.find(value.storage.key) if value.storage else None
    entry = TensorEntry(
        name=name,
        dtype=value.dtype,
        shape=value.shape,
        strides=value.strides,
        storage=slot.key if slot else f"meta/{len(listing.storages)}",
        offset=value.offset,
        itemsize=value.itemsize,
        conjugate=value.conjugate,
        negative=value.negative,
        block=value.block,
        byteorder=value.byteorder,
    )
    listing.tensors.append(entry)
    if value.storage is not None and value.storage.itemsize == 1 < value.itemsize:
        listing.of_untyped.append(name)
    if slot is None:
        # a tensor of the device `meta`: it has a shape and no bytes anywhere
        size = max(0, entry.span[1])
        listing.storages.append(StorageEntry(key=entry.storage, record="", declared_bytes=size, present_bytes=0))
        listing.findings.append(Finding(code="tensor-without-bytes", severity="note", where=name))
    elif not _fits(entry, slot.declared_bytes):
        expected = f"0..{slot.declared_bytes}"
        listing.findings.append(
            Finding(
                code="tensor-outside-storage",
                severity="error",
                where=name,
                expected=expected,
                found=f"shape={entry.shape} strides={entry.strides} offset={entry.offset}",
            )
        )


def _fits(entry: TensorEntry, declared_bytes: int) -> bool:
    if entry.offset < 0 or any(n < 0 for n in entry.shape):
        return False
    if entry.count == 0:
        return True
    if entry.is_packed:
        # no view is cut out of such a tensor: where its strides lead says nothing
        return entry.is_contiguous and entry.span[1] <= declared_bytes
    steps = [(n - 1) * s for n, s in zip(entry.shape, entry.strides, strict=True)]
    first = entry.offset + sum(s for s in steps if s < 0)
    last = entry.offset + sum(s for s in steps if s > 0)
    return first >= 0 and (last + 1) * entry.itemsize <= declared_bytes


def limit_findings(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield at most ``MAX_FINDINGS`` of each code, and then how many there were of the codes that had more."""
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.code] += 1
        if counts[finding.code] <= MAX_FINDINGS:
            yield finding
    for code, count in counts.items():
        if count > MAX_FINDINGS:
            yield Finding(
                code="findings-cut", severity="note", where=code, expected=str(MAX_FINDINGS), found=str(count)
            )


def _repeated_names(tensors: Iterable[TensorEntry]) -> Iterator[Finding]:
    seen: set[str] = set()
    repeated: dict[str, None] = {}
    for tensor in tensors:
        if tensor.name in seen:
            repeated[tensor.name] = None
        seen.add(tensor.name)
    for name in repeated:
        yield Finding(code="name-repeated", severity="warning", where=name)


def _storage_entry(slot: StorageSlot) -> StorageEntry:
    return StorageEntry(
        key=slot.key,
        record=slot.record,
        declared_bytes=slot.declared_bytes,
        present_bytes=slot.present_bytes,
    )


def _storage_findings(slots: Iterable[StorageSlot], *, sized_by_index: bool) -> Iterator[Finding]:
    for slot in slots:
        where = slot.record
        expected = str(slot.declared_bytes)
        if slot.segment is None:
            if slot.declared_bytes and not slot.elsewhere:
                yield Finding(code="storage-missing", severity="error", where=where, expected=expected)
        elif slot.segment.size < slot.declared_bytes:
            found = str(slot.segment.size)
            yield Finding(code="storage-short", severity="error", where=where, expected=expected, found=found)
        elif slot.segment.size > slot.declared_bytes and not sized_by_index:
            found = str(slot.segment.size)
            yield Finding(code="storage-long", severity="note", where=where, expected=expected, found=found)

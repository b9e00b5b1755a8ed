"""Checkpoints written byte by byte, for tests: what no library writes, or no longer does."""

from __future__ import annotations

import io
import json
import math
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

EVIDENCE = Path(__file__).resolve().parents[1] / ".." / "shared" / "evidence"


class Call:
    """Pickles as a call of ``module.name(*args)``, followed by BUILD of ``state`` where there is one."""

    def __init__(self, module: str, name: str, args: tuple[Any, ...] = (), state: Any = None) -> None:
        self.function = Name(module, name)
        self.args = args
        self.state = state


class Apply:
    """Pickles as a call of whatever ``function`` pickles as, which may be another call."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.function = function
        self.args = args


class Raw:
    """Pickles as the opcodes given, which must leave one value on the stack."""

    def __init__(self, opcodes: bytes) -> None:
        self.opcodes = opcodes


class Name:
    """Pickles as the global ``module.name``, which needn't exist."""

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name


class Persistent:
    """Pickles as a persistent id."""

    def __init__(self, value: Any) -> None:
        self.value = value


class _Pickler(pickle._Pickler):  # type: ignore[name-defined,misc]
    """The pure-Python pickler, with globals that are never looked up."""

    def persistent_id(self, value: Any) -> Any:
        return value.value if isinstance(value, Persistent) else None

    def save_name(self, value: Name) -> None:
        if self.proto >= 4:
            self.save(value.module)
            self.save(value.name)
            self.write(pickle.STACK_GLOBAL)
        else:
            self.write(pickle.GLOBAL + f"{value.module}\n{value.name}\n".encode(errors="surrogatepass"))

    def save_call(self, value: Call) -> None:
        self.save(value.function)
        self.save(value.args)
        self.write(pickle.REDUCE)
        if value.state is not None:
            self.save(value.state)
            self.write(pickle.BUILD)

    def save_apply(self, value: Apply) -> None:
        self.save(value.function)
        self.save(value.args)
        self.write(pickle.REDUCE)

    def save_raw(self, value: Raw) -> None:
        self.write(value.opcodes)

    dispatch = pickle._Pickler.dispatch | {Name: save_name, Call: save_call, Apply: save_apply, Raw: save_raw}  # type: ignore[attr-defined]


def pickle_bytes(value: Any, protocol: int = 2) -> bytes:
    """Pickle a value that may hold :class:`Name`, :class:`Call` and :class:`Persistent`."""
    stream = io.BytesIO()
    _Pickler(stream, protocol).dump(value)
    return stream.getvalue()


def storage_id(key: str, count: int, storage_class: str = "FloatStorage", *legacy: Any) -> Persistent:
    """Return torch's persistent id of a storage."""
    return Persistent(("storage", Name("torch", storage_class), key, "cpu", count, *legacy))


def tensor_call(
    key: str,
    shape: Sequence[int],
    *,
    count: int | None = None,
    offset: int = 0,
    strides: Sequence[int] | None = None,
    storage_class: str = "FloatStorage",
    legacy: tuple[Any, ...] = (),
) -> Call:
    """Return the call that rebuilds a float32 tensor (or another storage class's)."""
    if strides is None:
        strides = row_major(shape)
    if count is None:
        count = 1
        for size in shape:
            count *= size
    args = (storage_id(key, count, storage_class, *legacy), offset, tuple(shape), tuple(strides), False)
    return Call("torch._utils", "_rebuild_tensor_v2", (*args, Call("collections", "OrderedDict")))


def untyped_tensor_call(key: str, dtype: str, itemsize: int, shape: Sequence[int]) -> Call:
    """Return the call that rebuilds a tensor of a dtype that has no storage class of its own."""
    count = math.prod(shape)
    storage = Persistent(("storage", Name("torch.storage", "UntypedStorage"), key, "cpu", count * itemsize))
    hooks = Call("collections", "OrderedDict")
    args = (storage, 0, tuple(shape), row_major(shape), False, hooks, Name("torch", dtype))
    return Call("torch._utils", "_rebuild_tensor_v3", args)


def row_major(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the strides of a contiguous tensor."""
    strides: list[int] = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(1, size)
    return tuple(reversed(strides))


def write_torch_zip(
    path: Path,
    data_pickle: bytes | None,
    storages: Mapping[str, bytes],
    *,
    root: str = "archive",
    byteorder: bytes | None = b"little",
    compression: int = zipfile.ZIP_STORED,
    extra: Mapping[str, bytes] | None = None,
) -> Path:
    """Write a torch zip; ``data_pickle`` None leaves the index out."""
    records: dict[str, bytes] = {}
    if data_pickle is not None:
        records["data.pkl"] = data_pickle
    if byteorder is not None:
        records["byteorder"] = byteorder
    records |= {f"data/{key}": data for key, data in storages.items()}
    records |= {"version": b"3\n", **(extra or {})}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in records.items():
            archive.writestr(f"{root}/{name}" if root else name, data)
    return path


def rewrite_zip(
    source: Path,
    target: Path,
    *,
    rename: Callable[[str], str] = lambda name: name,
    leave_out: Iterable[str] = (),
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    """Copy a zip record by record, without some, under other names, or compressed."""
    skipped = set(leave_out)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", compression) as new:
        for name in old.namelist():
            if name not in skipped:
                new.writestr(rename(name), old.read(name))
    return target


def legacy_bytes(root: bytes, storages: Sequence[tuple[str, int, bytes]]) -> bytes:
    """Return a legacy stream; each storage is (key, elements, data)."""
    head = b"".join(
        pickle_bytes(value)
        for value in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}})
    )
    tail = b"".join(struct.pack("<q", count) + data for _, count, data in storages)
    return head + root + pickle_bytes([key for key, _, _ in storages]) + tail


def write_torch_tar(
    path: Path,
    *,
    storages: Sequence[tuple[int, str, int, bytes]],
    tensors: Sequence[tuple[int, int, Sequence[int], Sequence[int], int]],
    root: Any,
    views: Sequence[tuple[int, int, int, int]] = (),
) -> Path:
    """Write torch's oldest container.

    Args:
        path: Where to.
        storages: (key, storage class, elements, data) each.
        tensors: (key, storage key, sizes, strides, offset) each.
        root: The object, with tensors as ``Persistent(key)``.
        views: (key, key of the viewed storage, first element, elements) each.
    """
    storage_member = pickle_bytes(len(storages))
    for key, storage_class, count, data in storages:
        storage_member += pickle_bytes((key, "cpu", Name("torch", storage_class))) + struct.pack("<q", count) + data
    storage_member += pickle_bytes(list(views))
    tensor_member = pickle_bytes(len(tensors))
    for key, storage_key, shape, strides, offset in tensors:
        tensor_member += pickle_bytes((key, storage_key, Name("torch", "FloatTensor")))
        tensor_member += struct.pack("<i4x", len(shape)) + struct.pack(f"<{len(shape)}q", *shape)
        tensor_member += struct.pack(f"<{len(shape)}q", *strides) + struct.pack("<q", offset)
    members = {
        "sys_info": pickle_bytes({"protocol_version": 1000, "little_endian": True}),
        "pickle": pickle_bytes(root),
        "tensors": tensor_member,
        "storages": storage_member,
    }
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1.5  # a fraction needs an extended header, as torch's own files have
            archive.addfile(info, io.BytesIO(data))
    return path


def safetensors_bytes(header: Any, data: bytes, *, length: int | None = None) -> bytes:
    """Return a safetensors file; ``length`` overrides the header length it declares."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def float32_bytes(*values: float, order: str = "<") -> bytes:
    """Return float32 values as bytes."""
    return struct.pack(f"{order}{len(values)}f", *values)


def local_header(name: bytes, data: bytes, **lies: Any) -> bytes:
    """Return a zip record's local header; ``lies`` replace what is true of ``data``."""
    crc, stored, size = (lies.get(key, true) for key, true in zip(("crc", "stored", "size"), _truth(data), strict=True))
    extra = lies.get("extra", b"")
    numbers = (20, lies.get("flags", 0), lies.get("method", 0), 0, 0, crc, stored, size, len(name), len(extra))
    return struct.pack("<4s5H3I2H", b"PK\3\4", *numbers) + name + extra


def directory_entry(name: bytes, data: bytes, header: int, **lies: Any) -> bytes:
    """Return a zip record's entry in the directory."""
    crc, stored, size = (lies.get(key, true) for key, true in zip(("crc", "stored", "size"), _truth(data), strict=True))
    extra, comment = lies.get("extra", b""), lies.get("comment", b"")
    head = (lies.get("by", 20), 20, lies.get("flags", 0), lies.get("method", 0), 0, 0, crc, stored, size)
    tail = (len(name), len(extra), len(comment), 0, 0, lies.get("attributes", 0), header)
    return struct.pack("<4s6H3I5H2I", b"PK\1\2", *head, *tail) + name + extra + comment


def _truth(data: bytes) -> tuple[int, int, int]:
    return zlib.crc32(data), len(data), len(data)


def zip_end(
    entries: int, size: int, start: int, *, comment: bytes = b"", disk: int = 0, here: int | None = None
) -> bytes:
    """Return the end record of a zip file."""
    numbers = (disk, 0, entries if here is None else here, entries, size, start, len(comment))
    return struct.pack("<4s4H2IH", b"PK\5\6", *numbers) + comment


def zip64_end(entries: int, size: int, start: int, position: int) -> bytes:
    """Return the end record for large zip files, with the locator that says ``position`` of it."""
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, size, start)
    return record + struct.pack("<4sIQI", b"PK\6\7", 0, position, 1)


Lies = Mapping[str, Any]


def zip_parts(
    records: Sequence[tuple[bytes, bytes]],
    *,
    local: Mapping[bytes, Lies] | None = None,
    central: Mapping[bytes, Lies] | None = None,
    before: bytes = b"",
    shift: int = 0,
) -> tuple[bytes, bytes]:
    """Return a zip file's records and its directory.

    Args:
        records: (name, content) each.
        local: Lies of local headers by name; ``name`` is another name, ``after`` are bytes behind the content.
        central: Lies of the directory by name.
        before: Bytes in front.
        shift: Added to the positions in the directory.
    """
    body, directory = before, b""
    for name, data in records:
        own = dict((local or {}).get(name, {}))
        directory += directory_entry(name, data, len(body) + shift, **(central or {}).get(name, {}))
        after = own.pop("after", b"")
        body += local_header(own.pop("name", name), data, **own) + data + after
    return body, directory


def zip_bytes(records: Sequence[tuple[bytes, bytes]], **lies: Any) -> bytes:
    """Return a whole zip file."""
    body, directory = zip_parts(records, **lies)
    return body + directory + zip_end(len(records), len(directory), len(body))

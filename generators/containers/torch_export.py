"""Packages of ``torch.export`` and AOTInductor (``.pt2``): programs with their weights.

Three layouts have been written. Up to torch 2.7 four records without a root, the weights a checkpoint in
``serialized_state_dict.pt``. Then an archive with ``archive_format``: in 2.8 the weights a checkpoint in
``data/weights/<model>.pt``; since 2.9 a JSON table ``data/weights/<model>_weights_config.json`` and a record for each
storage. Programs are never run, and only their number is told.

Source: ``torch/export/__init__.py``, ``torch/export/pt2_archive/_package.py``, ``torch/_export/serde/schema.py`` and
``torch/csrc/export/pt2_archive_constants.h`` of PyTorch 2.13.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from generators.containers.budget import Budget
from generators.containers.checksums import archive_checksums
from generators.containers.dtypes import ITEMSIZE_BYTES
from generators.containers.foreign_pickles import collect_globals
from generators.containers.global_policy import printable
from generators.containers.index import Index, Reading, Root, name_contents
from generators.containers.members import open_member
from generators.containers.merging import Part, merge_readings
from generators.containers.storages import StorageSlot
from generators.containers.torch_zip import find_root, read_torch
from generators.containers.values import Global, StorageRef, TensorValue
from generators.containers.zip_archive import Archive, Record, read_archive
from generators.model.finding import Finding

FORMAT_RECORD = "archive_format"
OLD_PROGRAM = "serialized_exported_program.json"
MAX_CONFIG_BYTES = 1 << 25
"""Of one table: 300 bytes a tensor, so that there is room for 100,000."""
MAX_CONFIG_VALUES = 2_000_000
MAX_NESTED = 10_000
"""Checkpoints inside one package: a tensor of a class of its own is one."""
_MAX_BITS = 56
_MAX_DIMENSIONS = 64
_STRIDED = 7
_PICKLED_OBJECTS = ("custom_obj_", "opaque_obj_")
_PROGRAMS = (".so", ".cubin", ".spv", ".hsaco", ".dll", ".dylib", ".o")
SCALAR_TYPES = {
    1: "uint8",
    2: "int8",
    3: "int16",
    4: "int32",
    5: "int64",
    6: "float16",
    7: "float32",
    8: "float64",
    9: "complex32",
    10: "complex64",
    11: "complex128",
    12: "bool",
    13: "bfloat16",
    28: "uint16",
    29: "float8_e4m3fn",
    30: "float8_e5m2",
    31: "float8_e4m3fnuz",
    32: "float8_e5m2fnuz",
    33: "float8_e8m0fnu",
    34: "uint32",
    35: "uint64",
}
"""Source: ``ScalarType`` in ``torch/_export/serde/schema.py``."""


def find_export_root(archive: Archive) -> str | None:
    """Return the root, with its slash, of a package; None when the archive is none."""
    if archive.find(OLD_PROGRAM) is not None:
        return ""
    for name, record in archive.records.items():
        root, slash, rest = name.rpartition("/")
        if rest == FORMAT_RECORD and "/" not in root and record.segment and record.segment.read(0, 4) == b"pt2":
            return root + slash
    return None


def read_export(archive: Archive, root: str, budget: Budget | None = None) -> Reading:
    """Read the weights and constants of a package.

    Args:
        archive: The package.
        root: With its slash; empty for none.
        budget: Shared with other files that are read with it.
    """
    package = _Package(archive, root, budget=budget or Budget())
    if archive.find(root + OLD_PROGRAM) is not None:
        package.read_checkpoint("serialized_state_dict.pt", "")
        package.read_checkpoint("serialized_constants.pt", "constants")
        package.read_checkpoint("serialized_example_inputs.pt", None)
    else:
        package.read_tables()
        package.read_checkpoints()
        package.note_programs()
    return package.result()


class _Package(Struct):
    archive: Archive
    root: str
    parts: list[Part] = field(default_factory=list)
    roots: list[Root] = field(default_factory=list)
    slots: dict[str, StorageSlot] = field(default_factory=dict)
    globals: set[Global] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)

    def result(self) -> Reading:
        index = Index(
            format="torch-export",
            roots=tuple(self.roots),
            slots=tuple(self.slots.values()),
            globals=frozenset(self.globals),
            findings=tuple(self.findings),
            checksums=archive_checksums(self.archive),
            sized_by_index=not self.archive.has_directory,
        )
        return merge_readings(
            [Part(reading=name_contents(index)), *self.parts],
            "torch-export",
            root=printable(self.root.rstrip("/")),
            records=len(self.archive.records),
            # a package holds checkpoints by design
            findings=tuple(f for f in self.archive.findings if f.code != "record-is-archive"),
        )

    def _report(self, code: str, where: str, found: str = "") -> None:
        self.findings.append(Finding(code=code, severity="error", where=printable(where), found=found))

    def _below(self, folder: str) -> Iterator[tuple[str, Record]]:
        prefix = self.root + folder
        for name, record in self.archive.records.items():
            if name.startswith(prefix) and record.segment is not None:
                yield name.removeprefix(prefix), record

    def read_tables(self) -> None:
        tables = [
            (folder, name.removesuffix(suffix), record)
            for folder, suffix in (
                ("data/weights/", "_weights_config.json"),
                ("data/constants/", "_constants_config.json"),
            )
            for name, record in self._below(folder)
            if name.endswith(suffix)
        ]
        several = len({model for _, model, _ in tables}) > 1
        for folder, model, record in tables:
            names = [model] if several else []
            names += ["constants"] if folder == "data/constants/" else []
            self._read_table(record, folder, ".".join(names))

    def _read_table(self, record: Record, folder: str, prefix: str) -> None:
        config = _parse_config(record)
        if config is None:
            self._report("export-table-malformed", record.name)
            return
        for name, entry in config.items():
            full = printable(f"{prefix}.{name}" if prefix else name)
            path = entry.get("path_name") if isinstance(entry, dict) else None
            target = self.archive.find(f"{self.root}{folder}{path}") if isinstance(path, str) else None
            if target is None:
                self._report("record-missing", full, printable(str(path))[:200])
            elif entry.get("use_pickle"):
                self._read_pickled(target, str(path), full)
            elif not self._add_tensor(full, target, entry.get("tensor_meta")):
                self._report("tensor-malformed", full)

    def _add_tensor(self, name: str, target: Record, meta: Any) -> bool:  # noqa: ANN401 - JSON
        """List a tensor; say whether its description can be."""
        if not isinstance(meta, dict):
            return False
        shape, strides = _whole_numbers(meta.get("sizes")), _whole_numbers(meta.get("strides"))
        offset = _whole_numbers([meta.get("storage_offset")])
        dtype = SCALAR_TYPES.get(meta.get("dtype", 0)) if isinstance(meta.get("dtype"), int) else None
        if dtype is None or shape is None or strides is None or offset is None or meta.get("layout") != _STRIDED:
            return False
        if len(shape) != len(strides):
            return False
        itemsize = ITEMSIZE_BYTES[dtype]
        key = printable(target.name)
        if key not in self.slots:
            # the table gives tensors, not storages: a storage is as long as its record
            size = target.size if self.archive.has_directory else target.stored_bytes
            self.slots[key] = StorageSlot(
                key=key, record=key, declared_bytes=size, itemsize=itemsize, segment=target.segment
            )
        value = TensorValue(
            storage=StorageRef(key, dtype, itemsize),
            dtype=dtype,
            itemsize=itemsize,
            shape=shape,
            strides=strides,
            offset=offset[0],
        )
        self.roots.append(Root(value=value, prefix=name))
        return True

    def _read_pickled(self, target: Record, path: str, name: str) -> None:
        if path.startswith(_PICKLED_OBJECTS[1]) and target.segment is not None:
            named, findings = collect_globals(target.segment, 0, self.budget, printable(target.name))
            self.globals.update(named)
            self.findings.extend(findings)
        else:
            self._read_nested(target, None if path.startswith(_PICKLED_OBJECTS[0]) else name)

    def read_checkpoints(self) -> None:
        """Read the checkpoints of torch 2.8's layout, and look at the sample inputs."""
        for folder, prefix in (("data/weights/", ""), ("data/constants/", "constants"), ("data/sample_inputs/", None)):
            for name, _ in list(self._below(folder)):
                if name.endswith(".pt"):
                    self.read_checkpoint(folder + name, prefix)

    def read_checkpoint(self, name: str, prefix: str | None) -> None:
        """Read a checkpoint of the package; with ``prefix`` None only what it names counts."""
        record = self.archive.find(self.root + name)
        if record is None or record.segment is None:
            if prefix is not None:
                self._report("record-missing", self.root + name)
            return
        if record.size:
            self._read_nested(record, prefix)

    def _read_nested(self, record: Record, prefix: str | None) -> None:
        place = printable(record.name)
        if len(self.parts) >= MAX_NESTED or record.segment is None:
            return
        file, damage = open_member(place, record.segment)
        self.findings.extend(damage)
        if file is None:
            return
        archive = read_archive(file)
        root = find_root(archive)
        if root is None:
            file.close()
            self._report("nested-unreadable", place)
            return
        reading = name_contents(read_torch(archive, root, self.budget))
        part = Part(reading=replace(reading, opened=(file,)), place=place, prefix=prefix or "")
        self.parts.append(replace(part, lists_tensors=prefix is not None))

    def note_programs(self) -> None:
        """Report compiled code."""
        programs = [name for name, _ in self._below("data/aotinductor/") if name.lower().endswith(_PROGRAMS)]
        if programs:
            found = f"{len(programs)}: {printable(', '.join(programs[:5]))[:200]}"
            self.findings.append(
                Finding(code="native-code-present", severity="warning", where="data/aotinductor/", found=found)
            )


def _parse_config(record: Record) -> dict[str, Any] | None:
    import json

    if record.segment is None or record.size > MAX_CONFIG_BYTES:
        return None
    text = record.segment.read(0, record.size)
    if text.count(b",") + text.count(b":") + text.count(b"[") + text.count(b"{") > MAX_CONFIG_VALUES:
        return None
    try:
        table = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    config = table.get("config") if isinstance(table, dict) else None
    return config if isinstance(config, dict) else None


def _whole_numbers(items: Any) -> tuple[int, ...] | None:  # noqa: ANN401 - JSON
    if not isinstance(items, list) or len(items) > _MAX_DIMENSIONS:
        return None
    numbers = tuple(item["as_int"] for item in items if isinstance(item, dict) and type(item.get("as_int")) is int)
    right = all(n >= 0 and n.bit_length() <= _MAX_BITS for n in numbers)
    return numbers if right and len(numbers) == len(items) else None

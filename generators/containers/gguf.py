"""The GGUF format: metadata, descriptions of the tensors, then their data.

Quantised types hold blocks of elements: a tensor's shape counts elements, its bytes come in blocks.

Source: ``docs/gguf.md`` of the ggml repository (versions 1 to 3); the types' blocks from ``ggml_type`` in
``ggml/include/ggml.h`` and ``ggml/src/ggml-common.h``.
"""

from __future__ import annotations

from math import prod
from typing import Any

from msgspec import Struct, field

from generators.containers.field_cursor import FieldCursor, FieldsEndError
from generators.containers.file_bytes import FileBytes
from generators.containers.global_policy import printable
from generators.containers.index import Index, Root
from generators.containers.leaves import cut, describe_leaf
from generators.containers.segments import FileSegment
from generators.containers.storages import StorageSlot
from generators.containers.values import StorageRef, TensorValue
from generators.model.checkpoint import ByteOrder, ObjectEntry
from generators.model.finding import Finding

MAGIC = b"GGUF"
VERSIONS = frozenset({1, 2, 3})
DEFAULT_ALIGNMENT = 32
MAX_DIMENSIONS = 8
"""ggml itself has 4 (``GGML_MAX_DIMS``)."""
MAX_VALUES = 4_000_000
"""Numbers and texts of the metadata, tokens included; the largest vocabularies have some 300,000 tokens."""
MAX_TENSORS = 100_000
MAX_KEYS = 100_000
"""Tensors and metadata that a file may have; the largest models have some thousands."""
_MAX_ARRAY_DEPTH = 4
_SHOWN_ITEMS = 8
_MAX_BITS = 62
_BITS_AN_ELEMENT = 8

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9
"""Source: ``gguf_metadata_value_type`` in ``docs/gguf.md``, and how :mod:`struct` reads each."""

TYPES: dict[int, tuple[str, int, int]] = {
    0: ("float32", 1, 4),
    1: ("float16", 1, 2),
    2: ("q4_0", 32, 18),
    3: ("q4_1", 32, 20),
    6: ("q5_0", 32, 22),
    7: ("q5_1", 32, 24),
    8: ("q8_0", 32, 34),
    9: ("q8_1", 32, 40),
    10: ("q2_k", 256, 84),
    11: ("q3_k", 256, 110),
    12: ("q4_k", 256, 144),
    13: ("q5_k", 256, 176),
    14: ("q6_k", 256, 210),
    15: ("q8_k", 256, 292),
    16: ("iq2_xxs", 256, 66),
    17: ("iq2_xs", 256, 74),
    18: ("iq3_xxs", 256, 98),
    19: ("iq1_s", 256, 50),
    20: ("iq4_nl", 32, 18),
    21: ("iq3_s", 256, 110),
    22: ("iq2_s", 256, 82),
    23: ("iq4_xs", 256, 136),
    24: ("int8", 1, 1),
    25: ("int16", 1, 2),
    26: ("int32", 1, 4),
    27: ("int64", 1, 8),
    28: ("float64", 1, 8),
    29: ("iq1_m", 256, 56),
    30: ("bfloat16", 1, 2),
    34: ("tq1_0", 256, 54),
    35: ("tq2_0", 256, 66),
    39: ("mxfp4", 32, 17),
    40: ("nvfp4", 64, 36),
    41: ("q1_0", 128, 18),
}
"""Name, elements a block and bytes a block of each type that is still in use."""


def read_gguf(file: FileBytes) -> Index:
    """Read the header of a GGUF file."""
    reader = _HeaderReader(file, FieldCursor(FileSegment(file, 0, file.size), "<"))
    reader.read()
    return Index(
        format="gguf",
        byteorder=reader.byteorder,
        roots=tuple(reader.roots),
        slots=tuple(reader.slots.values()),
        objects=tuple(reader.objects),
        findings=tuple(reader.findings),
        expected_bytes=reader.expected_bytes,
    )


class _TensorInfo(Struct, frozen=True, kw_only=True):
    name: str
    shape: tuple[int, ...]
    type_code: int
    offset: int


class _HeaderReader(Struct):
    file: FileBytes
    cursor: FieldCursor
    byteorder: ByteOrder = "little"
    alignment: int = DEFAULT_ALIGNMENT
    values: int = 0
    expected_bytes: int = 0
    length_code: str = "Q"
    roots: list[Root] = field(default_factory=list)
    slots: dict[str, StorageSlot] = field(default_factory=dict)
    objects: list[ObjectEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def read(self) -> None:
        try:
            self._read()
        except FieldsEndError:
            self._report("gguf-header-truncated", found=str(self.file.size))

    def _report(self, code: str, where: str = "", expected: str = "", found: str = "") -> None:
        self.findings.append(Finding(code=code, severity="error", where=where, expected=expected, found=found))

    def _read(self) -> None:
        version_bytes = self.file.read(len(MAGIC), 4)
        little, big = (int.from_bytes(version_bytes, order) for order in ("little", "big"))
        version = little
        if little not in VERSIONS and big in VERSIONS:
            self.byteorder, version = "big", big
            self.cursor = FieldCursor(FileSegment(self.file, 0, self.file.size), ">")
        self.cursor.skip(len(MAGIC) + 4)
        if version not in VERSIONS:
            self._report("gguf-version", expected="1, 2, 3", found=str(little))
            return
        self.length_code = "I" if version == 1 else "Q"
        tensors, values = self.cursor.count(self.length_code), self.cursor.count(self.length_code)
        if tensors > MAX_TENSORS or values > MAX_KEYS:
            self._report("tree-too-large", expected=f"{MAX_TENSORS}, {MAX_KEYS}", found=f"{tensors}, {values}")
            return
        if self._read_metadata(values):
            infos = [self._read_info() for _ in range(tensors)]
            self._place([info for info in infos if info is not None])

    def _text(self) -> str:
        return self.cursor.text(self.cursor.count(self.length_code))

    def _read_metadata(self, count: int) -> bool:
        """List the metadata; say whether what follows can be found."""
        for _ in range(count):
            key = printable(cut(self._text()))
            code = self.cursor.count("I")
            value = self._value(code, 0)
            if value is None:
                self._report("gguf-metadata-malformed", key, found=f"type {code}")
                return False
            if key == "general.alignment" and type(value) is int and value > 0:
                self.alignment = value
            self.objects.append(_describe(key, value))
        return True

    def _value(self, code: int, depth: int) -> Any:  # noqa: ANN401 - metadata are anything
        self.values += 1
        if code in _NUMBERS:
            return self.cursor.number(_NUMBERS[code])
        if code == _TEXT:
            return self._text()
        return self._array(depth + 1) if code == _ARRAY and depth < _MAX_ARRAY_DEPTH else None

    def _array(self, depth: int) -> Any:  # noqa: ANN401
        """Read an array; of a long one only the first items are kept."""
        code, count = self.cursor.count("I"), self.cursor.count(self.length_code)
        self.values += count
        if self.values > MAX_VALUES:
            return None
        shown = [self._value(code, depth) for _ in range(min(count, _SHOWN_ITEMS))]
        if None in shown:
            return None
        for _ in range(count - len(shown)):
            if code == _TEXT:
                self.cursor.skip(self.cursor.count(self.length_code))
            elif self._value(code, depth) is None:
                return None
        return _Array(count, shown)

    def _read_info(self) -> _TensorInfo | None:
        name = printable(self._text())
        dimensions = self.cursor.count("I")
        if dimensions > MAX_DIMENSIONS:
            self._report("tensor-malformed", name, found=f"{dimensions} dimensions")
            raise FieldsEndError  # where the next one begins is unknown
        sizes = [self.cursor.count(self.length_code) for _ in range(dimensions)]
        code, offset = self.cursor.count("I"), self.cursor.count("Q")
        if code not in TYPES:
            self._report("dtype-unknown", name, found=f"ggml type {code}")
            return None
        block = TYPES[code][1]
        if prod(max(1, n) for n in sizes).bit_length() > _MAX_BITS - _BITS_AN_ELEMENT or (sizes and sizes[0] % block):
            self._report("tensor-malformed", name, found=str(tuple(reversed(sizes))))
            return None
        # ggml writes the dimension that runs fastest first
        return _TensorInfo(name=name, shape=tuple(reversed(sizes)), type_code=code, offset=offset)

    def _place(self, infos: list[_TensorInfo]) -> None:
        start = self.cursor.position + -self.cursor.position % self.alignment
        end = 0
        for info in sorted(infos, key=lambda i: i.offset):
            size = self._size(info)
            if info.offset < end and size:
                self._report("records-overlap", info.name, str(end), str(info.offset))
            end = max(end, info.offset + size)
        self.expected_bytes = start + end if infos else 0
        for info in infos:
            self._add(info, start)

    @staticmethod
    def _size(info: _TensorInfo) -> int:
        _, block, itemsize = TYPES[info.type_code]
        return -(-prod(info.shape) // block) * itemsize

    def _add(self, info: _TensorInfo, start: int) -> None:
        name, block, itemsize = TYPES[info.type_code]
        key = f"{info.name}#{len(self.slots)}" if info.name in self.slots else info.name
        size = self._size(info)
        self.slots[key] = StorageSlot(
            key=key,
            record=info.name,
            declared_bytes=size,
            itemsize=itemsize,
            segment=FileSegment(self.file, start + info.offset, size),
        )
        value = TensorValue(
            storage=StorageRef(key, name, itemsize),
            dtype=name,
            itemsize=itemsize,
            shape=info.shape,
            strides=tuple(prod(max(1, n) for n in info.shape[i + 1 :]) for i in range(len(info.shape))),
            block=block,
            # a block's parts have sizes of their own: its bytes are given as they lie
            byteorder="little" if block > 1 else None,
        )
        self.roots.append(Root(value=value, prefix=info.name))


class _Array(Struct, frozen=True):
    count: int
    shown: list[Any]

    def __str__(self) -> str:
        more = ", ..." if self.count > len(self.shown) else ""
        return f"[{', '.join(str(item) for item in self.shown)}{more}] ({self.count})"


def _describe(key: str, value: object) -> ObjectEntry:
    if isinstance(value, _Array):
        return ObjectEntry(path=key, type="list", text=cut(str(value)))
    return describe_leaf(key, value)

"""ONNX models: their initialisers, and the constants of their nodes, also in subgraphs and functions.

The file is one protocol-buffer message. It is walked field by field, with the values of tensors skipped, so that a
model of any size costs little more than its graph.

Source: ``onnx/onnx.proto`` of ONNX 1.23.
"""

from __future__ import annotations

import re
from collections import Counter
from math import prod

from msgspec import Struct, field

from generators.containers.file_bytes import FileBytes
from generators.containers.global_policy import printable
from generators.containers.index import MAX_OBJECTS, Index, Root
from generators.containers.leaves import cut, describe_leaf
from generators.containers.onnx_tensor import STRING_TYPE, TYPES, find_values, item_bytes, read_tensor
from generators.containers.segments import Segment
from generators.containers.storages import StorageSlot
from generators.containers.values import StorageRef, TensorValue
from generators.containers.wire import LENGTH, VARINT, Field, WireDefectError, WireReader
from generators.model.checkpoint import ObjectEntry
from generators.model.finding import Finding

MAX_DEPTH = 16
"""Graphs inside graphs."""
MAX_TENSORS = 100_000
"""Listed tensors; models have some thousands."""
_MODEL_FIELDS = {1: VARINT, 5: VARINT} | dict.fromkeys((2, 3, 4, 6, 7, 8, 14, 20, 25, 26), LENGTH)
_GRAPH_FIELDS = frozenset({1, 2, 5, 10, 11, 12, 13, 14, 15, 16})
_IR_VERSIONS = range(2, 100)
"""A TensorFlow SavedModel begins like an ONNX model of version 1, which nobody has."""
_GRAPH, _OPERATORS, _FUNCTIONS = 7, 8, 25
_TEXTS = {2: "producer_name", 3: "producer_version", 4: "domain", 6: "doc_string"}
_NUMBERS = {1: "ir_version", 5: "model_version"}
_MAX_SNIFFED_FIELDS = 2000
_MAX_TEXT_BYTES = 1024
_MAX_ATTRIBUTES = 1000
_SMALL_NODE_BYTES = 1 << 12
_WORTH_READING = re.compile(rb"\xa0\x01[\x04\x05\x09-\x0c]")
"""An attribute's ``type``, where it is a tensor, a graph, or several of them."""
_ENDLESS = 1 << 62


def begins_onnx(segment: Segment) -> bool:
    """Say whether a file's fields are those of an ONNX model, with a graph."""
    if segment.read(0, 1) != b"\x08":
        return False
    wire = WireReader(segment)
    has_graph = False
    try:
        for found in wire.read_fields(0, _ENDLESS):
            if _MODEL_FIELDS.get(found.number) != found.kind or wire.fields > _MAX_SNIFFED_FIELDS:
                return False
            if found.number == 1 and found.value not in _IR_VERSIONS:
                return False
            if found.number == _GRAPH:
                first = next(WireReader(segment).read_fields(found.start, found.end), None)
                has_graph = first is not None and first.number in _GRAPH_FIELDS
            if found.end >= segment.size:
                break
    except WireDefectError:
        return has_graph
    return has_graph


def read_onnx(file: FileBytes) -> Index:
    """Read the tensors of an ONNX model."""
    reader = _ModelReader(WireReader(file), file.size)
    reader.read()
    return Index(
        format="onnx",
        roots=tuple(reader.roots),
        slots=tuple(reader.slots.values()),
        objects=tuple(reader.objects),
        findings=tuple(reader.findings),
        expected_bytes=reader.expected_bytes,
    )


class _Node(Struct):
    name: str = ""
    output: str = ""
    attributes: list[Field] = field(default_factory=list)


class _ModelReader(Struct):
    wire: WireReader
    size: int
    expected_bytes: int = 0
    roots: list[Root] = field(default_factory=list)
    slots: dict[str, StorageSlot] = field(default_factory=dict)
    objects: list[ObjectEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    external: Counter[str] = field(default_factory=Counter)

    def read(self) -> None:
        """Read all, and report what lies in other files once for each file."""
        self._read_model()
        for location, count in self.external.items():
            self._report("onnx-external", printable(location), str(count))

    def _read_model(self) -> None:
        has_operators = False
        try:
            for found in self.wire.read_fields(0, _ENDLESS):
                self.expected_bytes = found.end
                self._read_part(found)
                has_operators = has_operators or found.number == _OPERATORS
                if found.end >= self.size:
                    break
        except WireDefectError as defect:
            # where the file ends too early, that says it all
            if self.expected_bytes <= self.size:
                self._report(defect.code, found=defect.found)
        else:
            if not has_operators and self.expected_bytes <= self.size:
                # required, and written behind the graph
                self._report("onnx-truncated", "opset_import", str(self.size))

    def _report(self, code: str, where: str = "", found: str = "", expected: str = "") -> None:
        self.findings.append(Finding(code=code, severity="error", where=where, expected=expected, found=found))

    def _read_part(self, found: Field) -> None:
        if found.number in _NUMBERS:
            self.objects.append(describe_leaf(_NUMBERS[found.number], found.value))
        elif found.number in _TEXTS:
            text = self.wire.read_text(found, _MAX_TEXT_BYTES)
            self.objects.append(describe_leaf(_TEXTS[found.number], text))
        elif found.number == _GRAPH:
            self._read_graph(found, "", 0)
        elif found.number == _FUNCTIONS:
            self._read_function(found)

    def _read_graph(self, graph: Field, prefix: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            self._report("tree-too-deep", printable(prefix))
            return
        for found in self.wire.read_fields(graph.start, graph.end):
            match found.number:
                case 1:  # node
                    self._read_node(found, prefix, depth)
                case 5:  # initializer
                    self._read_tensor(found, prefix, "")
                case 15:  # sparse_initializer
                    self._read_sparse(found, prefix, "")

    def _read_function(self, function: Field) -> None:
        name = ""
        for found in self.wire.read_fields(function.start, function.end):
            if found.number == 1:  # name
                name = self.wire.read_text(found, _MAX_TEXT_BYTES)
            elif found.number == 7:  # noqa: PLR2004 - node
                self._read_node(found, f"{name}.", 1)

    def _read_node(self, at: Field, prefix: str, depth: int) -> None:
        if not self._is_worth_reading(at):
            return
        node = _Node()
        for found in self.wire.read_fields(at.start, at.end):
            match found.number:
                case 2 if not node.output:  # output
                    node.output = self.wire.read_text(found, _MAX_TEXT_BYTES)
                case 3:  # name
                    node.name = self.wire.read_text(found, _MAX_TEXT_BYTES)
                case 5 if len(node.attributes) < _MAX_ATTRIBUTES:  # attribute
                    node.attributes.append(found)
        for attribute in node.attributes:
            self._read_attribute(attribute, node, prefix, depth)

    def _is_worth_reading(self, node: Field) -> bool:
        """Say whether a node may hold tensors: most hold none, and searching is faster than reading."""
        size = node.end - node.start
        return size > _SMALL_NODE_BYTES or bool(_WORTH_READING.search(self.wire.read_bytes(node.start, size)))

    def _read_attribute(self, at: Field, node: _Node, prefix: str, depth: int) -> None:
        name = ""
        count = 0
        for found in self.wire.read_fields(at.start, at.end):
            match found.number:
                case 1:  # name
                    name = self.wire.read_text(found, _MAX_TEXT_BYTES)
                case 5 | 10:  # t, tensors
                    self._read_tensor(found, prefix, _numbered(node.output or node.name, count))
                    count += 1
                case 6 | 11:  # g, graphs
                    inner = f"{prefix}{node.name or node.output}.{_numbered(name, count)}."
                    self._read_graph(found, inner, depth + 1)
                    count += 1
                case 22 | 23:  # sparse_tensor, sparse_tensors
                    self._read_sparse(found, prefix, _numbered(node.output or node.name, count))
                    count += 1

    def _read_sparse(self, at: Field, prefix: str, name: str) -> None:
        for found in self.wire.read_fields(at.start, at.end):
            if found.number in {1, 2}:
                part = "values" if found.number == 1 else "indices"
                self._read_tensor(found, prefix, f"{name}.{part}" if name else "", part=part)

    def _read_tensor(self, at: Field, prefix: str, name: str, *, part: str = "") -> None:
        message = read_tensor(self.wire, at)
        own = f"{message.name}.{part}" if part and message.name else message.name
        name = printable(prefix + (name or own or f"tensor-{len(self.slots)}"))
        if message.type_code == STRING_TYPE:
            if len(self.objects) > MAX_OBJECTS:
                return
            self.objects.append(ObjectEntry(path=name, type="onnx.string", text=cut(str(message.shape))))
            return
        shape = message.shape
        if message.type_code not in TYPES or shape is None or len(self.slots) >= MAX_TENSORS:
            code = "dtype-unknown" if message.type_code not in TYPES else "tensor-malformed"
            self._report(code, name, found=f"type {message.type_code}, {message.dims[:8]}")
            return
        dtype, block = TYPES[message.type_code]
        itemsize = item_bytes(dtype)
        size = -(-prod(shape) // block) * itemsize
        key = f"{name}#{len(self.slots)}" if name in self.slots else name
        slot = StorageSlot(key=key, record=name, declared_bytes=size, itemsize=itemsize)
        self.slots[key] = slot
        slot.segment = find_values(self.wire, message, size)
        if message.is_external:
            slot.elsewhere = True
            self.external[message.external.get("location", "")] += 1
        self.roots.append(Root(value=_tensor_value(key, dtype, itemsize, block, shape), prefix=name))


def _tensor_value(key: str, dtype: str, itemsize: int, block: int, shape: tuple[int, ...]) -> TensorValue:
    return TensorValue(
        storage=StorageRef(key, dtype, itemsize),
        dtype=dtype,
        itemsize=itemsize,
        shape=shape,
        strides=tuple(prod(max(1, n) for n in shape[i + 1 :]) for i in range(len(shape))),
        block=block,
    )


def _numbered(name: str, count: int) -> str:
    return f"{name}.{count}" if count else name

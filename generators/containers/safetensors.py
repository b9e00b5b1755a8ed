"""The safetensors format: a JSON header, then the tensors one after the other.

Source: the format's README and ``safetensors/src/tensor.rs`` (0.6): an unsigned
64-bit little-endian header length of at most 100 MB, a header that begins with
``{``, offsets that leave no hole and end where the file ends.
"""

from __future__ import annotations

import struct
from itertools import islice
from math import prod
from typing import Any

from generators.containers.dtypes import ITEMSIZE_BYTES, SAFETENSORS_DTYPES
from generators.containers.file_bytes import FileBytes
from generators.containers.global_policy import printable
from generators.containers.index import MAX_OBJECTS, Reading, limit_findings
from generators.containers.leaves import cut
from generators.containers.segments import FileSegment, Segment
from generators.model.checkpoint import Container, ObjectEntry
from generators.model.finding import Finding
from generators.model.tensor import StorageEntry, TensorEntry

MAX_HEADER_BYTES = 100_000_000
"""Source: ``MAX_HEADER_SIZE`` in ``safetensors/src/tensor.rs``."""
MAX_HEADER_VALUES = 5_000_000
"""Texts, numbers, lists and objects; a tensor has about 15."""
MAX_HEADER_MEMORY_BYTES = 240_000_000
"""What a header may take while it is parsed: some 200,000 tensors, twenty times those of the largest models."""
_VALUE_BYTES = 72
"""The most that a value takes, parsed: a short text and its place in a list (CPython 3.11, 64 bits)."""
_LENGTH = struct.Struct("<Q")
_PACKED = "float4_e2m1fn_x2"
"""Pairs of 4-bit elements, which fill bytes: half a pair is no tensor."""
_METADATA = "__metadata__"
_MAX_BITS = 63
_MAX_DIMENSIONS = 64
_FOUR_BYTE_CHARACTER = 0xF0


def begins_safetensors(head: bytes) -> bool:
    """Say whether a file's first bytes are a header length and a brace."""
    if len(head) <= _LENGTH.size:
        return False
    (length,) = _LENGTH.unpack_from(head)
    if length <= MAX_HEADER_BYTES:
        # the format has the brace come first; its library takes white space in front of it
        return head[_LENGTH.size :].lstrip(b" \t\r\n").startswith(b"{")
    return head[8:10] in {b'{"', b"{}"}


def read_safetensors(file: FileBytes) -> Reading:
    """Read the header of a safetensors file."""
    reader = _HeaderReader(file)
    reader.read()
    container = Container(
        format="safetensors",
        tensors=tuple(reader.tensors),
        storages=tuple(reader.storages),
        objects=tuple(reader.objects),
        findings=tuple(limit_findings(reader.findings)),
    )
    return Reading(container=container, segments=reader.segments, expected_bytes=reader.expected_bytes)


class _HeaderReader:
    def __init__(self, file: FileBytes) -> None:
        self._file = file
        # a file that is cut off while it is read gives nothing here
        self._length = int.from_bytes(file.read(0, _LENGTH.size), "little")
        self._data_start = _LENGTH.size + self._length
        self._repeated: set[str] = set()
        self._escaped = False
        self._halved: set[str] = set()
        self.tensors: list[TensorEntry] = []
        self.storages: list[StorageEntry] = []
        self.objects: list[ObjectEntry] = []
        self.findings: list[Finding] = []
        self.segments: dict[str, Segment] = {}
        self.expected_bytes = 0

    def read(self) -> None:
        header = self._parse_header()
        for name in sorted(self._repeated):
            self._report("name-repeated", name)
        for text in sorted(self._halved):
            self._report("safetensors-header-malformed", text)
        extents = []
        for raw_name in list(header):
            value = header.pop(raw_name)  # both, the header and what it becomes, are never in memory as a whole
            name = printable(raw_name)
            if raw_name == _METADATA:
                self._list_metadata(value)
            elif (extent := self._list_tensor(name, value)) is not None:
                extents.append((*extent, name))
        self._check_extents(sorted(extents))

    def _report(self, code: str, where: str = "", expected: str = "", found: str = "") -> None:
        self.findings.append(Finding(code=code, severity="error", where=where, expected=expected, found=found))

    def _parse_header(self) -> dict[str, Any]:
        if self._length > MAX_HEADER_BYTES:
            self._report("safetensors-header-large", expected=str(MAX_HEADER_BYTES), found=str(self._length))
            return {}
        text = self._file.read(_LENGTH.size, self._length)
        if len(text) < self._length:
            self.expected_bytes = self._data_start
            self._report("safetensors-header-truncated", expected=str(self._length), found=str(len(text)))
            return {}
        values = text.count(b",") + text.count(b":") + text.count(b"[") + text.count(b"{")
        if values > MAX_HEADER_VALUES or _parsed_bytes(text, values) > MAX_HEADER_MEMORY_BYTES:
            # parsed, each takes up to twenty times its length in memory
            self._report("tree-too-large", expected=str(MAX_HEADER_VALUES), found=str(values))
            return {}
        import json

        try:
            decoded = text.decode("utf-8")
            self._escaped = b"\\u" in text
            del text
            header = json.loads(decoded, object_pairs_hook=self._keep_pairs)
        except (ValueError, RecursionError):
            self._report("safetensors-header-malformed")
            return {}
        if not isinstance(header, dict):
            self._report("safetensors-header-malformed")
            return {}
        return header

    def _keep_pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if self._escaped:
            self._keep_halved(pairs)
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            seen: set[str] = set()
            self._repeated.update(printable(k) for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]
        return mapping

    def _keep_halved(self, pairs: list[tuple[str, Any]]) -> None:
        """Remember texts with half of a surrogate pair: Python's reader takes them, no other does."""
        texts = (text for pair in pairs for text in pair if isinstance(text, str) and not text.isascii())
        self._halved.update(cut(t) for t in texts if t.encode(errors="replace") != t.encode(errors="surrogatepass"))

    def _list_metadata(self, value: object) -> None:
        if value is None:
            return  # which the library takes for none
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            self._report("safetensors-metadata-malformed", _METADATA)
            return
        if len(value) > MAX_OBJECTS:
            expected, found = str(MAX_OBJECTS), str(len(value))
            self.findings.append(Finding(code="objects-cut", severity="note", expected=expected, found=found))
        for key, text in islice(value.items(), MAX_OBJECTS):
            path = f"{_METADATA}.{printable(key)}"
            self.objects.append(ObjectEntry(path=path, type="str", text=cut(text)))

    def _list_tensor(self, name: str, value: object) -> tuple[int, int] | None:
        """List one tensor and return its extent, or report that it makes none."""
        if not isinstance(value, dict):
            self._report("tensor-malformed", name)
            return None
        shape, extent = _whole_numbers(value.get("shape")), _whole_numbers(value.get("data_offsets"))
        dtype = SAFETENSORS_DTYPES.get(str(value.get("dtype")))
        if dtype is None:
            self._report("dtype-unknown", name, found=cut(str(value.get("dtype"))))
            return None
        halved = dtype == _PACKED and shape is not None and (not shape or shape[-1] % 2)
        if shape is None or halved or extent is None or len(extent) != 2 or extent[1] < extent[0]:  # noqa: PLR2004 - start and end
            self._report("tensor-malformed", name)
            return None
        self._add_tensor(name, dtype, _packed(dtype, shape), extent[0], extent[1] - extent[0])
        return extent[0], extent[1]

    def _add_tensor(self, name: str, dtype: str, shape: tuple[int, ...], start: int, size: int) -> None:
        segment = FileSegment(self._file, self._data_start + start, size)
        self.segments[name] = segment
        entry = TensorEntry(
            name=name,
            dtype=dtype,
            shape=shape,
            strides=_row_major(shape),
            storage=name,
            offset=0,
            itemsize=ITEMSIZE_BYTES[dtype],
        )
        self.tensors.append(entry)
        self.storages.append(
            StorageEntry(key=name, record=name, declared_bytes=size, present_bytes=min(size, segment.size))
        )
        if entry.size_bytes > size:
            self._report("tensor-outside-storage", name, str(size), str(entry.size_bytes))
        elif entry.size_bytes < size:
            self._report("storage-long", name, str(entry.size_bytes), str(size))
        if segment.size < size:
            code = "storage-short" if segment.size else "storage-missing"
            self._report(code, name, str(size), str(segment.size))

    def _check_extents(self, extents: list[tuple[int, int, str]]) -> None:
        end = 0
        for start, stop, name in extents:
            if start < end:
                self._report("records-overlap", name, str(end), str(start))
            elif start > end:
                self._report("safetensors-hole", name, str(end), str(start))
            end = max(end, stop)
        if extents:
            self.expected_bytes = self._data_start + end
        surplus = self._file.size - self._data_start - end
        if surplus > 0 and not self.findings:
            self._report("file-long", expected=str(self._data_start + end), found=str(self._file.size))


def _parsed_bytes(text: bytes, values: int) -> int:
    """Return about what a header takes as text, and once more as its values; the widest character decides."""
    width = 1 if text.isascii() else 4 if max(text) >= _FOUR_BYTE_CHARACTER else 2
    return width * len(text) + values * _VALUE_BYTES + (width * len(text) if values * _VALUE_BYTES < len(text) else 0)


def _whole_numbers(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, list) or len(value) > _MAX_DIMENSIONS:
        return None
    if not all(type(n) is int and n >= 0 and n.bit_length() <= _MAX_BITS for n in value):
        return None
    return tuple(value)


def _packed(dtype: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return torch's shape: it counts pairs of 4-bit elements."""
    if dtype == _PACKED and shape:
        return (*shape[:-1], shape[-1] // 2)
    return shape


def _row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    # torch counts a dimension of size 0 as 1 here
    return tuple(prod(max(1, n) for n in shape[i + 1 :]) for i in range(len(shape)))

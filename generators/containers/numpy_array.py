"""NumPy's ``.npy``: a header that describes one array, then its elements.

The header is a Python literal that is read here without evaluating it. An array of Python objects is a pickle: what
it names is reported, what it would build isn't built.

Source: ``numpy/lib/_format_impl.py`` of NumPy 2.3 (versions 1.0 to 3.0 of the format, ``_MAX_HEADER_SIZE``).
"""

from __future__ import annotations

import re
import struct
from math import prod
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from generators.containers.budget import Budget
from generators.containers.defects import DefectError
from generators.containers.foreign_pickles import collect_globals
from generators.containers.global_policy import printable
from generators.containers.index import Index, Root
from generators.containers.leaves import cut
from generators.containers.literal import MAX_DEPTH, parse_literal
from generators.containers.segments import Segment, SliceSegment
from generators.containers.storages import StorageSlot
from generators.containers.tree import ROOT_TENSOR_NAME
from generators.containers.values import Global, StorageRef, TensorValue
from generators.model.checkpoint import ByteOrder, ContainerFormat, ObjectEntry
from generators.model.finding import Finding

MAGIC = b"\x93NUMPY"
MAX_HEADER_BYTES = 1 << 16
"""NumPy itself refuses headers of more than 10,000 characters; version 1.0 has room for these."""
MAX_DIMENSIONS = 64
"""Source: ``NPY_MAXDIMS`` of NumPy 2."""
_PREAMBLE_BYTES = 12
_MAX_BITS = 56
_TYPE = re.compile(r"(?P<order>[<>=|]?)(?P<kind>[a-zA-Z?])(?P<size>\d{0,9})(?P<unit>\[[0-9a-zA-Z]{1,12}\])?")
_TORCH = {
    **{f"f{n}": f"float{8 * n}" for n in (2, 4, 8)},
    **{f"i{n}": f"int{8 * n}" for n in (1, 2, 4, 8)},
    **{f"u{n}": f"uint{8 * n}" for n in (1, 2, 4, 8)},
    "c8": "complex64",
    "c16": "complex128",
    "b1": "bool",
}
"""NumPy's codes of the types that torch has too."""
_WIDE = {"f16": "float128", "c32": "complex256"}
"""And of those it hasn't; their bytes hold padding, and how many bits are used depends on the machine."""
MAX_ITEM_BYTES = 1 << 16
"""Bytes of one structured element or text; files are read in blocks of whole elements."""
_BYTES_A_CHARACTER = 4


class HeaderDefectError(DefectError):
    """A header that can't be read."""


class ElementType(Struct, frozen=True, kw_only=True):
    """Type of an array's elements.

    Attributes:
        name: torch's name, else NumPy's code without its byte order.
        itemsize: Bytes an element.
        byteorder: Of numbers; None where bytes have no order, or more than one.
        fields: Description of a structured type, cut to a readable length.
        has_objects: Whether elements are Python objects.
    """

    name: str
    itemsize: int
    byteorder: ByteOrder | None = None
    fields: str = ""
    has_objects: bool = False


class Header(Struct, frozen=True, kw_only=True):
    """What a header says.

    Attributes:
        element: Type of the elements.
        shape: Sizes.
        fortran_order: Whether the first dimension is the one that runs fastest.
        data_start: First byte behind the header.
    """

    element: ElementType
    shape: tuple[int, ...]
    fortran_order: bool
    data_start: int

    @property
    def data_bytes(self) -> int:
        """Bytes of the elements."""
        return prod(self.shape) * self.element.itemsize

    @property
    def strides(self) -> tuple[int, ...]:
        """Steps in elements."""
        sizes = [max(1, n) for n in self.shape]
        if self.fortran_order:
            return tuple(prod(sizes[:i]) for i in range(len(sizes)))
        return tuple(prod(sizes[i + 1 :]) for i in range(len(sizes)))


class ArrayListing(Struct):
    """The arrays of a file, as they are read one by one.

    Attributes:
        budget: Shared by the pickles of object arrays.
    """

    budget: Budget = field(default_factory=Budget)
    roots: list[Root] = field(default_factory=list)
    slots: dict[str, StorageSlot] = field(default_factory=dict)
    objects: list[ObjectEntry] = field(default_factory=list)
    globals: set[Global] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    expected_bytes: int = 0

    def add(self, name: str, segment: Segment, head: bytes) -> None:
        """Take in the array of a segment whose first bytes are ``head``."""
        try:
            header = read_header(head)
        except HeaderDefectError as defect:
            self.findings.append(Finding(code=defect.code, severity="error", where=name, found=defect.found))
            return
        if header.element.has_objects:
            self._add_objects(name, segment, header)
        elif not 0 < header.element.itemsize <= MAX_ITEM_BYTES:
            found = f"{header.element.name}{header.shape}"
            self.findings.append(Finding(code="dtype-unknown", severity="note", where=name, found=found))
        else:
            self._add_array(name, segment, header)

    def _add_array(self, name: str, segment: Segment, header: Header) -> None:
        element, key = header.element, f"{name}#{len(self.slots)}" if name in self.slots else name
        data = SliceSegment(segment, header.data_start, header.data_bytes)
        size = header.data_bytes
        self.slots[key] = StorageSlot(
            key=key, record=name, declared_bytes=size, itemsize=element.itemsize, segment=data
        )
        value = TensorValue(
            storage=StorageRef(key, element.name, element.itemsize),
            dtype=element.name,
            itemsize=element.itemsize,
            shape=header.shape,
            strides=header.strides,
            byteorder=element.byteorder or "little",
        )
        self.roots.append(Root(value=value, prefix=name))
        self.expected_bytes = header.data_start + size
        if element.fields:
            self.findings.append(Finding(code="numpy-structured", severity="note", where=name, found=element.fields))

    def index(self, kind: ContainerFormat, records: int = 0) -> Index:
        """Return what was read."""
        return Index(
            format=kind,
            records=records,
            roots=tuple(self.roots),
            slots=tuple(self.slots.values()),
            globals=frozenset(self.globals),
            objects=tuple(self.objects),
            findings=tuple(self.findings),
        )

    def _add_objects(self, name: str, segment: Segment, header: Header) -> None:
        named, findings = collect_globals(segment, header.data_start, self.budget, name)
        self.globals.update(named)
        self.findings.append(Finding(code="numpy-objects", severity="warning", where=name))
        self.findings.extend(findings)
        self.objects.append(ObjectEntry(path=name, type="numpy.ndarray", text=f"object{header.shape}"))


def read_numpy(segment: Segment) -> Index:
    """Read a ``.npy`` file."""
    listing = ArrayListing()
    listing.add(ROOT_TENSOR_NAME, segment, segment.read(0, _PREAMBLE_BYTES + MAX_HEADER_BYTES))
    surplus = segment.size - listing.expected_bytes
    if listing.expected_bytes and surplus > 0:
        expected, found = str(listing.expected_bytes), str(segment.size)
        listing.findings.append(Finding(code="file-long", severity="warning", expected=expected, found=found))
    return replace(listing.index("numpy"), expected_bytes=listing.expected_bytes)


def read_header(head: bytes) -> Header:
    """Read the header of an array from its first bytes.

    Raises:
        HeaderDefectError: It ends too early or says what can't be.
    """
    major = head[6] if len(head) >= _PREAMBLE_BYTES else 0
    if not head.startswith(MAGIC) or major not in {1, 2, 3}:
        raise HeaderDefectError("numpy-header-malformed", printable(repr(head[:8])))
    layout = struct.Struct("<H" if major == 1 else "<I")
    (length,) = layout.unpack_from(head, 8)
    start = 8 + layout.size
    if length > MAX_HEADER_BYTES:
        raise HeaderDefectError("numpy-header-malformed", f"{length} B")
    text = head[start : start + length]
    if len(text) < length:
        raise HeaderDefectError("numpy-header-truncated", f"{len(text)} B")
    return _interpret(text.decode("utf-8" if major == 3 else "latin-1", "backslashreplace"), start + length)  # noqa: PLR2004 - version 3.0


def _interpret(text: str, data_start: int) -> Header:
    try:
        fields = parse_literal(text)
        order, shape = fields["fortran_order"], fields["shape"]
        element = _element_type(fields["descr"], 0)
    except (ValueError, KeyError, TypeError, IndexError):
        raise HeaderDefectError("numpy-header-malformed", cut(text.strip())) from None
    shape = (shape,) if type(shape) is int else shape
    right = isinstance(shape, tuple) and len(shape) <= MAX_DIMENSIONS and all(type(n) is int for n in shape)
    if not right or not isinstance(order, bool) or min(shape, default=0) < 0:
        raise HeaderDefectError("numpy-header-malformed", cut(text.strip()))
    header = Header(element=element, shape=shape, fortran_order=order, data_start=data_start)
    if max(prod(max(1, n) for n in shape), header.data_bytes).bit_length() > _MAX_BITS:
        raise HeaderDefectError("numpy-header-malformed", cut(text.strip()))
    return header


def _element_type(described: Any, depth: int) -> ElementType:  # noqa: ANN401 - a literal
    """Return the type that a description means.

    Raises:
        ValueError: It means none.
    """
    if isinstance(described, list):
        return _structured(described, depth)
    found = _TYPE.fullmatch(described) if isinstance(described, str) else None
    if found is None:
        raise ValueError("no type")
    kind, size = found["kind"], int(found["size"] or 0)
    if kind == "O":
        return ElementType(name="object", itemsize=max(1, size), has_objects=True)
    if kind in "SaVU":
        itemsize = size * (_BYTES_A_CHARACTER if kind == "U" else 1)
        return ElementType(name=f"{kind}{size}", itemsize=itemsize)
    if size == 0:
        raise ValueError("no size")
    byteorder: ByteOrder = "big" if found["order"] == ">" else "little"
    code = f"{'b' if kind == '?' else kind}{size}"
    name = (
        _TORCH.get(code)
        or _WIDE.get(code)
        or {"M": "datetime64", "m": "timedelta64"}.get(kind, code) + (found["unit"] or "")
    )
    return ElementType(name=name, itemsize=size, byteorder=byteorder if code in _TORCH else None)


def _structured(described: list[Any], depth: int) -> ElementType:
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    itemsize, has_objects = 0, False
    for member in described:
        if not isinstance(member, tuple) or not 2 <= len(member) <= 3:  # noqa: PLR2004 - name, type and perhaps a shape
            raise ValueError("no field")
        shape = member[2] if len(member) == 3 else ()  # noqa: PLR2004
        inner = _element_type(member[1], depth + 1)
        sizes = (shape,) if type(shape) is int else shape
        if not all(type(n) is int and 0 <= n < 1 << 31 for n in sizes) or len(sizes) > MAX_DIMENSIONS:
            raise ValueError("no shape")
        itemsize += inner.itemsize * prod(sizes)
        has_objects = has_objects or inner.has_objects
    return ElementType(name=f"V{itemsize}", itemsize=itemsize, fields=cut(repr(described)), has_objects=has_objects)

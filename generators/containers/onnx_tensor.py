"""One tensor of an ONNX model: what describes it, and where its values lie.

Source: ``TensorProto`` in ``onnx/onnx.proto`` of ONNX 1.23.
"""

from __future__ import annotations

from math import prod

from msgspec import Struct, field

from generators.containers.dtypes import ITEMSIZE_BYTES
from generators.containers.segments import MemorySegment, Segment, SliceSegment
from generators.containers.varint_segment import VarintSegment
from generators.containers.wire import LENGTH, Field, WireReader

MAX_NAME_BYTES = 4096
MAX_DIMENSIONS = 64
_MAX_BITS = 56
_FLOATS, _TEXTS, _DOUBLES = 4, 6, 10
_IS_EXTERNAL = 1
_MAX_EXTERNAL_KEYS = 16

TYPES: dict[int, tuple[str, int]] = {
    1: ("float32", 1),
    2: ("uint8", 1),
    3: ("int8", 1),
    4: ("uint16", 1),
    5: ("int16", 1),
    6: ("int32", 1),
    7: ("int64", 1),
    9: ("bool", 1),
    10: ("float16", 1),
    11: ("float64", 1),
    12: ("uint32", 1),
    13: ("uint64", 1),
    14: ("complex64", 1),
    15: ("complex128", 1),
    16: ("bfloat16", 1),
    17: ("float8_e4m3fn", 1),
    18: ("float8_e4m3fnuz", 1),
    19: ("float8_e5m2", 1),
    20: ("float8_e5m2fnuz", 1),
    21: ("uint4", 2),
    22: ("int4", 2),
    23: ("float4_e2m1fn", 2),
    24: ("float8_e8m0fnu", 1),
    25: ("uint2", 4),
    26: ("int2", 4),
}
"""Name of each ``DataType``, and elements a byte for those of less than 8 bits."""
STRING_TYPE = 8


class TensorMessage(Struct):
    """What a message says of a tensor.

    Attributes:
        name: Its name. Hostile text.
        type_code: Its ``DataType``.
        dims: Its sizes.
        raw: The field of its values as they lie in memory.
        typed: Fields of its values by type.
        external: Where its values lie in another file: keys and texts.
        is_external: Whether its values lie in another file.
    """

    name: str = ""
    type_code: int = 0
    dims: list[int] = field(default_factory=list)
    raw: Field | None = None
    typed: list[Field] = field(default_factory=list)
    external: dict[str, str] = field(default_factory=dict)
    is_external: bool = False

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Sizes, or None when they can't be."""
        if len(self.dims) > MAX_DIMENSIONS or min(self.dims, default=0) < 0:
            return None
        return tuple(self.dims) if prod(max(1, n) for n in self.dims).bit_length() <= _MAX_BITS else None


def read_tensor(wire: WireReader, at: Field) -> TensorMessage:
    """Read the message of a tensor.

    Raises:
        WireDefectError: It is none, or ends early.
    """
    message = TensorMessage()
    for found in wire.read_fields(at.start, at.end):
        match found.number:
            case 1:  # dims
                message.dims += wire.read_numbers(found, MAX_DIMENSIONS + 1)[: MAX_DIMENSIONS + 1 - len(message.dims)]
            case 2:  # data_type
                message.type_code = found.value
            case 8 if found.kind == LENGTH:  # name
                message.name = wire.read_text(found, MAX_NAME_BYTES)
            case 9 if found.kind == LENGTH:  # raw_data
                message.raw = found
            case 4 | 5 | 6 | 7 | 10 | 11:  # float_data and its like
                message.typed = [*message.typed[:1], found]
            case 13 if len(message.external) < _MAX_EXTERNAL_KEYS:  # external_data
                message.external |= _read_pair(wire, found)
            case 14:  # data_location
                message.is_external = found.value == _IS_EXTERNAL
    return message


def item_bytes(dtype: str) -> int:
    """Return the bytes of an element, or of the byte that holds several."""
    return ITEMSIZE_BYTES.get(dtype, 1)


def find_values(wire: WireReader, message: TensorMessage, declared_bytes: int) -> Segment | None:
    """Return the bytes of a tensor, None where the model has none that can be read."""
    if message.raw is not None:
        return _run(wire.segment, message.raw)
    if not message.typed:
        return MemorySegment(b"") if declared_bytes == 0 and not message.is_external else None
    values = message.typed[0]
    if len(message.typed) > 1 or values.kind != LENGTH or values.number == _TEXTS:
        return None
    run = _run(wire.segment, values)
    if values.number in {_FLOATS, _DOUBLES}:
        return run
    itemsize = item_bytes(TYPES[message.type_code][0])
    return VarintSegment(run, declared_bytes // itemsize, itemsize)


def _run(segment: Segment, values: Field) -> Segment:
    return SliceSegment(segment, values.start, values.end - values.start)


def _read_pair(wire: WireReader, at: Field) -> dict[str, str]:
    key = value = ""
    for found in wire.read_fields(at.start, at.end):
        if found.number == 1 and found.kind == LENGTH:
            key = wire.read_text(found, MAX_NAME_BYTES)
        elif found.kind == LENGTH:
            value = wire.read_text(found, MAX_NAME_BYTES)
    return {key: value}

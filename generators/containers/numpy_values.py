"""numpy's arrays, scalars and dtypes as a pickle describes them, without numpy.

An array of numbers is a tensor like any other: checkpoints keep weights in
them. Arrays of text, records or dates are described by their dtype and shape.

Source: ``array_reduce``, ``array_setstate`` and ``arraydescr_reduce`` in
``numpy/_core/src/multiarray/`` and ``_frombuffer`` in ``numpy/_core/numeric.py``
of numpy 2.4.
"""

from __future__ import annotations

import datetime as dt
import struct
from functools import lru_cache

from msgspec import Struct

from generators.containers.dtypes import ITEMSIZE_BYTES
from generators.containers.values import ByteRun, Global, Opaque, Value
from generators.model.checkpoint import ByteOrder

MAX_DIMENSIONS = 64
"""Source: ``NPY_MAXDIMS`` of numpy 2."""
_MAX_SIZE_BITS = 56
_ARRAY_CLASSES = {"numpy.ndarray", "numpy.memmap", "numpy.matrix"}
_RECONSTRUCT = {"numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"}
_FROM_BUFFER = {"numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer"}
_SCALAR = {"numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"}
_DTYPES = {
    "b1": "bool",
    **{f"f{n}": f"float{8 * n}" for n in (2, 4, 8)},
    **{f"i{n}": f"int{8 * n}" for n in (1, 2, 4, 8)},
    **{f"u{n}": f"uint{8 * n}" for n in (1, 2, 4, 8)},
    **{f"c{n}": f"complex{8 * n}" for n in (8, 16)},
}
"""numpy's type codes that torch has too."""
_STRUCT_CODES = {"bool": "?", "float16": "e", "float32": "f", "float64": "d", "complex64": "ff", "complex128": "dd"} | {
    f"{sign}int{8 * n}": code.upper() if sign else code
    for sign in ("", "u")
    for n, code in ((1, "b"), (2, "h"), (4, "i"), (8, "q"))
}
_MICROSECONDS = {"W": 604_800_000_000, "D": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000} | {
    "ms": 1_000,
    "us": 1,
}
"""Units of dates and durations that a ``datetime`` can hold."""


class ArrayValue(Struct, frozen=True, eq=False):
    """An array of numbers.

    Attributes:
        data: Its bytes: ``bytes``, a run of the file, or text that spells bytes.
        dtype: torch's name.
        byteorder: Of the bytes.
        shape: Sizes.
        strides: In elements.
    """

    data: Value
    dtype: str
    byteorder: ByteOrder
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_array(value: Opaque) -> ArrayValue | None:
    """Return the array of numbers that a value is, else None."""
    parts = _array_parts(value)
    if parts is None:
        return None
    shape, dtype_value, order, data = parts
    dtype, byteorder = number_dtype(dtype_value)
    if dtype is None or not isinstance(data, bytes | ByteRun | Opaque) or not _is_shape(shape):
        return None
    if order == "F":
        return ArrayValue(data, dtype, byteorder, shape, tuple(reversed(_row_major(shape[::-1]))))
    return ArrayValue(data, dtype, byteorder, shape, _row_major(shape))


def array_items(value: Opaque) -> list[Value] | None:
    """Return the items of an array of objects, else None."""
    parts = _array_parts(value)
    return parts[3] if parts and isinstance(parts[3], list) else None


def describe_array(value: Opaque) -> str | None:
    """Return the type code and shape of an array of anything, else None."""
    parts = _array_parts(value)
    if parts is None or not _is_shape(parts[0]):
        return None
    return f"{dtype_name(parts[1])}({', '.join(map(str, parts[0]))})"


def read_scalar(value: Opaque) -> tuple[str, str, int | float | None] | None:
    """Return the type, text and number of a numpy scalar, else None."""
    match value:
        case Opaque(kind=kind, args=(Opaque(kind="numpy.dtype") as dtype, bytes() as data, *_)) if kind in _SCALAR:
            return _scalar(dtype, data)
        case _:
            return None


def number_dtype(value: Value) -> tuple[str | None, ByteOrder]:
    """Return torch's name of a numpy dtype, None where torch has none, and its byte order."""
    if not (isinstance(value, Opaque) and value.kind == "numpy.dtype" and value.args):
        return None, "little"
    code = value.args[0]
    if isinstance(code, Global):
        # bfloat16 and the float8 kinds, which numpy hasn't
        known = code.module == "ml_dtypes" and code.name in ITEMSIZE_BYTES
        return (code.name if known else None), "little"
    big = _byte_order(value) == ">" or (isinstance(code, str) and code.startswith(">"))
    return _DTYPES.get(_code(value)), "big" if big else "little"


def dtype_name(value: Value) -> str:
    """Return how a numpy dtype is called."""
    name, byteorder = number_dtype(value)
    if name is not None:
        return name if byteorder == "little" else f">{name}"
    if isinstance(value, Opaque) and value.args and isinstance(value.args[0], Global):
        return value.args[0].path
    return _code(value)


def _array_parts(value: Opaque) -> tuple[tuple[int, ...], Value, str, Value] | None:
    """Return shape, dtype, order (C or F) and data."""
    match value:
        case Opaque(
            kind=kind,
            args=(Global() as array_class, *_),
            states=[(_, tuple() as shape, dtype, fortran, data) | (tuple() as shape, dtype, fortran, data), *_],
        ) if kind in _RECONSTRUCT and array_class.path in _ARRAY_CLASSES:
            return shape, dtype, "F" if fortran is True and len(shape) > 1 else "C", data
        case Opaque(kind=kind, args=(data, dtype, tuple() as shape, "C" | "F" as order)) if kind in _FROM_BUFFER:
            return shape, dtype, order, data
        case _:
            return None


def _is_shape(shape: tuple[Value, ...]) -> bool:
    """Whether sizes are numbers, and few enough that they and their strides can be."""
    if len(shape) > MAX_DIMENSIONS or not all(type(n) is int and n >= 0 for n in shape):
        return False
    bits = sum(int(n).bit_length() for n in shape)
    return bits <= _MAX_SIZE_BITS + len(shape)


@lru_cache(maxsize=256)
def _row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    steps, step = [], 1
    for size in reversed(shape):
        steps.append(step)
        step *= max(1, size)
    return tuple(reversed(steps))


def _code(dtype: Value) -> str:
    code = dtype.args[0] if isinstance(dtype, Opaque) and dtype.args else ""
    return code.lstrip("<>|=") if isinstance(code, str) else ""


def _byte_order(dtype: Opaque) -> str:
    match dtype.states:
        case [(_, ">", *_), *_]:
            return ">"
        case _:
            return "<"


def _scalar(dtype: Opaque, data: bytes) -> tuple[str, str, int | float | None] | None:
    name, code, order = number_dtype(dtype)[0], _code(dtype), _byte_order(dtype)
    try:
        if name is not None:
            return _number(name, struct.unpack(order + _STRUCT_CODES[name], data))
        match code[:1]:
            case "U":
                return "numpy.str_", data.decode("utf-32-be" if order == ">" else "utf-32-le").rstrip("\0"), None
            case "S":
                return "numpy.bytes_", repr(data.rstrip(b"\0"))[2:-1], None
            case "M" | "m":
                return _moment(code[:1], dtype, *struct.unpack(f"{order}q", data))
            case _:
                return None
    except (struct.error, UnicodeDecodeError, OverflowError, KeyError):
        return None


def _number(name: str, parts: tuple[int | float, ...]) -> tuple[str, str, int | float | None]:
    if len(parts) > 1:
        return f"numpy.{name}", repr(complex(*parts)), None
    value = parts[0]
    return f"numpy.{name}", repr(value), None if isinstance(value, bool) else value


def _moment(kind: str, dtype: Opaque, count: int) -> tuple[str, str, None] | None:
    """Return a date (M) or a duration (m); the dtype's state ends with (metadata, (unit, how many, ...))."""
    match dtype.states:
        case [(*_, (_, (str() | bytes() as unit, int() as step, *_)))]:
            unit = unit.decode("ascii", "backslashreplace") if isinstance(unit, bytes) else unit
        case _:
            return None
    name = "numpy.datetime64" if kind == "M" else "numpy.timedelta64"
    if unit not in _MICROSECONDS or step.bit_length() > _MAX_SIZE_BITS:
        return name, f"{count} {unit}", None
    duration = dt.timedelta(microseconds=count * step * _MICROSECONDS[unit])
    if kind == "m":
        return name, str(duration), None
    return name, (dt.datetime(1970, 1, 1) + duration).isoformat(), None  # noqa: DTZ001 - numpy's have no zone

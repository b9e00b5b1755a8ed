"""Values that aren't tensors, as text."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from generators.containers.global_policy import printable
from generators.containers.values import ByteRun, Global, Opaque, PickleDict, PickleSet, StorageRef, Value
from generators.model.checkpoint import ObjectEntry

MAX_TEXT_CHARACTERS = 200
"""Long enough for a path or a command line; the rest is cut."""
_MAX_DECIMAL_BITS = 4096
_MAX_NUMBER_BITS = 63
_MAX_SHOWN_ITEMS = 16
_NUMPY_SCALARS = {
    **{f"f{n}": (code, f"float{8 * n}") for n, code in ((2, "e"), (4, "f"), (8, "d"))},
    **{f"i{n}": (code, f"int{8 * n}") for n, code in ((1, "b"), (2, "h"), (4, "i"), (8, "q"))},
    **{f"u{n}": (code, f"uint{8 * n}") for n, code in ((1, "B"), (2, "H"), (4, "I"), (8, "Q"))},
    "b1": ("?", "bool"),
}
"""numpy's type codes: how :mod:`struct` reads them, and numpy's names."""


def describe_leaf(path: str, value: Value) -> ObjectEntry:
    """Return the entry of a non-tensor value."""
    if isinstance(value, Opaque):
        return _describe_object(path, value)
    type_name, text = _type_and_text(value)
    return ObjectEntry(path=path, type=type_name, text=cut(text), number=_number(value))


def key_text(key: Value) -> str:
    """Return a dict key as a segment of a name."""
    if key.__class__ is str:
        return printable(key)
    if isinstance(key, bytes):
        return key.decode("utf-8", "backslashreplace")
    return _short_text(key)


def cut(text: str) -> str:
    """Return text at a readable length."""
    if len(text) > MAX_TEXT_CHARACTERS:
        text = text[: MAX_TEXT_CHARACTERS - 1] + "…"
    return printable(text)


def _number(value: Value) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # JSON readers and encoders stop at 64 bits; the text has the whole number
    return value if isinstance(value, float) or value.bit_length() <= _MAX_NUMBER_BITS else None


def _type_and_text(value: Value) -> tuple[str, str]:
    match value:
        case None:
            return "none", "None"
        case bool():
            return "bool", str(value)
        case int():
            return "int", _integer_text(value)
        case float():
            return "float", repr(value)
        case str():
            return "str", value
        case bytes():
            return "bytes", _bytes_text(value)
        case ByteRun():
            return value.kind, f"{value.segment.size} B"
        case Global():
            return _global_type(value), value.path
        case StorageRef():
            return "torch.storage", value.key
        case _:
            return type(value).__name__, ""


def _global_type(value: Global) -> str:
    return "torch.dtype" if value.module == "torch" and value.name.islower() else "global"


def _integer_text(value: int) -> str:
    return str(value) if value.bit_length() <= _MAX_DECIMAL_BITS else f"{value:#x}"


def _bytes_text(value: bytes) -> str:
    return repr(value[:MAX_TEXT_CHARACTERS])[2:-1]


def _describe_object(path: str, value: Opaque) -> ObjectEntry:
    if value.kind.startswith("numpy."):
        entry = _describe_numpy(path, value)
        if entry is not None:
            return entry
    text = ", ".join(_short_text(a) for a in value.args[:_MAX_SHOWN_ITEMS])
    return ObjectEntry(path=path, type=cut(value.kind), text=cut(text))


def _short_text(value: Value) -> str:
    """Return one level of a value as text; never goes deeper than a tuple's items."""
    if isinstance(value, tuple | list):
        shown = ", ".join(_flat_text(v) for v in value[:_MAX_SHOWN_ITEMS])
        return f"({shown}{', …' if len(value) > _MAX_SHOWN_ITEMS else ''})"
    return _flat_text(value)


def _flat_text(value: Value) -> str:
    match value:
        case tuple() | list() | PickleDict() | PickleSet():
            return "…"
        case Opaque():
            return cut(value.kind)
        case str():
            return cut(value)
        case _:
            return cut(_type_and_text(value)[1])


def _describe_numpy(path: str, value: Opaque) -> ObjectEntry | None:
    match value:
        case Opaque(args=(Opaque(kind="numpy.dtype") as dtype, bytes() as data, *_)) if value.kind.endswith(".scalar"):
            return _describe_scalar(path, dtype, data)
        case Opaque(states=[(_, tuple() as shape, Opaque(kind="numpy.dtype") as dtype, *_), *_]):
            return ObjectEntry(path=path, type="numpy.ndarray", text=f"{_dtype_code(dtype)}{_short_text(shape)}")
        case _:
            return None


def _describe_scalar(path: str, dtype: Opaque, data: bytes) -> ObjectEntry | None:
    known = _NUMPY_SCALARS.get(_dtype_code(dtype))
    if known is None:
        return None
    code, name = known
    try:
        (number,) = struct.unpack(_byte_order(dtype.states) + code, data)
    except struct.error:
        return None
    return ObjectEntry(path=path, type=f"numpy.{name}", text=repr(number), number=_number(number))


def _dtype_code(dtype: Opaque) -> str:
    code = dtype.args[0] if dtype.args else ""
    return cut(code.lstrip("<>|=")) if isinstance(code, str) else ""


def _byte_order(states: Sequence[Value]) -> str:
    match states:
        case [(_, ">", *_), *_]:
            return ">"
        case _:
            return "<"

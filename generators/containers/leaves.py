"""Values that aren't tensors, as text."""

from __future__ import annotations

from generators.containers.global_policy import printable
from generators.containers.numpy_values import describe_array, read_scalar
from generators.containers.readable import MAX_SHOWN_ITEMS, readable_text
from generators.containers.values import ByteRun, Global, Opaque, PickleDict, PickleSet, StorageRef, Value
from generators.model.checkpoint import ObjectEntry

MAX_TEXT_CHARACTERS = 200
"""Long enough for a path or a command line; the rest is cut."""
_MAX_DECIMAL_BITS = 4096
_MAX_NUMBER_BITS = 63


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
    scalar = read_scalar(value)
    if scalar is not None:
        type_name, text, number = scalar
        return ObjectEntry(path=path, type=type_name, text=cut(text), number=_number(number))
    array = describe_array(value)
    if array is not None:
        return ObjectEntry(path=path, type="numpy.ndarray", text=cut(array))
    shown = readable_text(value)
    if shown is None:
        shown = ", ".join(_short_text(a) for a in value.args[:MAX_SHOWN_ITEMS])
    return ObjectEntry(path=path, type=cut(value.kind), text=cut(shown))


def _short_text(value: Value) -> str:
    """Return one level of a value as text; never goes deeper than a tuple's items."""
    if isinstance(value, tuple | list):
        shown = ", ".join(_flat_text(v) for v in value[:MAX_SHOWN_ITEMS])
        return f"({shown}{', …' if len(value) > MAX_SHOWN_ITEMS else ''})"
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

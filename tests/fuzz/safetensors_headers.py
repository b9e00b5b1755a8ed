"""safetensors files whose header is written as text, so that it can say what no JSON library writes."""

from __future__ import annotations

import json
from math import prod

from builders import safetensors_bytes
from fuzz.choices import Choices

_SIZES = {"F32": 4, "F64": 8, "I8": 1, "U8": 1, "BOOL": 1, "BF16": 2, "F16": 2, "F8_E4M3": 1, "I64": 8, "C64": 8}
_ODD_DTYPES = ("F4", "F6_E2M3", "F8_E8M0", "f32", "", "\ud800", "F32 ", "U128", "F8_E5M2", "U16", "U32", "U64", "I16")
_ODD_TEXTS = (
    '"x"',
    "null",
    "true",
    "1.5",
    "-1",
    "[]",
    "{}",
    "NaN",
    "1e3",
    "[[]]",
    '"\\ud800"',
    "1" * 40,
    "-0",
    "[0,0,0]",
)
_NAMES = ("a", "b.weight", "__metadata__", "", "\\u0000", "\\ud83d", "\u202e", "é", "\\u0061", "x" * 300, "a\\nb")
_SPACES = ("", " ", "\n", "\t ", " " * 7)


def safetensors_file(c: Choices) -> bytes:
    """Return a file whose header and data belong together for the most part."""
    tensors, data_bytes = [], 0
    for n in range(c.below(5)):
        entry, size_bytes = _entry(c, data_bytes)
        name = c.pick(_NAMES) if c.one_in(4) else f"t{n}"
        tensors.append((name, entry))
        data_bytes += size_bytes
    if c.one_in(6):
        tensors.reverse()
    if c.one_in(4):
        tensors.insert(c.below(len(tensors) + 1), ("__metadata__", _metadata(c)))
    space = c.pick(_SPACES)
    text = "{" + ",".join(f'{space}"{name}":{entry}' for name, entry in tensors) + "}"
    header = _wound(c, text.encode("utf-8", "surrogatepass"))
    data = bytes(n & 0xFF for n in range(c.lie(data_bytes, 12, 16)))
    length = c.lie(len(header), 64, 16)
    return safetensors_bytes(header, data, length=length)


def _entry(c: Choices, start: int) -> tuple[str, int]:
    """Return a tensor's entry and the bytes that it takes."""
    dtype = c.pick(sorted(_SIZES))
    shape = [c.below(4) for _ in range(c.below(4))]
    size_bytes = prod(shape) * _SIZES[dtype]
    told_dtype = c.pick(_ODD_DTYPES) if c.one_in(12) else dtype
    told_shape = [c.lie(n, 64, 24) for n in shape]
    offsets = [c.lie(start, 64, 24), c.lie(start + size_bytes, 64, 24)]
    fields = {
        "dtype": json.dumps(told_dtype),
        "shape": json.dumps(told_shape),
        "data_offsets": json.dumps(offsets),
    }
    if c.one_in(12):
        fields[c.pick(sorted(fields))] = c.pick(_ODD_TEXTS)
    keys = list(fields)
    if c.one_in(16):
        keys.append(c.pick(keys))
    if c.one_in(16):
        keys.remove(c.pick(keys))
    more = ',"more":1' if c.one_in(24) and keys else ""
    return "{" + ",".join(f'"{key}":{fields[key]}' for key in keys) + more + "}", size_bytes


def _metadata(c: Choices) -> str:
    if c.one_in(4):
        return c.pick(_ODD_TEXTS)
    return json.dumps({c.pick(("format", "\x1b[2J", "")): c.pick(("pt", "\u202e", "{}"))})


def _wound(c: Choices, header: bytes) -> bytes:
    """Return the header with what JSON has no place for, once in a while."""
    match c.below(16):
        case 11:
            return header + b" " * c.below(16)
        case 12:
            return b"{" * c.pick((2, 2000, 60_000)) + header
        case 13:
            at = c.below(len(header) + 1)
            return header[:at] + c.raw(4) + header[at:]
        case 14:
            return header + header
        case 15:
            return b"\xef\xbb\xbf" + header
        case _:
            return header

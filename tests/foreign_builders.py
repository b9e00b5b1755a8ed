"""Files of other programs' formats, written byte by byte: ONNX, GGUF, NumPy."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any


def varint(value: int) -> bytes:
    """Return a protocol-buffer varint; a negative number takes ten bytes."""
    value &= (1 << 64) - 1
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def message(*fields: tuple[int, int | bytes | str]) -> bytes:
    """Return a protocol-buffer message: a whole number is a varint, everything else has a length."""
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts.append(varint(number << 3) + varint(value))
        else:
            data = value.encode() if isinstance(value, str) else value
            parts.append(varint(number << 3 | 2) + varint(len(data)) + data)
    return b"".join(parts)


def onnx_tensor(name: str, type_code: int, dims: Sequence[int], *values: tuple[int, int | bytes | str]) -> bytes:
    """Return a ``TensorProto``; ``values`` are its fields of values: ``(9, raw_data)``."""
    return message(*((1, size) for size in dims), (2, type_code), (8, name), *values)


def onnx_model(*graph: tuple[int, int | bytes | str], more: Sequence[tuple[int, int | bytes | str]] = ()) -> bytes:
    """Return a ``ModelProto`` with a graph of these fields."""
    return message((1, 8), (2, "tests"), (7, message(*graph)), (8, message((2, 18))), *more)


def gguf_text(text: str, *, order: str = "<", wide: bool = True) -> bytes:
    """Return a text with its length in front."""
    return struct.pack(f"{order}{'Q' if wide else 'I'}", len(text.encode())) + text.encode()


def gguf_bytes(
    tensors: Sequence[tuple[str, Sequence[int], int, bytes]],
    metadata: Mapping[str, tuple[int, bytes]] | None = None,
    *,
    version: int = 3,
    order: str = "<",
    alignment: int = 32,
    offsets: Mapping[str, int] | None = None,
) -> bytes:
    """Return a GGUF file.

    Args:
        tensors: (name, sizes with the fastest first, type, data) each.
        metadata: Type and bytes of each value.
        version: Of the format.
        order: ``<`` or ``>``.
        alignment: Of the tensors' data.
        offsets: Offsets that differ from where the data are.
    """
    wide = version > 1
    long = f"{order}{'Q' if wide else 'I'}"
    head = b"GGUF" + struct.pack(f"{order}I", version)
    head += struct.pack(long, len(tensors)) + struct.pack(long, len(metadata or {}))
    for key, (code, data) in (metadata or {}).items():
        head += gguf_text(key, order=order, wide=wide) + struct.pack(f"{order}I", code) + data
    body = b""
    for name, sizes, code, data in tensors:
        head += gguf_text(name, order=order, wide=wide) + struct.pack(f"{order}I", len(sizes))
        head += b"".join(struct.pack(long, size) for size in sizes)
        head += struct.pack(f"{order}IQ", code, (offsets or {}).get(name, len(body)))
        body += data + bytes(-len(data) % alignment)
    return head + bytes(-len(head) % alignment) + body


def npy_bytes(header: Any, data: bytes, *, version: int = 1, length: int | None = None) -> bytes:
    """Return a NumPy file; ``header`` is a dict or its text, ``length`` overrides what the file declares."""
    text = header.encode("utf-8") if isinstance(header, str) else repr(header).encode("utf-8")
    text += b"\n"
    size = len(text) if length is None else length
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", size) + text + data


def npy_header(descr: Any, shape: tuple[int, ...], *, fortran: bool = False) -> dict[str, Any]:
    """Return the fields of a NumPy header."""
    return {"descr": descr, "fortran_order": fortran, "shape": shape}

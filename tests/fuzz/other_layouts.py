"""Files of the other formats, and archives around them, built whole and then damaged here and there."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Callable

from builders import legacy_bytes, pickle_bytes, tensor_call
from foreign_builders import gguf_bytes, gguf_text, message, npy_bytes, npy_header, onnx_model, onnx_tensor
from fuzz.choices import Choices
from fuzz.pickle_programs import carried, pickle_program, value
from fuzz.safetensors_headers import safetensors_file

_DESCRIPTIONS = (
    "<f4",
    ">i8",
    "|O",
    "|b1",
    "<U3",
    "<M8[ns]",
    "|V3",
    "<c16",
    "f",
    "<f16",
    "<f4, <i4",
    "",
    "<U99999999999",
)


def other_file(c: Choices) -> bytes:
    """Return a file of any of the formats, whole or not."""
    data = c.pick(_MAKERS)(c)
    if c.one_in(5):
        data = wrapped(c, data)
    for _ in range(c.below(3)):
        at = c.below(min(len(data), 1 << 16) + 1)
        data = data[:at] + c.raw(4) + data[at + c.below(5) :]
    return data


def wrapped(c: Choices, data: bytes) -> bytes:
    """Return a file inside an archive."""
    match c.below(3):
        case 0:
            return gzip.compress(data, mtime=0)
        case 1:
            stream = io.BytesIO()
            with zipfile.ZipFile(stream, "w", c.pick((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
                archive.writestr("m.pth", data)
            return stream.getvalue()
        case _:
            return _tar(c, {"m.pth": data})


def _tar(c: Choices, members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    layout = c.pick((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))
    with tarfile.open(fileobj=stream, mode="w", format=layout) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1
            info.type = c.pick((b"0", b"0", b"\0", b"7", b"S", b"2", b"x", b"g", b"L", b"5")) if c.one_in(8) else b"0"
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def _torch_tar(c: Choices) -> bytes:
    storages = pickle_bytes(c.lie(1, 31)) + pickle_bytes((0, "cpu", value(c))) + struct.pack("<q", 2) + bytes(8)
    storages += pickle_bytes([(5, 0, c.lie(0, 63), c.lie(1, 63))] if c.one_in(3) else [])
    dimensions = c.lie(1, 31)
    tensors = pickle_bytes(c.lie(1, 31)) + pickle_bytes((1, c.lie(0, 8), value(c)))
    tensors += struct.pack("<I4x3Q", dimensions, c.lie(2), c.lie(1), c.lie(0))
    members = {
        "sys_info": pickle_bytes({}),
        "pickle": pickle_program(c, most=12),
        "tensors": tensors,
        "storages": storages,
    }
    return _tar(c, members)


def _legacy(c: Choices) -> bytes:
    tail = [("0", c.lie(4, 63), bytes(16)), (c.pick(("1", "0", "\0")), c.lie(0, 63), c.raw(12))]
    root = pickle_bytes({"w": tensor_call("0", (c.lie(2, 60), 2), legacy=(None,)), "x": value(c)}, c.pick((2, 4)))
    return legacy_bytes(root, tail)


def _npy(c: Choices) -> bytes:
    shape = tuple(c.lie(n + 1, 64, 12) for n in range(c.below(4)))
    header: object = npy_header(c.pick(_DESCRIPTIONS), shape, fortran=c.one_in(3))
    if c.one_in(5):
        nested = c.pick(("(", "[", "{1:", "-", "'")) * c.pick((1, 50, 5000))
        header = f"{{'descr': {nested}, 'shape': {shape}}}"
    text = header if isinstance(header, str) else repr(header)
    length = c.number(len(text) + 1, 16) if c.one_in(10) else None
    return npy_bytes(text, c.raw(64) + pickle_program(c, most=8), version=c.pick((1, 2, 3)), length=length)


def _npz(c: Choices) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", c.pick((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for n in range(1 + c.below(3)):
            archive.writestr(f"{n}.npy", _npy(c))
    return stream.getvalue()


def _gguf(c: Choices) -> bytes:
    kinds: tuple[tuple[int, bytes], ...] = (
        (8, gguf_text("x")),
        (8, struct.pack("<Q", c.number(1)) + b"x"),
        (9, struct.pack("<IQ", c.lie(4, 32), c.lie(2)) + bytes(8)),
        (9, struct.pack("<IQ", 9, 1) * c.pick((1, 20, 3000))),
        (c.number(4, 32), bytes(8)),
    )
    metadata = {key: c.pick(kinds) for key in ("general.name", "n")[: c.below(3)]}
    tensors = [
        (f"t{n}", [c.lie(32, 64) for _ in range(c.below(4))], c.pick((0, 2, 8, 1, 30, 99)), bytes(34))
        for n in range(c.below(4))
    ]
    return gguf_bytes(tensors, metadata, version=c.pick((3, 2)), offsets={"t0": c.lie(0)})


def _onnx(c: Choices) -> bytes:
    dims = [c.lie(n + 1) for n in range(c.below(4))]
    values = c.pick(((9, bytes(range(24))), (4, bytes(24)), (7, b"\1\2\xff\xff\x7f"), (14, 1), (5, c.number())))
    tensor = onnx_tensor("w\x1b", c.lie(1, 8), dims, values)
    node = (1, message((2, "y"), (3, "If"), (5, message((1, "then"), (6, message((5, tensor))), (20, 5)))))
    for _ in range(c.pick((0, 0, 2, 200))):
        node = (1, message((5, message((6, message(node))))))
    return onnx_model(node, (5, tensor), more=[(c.below(40) + 1, c.number()) for _ in range(c.below(3))])


def _shard_index(c: Choices) -> bytes:
    names = ("x-00001.safetensors", "../x", "/etc/passwd", "\0", "", ".", "a" * 300, "\ud800")
    mapping: object = {f"t{n}": c.pick(names) for n in range(c.below(5))} if not c.one_in(5) else c.pick(([], None, 3))
    document = {"metadata": {"total_size": c.number(), "x": c.pick((None, [], {"a": 1}, 1e300))}, "weight_map": mapping}
    return json.dumps(document).encode("utf-8", "surrogatepass")


def _text(c: Choices) -> bytes:
    heads = (
        b"version https://git-lfs.github.com/spec/v1\noid ",
        b"<!doctype html><title>",
        b"{",
        b"\x89HDF\r\n\x1a\n",
        b"",
    )
    return c.pick(heads) + c.raw(60)


_MAKERS: tuple[Callable[[Choices], bytes], ...] = (
    *(_legacy, _torch_tar, _npy, _npz, _gguf, _onnx, _shard_index, _text, carried, safetensors_file),
)

"""Zip archives that hold together for the most part, with headers, directories and ends that lie here and there."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from builders import directory_entry, local_header, pickle_bytes, tensor_call, zip64_end, zip_end
from fuzz.choices import Choices
from fuzz.pickle_programs import carried, pickle_program, value

_PLAIN = pickle_bytes({"w": tensor_call("0", (2, 3)), "t": tensor_call("0", (3, 2), strides=(1, 3))})
_STORAGE = bytes(range(24))
_NAMES = (
    *("a/data/0", "a/data/1", "a/version", "a/byteorder", "a/.data/serialization_id", "a/data.pkl", "data.pkl"),
    *("b/data.pkl", "a/constants.pkl", "a/code/x.py", "a/../x", "/x", "a\\data.pkl", "a/data.pkl\0", "A/DATA.PKL", ""),
    *("a/x.pkl", "w.npy", "x.npy", "m.pth", "m.safetensors", "a/archive_format", "a/data/weights/w", "a/" * 200, "é"),
    *("a/.format_version", "a/.storage_alignment", "a/data/weights/model_weights_config.json", "a/"),
)
_FLAGS = (0, 8, 0x800, 0x808, 1, 0x20, 0x40, 0x2000, 0xFFFF)
_METHODS = (0, 8, 9, 12, 14, 99, 0xFFFF)


def zip_archive(c: Choices) -> bytes:
    """Return an archive, or what became of one."""
    archive = _archive(c)
    match c.below(12):
        case 9:
            archive += _archive(c)
        case 10:
            archive = archive[: c.below(len(archive) + 1)]
        case 11:
            at = c.below(len(archive) + 1)
            archive = archive[:at] + c.raw(8) + archive[at + c.below(9) :]
        case _:
            pass
    return archive


def _archive(c: Choices) -> bytes:
    body, entries = c.raw(40) if c.one_in(12) else b"", []
    records = [("a/data.pkl", _index(c)), ("a/data/0", _STORAGE), ("a/version", b"3\n")]
    records += [(c.pick(_NAMES), _content(c)) for _ in range(c.below(4))]
    if c.one_in(4):
        c_first = c.below(len(records))
        records.insert(0, records.pop(c_first))
    for name, data in records:
        start = len(body)
        raw_name = name.encode("utf-8", "surrogatepass")
        local, entry, wide = _headers(c, raw_name, data, start)
        body += local
        entries.append(entry)
        if c.one_in(24):
            body += c.raw(16)
        if wide and c.one_in(4):
            entries.append(entry)
    if c.one_in(16):
        entries.reverse()
    if c.one_in(24):
        entries = entries[c.below(len(entries)) :]
    return body + _directory(c, body, entries)


def _index(c: Choices) -> bytes:
    return _PLAIN if not c.one_in(3) else pickle_program(c) if c.one_in(2) else pickle_bytes({"x": value(c)})


def _content(c: Choices) -> bytes:
    match c.below(8):
        case 0 | 1 | 2:
            return c.raw(30)
        case 3:
            return c.pick((b"little", b"big", b"", b"middle" * 9, b"pt2", b"1", b"64"))
        case 4:
            return bytes(c.pick((0, 1, 64, 4096, 70_000)))
        case 5:
            return _PLAIN
        case 6:
            return pickle_program(c, most=10)
        case _:
            return carried(c)


def _headers(c: Choices, name: bytes, data: bytes, start: int) -> tuple[bytes, bytes, bool]:
    """Return a record with all of its bytes, its entry in the directory, and whether that may come twice."""
    method = 8 if c.one_in(4) else 0
    packed = _deflated(data) if method else data
    true = {"crc": zlib.crc32(data), "stored": len(packed), "size": len(data), "method": method, "flags": 0}
    described = c.one_in(4)
    if described:
        true["flags"] = 8
    local: dict[str, Any] = dict(true)
    central: dict[str, Any] = dict(true)
    if described:
        local |= {"crc": 0, "stored": 0, "size": 0}
    _widen(c, local, central, start)
    for told in (local, central):
        if c.one_in(10):
            _twist(c, told)
    position = min(central.pop("position", start), 0xFFFFFFFF)
    own_name = c.pick(_NAMES).encode() if c.one_in(30) else name
    record = local_header(own_name, data, **local) + packed
    if described:
        record += _descriptor(c, true)
    twice = position != start
    position = c.lie(position, 32, 30)
    return record, directory_entry(name, data, position, **central), twice


def _widen(c: Choices, local: dict[str, Any], central: dict[str, Any], start: int) -> None:
    """Say some of it in a zip64 field instead."""
    if not c.one_in(6):
        return
    extra = b""
    for key in ("size", "stored"):
        if c.one_in(2):
            extra += struct.pack("<Q", c.lie(central[key], 64))
            central[key] = 0xFFFFFFFF
    if c.one_in(2):
        extra += struct.pack("<Q", c.lie(start, 64))
        central["position"] = 0xFFFFFFFF
    extra += c.raw(4) if c.one_in(8) else b""
    central["extra"] = struct.pack("<2H", 1, c.lie(len(extra), 16)) + extra
    if c.one_in(2):
        sizes = struct.pack("<2Q", c.lie(local["size"], 64), c.lie(local["stored"], 64))
        local |= {"size": 0xFFFFFFFF, "stored": 0xFFFFFFFF, "extra": struct.pack("<2H", 1, 16) + sizes}


def _twist(c: Choices, told: dict[str, Any]) -> None:
    match c.below(7):
        case 0:
            told["crc"] = c.number(told["crc"], 32)
        case 1:
            told["stored"] = c.number(told["stored"], 32)
        case 2:
            told["size"] = c.number(told["size"], 32)
        case 3:
            told["flags"] = c.pick(_FLAGS)
        case 4:
            told["method"] = c.pick(_METHODS)
        case 5:
            field = c.pick((0x7075, 1, 0x9901, 0x4642, 0xFFFF))
            data = b"\1" + struct.pack("<I", zlib.crc32(b"a/data/0")) + b"a/data.pkl" if c.one_in(2) else c.raw(20)
            told["extra"] = told.get("extra", b"") + struct.pack("<2H", field, c.lie(len(data), 16)) + data
        case _:
            told["extra"] = c.raw(12)


def _descriptor(c: Choices, true: dict[str, int]) -> bytes:
    crc, stored, size = (c.lie(true[key], 32, 12) for key in ("crc", "stored", "size"))
    signature = b"" if c.one_in(4) else b"PK\x07\x08"
    return signature + struct.pack("<I2Q" if c.one_in(4) else "<3I", crc, stored, size)


def _directory(c: Choices, body: bytes, entries: list[bytes]) -> bytes:
    directory = b"".join(entries)
    size, start, count = c.lie(len(directory), 32, 16), c.lie(len(body), 32, 16), c.lie(len(entries), 16, 16)
    wide = b""
    if c.one_in(5):
        position = len(body) + len(directory)
        wide = zip64_end(
            c.lie(len(entries), 64), c.lie(len(directory), 64), c.lie(len(body), 64), c.lie(position, 64, 6)
        )
        if c.one_in(2):
            size, start, count = 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFF
    comment = c.raw(20) if c.one_in(8) else zip_end(0, 0, 0) if c.one_in(12) else b""
    between = c.raw(12) if c.one_in(16) else b""
    end = zip_end(count, size, start, comment=comment, disk=c.lie(0, 16, 24))
    tail = c.raw(40) if c.one_in(12) else b""
    return between + directory + wide + end + tail


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()

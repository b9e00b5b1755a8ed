"""Changes that leave a file whole enough to be looked into: sizes and checksums are put right again."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator

from fuzz.choices import Tape
from fuzz.pickle_programs import pickle_program

_LOCAL = struct.Struct("<4s5H3I2H")
_LOCAL_SIGNATURE = b"PK\x03\x04"
_CENTRAL_SIGNATURE = b"PK\x01\x02"
_END_SIGNATURE = b"PK\x05\x06"
_LENGTH = struct.Struct("<Q")
MOST_RECORDS = 64


def mend(data: bytes) -> bytes:
    """Return a file with the lengths and checksums that its bytes ask for, for the formats that have any."""
    if data.startswith(_LOCAL_SIGNATURE):
        return mend_zip(data)
    if data[_LENGTH.size : _LENGTH.size + 1] == b"{":
        return mend_safetensors(data)
    return data


def mend_safetensors(data: bytes) -> bytes:
    """Return a safetensors file whose length is that of its header, up to its last brace."""
    end = data.rfind(b"}") + 1
    return _LENGTH.pack(max(0, end - _LENGTH.size)) + data[_LENGTH.size :]


def mend_zip(data: bytes) -> bytes:
    """Return a zip file written anew from its local headers: each record reaches up to the next header."""
    body, directory, count = b"", b"", 0
    for name, flags, method, content, size in _records(data):
        told = (20, flags & ~8, method, 0, 0x21, zlib.crc32(_plain(content, method)), len(content), size, len(name), 0)
        directory += struct.pack("<4s6H3I5H2I", _CENTRAL_SIGNATURE, 20, *told, 0, 0, 0, 0, len(body)) + name
        body += _LOCAL.pack(_LOCAL_SIGNATURE, *told) + name + content
        count += 1
    end = struct.pack("<4s4H2IH", _END_SIGNATURE, 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + end


def _records(data: bytes) -> Iterator[tuple[bytes, int, int, bytes, int]]:
    """Yield name, flags, method, content as stored, and size of each local header."""
    start, stop = 0, data.find(_CENTRAL_SIGNATURE)
    stop = len(data) if stop < 0 else stop
    for _ in range(MOST_RECORDS):
        if start < 0 or start + _LOCAL.size > stop:
            return
        following = data.find(_LOCAL_SIGNATURE, start + 4, stop)
        _, _, flags, method, _, _, _, _, _, name_bytes, extra_bytes = _LOCAL.unpack_from(data, start)
        name = data[start + _LOCAL.size :][:name_bytes]
        begin = min(start + _LOCAL.size + name_bytes + extra_bytes, stop)
        content = data[begin : stop if following < 0 else max(following, begin)]
        yield name, flags, method, content, len(_plain(content, method))
        start = following


def _plain(content: bytes, method: int) -> bytes:
    if method != zlib.DEFLATED:
        return content
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, 1 << 20)
    except zlib.error:
        return b""


def splice_pickle(data: bytes, chosen: random.Random) -> bytes:
    """Return a file with the opcodes of a small program put behind an opcode that a pickle in it may have."""
    program = pickle_program(Tape(chosen.randbytes(64)), most=6).removesuffix(b".")
    program = program.removeprefix(b"\x80\x02")
    places = [at for at, code in enumerate(data[: 1 << 14]) if code in b"}])NRq\x94"] or [0]
    at = chosen.choice(places) + 1
    return data[:at] + program + data[at:]

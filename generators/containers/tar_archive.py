"""The regular members of a tar file: where their bytes lie.

The standard library's ``tarfile`` follows what a header says for as long as it
says it: headers that announce headers recurse, and a negative size turns it in
circles. This walk knows what torch's archives use, always moves on, and keeps
its own bounds.

Source: POSIX.1-2017, ``pax``, sections "ustar Interchange Format" and "pax
Extended Header"; the GNU tar manual, "Basic Tar Format" (long names and
base-256 numbers).
"""

from __future__ import annotations

from msgspec import Struct, field

from generators.containers.file_bytes import FileBytes
from generators.containers.segments import FileSegment, Segment

MAX_HEADERS = 4000
"""torch wrote four members with an extended header each; more are looked at only to find those."""
MAX_EXTENSION_BYTES = 1 << 16
"""Of an extended header: a name, a size and times."""
_BLOCK_BYTES = 512
_NAME, _SIZE, _CHECKSUM, _MAGIC, _PREFIX = (
    slice(*ends) for ends in ((0, 100), (124, 136), (148, 156), (257, 263), (345, 500))
)
_TYPE_AT = 156
_REGULAR = frozenset({0, *b"07"})
_EXTENDED, _GLOBAL, _LONG_NAME, _LONG_LINK = b"xgLK"
_BASE_256 = 0x80
_MAX_SIZE_BITS = 63
_MAX_SIZE_DIGITS = 18


class _Header(Struct, frozen=True, kw_only=True):
    name: str
    kind: int
    size: int


class _Announced(Struct):
    """What extended headers say of the member that follows."""

    values: dict[str, str] = field(default_factory=dict)

    def size(self, otherwise: int) -> int:
        text = self.values.get("size", "")
        return int(text) if text.isdecimal() and text.isascii() and len(text) <= _MAX_SIZE_DIGITS else otherwise


def find_members(file: FileBytes, repeated: set[str] | None = None) -> tuple[dict[str, Segment], bool]:
    """Return the regular members by name, and whether the archive is damaged or ends early.

    Args:
        file: The archive.
        repeated: Takes the names that are there more than once; the last counts, as for ``tarfile``.
    """
    members: dict[str, Segment] = {}
    announced = _Announced()
    position = 0
    for _ in range(MAX_HEADERS):
        block = file.read(position, _BLOCK_BYTES)
        if not block.strip(b"\0"):
            return members, False
        header = _parse_header(block)
        if header is None:
            return members, True
        position += _BLOCK_BYTES
        if header.kind in {_EXTENDED, _GLOBAL, _LONG_NAME, _LONG_LINK}:
            if header.kind in {_EXTENDED, _LONG_NAME}:
                announced.values |= _read_extension(file, position, header)
            position += _padded(header.size)
            continue
        size = announced.size(header.size)
        if header.kind in _REGULAR:
            name = announced.values.get("path", header.name).removeprefix("./")
            if name in members and repeated is not None:
                repeated.add(name)
            members[name] = FileSegment(file, position, size)
            if position + size > file.size:
                return members, True
        announced = _Announced()
        position += _padded(size)
    return members, False


def _parse_header(block: bytes) -> _Header | None:
    size = _number(block[_SIZE])
    if len(block) < _BLOCK_BYTES or size is None or _number(block[_CHECKSUM]) != _sum(block):
        return None
    name, prefix = _text(block[_NAME]), _text(block[_PREFIX]) if block[_MAGIC] == b"ustar\0" else ""
    return _Header(name=f"{prefix}/{name}" if prefix else name, kind=block[_TYPE_AT], size=size)


def _sum(block: bytes) -> int:
    return sum(block) - sum(block[_CHECKSUM]) + 8 * ord(" ")


def _number(field_bytes: bytes) -> int | None:
    """Return a number in octal text or, marked by its first bit, in binary; None for another or a negative one."""
    if field_bytes[:1] == bytes([_BASE_256]):
        number = int.from_bytes(field_bytes[1:], "big")
        return number if number.bit_length() <= _MAX_SIZE_BITS else None
    digits = field_bytes.partition(b"\0")[0].strip()
    if digits.strip(b"01234567"):
        return None
    return int(digits or b"0", 8)


def _text(field_bytes: bytes) -> str:
    return field_bytes.partition(b"\0")[0].decode("utf-8", "backslashreplace")


def _padded(size: int) -> int:
    return size + -size % _BLOCK_BYTES


def _read_extension(file: FileBytes, position: int, header: _Header) -> dict[str, str]:
    data = file.read(position, min(header.size, MAX_EXTENSION_BYTES))
    return {"path": _text(data)} if header.kind == _LONG_NAME else _parse_pax(data)


def _parse_pax(data: bytes) -> dict[str, str]:
    """Read the records ``length key=value``, up to the first that is none."""
    values: dict[str, str] = {}
    while data:
        length, space, _ = data[:8].partition(b" ")
        end = int(length) if length.isdigit() and space else 0
        key, equals, value = data[len(length) + 1 : end].removesuffix(b"\n").partition(b"=")
        if not equals:
            break
        values[_text(key)] = _text(value)
        data = data[end:]
    return values

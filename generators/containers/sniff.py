"""What kind of file this is, by its content; names and extensions say nothing."""

from __future__ import annotations

from typing import Literal

from generators.containers.file_bytes import FileBytes
from generators.containers.foreign_pickles import begins_text_pickle
from generators.containers.safetensors import begins_safetensors
from generators.containers.segments import FileSegment
from generators.containers.torch_legacy import begins_legacy

Kind = Literal["zip", "tar", "legacy", "safetensors", "pickle", "other"]

HEAD_BYTES = 1024
_ZIP_TAIL_BYTES = (1 << 16) + 22
"""Source: APPNOTE.TXT 6.3.10, section 4.3.16: the end record and its longest comment."""
_TAR_MAGIC_AT = 257
_TAR_CHECKSUM = slice(148, 156)
_TAR_BLOCK_BYTES = 512

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip-file"),
    (b"BZh", "compressed-file"),
    (b"\xfd7zXZ\x00", "compressed-file"),
    (b"\x28\xb5\x2f\xfd", "compressed-file"),
    (b"7z\xbc\xaf\x27\x1c", "compressed-file"),
    (b"Rar!\x1a\x07", "compressed-file"),
    (b"\x89HDF\r\n\x1a\n", "hdf5-file"),
    (b"\x93NUMPY", "numpy-file"),
    (b"GGUF", "gguf-file"),
    (b"version https://git-lfs.github.com/spec/", "lfs-pointer"),
)
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<!--")
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")
_FIRST_PRINTABLE = 0x20


def recognise(file: FileBytes) -> Kind:
    """Return the kind of a file."""
    head = file.read(0, HEAD_BYTES)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if begins_safetensors(head):
        return "safetensors"
    if _is_tar(head):
        return "tar"
    if begins_legacy(FileSegment(file, 0, file.size)):
        return "legacy"
    if head.startswith(b"\x80") and head[1:2] <= b"\x05" and len(head) > 1:
        return "pickle"
    if head and begins_text_pickle(FileSegment(file, 0, file.size)):
        # before a zip further on: a loader that looks at the first bytes follows the pickle
        return "pickle"
    if b"PK\x05\x06" in file.read(max(0, file.size - _ZIP_TAIL_BYTES), _ZIP_TAIL_BYTES):
        # its first bytes are damaged, its directory isn't
        return "zip"
    return "other"


def name_other(file: FileBytes) -> str:
    """Return the code of the finding that says what a file is that is no checkpoint."""
    head = file.read(0, HEAD_BYTES)
    if not head:
        return "file-empty"
    for signature, code in _SIGNATURES:
        if head.startswith(signature):
            return code
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML_STARTS):
        return "html-page"
    if _is_text(head):
        return "text-file"
    return "zeros-only" if not any(head) else "format-unrecognised"


def _is_tar(head: bytes) -> bool:
    if head[_TAR_MAGIC_AT:].startswith(b"ustar"):
        return True
    block = head[:_TAR_BLOCK_BYTES]
    if len(block) < _TAR_BLOCK_BYTES or not block[0]:
        return False
    # the tar of 1979 has no magic, only a checksum of its header with the checksum's own field as spaces
    try:
        declared = int(block[_TAR_CHECKSUM].strip(b" \0") or b"-1", 8)
    except ValueError:
        return False
    return declared == sum(block) - sum(block[_TAR_CHECKSUM]) + 8 * ord(" ")


def _is_text(head: bytes) -> bool:
    if any(b < _FIRST_PRINTABLE and b not in _TEXT_CONTROLS for b in head):
        return False
    try:
        # the last character may be cut in the middle
        head[: len(head) - 3 if len(head) == HEAD_BYTES else None].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

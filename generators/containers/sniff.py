"""What kind of file this is, by its content; names and extensions say nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from generators.containers.segments import Segment

Kind = Literal["zip", "tar", "gzip", "legacy", "safetensors", "numpy", "gguf", "onnx", "pickle", "json", "other"]

HEAD_BYTES = 1024
_KINDS: dict[bytes, Kind] = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"\x93NUMPY": "numpy",
    b"GGUF": "gguf",
}
_ZIP_TAIL_BYTES = (1 << 16) + 22
"""Source: APPNOTE.TXT 6.3.10, section 4.3.16: the end record and its longest comment."""
_TAR_MAGIC_AT = 257
_TAR_CHECKSUM = slice(148, 156)
_TAR_BLOCK_BYTES = 512

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"BZh", "compressed-file"),
    (b"\xfd7zXZ\x00", "compressed-file"),
    (b"\x28\xb5\x2f\xfd", "compressed-file"),
    (b"\x04\x22\x4d\x18", "compressed-file"),
    (b"7z\xbc\xaf\x27\x1c", "compressed-file"),
    (b"Rar!\x1a\x07", "compressed-file"),
    (b"\x89HDF\r\n\x1a\n", "hdf5-file"),
    (b"version https://git-lfs.github.com/spec/", "lfs-pointer"),
    (b"%PDF-", "pdf-file"),
    (b"\x89PNG\r\n\x1a\n", "image-file"),
    (b"\xff\xd8\xff", "image-file"),
    (b"GIF8", "image-file"),
    (b"\x7fELF", "program-file"),
    (b"MZ", "program-file"),
    (b"\xcf\xfa\xed\xfe", "program-file"),
)
"""Source: what each format's specification says its files begin with."""
_SIGNATURES_AT_4: tuple[tuple[bytes, str], ...] = (
    (b"ET", "executorch-file"),
    (b"TFL3", "tensorflow-file"),
)
"""FlatBuffers have their identifier there; ExecuTorch's ends in two digits, which count versions.

Source: ``file_identifier`` in ExecuTorch's ``schema/program.fbs`` and TensorFlow's ``lite/schema/schema.fbs``."""
_TENSORFLOW_STARTS = (b"\x08\x01\x12",)
"""A SavedModel: schema version 1, then the graphs. Source: ``tensorflow/core/protobuf/saved_model.proto``."""
_TENSORFLOW_END = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"
"""The ``.index`` of a TensorFlow checkpoint. Source: ``kTableMagicNumber`` in ``tensorflow/core/lib/io/format.h``."""
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<!--", b"<error")
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")
_FIRST_PRINTABLE = 0x20


def recognise(file: Segment) -> Kind:
    """Return the kind of a file."""
    head = file.read(0, HEAD_BYTES)
    if not head:
        return "other"
    for signature, kind in _KINDS.items():
        if head.startswith(signature):
            return kind
    return next((kind for kind, begins in _BEGINNINGS if begins(head, file)), "other")


_BEGINNINGS: tuple[tuple[Kind, Callable[[bytes, Segment], bool]], ...] = (
    ("json", lambda head, _: _begins_json(head)),
    ("safetensors", lambda head, _: _begins_safetensors(head)),
    ("tar", lambda head, _: _is_tar(head)),
    ("legacy", lambda _, file: _begins_legacy(file)),
    ("onnx", lambda _, file: _begins_onnx(file)),
    ("pickle", lambda head, _: head.startswith(b"\x80") and head[1:2] <= b"\x05" and len(head) > 1),
    # before a zip further on: a loader that looks at the first bytes follows the pickle
    ("pickle", lambda _, file: _begins_text_pickle(file)),
    # its first bytes are damaged, its directory isn't
    ("zip", lambda _, file: b"PK\x05\x06" in file.read(max(0, file.size - _ZIP_TAIL_BYTES), _ZIP_TAIL_BYTES)),
)
"""What shows a kind that has no signature of its own, in the order in which it is looked for."""

# each kind's reader knows its own beginning; it is imported when nothing before it has claimed the file


def _begins_safetensors(head: bytes) -> bool:
    from generators.containers.safetensors import begins_safetensors

    return begins_safetensors(head)


def _begins_legacy(file: Segment) -> bool:
    from generators.containers.torch_legacy import begins_legacy

    return begins_legacy(file)


def _begins_onnx(file: Segment) -> bool:
    from generators.containers.onnx_model import begins_onnx

    return begins_onnx(file)


def _begins_text_pickle(file: Segment) -> bool:
    from generators.containers.foreign_pickles import begins_text_pickle

    return begins_text_pickle(file)


def name_other(file: Segment) -> str:
    """Return the code of the finding that says what a file is that is no checkpoint."""
    head = file.read(0, HEAD_BYTES)
    if not head:
        return "file-empty"
    for signature, code in _SIGNATURES:
        if head.startswith(signature):
            return code
    for signature, code in _SIGNATURES_AT_4:
        if head[4:].startswith(signature) and (signature != b"ET" or head[6:8].isdigit()):
            return code
    if head.startswith(_TENSORFLOW_STARTS) or file.read(max(0, file.size - 8), 8) == _TENSORFLOW_END:
        return "tensorflow-file"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML_STARTS):
        return "html-page"
    if _is_text(head):
        return "text-file"
    return "zeros-only" if not any(head) else "format-unrecognised"


def _begins_json(head: bytes) -> bool:
    """Say whether a file is text that begins with a brace; a safetensors header's length never looks like that."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return text[:1] in {b"{", b"["} and _is_text(head)


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

"""A checkpoint that lies in an archive of another kind: which member it is, by content."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from generators.containers.global_policy import printable
from generators.containers.inflate import DEFLATE_BITS, PEEK_BYTES, peek
from generators.containers.segments import DeflatedSegment, MemorySegment, Segment
from generators.containers.sniff import Kind, recognise
from generators.containers.zip_archive import Archive

MAX_LOOKED_AT = 200
"""Members whose beginning is read, the largest first: a checkpoint is seldom the small one."""
HEAD_BYTES = 1 << 12
_SHOWN_NAMES = 5
_SHOWN_CHARACTERS = 300
_LOCAL_NAME_AT = 30
"""Source: APPNOTE.TXT 6.3.10, section 4.3.7: where the first record's name begins."""
_TORCH_RECORD = re.compile(
    rb"([^/]+/)?(data\.pkl|constants\.pkl|version|byteorder|archive_format|\.format_version|\.storage_alignment"
    rb"|(data|constants|code|models|extra|\.data)/.*|serialized_[a-z_]+\.(json|pt))|[^/]+\.npy",
    re.DOTALL,
)
"""Names of the first record of torch's zips. Source: ``torch/serialization.py``, ``torch/export/pt2_archive`` and
``torch/csrc/jit/serialization/export_module.cpp`` of PyTorch 1.6 to 2.13; and of NumPy's."""
_TORCH_MEMBERS = (b"sys_info", b"./sys_info", b"pickle", b"storages", b"tensors")
_CHECKPOINTS: frozenset[Kind] = frozenset({"legacy", "safetensors", "numpy", "gguf", "onnx"})

Found = Literal["checkpoint", "archive", "other"]


class Member(Struct, frozen=True, kw_only=True):
    """A member of an archive.

    Attributes:
        name: Its name. Hostile text.
        segment: Its bytes.
    """

    name: str
    segment: Segment


def zip_members(archive: Archive) -> list[Member]:
    """Return the readable records of a zip archive."""
    return [Member(name=n, segment=r.segment) for n, r in archive.records.items() if r.segment is not None]


def find_wrapped(members: Iterable[Member]) -> tuple[list[Member], list[Member]]:
    """Return the members that are checkpoints, and those that are archives themselves, the largest first."""
    ordered = sorted((m for m in members if m.segment.size), key=lambda m: -m.segment.size)[:MAX_LOOKED_AT]
    kinds = [(member, judge_head(member_head(member))) for member in ordered]
    return [m for m, kind in kinds if kind == "checkpoint"], [m for m, kind in kinds if kind == "archive"]


def member_head(member: Member) -> bytes:
    """Return the first bytes of a member."""
    segment = member.segment
    return (
        peek(segment.compressed, DEFLATE_BITS, HEAD_BYTES)
        if isinstance(segment, DeflatedSegment)
        else segment.read(0, HEAD_BYTES)
    )


def judge_head(head: bytes) -> Found:
    """Say what begins with these bytes: a checkpoint, an archive that may hold one, or something else."""
    kind = recognise(MemorySegment(head[:PEEK_BYTES]))
    if kind in _CHECKPOINTS:
        return "checkpoint"
    if kind == "zip":
        return "checkpoint" if _is_torch_record(head) else "archive"
    if kind == "tar":
        return "checkpoint" if head.startswith(_TORCH_MEMBERS) else "archive"
    return "archive" if kind == "gzip" else "other"


def _is_torch_record(head: bytes) -> bool:
    size = int.from_bytes(head[26:28], "little")
    name = head[_LOCAL_NAME_AT : _LOCAL_NAME_AT + size]
    return _TORCH_RECORD.fullmatch(name) is not None


def shown_names(members: Iterable[Member]) -> str:
    """Return the names of members as text, the first few."""
    names = [member.name for member in members]
    more = ", ..." if len(names) > _SHOWN_NAMES else ""
    return printable(", ".join(names[:_SHOWN_NAMES]) + more)[:_SHOWN_CHARACTERS]

"""The ``.distcp`` files of ``torch.distributed.checkpoint``: tensors one after the other, each a torch zip of its own.

Their names are only in the ``.metadata`` beside them.

Source: ``torch/distributed/checkpoint/filesystem.py`` of PyTorch 2.13.
"""

from __future__ import annotations

import struct

from generators.containers.budget import Budget
from generators.containers.file_bytes import FileBytes
from generators.containers.index import Reading, name_contents
from generators.containers.merging import Part, merge_readings
from generators.containers.segments import FileSegment, Segment
from generators.containers.torch_zip import find_root, read_torch
from generators.containers.windows import FileWindow
from generators.containers.zip_archive import read_archive
from generators.model.finding import Finding

MAX_PARTS = 2000
"""Tensors of one file that are looked at; each is an archive of its own."""
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
"""Source: APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16: the end records and the locator of zip64's."""
_END_SIGNATURE, _END64_SIGNATURE, _LOCATOR_SIGNATURE = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"


def find_chain(file: Segment) -> list[tuple[int, int]]:
    """Return where each of several archives begins and ends that lie one after the other; empty for a single one."""
    runs: list[tuple[int, int]] = []
    end = file.size
    while end and len(runs) <= MAX_PARTS:
        start = _archive_start(file, end)
        if start is None:
            return []
        runs.append((start, end))
        end = start
    return runs[::-1] if len(runs) > 1 else []


def _archive_start(file: Segment, end: int) -> int | None:
    """Return where the archive begins whose last byte is before ``end``; None when none ends there."""
    at = end - _END.size
    record = file.read(at, _END.size)
    if len(record) < _END.size or not record.startswith(_END_SIGNATURE):
        return None
    *_, size, offset, _ = _END.unpack(record)
    locator = file.read(at - _LOCATOR.size, _LOCATOR.size)
    if locator.startswith(_LOCATOR_SIGNATURE):
        at -= _LOCATOR.size + _END64.size
        record = file.read(at, _END64.size)
        if len(record) < _END64.size or not record.startswith(_END64_SIGNATURE):
            return None
        *_, size, offset = _END64.unpack(record)
    start = at - size - offset
    return start if 0 <= start < end and file.read(start, 4) == b"PK\x03\x04" else None


def read_chain(file: FileBytes, runs: list[tuple[int, int]], budget: Budget | None = None) -> Reading | None:
    """Read archives that lie one after the other; None when they aren't torch's."""
    parts: list[Part] = []
    budget = budget or Budget()
    for number, (start, end) in enumerate(runs[-MAX_PARTS:]):
        window = FileWindow(FileSegment(file, start, end - start))
        archive = read_archive(window)
        root = find_root(archive)
        if root is None:
            return None
        parts.append(
            Part(reading=name_contents(read_torch(archive, root, budget)), place=str(number), prefix=str(number))
        )
    findings = [Finding(code="distributed-part", severity="warning", found=str(len(runs)))]
    if len(runs) > MAX_PARTS:
        findings.append(Finding(code="tree-too-large", severity="error", expected=str(MAX_PARTS), found=str(len(runs))))
    return merge_readings(parts, "torch-distributed", records=len(runs), findings=tuple(findings))

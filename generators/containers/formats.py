"""From a file to what it holds: the reader of each kind, wrapped or not.

What not every kind of file needs is imported where it is needed, so that each
is told quickly.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from generators.containers.budget import Budget
from generators.containers.file_bytes import FileBytes
from generators.containers.index import Index, Reading, name_contents
from generators.containers.segments import MemorySegment
from generators.containers.sniff import recognise
from generators.model.finding import Finding

if TYPE_CHECKING:
    from generators.containers.wrappers import Member
    from generators.containers.zip_archive import Archive

MAX_WRAPPERS = 1
"""Archives around a checkpoint that are opened; ``.tar.gz`` counts as one."""


class _Circumstances(Struct, frozen=True, kw_only=True):
    """How a file came to be read.

    Attributes:
        wrappers: Archives that were opened around it.
        path: Where it lies, when what lies beside it may be read too: the shards of an index.
        budget: Shared by all pickles of all files that are read together.
    """

    wrappers: int = 0
    path: str | os.PathLike[str] | None = None
    budget: Budget = field(default_factory=Budget)

    def inside(self, wrappers: int = 1) -> _Circumstances:
        """Return those of a file inside this one."""
        return replace(self, wrappers=self.wrappers + wrappers, path=None)


def read_contents(file: FileBytes, path: str | os.PathLike[str] | None = None) -> Reading:
    """Read the index of a file of any kind.

    Args:
        file: The file.
        path: Where it lies, when what lies beside it may be read too: the shards of an index.
    """
    return _read_whole(file, _Circumstances(path=path))


def _read_whole(file: FileBytes, around: _Circumstances) -> Reading:
    """Read a file, and say where it ends before it should."""
    reading = _read(file, around)
    expected_bytes, reading = reading.expected_bytes, replace(reading, expected_bytes=0)
    if expected_bytes <= file.size:
        return reading
    truncated = Finding(code="file-truncated", severity="error", expected=str(expected_bytes), found=str(file.size))
    return _with_findings(reading, truncated)


def _read(file: FileBytes, around: _Circumstances) -> Reading:
    kind = recognise(file)
    match kind:
        case "zip":
            return _read_zip(file, around)
        case "tar":
            return _read_tar(file, around)
        case "gzip":
            return _read_gzip(file, around)
        case "json":
            return _read_json(file, around)
        case "safetensors":
            from generators.containers.safetensors import read_safetensors

            return read_safetensors(file)
        case _:
            return name_contents(_read_index(kind, file, around.budget))


def _read_index(
    kind: Literal["legacy", "numpy", "gguf", "onnx", "pickle", "other"], file: FileBytes, budget: Budget
) -> Index:
    """Read a kind that neither wraps nor refers to other files."""
    match kind:
        case "legacy":
            from generators.containers.torch_legacy import read_legacy

            return read_legacy(file, budget)
        case "pickle":
            from generators.containers.foreign_pickles import read_foreign_pickle

            return read_foreign_pickle(file, budget)
        case "numpy":
            from generators.containers.numpy_array import read_numpy

            return read_numpy(file)
        case "gguf":
            from generators.containers.gguf import read_gguf

            return read_gguf(file)
        case "onnx":
            from generators.containers.onnx_model import read_onnx

            return read_onnx(file)
        case "other":
            from generators.containers.foreign_files import describe_other

            return describe_other(file)
        case _:
            assert_never(kind)


def _read_json(file: FileBytes, around: _Circumstances) -> Reading:
    from generators.containers.foreign_files import describe_json
    from generators.containers.shard_index import parse_index, read_shards

    index = parse_index(file)
    if index is None:
        return name_contents(describe_json(file))
    from pathlib import Path

    place = None if around.path is None else Path(around.path)
    return read_shards(index, place, lambda shard: _read_whole(shard, around.inside(MAX_WRAPPERS)))


def _read_zip(file: FileBytes, around: _Circumstances) -> Reading:
    from generators.containers.torch_distributed import find_chain, read_chain
    from generators.containers.torch_export import find_export_root, read_export
    from generators.containers.torch_zip import find_root, read_torch
    from generators.containers.zip_archive import read_archive

    chain = find_chain(file)
    reading = read_chain(file, chain, around.budget) if chain else None
    if reading is not None:
        return reading
    archive = read_archive(file)
    export = find_export_root(archive)
    if export is not None:
        return read_export(archive, export, around.budget)
    root = find_root(archive)
    if root is not None:
        return name_contents(read_torch(archive, root, around.budget))
    return _read_other_zip(archive, around)


def _read_other_zip(archive: Archive, around: _Circumstances) -> Reading:
    """Read an archive that torch didn't write."""
    from generators.containers.checksums import archive_checksums
    from generators.containers.numpy_archive import is_numpy_archive, read_numpy_archive
    from generators.containers.torch_zip import read_stray_pickles
    from generators.containers.wrappers import shown_names, zip_members

    if is_numpy_archive(archive):
        return name_contents(read_numpy_archive(archive))
    members = zip_members(archive)
    reading = _read_wrapped(members, "wrapped-zip", around)
    if reading is None:
        names = {name.rpartition("/")[2] for name in archive.records}
        code = "zip-not-torch" if names else "zip-empty"
        if "model.weights.h5" in names:
            code = "keras-file"
        elif "saved_model.pb" in names:
            code = "tensorflow-file"
        stray = read_stray_pickles(archive, around.budget)
        nothing = Finding(code=code, severity="error", found=shown_names(members))
        stray = replace(stray, records=len(archive.records), findings=(nothing, *stray.findings))
        reading = name_contents(stray)
    reading = replace(reading, checksums=(*archive_checksums(archive), *reading.checksums))
    # what is inside, and whether it was opened, is said above
    return _with_findings(reading, *(f for f in archive.findings if f.code != "record-is-archive"))


def _read_tar(file: FileBytes, around: _Circumstances) -> Reading:
    from generators.containers.tar_archive import find_members
    from generators.containers.torch_tar import MEMBERS, read_tar
    from generators.containers.wrappers import Member, shown_names

    repeated: set[str] = set()
    found, damaged = find_members(file, repeated)
    if any(name in found for name in MEMBERS):
        return name_contents(read_tar(file, found, around.budget, damaged=damaged, repeated=repeated))
    members = [Member(name=name, segment=segment) for name, segment in found.items()]
    reading = _read_wrapped(members, "wrapped-tar", around)
    damage = (Finding(code="tar-damaged", severity="error"),) if damaged and members else ()
    if reading is None:
        code = "tar-damaged" if damaged and not members else "tar-not-torch"
        reading = _nothing(code, shown_names(members), len(members))
    return _with_findings(reading, *damage)


def _read_gzip(file: FileBytes, around: _Circumstances) -> Reading:
    from generators.containers.foreign_files import describe_other
    from generators.containers.inflate import GZIP_BITS, PEEK_BYTES, allowed_bytes, peek, unpack
    from generators.containers.wrappers import judge_head

    head = peek(file, GZIP_BITS, PEEK_BYTES)
    kind = judge_head(head)
    if kind == "other":
        inner = describe_other(MemorySegment(head)).findings
        return _nothing("gzip-file", inner[0].code if inner and head else "")
    is_tar = recognise(MemorySegment(head)) == "tar"
    if around.wrappers >= MAX_WRAPPERS or (kind == "archive" and not is_tar):
        return _nothing("wrapper-nested", "")
    limit = allowed_bytes(file.size)
    unpacked = unpack(file, GZIP_BITS, limit)
    if unpacked is None:
        return _nothing("unpacked-too-large", f"> {limit}", expected=f"<= {limit}")
    try:
        reading = _read_whole(unpacked.file, around.inside(not is_tar))
    except BaseException:
        unpacked.file.close()
        raise
    findings = [Finding(code="wrapped-gzip", severity="note", found=str(unpacked.file.size))]
    if not unpacked.complete:
        findings.append(Finding(code="gzip-truncated", severity="error", found=str(unpacked.file.size)))
    return _with_findings(replace(reading, opened=(*reading.opened, unpacked.file)), *findings)


def _read_wrapped(members: Sequence[Member], code: str, around: _Circumstances) -> Reading | None:
    """Read the one checkpoint among the members of an archive; None when there is none."""
    from generators.containers.members import open_member
    from generators.containers.wrappers import find_wrapped, shown_names

    checkpoints, archives = find_wrapped(members)
    if not checkpoints:
        return _nothing("wrapper-nested", shown_names(archives), len(members)) if archives else None
    if len(checkpoints) > 1:
        return _nothing("wrapped-several", shown_names(checkpoints), len(members), expected="1")
    if around.wrappers >= MAX_WRAPPERS:
        return _nothing("wrapper-nested", shown_names(checkpoints), len(members))
    (member,) = checkpoints
    name = shown_names(checkpoints)
    file, damage = open_member(name, member.segment)
    if file is None:
        return _with_findings(_nothing("", ""), *damage)
    try:
        reading = _read_whole(file, around.inside())
    except BaseException:
        file.close()
        raise
    note = Finding(code="wrapped-zip" if code == "wrapped-zip" else "wrapped-tar", severity="note", where=name)
    # what only began like a checkpoint says itself what it is
    notes = () if reading.container.format == "unknown" else (note,)
    return _with_findings(replace(reading, opened=(*reading.opened, file)), *notes, *damage)


def _nothing(code: str, found: str, records: int = 0, *, expected: str = "") -> Reading:
    """Return the reading of a file in which there is no checkpoint to read."""
    findings = (Finding(code=code, severity="error", expected=expected, found=found),) if code else ()
    return name_contents(Index(format="unknown", records=records, findings=findings))


def _with_findings(reading: Reading, *findings: Finding) -> Reading:
    """Return the reading with more findings in front."""
    if not findings:
        return reading
    container = reading.container
    return replace(reading, container=replace(container, findings=(*findings, *container.findings)))

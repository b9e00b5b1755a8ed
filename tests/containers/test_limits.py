"""Small files that ask for the time or memory of large ones."""

from __future__ import annotations

import copy
import io
import os
import struct
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import legacy_bytes, pickle_bytes, safetensors_bytes, write_torch_zip

from generators.containers import budget, index, open_checkpoint, safetensors, segments, zip_scan
from generators.containers.tar_archive import find_members
from generators.errors import ContainerError

ORDERED_DICT = b"ccollections\nOrderedDict\nq\x01"
SECONDS = 20.0
"""Far more than any of these takes, far less than each took without its limit."""


def codes(path: Path) -> set[str]:
    with open_checkpoint(path) as reader:
        return {f.code for f in (*reader.container.findings, *reader.check_records())}


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < SECONDS


@pytest.mark.parametrize(
    "stream",
    [
        b"](" + b"NN\x86" * 500_000 + b"eq\0" + ORDERED_DICT + b"(" + b"h\1h\0\x85R" * 3000 + b"t.",
        b"](" + b"N" * 2_000_000 + b"eq\0ctorch\nSize\nq\1(" + b"h\1h\0\x85R" * 3000 + b"t.",
        b"(" + b"N" * 2_000_000 + b"tq\0Nq\1(" + b"h\1h\0R" * 3000 + b"t.",
        b"(ccollections\nOrderedDict\n"
        + b"N" * 2_000_000
        + b"tq\0ccopyreg\n__newobj__\nq\1("
        + b"h\1h\0R" * 3000
        + b"t.",
        b"X"
        + struct.pack("<I", 60_000)
        + b"a" * 60_000
        + b"q\0c_codecs\nencode\nq\1("
        + b"h\1h\0\x85R" * 300_000
        + b"t.",
        b"(" * 3_000_000 + b".",
        b"".join(b"cm%d\nn\n0" % n for n in range(200_000)) + b"N.",
    ],
    ids=["dicts copied", "lists copied", "arguments copied", "objects copied", "text encoded", "marks", "names"],
)
def test_a_pickle_that_copies_without_end_is_stopped(tmp_path: Path, stream: bytes) -> None:
    path = write_torch_zip(tmp_path / "x", stream, {}, compression=zipfile.ZIP_DEFLATED)
    assert "pickle-budget" in codes(path)


def test_memo_indices_cannot_be_chosen_to_collide(tmp_path: Path) -> None:
    collide = b"".join(b"p%d\n" % (n * (2**61 - 1)) for n in range(1, 100_000))
    assert "pickle-malformed" in codes(write_torch_zip(tmp_path / "x", b"N" + collide + b".", {}))


def test_pickles_beside_the_index_share_its_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MAX_WORK", 500_000)
    extra = {f"x{n}.pkl": b"N" * 100_000 + b"." for n in range(40)}
    path = write_torch_zip(tmp_path / "x", b"N.", {}, extra=extra)
    with open_checkpoint(path) as reader:
        stopped = [f.where for f in reader.container.findings if f.code == "pickle-budget"]
    assert "archive/x0.pkl" not in stopped
    assert "archive/x39.pkl" in stopped[-1]


def test_nested_checkpoints_share_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MAX_WORK", 1_000_000)
    inner = legacy_bytes(b"N" * 200_000 + b".", [])
    load = b"ctorch.storage\n_load_from_bytes\nq\1("
    stream = b"B" + struct.pack("<I", len(inner)) + inner + b"q\0" + load + b"h\1h\0\x85R" * 200 + b"t."
    assert "pickle-budget" in codes(write_torch_zip(tmp_path / "x", stream, {}))


def test_a_compressed_index_is_read_in_one_pass(tmp_path: Path) -> None:
    text = b"V" + b"a" * 40_000 + b"\n0"
    path = write_torch_zip(tmp_path / "x", text * 1000 + b"N.", {}, compression=zipfile.ZIP_DEFLATED)
    assert codes(path) == {"record-ratio"}


def _laid_over_each_other(path: Path, compression: int, size: int) -> Path:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        archive.writestr("a/data.pkl", b"N.")
        archive.writestr("a/data/0", bytes(size))
        for n in range(1, 2000):
            twin = copy.copy(archive.getinfo("a/data/0"))
            twin.filename = f"a/data/{n}"
            archive.filelist.append(twin)
    path.write_bytes(stream.getvalue())
    return path


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_records_laid_over_each_other_are_not_all_read(tmp_path: Path, compression: int) -> None:
    path = _laid_over_each_other(tmp_path / "x", compression, 30_000_000)
    assert {"records-overlap", "record-unreadable"} <= codes(path)


def test_a_compressed_record_is_not_read_from_its_beginning_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "FREE_BYTES", 0)
    path = write_torch_zip(tmp_path / "x", b"N.", {"0": bytes(100_000)}, compression=zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(path) as archive:
        compressed = archive.getinfo("archive/data/0")
    assert compressed.file_size == 100_000
    segment = segments.DeflatedSegment(segments.MemorySegment(_raw(path)), 100_000)
    reads = [len(segment.read(99_990 - n, 10)) for n in range(100)]
    assert reads[: segments.MAX_PASSES] == [10] * segments.MAX_PASSES
    assert reads[-1] == 0
    assert len(segment.afresh().read(0, 10)) == 10


def _raw(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("archive/data/0")
    data = path.read_bytes()[info.header_offset :]
    name_bytes, extra_bytes = struct.unpack_from("<2H", data, 26)
    start = 30 + name_bytes + extra_bytes
    return data[start : start + info.compress_size]


def test_a_lost_directory_is_searched_for_so_many_records_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_scan, "MAX_SCANNED_RECORDS", 10)
    header = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 2, 2, 4, 0)
    path = tmp_path / "x"
    path.write_bytes(b"".join(header + b"a/%02d" % n + b"N." for n in range(50)))
    with open_checkpoint(path) as reader:
        assert len(reader.check_records()) == 0
        assert reader.container.records == 10


def test_tensors_beyond_a_limit_are_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from builders import tensor_call

    monkeypatch.setattr(index, "MAX_TENSORS", 3)
    values = {f"t{n}": tensor_call("0", (1,)) for n in range(5)}
    path = write_torch_zip(tmp_path / "x", pickle_bytes(values), {"0": bytes(4)})
    with open_checkpoint(path) as reader:
        assert len(reader.container.tensors) == 3
        assert "tree-too-large" in {f.code for f in reader.container.findings}


def test_a_header_of_too_many_values_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safetensors, "MAX_HEADER_VALUES", 100)
    path = tmp_path / "x"
    path.write_bytes(safetensors_bytes({"a": [[]] * 200}, b""))
    assert "tree-too-large" in codes(path)


@pytest.mark.parametrize("size", [1500, 4096])
def test_integers_of_thousands_of_digits_name_no_storage(tmp_path: Path, size: int) -> None:
    number = b"\x8b" + struct.pack("<i", size) + b"\x7f" * size
    path = tmp_path / "x"
    whole = legacy_bytes(b"}.", [])
    path.write_bytes(whole[: whole.rindex(b"\x80")] + b"\x80\x02]" + number + b"a.")
    assert "storage-unknown" in codes(path)


def _member(kind: bytes, data: bytes = b"", name: str = "storages") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(data)
    return info.tobuf() + data + bytes(-len(data) % 512)


def _with_size(member: bytes, size: bytes) -> bytes:
    block = bytearray(member)
    block[124:136] = size
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    return bytes(block)


PAX_ENDLESS = b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"


@pytest.mark.parametrize(
    "content",
    [
        _member(b"x", b"12 path=abc\n") * 5000,
        _member(b"L", b"abc\0") * 5000,
        _with_size(_member(b"0"), b"\xff" * 10 + b"\xfc\0"),
        _with_size(_member(b"x"), b"\xff" * 10 + b"\xfc\0"),
        _with_size(_member(b"x"), b"\x80" + b"\0" * 4 + b"\x7f" + b"\xff" * 6),
        _member(b"x", PAX_ENDLESS) + _member(b"0", b"100000000\n1\n2\n", "x"),
        _member(b"x", b"1" * 200_000),
        _member(b"2") + _member(b"1") + _member(b"3") + _member(b"6"),
    ],
    ids=["pax chain", "name chain", "negative", "negative pax", "huge pax", "sparse", "digits", "links and devices"],
)
def test_a_tar_that_leads_in_circles_ends(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content + bytes(1024))
    with open_checkpoint(path) as reader:
        assert reader.container.format == "unknown"
        assert {f.code for f in reader.container.findings} <= {"tar-damaged", "tar-not-torch"}


@pytest.mark.parametrize("layout", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["storages", "./tensors", "d/" * 60 + "pickle", "데이터" * 40, "\x07bell"])
def test_members_are_found_where_tarfile_finds_them(tmp_path: Path, layout: int, name: str) -> None:
    from generators.containers.file_bytes import FileBytes

    path = tmp_path / "x"
    with tarfile.open(path, "w:", format=layout) as archive:
        for member, size in (("first", 5), (name, 1000), ("last", 512)):
            info = tarfile.TarInfo(member)
            info.size, info.mtime = size, 1 if layout == tarfile.USTAR_FORMAT else 1.5
            try:
                archive.addfile(info, io.BytesIO(os.urandom(size)))
            except ValueError:
                pytest.skip("the layout has no room for the name")
    with tarfile.open(path) as archive:
        expected = {m.name.removeprefix("./"): archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]  # all regular
    file = FileBytes(path)
    members, damaged = find_members(file)
    assert {n: m.read(0, m.size) for n, m in members.items()} == expected
    assert not damaged
    file.close()


def _unsized() -> list[Path]:
    return [p for p in (Path("/proc/self/status"), Path("/proc/self/pagemap")) if p.is_file()]


@pytest.mark.skipif(not _unsized(), reason="no kernel files here")
@pytest.mark.parametrize("path", _unsized(), ids=str)
def test_a_file_that_the_kernel_makes_up_is_refused(path: Path) -> None:
    with pytest.raises(ContainerError) as told:
        open_checkpoint(path)
    assert told.value.code == "not-a-file"

"""Zip files that lie about their structure, beside what torch's and Python's readers see in them."""

from __future__ import annotations

import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from builders import (
    pickle_bytes,
    tensor_call,
    write_torch_zip,
    zip64_end,
    zip_bytes,
    zip_end,
    zip_parts,
)

from generators.containers import open_checkpoint
from generators.containers.file_bytes import FileBytes

HARMLESS, HARMFUL = b"N.", b"cos\nsystem\nX\x04\x00\x00\x00true\x85R."
DATA = b"a/data.pkl"
RECORDS = [(DATA, HARMLESS), (b"a/byteorder", b"little"), (b"a/version", b"3\n")]
EVIL = [(DATA, HARMFUL), *RECORDS[1:]]


def findings(path: Path, content: bytes) -> set[tuple[str, str, str]]:
    """Return (code, severity, where) of each finding."""
    path.write_bytes(content)
    with open_checkpoint(path) as reader:
        return {(f.code, f.severity, f.where) for f in (*reader.container.findings, *reader.check_records())}


def torch_sees(path: Path) -> bytes | None:
    """Return the pickle that torch's reader takes, None when it refuses the file."""
    try:
        return bytes(torch._C.PyTorchFileReader(str(path)).get_record("data.pkl"))
    except RuntimeError:
        return None


def python_sees(path: Path) -> bytes | None:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read("a/data.pkl")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError):
        return None


def test_a_plain_archive_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path / "x", zip_bytes(RECORDS)) == set()
    assert torch_sees(tmp_path / "x") == python_sees(tmp_path / "x") == HARMLESS


@pytest.mark.parametrize(
    ("field", "lies", "found"),
    [
        ("name", {"name": b"a/dota.pkl"}, "name a/dota.pkl"),
        ("method", {"method": 8}, "method 8"),
        ("encrypted", {"flags": 1}, "encrypted 1"),
        ("crc", {"crc": 5}, "crc 5"),
        ("stored-bytes", {"stored": 1}, "stored-bytes 1"),
        ("size", {"size": 1}, "size 1"),
        ("descriptor", {"flags": 8, "crc": 0, "after": b"PK\7\x08" + struct.pack("<3I", 1, 2, 3)}, "descriptor "),
    ],
)
def test_a_local_header_that_contradicts_the_directory_is_told_with_its_field(
    tmp_path: Path, field: str, lies: dict[str, Any], found: str
) -> None:
    central = {DATA: {"flags": 8}} if field == "descriptor" else {}
    (tmp_path / "x").write_bytes(zip_bytes(RECORDS, local={DATA: lies}, central=central))
    with open_checkpoint(tmp_path / "x") as reader:
        (told,) = reader.container.findings
        assert (told.code, told.severity, told.where) == ("record-disagrees", "error", "a/data.pkl")
        assert told.expected.startswith(f"{field} ")
        assert told.found.startswith(found)
    # torch reads by the directory, and so does Assay: what torch would load was looked at
    assert torch_sees(tmp_path / "x") == HARMLESS


@pytest.mark.parametrize("lies", [{"flags": 1}, {"flags": 1 << 6}, {"method": 8}, {"name": b"a/xxxx.pkl"}])
def test_no_lie_of_a_local_header_hides_what_torch_would_load(tmp_path: Path, lies: dict[str, Any]) -> None:
    told = findings(tmp_path / "x", zip_bytes(EVIL, local={DATA: lies}))
    assert torch_sees(tmp_path / "x") == HARMFUL
    assert ("global-runs-code", "error", "os.system") in told


def test_sizes_and_sums_that_follow_the_content_are_no_contradiction(tmp_path: Path) -> None:
    late = {"flags": 8, "crc": 0, "stored": 0, "size": 0}
    for layout in ("<4s3I", "<4sI2Q"):
        after = struct.pack(layout, b"PK\7\x08", zlib.crc32(HARMLESS), 2, 2)
        content = zip_bytes(RECORDS, local={DATA: {**late, "after": after}}, central={DATA: {"flags": 8}})
        assert findings(tmp_path / "x", content) == set()


def two_directories(shift: bool) -> bytes:
    """Return an archive whose end record declares a harmless directory and stands behind a harmful one."""
    body, harmless = zip_parts(RECORDS)
    body, harmful = zip_parts(EVIL, before=body + bytes(100), shift=-len(harmless) if shift else 0)
    return body + harmless + harmful + zip_end(3, len(harmful), len(body))


def second_end() -> bytes:
    """Return an archive that hides the end record of another directory in the comment of its own."""
    body, harmless = zip_parts(RECORDS)
    body, harmful = zip_parts(EVIL, before=body)
    start = len(body) + len(harmless)
    own = zip_end(3, len(harmful), start, comment=zip_end(3, len(harmless), len(body)))
    return body + harmless + harmful + own


def zip64_elsewhere() -> bytes:
    """Return an archive with two records for large archives: torch follows the locator, Python looks before it."""
    body, harmless = zip_parts(RECORDS)
    body, harmful = zip_parts(EVIL, before=body)
    start = len(body) + len(harmless) + len(harmful)
    first = zip64_end(3, len(harmless), len(body), 0)[:56]
    second = zip64_end(3, len(harmful), len(body) + len(harmless), start)
    return body + harmless + harmful + first + second + zip_end(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)


@pytest.mark.parametrize("make", [lambda: two_directories(True), second_end, zip64_elsewhere])
def test_no_second_directory_hides_what_another_program_would_load(tmp_path: Path, make: Callable[[], bytes]) -> None:
    told = findings(tmp_path / "x", make())
    assert {"zip-end-disagrees", "zip-ends-several"} & {code for code, severity, _ in told if severity == "error"}
    if HARMFUL in {torch_sees(tmp_path / "x"), python_sees(tmp_path / "x")}:
        assert ("global-runs-code", "error", "os.system") in told


def test_torch_and_python_really_see_two_archives_in_one_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(two_directories(True))
    assert (torch_sees(tmp_path / "x"), python_sees(tmp_path / "x")) == (HARMLESS, HARMFUL)


BODY, DIRECTORY = zip_parts(RECORDS)
N, SIZE, START = 3, len(DIRECTORY), len(BODY)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (BODY + DIRECTORY + zip_end(2, SIZE, START), "entries"),
        (BODY + DIRECTORY + zip_end(9, SIZE, START), "entries"),
        (BODY + DIRECTORY + zip_end(N, SIZE, START, here=1), "entries"),
        (BODY + DIRECTORY + zip_end(N, SIZE, START, disk=1), "disk"),
        (BODY + DIRECTORY + zip_end(N, SIZE + 5, START), "directory-offset"),
        (BODY + DIRECTORY + zip_end(N, SIZE, START, comment=b"abc")[:-3], "comment"),
        (
            BODY + DIRECTORY + zip64_end(N, SIZE, START, START + SIZE) + zip_end(2, SIZE, START),
            "entries",
        ),
    ],
)
def test_an_end_record_that_contradicts_the_directory_is_told(tmp_path: Path, content: bytes, where: str) -> None:
    assert ("zip-end-disagrees", "error", where) in findings(tmp_path / "x", content)


def test_a_large_archives_end_is_read(tmp_path: Path) -> None:
    end = zip64_end(N, SIZE, START, START + SIZE) + zip_end(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    assert findings(tmp_path / "x", BODY + DIRECTORY + end) == set()
    assert torch_sees(tmp_path / "x") == HARMLESS


def test_bytes_around_an_archive_are_told(tmp_path: Path) -> None:
    plain = zip_bytes(RECORDS)
    assert findings(tmp_path / "x", plain + b"junk") == {("zip-trailing-bytes", "warning", "")}
    assert {code for code, _, _ in findings(tmp_path / "x", b"#!/bin/sh\n" + plain)} == {
        "zip-prefix-bytes",
        "zip-end-disagrees",
    }
    assert findings(tmp_path / "x", BODY + DIRECTORY + zip_end(N, SIZE, START, comment=b"hi")) == {
        ("zip-comment", "note", "")
    }
    assert findings(tmp_path / "x", zip_bytes(RECORDS, local={DATA: {"after": b"hidden"}})) == {
        ("zip-hidden-bytes", "note", "a/data.pkl")
    }
    assert findings(tmp_path / "x", zip_bytes(RECORDS, local={DATA: {"after": bytes(60)}})) == set()


@pytest.mark.parametrize(
    ("name", "severity", "found"),
    [
        (b"a/../../etc/passwd", "error", "parent"),
        (b"/a/x", "error", "absolute"),
        (b"a\\..\\x", "error", "parent"),
        (b"a\\x", "error", "backslash"),
        (b"C:/x", "error", "drive"),
        (b"a/x\0y", "error", "nul"),
        (b"a/\x1b[2Jx", "warning", "control"),
        ("a/\u202egpj.exe".encode(), "warning", "bidi"),
        ("a/x\u200b".encode(), "warning", "invisible"),
        (b"a//x", "warning", "dot"),
        (b"", "warning", "empty"),
        (b"a/" + b"x" * 2000, "warning", "long"),
        (b"a/\xff\xfe", "warning", "encoding"),
    ],
)
def test_names_that_no_checkpoint_needs_are_told_with_what_is_odd(
    tmp_path: Path, name: bytes, severity: str, found: str
) -> None:
    (tmp_path / "x").write_bytes(zip_bytes([*RECORDS, (name, b"")]))
    with open_checkpoint(tmp_path / "x") as reader:
        assert [(f.code, f.severity, f.found) for f in reader.container.findings] == [("record-name", severity, found)]


@pytest.mark.parametrize(
    "name", ["a/데이터", "a/.data/serialization_id", "a/x.y-z (1)", "a/é", "a/b/", "a/code/__t__.py"]
)
def test_names_of_real_checkpoints_are_not_odd(tmp_path: Path, name: str) -> None:
    told = findings(tmp_path / "x", zip_bytes([*RECORDS, (name.encode(), b"")]))
    assert {code for code, _, _ in told} <= {"code-present"}


@pytest.mark.parametrize("twin", [b"a/./data.pkl", b"a//data.pkl", b"a\\data.pkl"])
def test_names_that_become_one_on_a_disk_are_told(tmp_path: Path, twin: bytes) -> None:
    told = findings(tmp_path / "x", zip_bytes([*RECORDS, (twin, HARMLESS)]))
    assert ("record-repeated", "warning", twin.decode()) in told


def test_links_and_folders_with_content_are_told(tmp_path: Path) -> None:
    for mode, kind in ((0o120777, "symlink"), (0o040777, "directory"), (0o020666, "special")):
        content = zip_bytes(RECORDS, central={DATA: {"by": 0x314, "attributes": mode << 16}})
        (tmp_path / "x").write_bytes(content)
        with open_checkpoint(tmp_path / "x") as reader:
            assert [(f.code, f.found) for f in reader.container.findings] == [("record-kind", kind)]


def test_a_record_that_is_an_archive_is_told_and_is_no_second_directory(tmp_path: Path) -> None:
    content = zip_bytes([*RECORDS, (b"a/inner.zip", zip_bytes(EVIL))])
    assert findings(tmp_path / "x", content) == {("record-is-archive", "note", "a/inner.zip")}


def test_an_empty_record_is_no_archive(tmp_path: Path) -> None:
    assert findings(tmp_path / "x", zip_bytes([*RECORDS[:1], (b"a/data/0", b""), *RECORDS[1:]])) == {
        ("record-unreferenced", "note", "a/data/0")
    }


def test_records_over_each_other_and_over_the_directory_are_told(tmp_path: Path) -> None:
    for size in (20, 120):
        content = zip_bytes(
            RECORDS, central={b"a/version": {"stored": 2, "size": 2}, DATA: {"stored": size, "size": size}}
        )
        assert "records-overlap" in {code for code, _, _ in findings(tmp_path / "x", content)}
    content = zip_bytes(RECORDS, central={b"a/version": {"stored": 30, "size": 30}})
    assert ("records-overlap", "error", "a/version") in findings(tmp_path / "x", content)


def test_the_root_is_the_first_records_as_torch_takes_it(tmp_path: Path) -> None:
    other = [(b"b/" + name[2:], data) for name, data in EVIL]
    told = findings(tmp_path / "x", zip_bytes([*RECORDS, *other]))
    assert torch_sees(tmp_path / "x") == HARMLESS
    with open_checkpoint(tmp_path / "x") as reader:
        assert reader.container.root == "a"
    assert ("global-runs-code", "error", "os.system") in told
    assert ("zip-root-not-first", "warning", "") in findings(tmp_path / "x", zip_bytes([(b"z/x", b""), *RECORDS]))
    assert torch_sees(tmp_path / "x") is None


def test_storages_that_are_one_record_are_told(tmp_path: Path) -> None:
    value = {"a": tensor_call("k", (2,)), "b": tensor_call("K", (2,))}
    path = write_torch_zip(tmp_path / "x", pickle_bytes(value), {"k": bytes(8)})
    with open_checkpoint(path) as reader:
        assert [(f.code, f.where) for f in reader.container.findings] == [("storages-share-record", "archive/data/k")]


def test_a_file_saved_without_checksums_is_not_called_damaged(tmp_path: Path) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        torch.save({"a": torch.randn(9)}, tmp_path / "x")
    finally:
        torch.serialization.set_crc32_options(True)
    assert findings(tmp_path / "x", (tmp_path / "x").read_bytes()) == {("zip-without-checksums", "note", "")}


def test_a_bomb_of_a_record_is_told(tmp_path: Path) -> None:
    path = write_torch_zip(
        tmp_path / "x",
        pickle_bytes({"w": tensor_call("0", (1_000_000,))}),
        {"0": bytes(4_000_000)},
        compression=zipfile.ZIP_DEFLATED,
    )
    assert ("record-ratio", "note", "archive/data/0") in findings(path, path.read_bytes())


def test_overlapping_views_are_named_and_tied_ones_are_not(tmp_path: Path) -> None:
    value = {
        "whole": tensor_call("0", (8,)),
        "tied": tensor_call("0", (8,)),
        "turned": tensor_call("0", (2, 4), count=8, strides=(1, 2)),
        "part": tensor_call("0", (2,), count=8, offset=3),
        "other": tensor_call("1", (4,), count=8),
        "rest": tensor_call("1", (4,), count=8, offset=4),
    }
    path = write_torch_zip(tmp_path / "x", pickle_bytes(value), {"0": bytes(32), "1": bytes(32)})
    with open_checkpoint(path) as reader:
        told = [(f.code, f.severity, f.where, f.expected, f.found) for f in reader.container.findings]
    assert told == [("tensors-overlap", "note", "whole", "0..32", "part 12..20")]


@pytest.mark.parametrize("tensors", [1, 700])
def test_opening_reads_little_and_seldom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tensors: int) -> None:
    torch.save({f"layer.{n}.weight": torch.ones(3000) for n in range(tensors)}, tmp_path / "x.pt")
    reads: list[int] = []
    read = FileBytes.read

    def counted(file: FileBytes, start: int, size: int) -> bytes:
        data = read(file, start, size)
        reads.append(len(data))
        return data

    monkeypatch.setattr(FileBytes, "read", counted)
    with open_checkpoint(tmp_path / "x.pt") as reader:
        assert len(reader.container.tensors) == tensors
        assert reader.container.findings == ()
    # a header for each large record, and what an archive of any size has
    assert len(reads) <= tensors + 30
    assert sum(reads) <= 250 * tensors + 200_000


def test_small_neighbours_are_read_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save({f"step.{n}": torch.ones(()) for n in range(700)}, tmp_path / "x.pt")
    reads: list[int] = []
    read = FileBytes.read
    monkeypatch.setattr(FileBytes, "read", lambda f, start, size: reads.append(size) or read(f, start, size))
    with open_checkpoint(tmp_path / "x.pt") as reader:
        assert len(reader.container.tensors) == 700
    assert len(reads) < 100


def test_reading_a_checkpoint_imports_no_archive_library(tmp_path: Path) -> None:
    import subprocess
    import sys

    path = tmp_path / "x"
    path.write_bytes(zip_bytes(RECORDS))
    script = (
        "import sys; from pathlib import Path; from generators.containers import open_checkpoint\n"
        f"open_checkpoint(Path({str(path)!r})).close()\n"
        "print(sorted({'zipfile', 'tarfile', 'shutil', 'tempfile', 'pickle'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_a_name_that_is_there_a_thousand_times_is_reported_each_time_and_torchs_are_looked_at(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = findings(tmp_path / "x", zip_bytes([*RECORDS, *[(b"A/DATA.pkl", HARMFUL)] * 1000]))
    assert ("global-runs-code", "error", "os.system") in told

"""What hostile files cost: memory of a process of its own, and time."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import directory_entry, legacy_bytes, local_header, safetensors_bytes, write_torch_zip, zip64_end, zip_end

SCRIPT = Path(__file__).with_name("memory_of_reading.py")
PROJECT = Path(__file__).resolve().parents[2]
MEGABYTES = 256
SECONDS = 30.0
"""Several times what the slowest takes on a core of its own."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs getrusage")


def pickled(stream: bytes, compression: int = zipfile.ZIP_STORED) -> Callable[[Path], object]:
    return lambda path: write_torch_zip(path, stream, {}, compression=compression)


def nested(path: Path) -> None:
    inner = legacy_bytes(b"(" + b"}" * 1_000_000 + b"t.", [])
    call = b"h\1B" + struct.pack("<I", len(inner)) + inner + b"\x85R"
    stream = b"ctorch.storage\n_load_from_bytes\nq\1(" + call * 8 + b"t."
    write_torch_zip(path, stream, {}, compression=zipfile.ZIP_DEFLATED)


def nested_bomb(path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a", b"\x80\x04N." + bytes(600 << 20))
    write_torch_zip(path, b"B" + struct.pack("<I", len(stream.getvalue())) + stream.getvalue() + b".", {})


def million_entries(path: Path) -> None:
    header = local_header(b"a/0000000", b"")
    entries = b"".join(directory_entry(b"a/%07d" % n, b"", 0) for n in range(1_000_000))
    end = zip64_end(1_000_000, len(entries), len(header), len(header) + len(entries))
    path.write_bytes(header + entries + end + zip_end(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF))


def million_members(path: Path) -> None:
    path.write_bytes(tarfile.TarInfo("x").tobuf() * 200_000)


def emoji_header(path: Path) -> None:
    path.write_bytes(safetensors_bytes('{"__metadata__":{"a":"😀'.encode() + b"x" * 90_000_000 + b'"}}', b""))


def short_texts_header(path: Path) -> None:
    path.write_bytes(safetensors_bytes(b'{"a":[' + b'"ab",' * 4_900_000 + b"0]}", b""))


CASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "bomb in a value": (nested_bomb, "nested-unreadable"),
    "objects": (pickled(b"cx\ny\nq\0(" + b"h\0)R" * 1_900_000 + b"t."), "pickle-budget"),
    "dicts of one": (pickled(b"(" + b"}K\1Ns" * 1_900_000 + b"t."), "pickle-budget"),
    "entries": (
        pickled(b"}(" + b"".join(b"J" + struct.pack("<i", n) + b"N" for n in range(3_500_000)) + b"u."),
        "pickle-budget",
    ),
    "floats": (pickled(b"(" + b"G????????" * 7_000_000 + b"t."), "pickle-budget"),
    "integers": (
        pickled(b"(" + (b"\x8b" + struct.pack("<i", 4096) + b"\x7f" * 4096) * 60_000 + b"t."),
        "pickle-budget",
    ),
    "wide texts": (pickled(b"(" + (b"\x8c\x03" + "글".encode()) * 5_000_000 + b"t."), "pickle-budget"),
    "texts with one wide character": (
        pickled(b"(" + (b"X" + struct.pack("<I", 60_004) + b"a" * 60_000 + "😀".encode()) * 1000 + b"t."),
        "pickle-budget",
    ),
    "nested checkpoints": (nested, "pickle-budget"),
    "a million zip entries": (million_entries, "zip-records-cut"),
    "a million tar members": (million_members, "tar-not-torch"),
    "a wide safetensors header": (emoji_header, "tree-too-large"),
    "a safetensors header of short texts": (short_texts_header, "tree-too-large"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_costs_bounded_memory_and_time_and_ends_in_a_finding(tmp_path: Path, name: str) -> None:
    write, code = CASES[name]
    write(tmp_path / "x")
    started = time.monotonic()
    told = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "x")],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert time.monotonic() - started < SECONDS
    assert int(told[0]) < MEGABYTES
    assert code in told[1:]


def test_a_large_checkpoint_is_within_the_bounds(tmp_path: Path) -> None:
    from builders import pickle_bytes, tensor_call

    from generators.containers import open_checkpoint

    value = {f"model.layers.{n}.weight": tensor_call(str(n), (1,)) for n in range(30_000)}
    with open_checkpoint(write_torch_zip(tmp_path / "x", pickle_bytes(value), {})) as reader:
        assert len(reader.container.tensors) == 30_000
        assert {f.code for f in reader.container.findings} == {"storage-missing", "findings-cut"}

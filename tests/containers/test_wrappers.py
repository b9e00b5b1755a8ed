"""Checkpoints inside archives of another kind."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from builders import safetensors_bytes
from containers.torch_oracle import assert_agrees
from foreign_builders import gguf_bytes, npy_bytes, npy_header

from generators.containers import inflate, open_checkpoint
from generators.model.checkpoint import Container

VALUE = {"w": torch.randn(300, 400, generator=torch.Generator().manual_seed(0)), "epoch": 3}


def checkpoint(**options: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(VALUE, stream, **options)
    return stream.getvalue()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)  # the same bytes in every process: they name the tests


def read(path: Path, content: bytes) -> Container:
    path.write_bytes(content)
    with open_checkpoint(path) as reader:
        for storage in reader.container.storages:
            data = reader.read_storage(storage.key, 0, storage.declared_bytes)
            assert len(data) == storage.present_bytes
        reader.check_records()
        return reader.container


def told(container: Container) -> list[tuple[str, str]]:
    return [(f.code, f.where) for f in container.findings]


ZIP, LEGACY = checkpoint(), checkpoint(_use_new_zipfile_serialization=False)
README = {"README.md": b"see the paper " * 2000}
WRAPPERS: dict[str, tuple[Callable[[bytes], bytes], list[tuple[str, str]]]] = {
    "stored zip": (lambda c: zipped(README | {"sub/m.pth": c}), [("wrapped-zip", "sub/m.pth")]),
    "deflated zip": (
        lambda c: zipped(README | {"m.pth": c}, zipfile.ZIP_DEFLATED),
        [("wrapped-zip", "m.pth")],
    ),
    "tar": (lambda c: tarred(README | {"x/m.pth": c}), [("wrapped-tar", "x/m.pth")]),
    "gzip": (gzip.compress, [("wrapped-gzip", "")]),
    "tar.gz": (lambda c: gzip.compress(tarred({"m.pth": c})), [("wrapped-gzip", ""), ("wrapped-tar", "m.pth")]),
    "gzip in members": (lambda c: gzip.compress(c[:999]) + gzip.compress(c[999:]) + bytes(512), [("wrapped-gzip", "")]),
}


@pytest.mark.parametrize("inner", [ZIP, LEGACY], ids=["zip", "legacy"])
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_one_checkpoint_is_read_where_it_lies(tmp_path: Path, wrapper: str, inner: bytes) -> None:
    wrap, findings = WRAPPERS[wrapper]
    (tmp_path / "x").write_bytes(wrap(inner))
    reader = assert_agrees(tmp_path / "x", {"w": VALUE["w"]})
    assert told(reader.container) == findings
    assert {f.severity for f in reader.container.findings} == {"note"}


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (safetensors_bytes({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(8)), "safetensors"),
        (gguf_bytes([("a", (2,), 0, bytes(8))]), "gguf"),
        (npy_bytes(npy_header("<f4", (2,)), bytes(8)), "numpy"),
    ],
)
def test_other_formats_too(tmp_path: Path, content: bytes, form: str) -> None:
    for wrap, _ in WRAPPERS.values():
        container = read(tmp_path / "x", wrap(content))
        assert (container.format, len(container.tensors)) == (form, 1)
        assert all(f.severity == "note" for f in container.findings)


@pytest.mark.parametrize("wrap", [lambda c: zipped({"m.pth": c}), lambda c: tarred({"m.pth": c})])
def test_an_uncompressed_wrapper_costs_no_more_than_headers(
    tmp_path: Path, read_bytes: Any, wrap: Callable[[bytes], bytes]
) -> None:
    stream = io.BytesIO()
    torch.save({"w": torch.zeros(1 << 20)}, stream)
    (tmp_path / "x").write_bytes(wrap(stream.getvalue()))
    with open_checkpoint(tmp_path / "x") as reader:
        assert reader.container.tensors[0].count == 1 << 20
    assert read_bytes() < 100_000


@pytest.mark.parametrize(
    ("content", "finding", "found"),
    [
        (zipped({"a.pth": ZIP, "b.pth": LEGACY}), "wrapped-several", "a.pth, b.pth"),
        (tarred({"a.pth": LEGACY, "b.pth": ZIP + b"x"}), "wrapped-several", "b.pth, a.pth"),
        (zipped({"in.zip": zipped({"m.pth": ZIP})}), "wrapper-nested", "in.zip"),
        (zipped({"in.zip": zipped({"a/data/m.pth": ZIP})}), "wrapper-nested", "a/data/m.pth"),
        (zipped({"in.gz": packed(ZIP)}), "wrapper-nested", "in.gz"),
        (tarred({"in.tar": tarred({"m.pth": ZIP})}), "wrapper-nested", "in.tar"),
        (packed(zipped({"docs/m.pth": ZIP})), "wrapper-nested", ""),
        (packed(packed(ZIP)), "wrapper-nested", ""),
        (packed(b"a,b\n" * 999), "gzip-file", "text-file"),
        (packed(b""), "gzip-file", ""),
        (packed(b"<html><title>404 Not Found</title>"), "gzip-file", "html-not-found"),
        (b"\x1f\x8b" + bytes(40), "gzip-file", ""),
        (zipped(README), "zip-not-torch", "README.md"),
        (tarred(README), "tar-not-torch", "README.md"),
        (zipped({"config.json": b"{}", "model.weights.h5": b"\x89HDF"}), "keras-file", "model.weights.h5, config.json"),
        (zipped({"m/saved_model.pb": b"\x08\x01\x12"}), "tensorflow-file", "m/saved_model.pb"),
    ],
)
def test_what_is_not_one_checkpoint_is_named(tmp_path: Path, content: bytes, finding: str, found: str) -> None:
    container = read(tmp_path / "x", content)
    assert container.format == "unknown"
    (only,) = container.findings
    assert (only.code, only.severity, set(only.found.split(", "))) == (finding, "error", set(found.split(", ")))


def test_a_cut_gzip_gives_what_came_out(tmp_path: Path) -> None:
    whole = gzip.compress(LEGACY)
    container = read(tmp_path / "x", whole[: len(whole) // 2])
    assert [t.name for t in container.tensors] == ["w"]
    codes = [f.code for f in container.findings]
    assert codes[:2] == ["wrapped-gzip", "gzip-truncated"]
    assert {"file-truncated", "storage-short"} <= set(codes)
    damaged = bytearray(whole)
    damaged[-6] ^= 1  # of the sum
    assert "gzip-truncated" in [f.code for f in read(tmp_path / "x", bytes(damaged)).findings]


def test_a_damaged_member_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    content = bytearray(zipped({"m.pth": LEGACY}, zipfile.ZIP_DEFLATED))
    middle = len(content) // 2
    content[middle : middle + 64] = b"\xff" * 64
    container = read(tmp_path / "x", bytes(content))
    assert ("member-damaged", "m.pth") in told(container)


def test_bombs_are_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "FREE_BYTES", 1 << 20)
    stream = io.BytesIO()
    np.savez(stream, a=np.zeros(1 << 20))
    bomb = stream.getvalue()
    for content in (gzip.compress(bomb, 9), zipped({"m.pth": LEGACY[:400] + bytes(1 << 23)}, zipfile.ZIP_DEFLATED)):
        container = read(tmp_path / "x", content)
        assert container.tensors == ()
        (finding,) = (f for f in container.findings if f.severity != "note")
        assert (finding.code, finding.severity) == ("unpacked-too-large", "error")


def test_a_member_that_lies_about_its_size_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "FREE_BYTES", 1 << 20)
    content = bytearray(zipped({"m.pth": LEGACY[:400] + bytes(1 << 23)}, zipfile.ZIP_DEFLATED))
    directory = content.index(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (1000).to_bytes(4, "little")
    codes = {f.code for f in read(tmp_path / "x", bytes(content)).findings}
    assert codes == {"record-disagrees", "unpacked-too-large"}


def test_a_full_disk_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "allowed_bytes", lambda _: 0)
    assert [f.code for f in read(tmp_path / "x", gzip.compress(ZIP)).findings] == ["unpacked-too-large"]


def test_many_empty_gzip_members_cost_little(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(gzip.compress(LEGACY[:300]) + gzip.compress(b"") * 100_000)
    with open_checkpoint(tmp_path / "x") as reader:
        assert "gzip-truncated" in [f.code for f in reader.container.findings]


def test_what_was_unpacked_is_gone_when_the_reader_is_closed(tmp_path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("no /proc here")
    (tmp_path / "x").write_bytes(gzip.compress(ZIP))
    before = len(list(descriptors.iterdir()))
    with open_checkpoint(tmp_path / "x"):
        assert len(list(descriptors.iterdir())) > before
    assert len(list(descriptors.iterdir())) == before
    (tmp_path / "y").write_bytes(gzip.compress(tarred({"a": LEGACY, "b": LEGACY})))
    open_checkpoint(tmp_path / "y").close()
    assert len(list(descriptors.iterdir())) == before

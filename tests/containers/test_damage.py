"""Damaged files: what can be read is read, what can't is named, nothing raises."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from builders import Persistent, float32_bytes, pickle_bytes, rewrite_zip, write_torch_tar
from foreign_builders import gguf_bytes, gguf_text, message, onnx_model, onnx_tensor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from generators.containers import CheckpointReader, open_checkpoint
from generators.errors import ContainerError
from generators.model.checkpoint import Container

VALUE = {
    "epoch": 3,
    "network": {f"module.layer{i}.weight": torch.arange(40.0).reshape(5, 8) + i for i in range(6)},
    "optimizer": {"state": {i: {"step": torch.tensor(7.0), "exp_avg": torch.ones(9)} for i in range(3)}},
}


def save_zip(path: Path) -> None:
    torch.save(VALUE, path)


def save_deflated(path: Path) -> None:
    torch.save(VALUE, path.with_suffix(".stored"))
    rewrite_zip(path.with_suffix(".stored"), path, compression=zipfile.ZIP_DEFLATED)


def save_legacy(path: Path) -> None:
    torch.save(VALUE, path, _use_new_zipfile_serialization=False)


def save_safetensors(path: Path) -> None:
    save_file(VALUE["network"], path)


def save_tar(path: Path) -> None:
    write_torch_tar(
        path,
        storages=[(i, "FloatStorage", 40, float32_bytes(*range(i, i + 40))) for i in range(6)],
        tensors=[(10 + i, i, (5, 8), (8, 1), 0) for i in range(6)],
        root={"epoch": 3, "network": {f"module.layer{i}.weight": Persistent(10 + i) for i in range(6)}},
    )


def save_script(path: Path) -> None:
    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = torch.nn.Linear(3, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.fc(x)

    torch.jit.save(torch.jit.trace(Net(), torch.ones(1, 3)), path)


def save_numpy(path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.asfortranarray(np.arange(40.0).reshape(5, 8)))
    path.write_bytes(stream.getvalue())


def save_arrays(path: Path) -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, **{name: tensor.numpy() for name, tensor in VALUE["network"].items()}, o=np.array([{}]))
    path.write_bytes(stream.getvalue())


def save_gguf(path: Path) -> None:
    metadata = {"general.name": (8, gguf_text("x")), "n": (9, b"\4\0\0\0" + (2).to_bytes(8, "little") + bytes(8))}
    tensors = [(f"t{i}", (8, 5), 0, bytes(range(160))) for i in range(4)]
    path.write_bytes(gguf_bytes([("q", (32,), 2, bytes(range(18))), *tensors], metadata))


def save_onnx(path: Path) -> None:
    tensors = [(5, onnx_tensor(f"t{i}", 1, [5, 8], (9, bytes(range(160))))) for i in range(4)]
    inner = message((5, onnx_tensor("typed", 7, [3], (7, b"\1\2\3"))))
    node = message((2, "y"), (3, "If"), (5, message((1, "then"), (6, inner), (20, 5))))
    path.write_bytes(onnx_model((1, node), *tensors))


def save_package(path: Path) -> None:
    meta = {
        "dtype": 7,
        "sizes": [{"as_int": 5}, {"as_int": 8}],
        "strides": [{"as_int": 8}, {"as_int": 1}],
        "storage_offset": {"as_int": 0},
        "layout": 7,
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("r/archive_format", "pt2")
        config = {"w": {"path_name": "weight_0", "use_pickle": False, "tensor_meta": meta}}
        archive.writestr("r/data/weights/model_weights_config.json", json.dumps({"config": config}))
        archive.writestr("r/data/weights/weight_0", bytes(160))


def save_chain(path: Path) -> None:
    parts = []
    for value in (torch.ones(3), 7):
        torch.save(value, path)
        parts.append(path.read_bytes())
    path.write_bytes(b"".join(parts))


def save_wrapped(path: Path) -> None:
    save_legacy(path)
    content = path.read_bytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m.pth", content)


def save_gzip(path: Path) -> None:
    save_zip(path)
    path.write_bytes(gzip.compress(path.read_bytes()))


WRITERS: dict[str, Callable[[Path], None]] = {
    "zip": save_zip,
    "deflated": save_deflated,
    "legacy": save_legacy,
    "safetensors": save_safetensors,
    "tar": save_tar,
    "script": save_script,
    "numpy": save_numpy,
    "arrays": save_arrays,
    "gguf": save_gguf,
    "onnx": save_onnx,
    "package": save_package,
    "chain": save_chain,
    "wrapped": save_wrapped,
    "gzip": save_gzip,
}


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("originals")
    for name, write in WRITERS.items():
        if name != "script":
            write(folder / name)
    with pytest.warns(DeprecationWarning, match="torch.jit"):
        save_script(folder / "script")
    return {name: (folder / name).read_bytes() for name in WRITERS}


def read_all(path: Path) -> Container:
    """Read everything there is to read, and check that storages have the bytes they say."""
    with open_checkpoint(path) as reader:
        keys = [s.key for s in reader.container.storages]
        assert len(set(keys)) == len(keys)
        tensors = {t.storage for t in reader.container.tensors}
        assert tensors <= set(keys)
        for storage in reader.container.storages:
            data = reader.read_storage(storage.key, 0, min(storage.declared_bytes, 1 << 20))
            assert len(data) <= min(storage.declared_bytes, 1 << 20)
            assert 0 <= storage.present_bytes <= storage.declared_bytes
        reader.check_records()
        for finding in reader.container.findings:
            repr(finding).encode()
        return reader.container


@pytest.mark.parametrize("form", WRITERS)
def test_truncated_files_have_findings_and_true_sizes(tmp_path: Path, originals: dict[str, bytes], form: str) -> None:
    data = originals[form]
    for end in sorted({*range(0, len(data), max(1, len(data) // 150)), *range(len(data) - 80, len(data))}):
        (tmp_path / "x").write_bytes(data[:end])
        with open_checkpoint(tmp_path / "x") as reader:
            container = reader.container
            if form == "tar" and end > len(data) // 2 and not container.findings:
                continue  # a tar ends in padding that says nothing
            if form == "chain" and container.format == "torch-zip":
                continue  # the first archive is whole; what follows it isn't an archive any more
            assert container.findings, end
            for storage in container.storages:
                assert len(reader.read_storage(storage.key, 0, storage.declared_bytes)) == storage.present_bytes, end


def test_a_zip_without_its_directory_is_read_by_its_local_headers(tmp_path: Path, originals: dict[str, bytes]) -> None:
    data = originals["zip"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.start_dir
        cut = archive.getinfo("zip/data/4").header_offset + 100
    for end in (start, start - 1, len(data) - 1):
        (tmp_path / "x").write_bytes(data[:end])
        with open_checkpoint(tmp_path / "x") as reader:
            assert [f.code for f in reader.container.findings] == ["zip-directory-missing"]
            for tensor in reader.container.tensors[:6]:
                expected = VALUE["network"][tensor.name.removeprefix("network.")]
                assert reader.read_storage(tensor.storage, 0, 160) == expected.numpy().tobytes()
    (tmp_path / "x").write_bytes(data[:cut])
    with open_checkpoint(tmp_path / "x") as reader:
        assert (reader.container.format, reader.container.root) == ("torch-zip", "zip")
        present = {s.key: s.present_bytes for s in reader.container.storages}
        assert [present[str(i)] for i in range(4)] == [160] * 4
        assert 0 < present["4"] < 160
        assert present["5"] == 0
        assert len(reader.container.tensors) == 12
        found = {(f.code, f.where) for f in reader.container.findings}
        assert found >= {
            ("zip-directory-missing", ""),
            ("storage-short", "zip/data/4"),
            ("storage-missing", "zip/data/5"),
        }


def test_a_truncated_legacy_stream_names_its_tensors(tmp_path: Path, originals: dict[str, bytes]) -> None:
    data = originals["legacy"]
    start = data.index(VALUE["network"]["module.layer0.weight"].numpy().tobytes())
    (tmp_path / "x").write_bytes(data[: start + 50])
    with open_checkpoint(tmp_path / "x") as reader:
        assert len(reader.container.tensors) == 12
        codes = [f.code for f in reader.container.findings]
        assert codes.count("storage-short") == 1
        assert set(codes) == {"file-truncated", "storage-short", "storage-missing"}
        assert (reader.container.findings[0].expected, reader.container.findings[0].found) == (
            str(len(data)),
            str(start + 50),
        )
    (tmp_path / "x").write_bytes(data[: data.index(b"layer3") + 4])
    with open_checkpoint(tmp_path / "x") as reader:
        assert [t.name for t in reader.container.tensors] == [f"network.module.layer{i}.weight" for i in range(3)]
        assert "pickle-truncated" in [f.code for f in reader.container.findings]


def test_bytes_lost_in_the_middle_of_a_zip(tmp_path: Path, originals: dict[str, bytes]) -> None:
    data = originals["zip"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        hole = archive.getinfo("zip/data/4").header_offset + 100
    (tmp_path / "x").write_bytes(data[:hole] + data[hole + 64 :])
    with open_checkpoint(tmp_path / "x") as reader:
        assert len(reader.container.tensors) == 12
        first = reader.container.tensors[0]
        assert reader.read_storage(first.storage, 0, 160) == VALUE["network"]["module.layer0.weight"].numpy().tobytes()
        assert reader.container.findings


@pytest.mark.parametrize("name", [b"zip_data.pkl", b"QQQ/data.pkl", b"zip/data.pk/"])
def test_a_damaged_record_name_costs_that_record_only(tmp_path: Path, originals: dict[str, bytes], name: bytes) -> None:
    data = originals["zip"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.start_dir
    (tmp_path / "x").write_bytes(data[:start].replace(b"zip/data.pkl", name))
    container = read_all(tmp_path / "x")
    assert (container.format, container.root) == ("torch-zip", "zip")
    assert ("index-missing", "zip/data.pkl") in [(f.code, f.where) for f in container.findings]


def test_a_damaged_signature_leaves_the_directory(tmp_path: Path, originals: dict[str, bytes]) -> None:
    (tmp_path / "x").write_bytes(b"QQQQ" + originals["zip"][4:])
    container = read_all(tmp_path / "x")
    assert container.format == "torch-zip"
    assert ("record-header", "zip/data.pkl") in [(f.code, f.where) for f in container.findings]


mutations = st.lists(
    st.tuples(st.sampled_from(["set", "cut", "insert", "fill"]), st.floats(0, 1), st.binary(min_size=1, max_size=40)),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=mutations)
def test_mutated_files_never_raise(
    tmp_path: Path, originals: dict[str, bytes], form: str, changes: list[tuple[str, float, bytes]]
) -> None:
    content = bytearray(originals[form])
    for kind, place, data in changes:
        at = int(place * len(content))
        match kind:
            case "set":
                content[at : at + 1] = data[:1]
            case "cut":
                del content[at : at + len(data)]
            case "insert":
                content[at:at] = data
            case _:
                content[at : at + 8] = b"\xff" * 8
    (tmp_path / "x").write_bytes(content)
    read_all(tmp_path / "x")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(
        [
            *(b"", b"PK\x03\x04", b"PK\x05\x06", b"\x80\x02", b"\x10\0\0\0\0\0\0\0{", b"\x1f\x8b", b"ustar"),
            *(b"GGUF\3\0\0\0", b"\x93NUMPY\1\0", b"\x08\x08", b'{"weight_map":', b"<html", b"\x89HDF\r\n\x1a\n"),
        ]
    ),
    tail=st.binary(max_size=600),
)
def test_random_files_never_raise(tmp_path: Path, head: bytes, tail: bytes) -> None:
    (tmp_path / "x").write_bytes(head + tail)
    read_all(tmp_path / "x")


def plain_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("notes/readme.txt", "hello")
    return stream.getvalue()


def empty_zip() -> bytes:
    stream = io.BytesIO()
    zipfile.ZipFile(stream, "w").close()
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title>", "html-drive-quota"),
        (b"\n  <HTML>virus scan warning", "html-drive-scan"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n", "lfs-pointer"),
        (b"Entry not found", "text-file"),
        ("권한이 없습니다".encode() * 60, "text-file"),
        (plain_zip(), "zip-not-torch"),
        (empty_zip(), "zip-empty"),
        (gzip.compress(b"x" * 100, mtime=0), "gzip-file"),
        (b"BZh91AY", "compressed-file"),
        (b"\x89HDF\r\n\x1a\n" + bytes(20), "hdf5-file"),
        (pickle_bytes({"a": 1}), "pickle-not-torch"),
        (bytes(5000), "zeros-only"),
        (b"\x00\x01\x02garbage\xff\xfe", "format-unrecognised"),
    ],
)
def test_files_that_are_no_checkpoint_are_named(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "model.pth").write_bytes(content)
    container = read_all(tmp_path / "model.pth")
    assert container.format == "unknown"
    assert [(f.code, f.severity) for f in container.findings] == [(code, "error")]


def open_error(path: Path) -> str:
    with pytest.raises(ContainerError) as caught:
        open_checkpoint(path)
    assert caught.value.remedy
    return caught.value.code


def test_paths_that_are_no_files_are_errors_and_never_hang(tmp_path: Path) -> None:
    assert open_error(tmp_path / "missing") == "unreadable"
    assert open_error(tmp_path) == "directory"
    assert open_error(Path("/dev/null")) == "not-a-file"
    assert open_error(Path("a\0b")) == "unreadable"
    os.mkfifo(tmp_path / "fifo")
    assert open_error(tmp_path / "fifo") == "not-a-file"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert open_error(tmp_path / "loop") == "unreadable"


def test_a_link_to_a_file_is_the_file(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(1)}, tmp_path / "x")
    (tmp_path / "y").symlink_to(tmp_path / "x")
    assert read_all(tmp_path / "y").format == "torch-zip"


def test_closing_frees_the_file_and_may_be_repeated(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(1)}, tmp_path / "x")
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    for _ in range(3):
        reader = open_checkpoint(tmp_path / "x")
        assert isinstance(reader, CheckpointReader)
        reader.close()
        reader.close()
    after = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    assert after == before


def test_reads_outside_a_storage_give_nothing(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(4)}, tmp_path / "x")
    with open_checkpoint(tmp_path / "x") as reader:
        for start, size in ((16, 1), (17, 5), (-1, 4), (0, 0), (0, -5)):
            assert reader.read_storage("0", start, size) == b""
        assert len(reader.read_storage("0", 12, 100)) == 4

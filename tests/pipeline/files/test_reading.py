"""What is kept of a file that was read, and what isn't."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generators.errors import ContainerError
from generators.fingerprint import checkpoint
from generators.pipeline.files.reading import inspect_file, read_fingerprint
from generators.store import CacheFolder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_file = pytest.importorskip("safetensors.numpy").save_file
    path = tmp_path / "a.safetensors"
    save_file({"weight": np.ones(3, dtype=np.float32)}, path)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> CacheFolder:
    return CacheFolder(tmp_path / "cache")


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of files that are read, as it grows."""
    read: list[str] = []
    original = checkpoint.fingerprint_checkpoint

    def note(name: str, *arguments: Any, **options: Any) -> Any:
        read.append(name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(checkpoint, "fingerprint_checkpoint", note)
    return read


def test_an_unchanged_file_is_read_once(path: Path, cache: CacheFolder, readings: list[str]) -> None:
    first = read_fingerprint(path, cache, "a")
    assert read_fingerprint(path, cache, "a") == first
    assert readings == [path.name]


def test_the_same_bytes_under_another_name_share_the_fingerprint_and_not_the_name(
    path: Path, cache: CacheFolder
) -> None:
    first = read_fingerprint(path, cache, "a")
    other = read_fingerprint(path.rename(path.with_name("b.safetensors")), cache, "b")
    assert (first.file.name, other.file.name) == ("a.safetensors", "b.safetensors")
    assert other.tensors == first.tensors


def test_known_bytes_are_told_by_their_blake3_alone(path: Path, cache: CacheFolder, readings: list[str]) -> None:
    first = read_fingerprint(path, cache, "a")
    copy = path.with_name("copy.safetensors")
    copy.write_bytes(path.read_bytes())
    assert read_fingerprint(copy, cache, "copy").tensors == first.tensors
    assert readings == [path.name]


def test_other_bytes_of_the_same_size_are_read(path: Path, cache: CacheFolder, readings: list[str]) -> None:
    first = read_fingerprint(path, cache, "a")
    other = path.with_name("other.safetensors")
    other.write_bytes(path.read_bytes()[:-1] + b"\1")
    found = read_fingerprint(other, cache, "other")
    assert readings == [path.name, other.name]
    assert found.weights_digest != first.weights_digest
    touched = path.rename(path.with_name("moved.safetensors"))
    read_fingerprint(touched, cache, "moved")
    assert readings == [path.name, other.name]


def test_an_index_is_read_again_when_a_file_beside_it_comes_or_changes(
    path: Path, cache: CacheFolder, readings: list[str]
) -> None:
    index = path.with_name("model.safetensors.index.json")
    names = [tensor.name for tensor in inspect_file(path).tensors]
    index.write_text(json.dumps({"weight_map": dict.fromkeys(names, "shard")}), encoding="utf-8")
    readings.clear()
    assert "shard-missing" in {f.code for f in read_fingerprint(index, cache, "a").findings}
    shard = path.rename(path.with_name("shard"))
    whole = read_fingerprint(index, cache, "a")
    assert [t.name for t in whole.tensors] == names
    assert whole.weights_digest is not None
    assert read_fingerprint(index, cache, "a") == whole
    assert len(readings) == 2
    shard.write_bytes(shard.read_bytes()[:-1] + b"\1")
    assert read_fingerprint(index, cache, "a").weights_digest != whole.weights_digest


def test_a_file_beside_an_index_that_changes_while_it_is_read_is_noticed(
    path: Path, cache: CacheFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = path.with_name("model.safetensors.index.json")
    index.write_text(json.dumps({"weight_map": {"weight": path.name}}), encoding="utf-8")
    original = checkpoint.fingerprint_checkpoint

    def change(*arguments: Any, **options: Any) -> Any:
        path.write_bytes(path.read_bytes() + b"x")
        return original(*arguments, **options)

    monkeypatch.setattr(checkpoint, "fingerprint_checkpoint", change)
    with pytest.raises(ContainerError, match="changing"):
        read_fingerprint(index, cache, "a")


def test_a_file_that_grows_while_it_is_read_is_refused_and_nothing_is_kept_of_it(
    path: Path, cache: CacheFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-4])
    original = checkpoint.fingerprint_checkpoint

    def finish_writing(*arguments: Any, **options: Any) -> Any:
        path.write_bytes(whole)
        return original(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "fingerprint_checkpoint", finish_writing)
        with pytest.raises(ContainerError, match="changing"):
            read_fingerprint(path, cache, "a")
    fingerprint = read_fingerprint(path, cache, "a")
    assert fingerprint.findings == ()
    assert fingerprint.weights_digest == inspect_file(path).weights_digest is not None

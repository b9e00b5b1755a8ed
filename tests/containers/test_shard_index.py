"""The index of a model in several files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from generators.containers import open_checkpoint
from generators.containers.shard_index import find_neighbours
from generators.model.checkpoint import Container

A = {"a.weight": torch.arange(6.0).reshape(2, 3)}
B = {"b.weight": torch.ones(4, dtype=torch.float16), "b.bias": torch.zeros(2)}
NAMES = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")


def write_index(folder: Path, weight_map: Any, **metadata: Any) -> Path:
    path = folder / "model.safetensors.index.json"
    path.write_text(json.dumps({"metadata": metadata, "weight_map": weight_map}), encoding="utf-8")
    return path


def promise(**shards: dict[str, Any]) -> dict[str, str]:
    return {name: shard for shard, tensors in shards.items() for name in tensors}


WHOLE = {name: shard for shard, tensors in zip(NAMES, (A, B), strict=True) for name in tensors}


def read(path: Path) -> Container:
    with open_checkpoint(path) as reader:
        for storage in reader.container.storages:
            assert len(reader.read_storage(storage.key, 0, storage.declared_bytes)) == storage.present_bytes
        assert reader.container.format == "shard-index"
        return reader.container


def told(container: Container) -> list[tuple[str, str]]:
    return [(f.code, f.where) for f in container.findings]


def test_shards_beside_the_index_are_read_with_it(tmp_path: Path) -> None:
    save_file(A, tmp_path / NAMES[0])
    save_file(B, tmp_path / NAMES[1])
    path = write_index(tmp_path, WHOLE, total_size=40)
    with open_checkpoint(path) as reader:
        container = reader.container
        tensors = {t.name: t for t in container.tensors}
        assert {name: t.shape for name, t in tensors.items()} == {"a.weight": (2, 3), "b.weight": (4,), "b.bias": (2,)}
        first = tensors["a.weight"]
        assert reader.read_storage(first.storage, 0, 24) == A["a.weight"].numpy().tobytes()
        assert told(container) == [("shard-index", "")]
        assert [(o.path, o.number) for o in container.objects] == [("metadata.total_size", 40)]
    assert find_neighbours(path) == NAMES


def test_shards_that_torch_wrote(tmp_path: Path) -> None:
    torch.save(A, tmp_path / "pytorch_model-00001-of-00001.bin")
    container = read(write_index(tmp_path, {"a.weight": "pytorch_model-00001-of-00001.bin"}))
    assert [t.name for t in container.tensors] == ["a.weight"]
    assert "torch._utils._rebuild_tensor_v2" in container.globals


def test_a_missing_shard_is_named_with_what_it_should_hold(tmp_path: Path) -> None:
    save_file(A, tmp_path / NAMES[0])
    path = write_index(tmp_path, WHOLE)
    container = read(path)
    assert told(container) == [("shard-index", ""), ("shard-missing", NAMES[1])]
    assert [(o.path, o.text) for o in container.objects] == [
        ("weight_map.b.weight", NAMES[1]),
        ("weight_map.b.bias", NAMES[1]),
    ]
    assert find_neighbours(path) == NAMES


def test_tensors_that_are_promised_and_missing_or_there_and_unpromised(tmp_path: Path) -> None:
    save_file(B, tmp_path / "s")
    container = read(write_index(tmp_path, {"b.weight": "s", "lost": "s"}))
    assert told(container) == [
        ("shard-index", ""),
        ("shard-tensor-missing", "lost"),
        ("shard-tensor-unpromised", "b.bias"),
    ]


@pytest.mark.parametrize("name", ["../s", "/etc/passwd", "a/s", "..", ".", "", "a\\s", "x\0y", "x" * 300])
def test_names_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path, name: str) -> None:
    (tmp_path / "in" / "a").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "in" / "a"):
        save_file(A, folder / "s")
    container = read(write_index(tmp_path / "in", {"a.weight": name}))
    assert [f.code for f in container.findings] == ["shard-index", "shard-outside"]
    assert container.tensors == ()


def test_links_out_of_the_folder_are_not_followed_but_a_caches_own_are(tmp_path: Path) -> None:
    for folder in ("blobs", "snapshot", "elsewhere"):
        (tmp_path / folder).mkdir()
    save_file(A, tmp_path / "blobs" / "1234")
    save_file(B, tmp_path / "elsewhere" / "s")
    index = write_index(tmp_path / "blobs", {"a.weight": "a", "b.weight": "b"})
    for name, target in (("index.json", index), ("a", "../blobs/1234"), ("b", "../elsewhere/s")):
        (tmp_path / "snapshot" / name).symlink_to(target)
    container = read(tmp_path / "snapshot" / "index.json")
    assert [t.name for t in container.tensors] == ["a.weight"]
    assert told(container) == [("shard-index", ""), ("shard-outside", "b")]


def test_a_shard_that_is_no_file_or_no_checkpoint_is_no_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "page").write_text("<html><title>404</title></html>")
    (tmp_path / "index").write_text('{"weight_map": {"x": "index"}}')
    container = read(write_index(tmp_path, {"a": "pipe", "b": "folder", "c": "page", "d": "index"}))
    found = told(container)
    assert ("shard-missing", "pipe") in found
    assert ("shard-missing", "folder") in found
    assert ("html-not-found", "page") in found
    assert ("shard-missing", "index: index") in found


@pytest.mark.parametrize(
    "text",
    [
        '{"weight_map": []}',
        '{"weight_map": {"a": 3}}',
        '{"weight_map": ',
        '["weight_map"]',
        '{"a": "\\"weight_map\\""}',
    ],
)
def test_what_is_no_index_is_not_taken_for_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    with open_checkpoint(tmp_path / "x") as reader:
        assert reader.container.format == "unknown"
        assert [f.code for f in reader.container.findings] == ["json-file"]


def test_closing_closes_the_shards(tmp_path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("no /proc here")
    save_file(A, tmp_path / "s")
    path = write_index(tmp_path, {"a.weight": "s"})
    before = len(list(descriptors.iterdir()))
    reader = open_checkpoint(path)
    assert len(list(descriptors.iterdir())) == before + 2
    reader.close()
    assert len(list(descriptors.iterdir())) == before

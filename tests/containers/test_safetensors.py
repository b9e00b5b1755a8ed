"""The safetensors format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from builders import safetensors_bytes
from containers.torch_oracle import assert_agrees
from safetensors.torch import load_file, save_file

from generators.containers import open_checkpoint


def read(tmp_path: Path, data: bytes) -> tuple[list[str], list[str]]:
    (tmp_path / "x").write_bytes(data)
    with open_checkpoint(tmp_path / "x") as reader:
        assert reader.container.format == "safetensors"
        for storage in reader.container.storages:
            assert len(reader.read_storage(storage.key, 0, storage.declared_bytes)) == storage.present_bytes
        return [t.name for t in reader.container.tensors], [f.code for f in reader.container.findings]


def test_every_dtype_agrees_with_the_library(tmp_path: Path) -> None:
    value = {
        str(dtype): torch.zeros(2, 3).to(dtype)
        for dtype in (
            *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16),
            *(torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.bool, torch.complex64),
            *(torch.float8_e4m3fn, torch.float8_e5m2),
        )
    }
    value |= {"random": torch.randn(4, 5), "scalar": torch.tensor(1.5), "empty": torch.empty(0, 3)}
    save_file(value, tmp_path / "x", metadata={"format": "pt", "epoch": "3"})
    loaded = load_file(tmp_path / "x")
    with open_checkpoint(tmp_path / "x") as reader:
        order = [t.name for t in reader.container.tensors]
        assert {(o.path, o.text) for o in reader.container.objects} == {
            ("__metadata__.format", "pt"),
            ("__metadata__.epoch", "3"),
        }
    reader = assert_agrees(tmp_path / "x", {name: loaded[name] for name in order})
    assert set(order) == set(value)
    assert reader.container.findings == ()


def entry(dtype: str, shape: list[Any], start: int, end: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


@pytest.mark.parametrize(
    ("header", "size", "names", "codes"),
    [
        ({"a": entry("F32", [2], 0, 8)}, 8, ["a"], []),
        ({}, 0, [], []),
        ({"a": entry("F32", [3], 0, 8)}, 8, ["a"], ["tensor-outside-storage"]),
        ({"a": entry("F32", [1], 0, 8)}, 8, ["a"], ["storage-long"]),
        ({"a": entry("F32", [2], 0, 8)}, 5, ["a"], ["file-truncated", "storage-short"]),
        ({"a": entry("F32", [2], 8, 16)}, 4, ["a"], ["file-truncated", "storage-missing", "safetensors-hole"]),
        ({"a": entry("F32", [2], 0, 8), "b": entry("F32", [2], 4, 12)}, 12, ["a", "b"], ["records-overlap"]),
        ({"a": entry("F32", [2], 0, 8), "b": entry("F32", [2], 12, 20)}, 20, ["a", "b"], ["safetensors-hole"]),
        ({"a": entry("F32", [2], 0, 8)}, 9, ["a"], ["file-long"]),
        ({"a": entry("F33", [2], 0, 8)}, 8, [], ["dtype-unknown"]),
        ({"a": entry("F32", [-2], 0, 8)}, 8, [], ["tensor-malformed"]),
        ({"a": entry("F32", ["2"], 0, 8)}, 8, [], ["tensor-malformed"]),
        ({"a": entry("F32", [True], 0, 4)}, 4, [], ["tensor-malformed"]),
        ({"a": entry("F32", [2], 8, 0)}, 8, [], ["tensor-malformed"]),
        ({"a": entry("F32", [1 << 62, 4], 0, 8)}, 8, ["a"], ["tensor-outside-storage"]),
        ({"a": {"dtype": "F32"}}, 0, [], ["tensor-malformed"]),
        ({"a": 3}, 0, [], ["tensor-malformed"]),
        ({"__metadata__": {"a": 3}}, 0, [], ["safetensors-metadata-malformed"]),
        (b"{nonsense}", 0, [], ["safetensors-header-malformed"]),
        (b'{"a":' * 50_000, 0, [], ["safetensors-header-malformed"]),
        (b'{"\xff": 1}', 0, [], ["safetensors-header-malformed"]),
        (
            b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
            1,
            ["a"],
            ["name-repeated"],
        ),
    ],
)
def test_headers(tmp_path: Path, header: Any, size: int, names: list[str], codes: list[str]) -> None:
    assert read(tmp_path, safetensors_bytes(header, bytes(size))) == (names, codes)


def test_header_lengths_that_lie(tmp_path: Path) -> None:
    header = {"a": entry("F32", [2], 0, 8)}
    assert read(tmp_path, safetensors_bytes(header, bytes(8), length=10_000))[1] == [
        "file-truncated",
        "safetensors-header-truncated",
    ]
    assert read(tmp_path, safetensors_bytes(header, bytes(8), length=100_000_001))[1] == ["safetensors-header-large"]
    assert read(tmp_path, safetensors_bytes(header, bytes(8), length=1 << 63))[1] == ["safetensors-header-large"]


def test_names_with_lone_surrogates_can_be_encoded(tmp_path: Path) -> None:
    header = b'{"\\ud800": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}'
    (name,) = read(tmp_path, safetensors_bytes(header, b"x"))[0]
    assert name.encode() == b"\\ud800"

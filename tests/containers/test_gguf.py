"""The GGUF format."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import float32_bytes
from foreign_builders import gguf_bytes, gguf_text

from generators.containers import open_checkpoint
from generators.containers.gguf import TYPES
from generators.fingerprint.blocks import read_tensor_blocks
from generators.model.checkpoint import Container


def read(path: Path, content: bytes) -> Container:
    path.write_bytes(content)
    with open_checkpoint(path) as reader:
        for storage in reader.container.storages:
            assert len(reader.read_storage(storage.key, 0, storage.declared_bytes)) == storage.present_bytes
        assert reader.container.format == "gguf"
        return reader.container


def codes(container: Container) -> list[str]:
    return [f.code for f in container.findings]


TWO = float32_bytes(1, 2)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_and_a_shape_with_its_fastest_dimension_last(tmp_path: Path, version: int) -> None:
    text = gguf_text("llama", wide=version > 1)
    content = gguf_bytes(
        [("a", (4, 3, 2), 0, bytes(96)), ("b", (2,), 0, TWO)], {"general.architecture": (8, text)}, version=version
    )
    container = read(tmp_path / "x", content)
    assert [(t.name, t.dtype, t.shape, t.strides) for t in container.tensors] == [
        ("a", "float32", (2, 3, 4), (12, 4, 1)),
        ("b", "float32", (2,), (1,)),
    ]
    assert [(o.path, o.text) for o in container.objects] == [("general.architecture", "llama")]
    assert container.findings == ()


def test_a_big_endian_file_gives_numbers_in_this_order(tmp_path: Path) -> None:
    content = gguf_bytes([("a", (2,), 0, float32_bytes(1, 2, order=">"))], {"n": (4, b"\0\0\0\7")}, order=">")
    (tmp_path / "x").write_bytes(content)
    with open_checkpoint(tmp_path / "x") as reader:
        (tensor,) = reader.container.tensors
        assert reader.container.byteorder == "big"
        assert b"".join(map(bytes, read_tensor_blocks(tensor, "big", reader))) == TWO
        assert reader.container.objects[0].number == 7


def test_quantised_types_count_elements_in_the_shape_and_blocks_in_the_bytes(tmp_path: Path) -> None:
    container = read(tmp_path / "x", gguf_bytes([("q", (64, 3), 2, bytes(range(108)))]))
    (tensor,) = container.tensors
    assert (tensor.dtype, tensor.shape, tensor.count, tensor.block) == ("q4_0", (3, 64), 192, 32)
    assert (tensor.itemsize, tensor.size_bytes, tensor.span) == (18, 108, (0, 108))
    assert tensor.is_contiguous
    (tmp_path / "x").write_bytes(gguf_bytes([("q", (64, 3), 2, bytes(range(108)))]))
    with open_checkpoint(tmp_path / "x") as reader:
        assert b"".join(map(bytes, read_tensor_blocks(tensor, "little", reader))) == bytes(range(108))


def test_metadata_of_every_type_are_listed_and_long_arrays_cut(tmp_path: Path) -> None:
    array = struct.pack("<IQ", 8, 100) + b"".join(gguf_text(f"t{i}") for i in range(100))
    nested = struct.pack("<IQ", 9, 1) + struct.pack("<IQ", 5, 2) + struct.pack("<2i", -1, 2)
    metadata = {
        "u8": (0, b"\xff"),
        "i16": (3, struct.pack("<h", -3)),
        "f": (6, struct.pack("<f", 0.5)),
        "b": (7, b"\1"),
        "u64": (10, struct.pack("<Q", 1 << 63)),
        "tokens": (9, array),
        "nested": (9, nested),
        "general.alignment": (4, struct.pack("<I", 64)),
    }
    container = read(tmp_path / "x", gguf_bytes([("a", (2,), 0, TWO)], metadata, alignment=64))
    texts = {o.path: o.text for o in container.objects}
    assert texts["u8"] == "255"
    assert texts["i16"] == "-3"
    assert (texts["f"], texts["b"], texts["u64"]) == ("0.5", "True", str(1 << 63))
    assert texts["tokens"] == "[t0, t1, t2, t3, t4, t5, t6, t7, ...] (100)"
    assert texts["nested"] == "[[-1, 2] (2)] (1)"
    assert container.storages[0].present_bytes == 8
    assert container.findings == ()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (gguf_bytes([("a", (2,), 0, TWO)])[:-25], ["file-truncated", "storage-short"]),
        (gguf_bytes([("a", (2,), 0, TWO)])[:30], ["gguf-header-truncated"]),
        (b"GGUF", ["gguf-header-truncated"]),
        (b"GGUF" + struct.pack("<I", 99) + bytes(40), ["gguf-version"]),
        (b"GGUF" + struct.pack("<I2Q", 3, 1 << 60, 0), ["tree-too-large"]),
        (b"GGUF" + struct.pack("<I2Q", 3, 0, 1 << 16), ["gguf-header-truncated"]),
        (b"GGUF" + struct.pack("<I2Q", 3, 0, 1) + struct.pack("<Q", 1 << 60), ["gguf-header-truncated"]),
        (gguf_bytes([], {"k": (99, b"")}), ["gguf-metadata-malformed"]),
        (gguf_bytes([], {"k": (9, struct.pack("<IQ", 4, 1 << 50))}), ["gguf-metadata-malformed"]),
        (gguf_bytes([], {"k": (9, struct.pack("<IQ", 9, 1) * 9)}), ["gguf-metadata-malformed"]),
        (gguf_bytes([("a", (2,), 77, TWO)]), ["dtype-unknown"]),
        (gguf_bytes([("a", (33,), 2, bytes(36))]), ["tensor-malformed"]),
        (gguf_bytes([("a", (1 << 40, 1 << 40), 0, b"")]), ["tensor-malformed"]),
        (gguf_bytes([("a", (1,) * 9, 0, TWO)]), ["tensor-malformed", "gguf-header-truncated"]),
        (gguf_bytes([("a", (2,), 0, TWO), ("b", (2,), 0, TWO)], offsets={"b": 4}), ["records-overlap"]),
        (gguf_bytes([("a", (2,), 0, TWO)], offsets={"a": 1 << 60}), ["file-truncated", "storage-short"]),
        (gguf_bytes([("a", (2,), 0, TWO), ("a", (2,), 0, TWO)]), ["name-repeated"]),
    ],
)
def test_headers_that_lie(tmp_path: Path, content: bytes, expected: list[str]) -> None:
    assert codes(read(tmp_path / "x", content)) == expected


def test_only_the_header_is_read(tmp_path: Path, read_bytes: Any) -> None:
    content = gguf_bytes([(f"t{i}", (1 << 16,), 0, bytes(1 << 18)) for i in range(40)])
    assert len(read(tmp_path / "x", content).tensors) == 40
    (tmp_path / "y").write_bytes(content)
    before = read_bytes()
    with open_checkpoint(tmp_path / "y"):
        assert read_bytes() - before < 100_000


def test_the_types_agree_with_the_formats_own_library() -> None:
    gguf = pytest.importorskip("gguf")
    for kind, (block, itemsize) in gguf.GGML_QUANT_SIZES.items():
        if kind.value in TYPES:
            assert TYPES[kind.value][1:] == (block, itemsize), kind
    assert {kind.value for kind in gguf.GGML_QUANT_SIZES} <= set(TYPES)


def test_a_file_agrees_with_the_formats_own_library(tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf")
    writer = gguf.GGUFWriter(tmp_path / "x", "llama")
    writer.add_array("tokens", ["a", "b"])
    writer.add_custom_alignment(128)
    rng = np.random.default_rng(0)
    for name, dtype in (("f32", np.float32), ("f16", np.float16), ("i64", np.int64)):
        writer.add_tensor(name, (rng.random((5, 32)) * 9).astype(dtype))
    for kind in ("Q4_0", "Q5_1", "Q8_0"):
        code = gguf.GGMLQuantizationType[kind]
        writer.add_tensor(kind, gguf.quantize(rng.random((3, 4, 64), dtype=np.float32), code), raw_dtype=code)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    theirs = {t.name: t for t in gguf.GGUFReader(tmp_path / "x").tensors}
    with open_checkpoint(tmp_path / "x") as reader:
        assert reader.container.findings == ()
        assert [t.name for t in reader.container.tensors] == list(theirs)
        for tensor in reader.container.tensors:
            assert list(tensor.shape) == theirs[tensor.name].shape.tolist()[::-1]
            data = b"".join(map(bytes, read_tensor_blocks(tensor, "little", reader)))
            assert data == theirs[tensor.name].data.tobytes()

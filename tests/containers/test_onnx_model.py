"""ONNX models, and the protocol buffers that they are."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import float32_bytes
from foreign_builders import message, onnx_model, onnx_tensor, varint
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.containers import CheckpointReader, open_checkpoint
from generators.containers.onnx_model import begins_onnx
from generators.containers.segments import BLOCK_BYTES, MemorySegment
from generators.containers.varint_segment import VarintSegment
from generators.fingerprint.blocks import read_tensor_blocks
from generators.model.tensor import TensorEntry

TWO = float32_bytes(1, 2)


def opened(path: Path, content: bytes) -> CheckpointReader:
    path.write_bytes(content)
    reader = open_checkpoint(path)
    assert reader.container.format == "onnx"
    return reader


def values(reader: CheckpointReader, tensor: TensorEntry) -> bytes:
    return b"".join(bytes(block) for block in read_tensor_blocks(tensor, "little", reader))


def packed(*numbers: int) -> bytes:
    return b"".join(map(varint, numbers))


@pytest.mark.parametrize(
    ("type_code", "field", "dtype", "expected"),
    [
        (1, (9, TWO), "float32", TWO),
        (1, (4, TWO), "float32", TWO),
        (11, (10, struct.pack("<2d", 1, 2)), "float64", struct.pack("<2d", 1, 2)),
        (6, (5, packed(-5, 1 << 30)), "int32", struct.pack("<2i", -5, 1 << 30)),
        (3, (5, packed(-5, 7)), "int8", struct.pack("<2b", -5, 7)),
        (2, (5, packed(255, 7)), "uint8", b"\xff\x07"),
        (9, (5, packed(1, 0)), "bool", b"\1\0"),
        (10, (5, packed(0x3C00, 0xBC00)), "float16", struct.pack("<2e", 1, -1)),
        (16, (5, packed(0x3F80, 0)), "bfloat16", b"\x80\x3f\0\0"),
        (7, (7, packed(-(1 << 62), 3)), "int64", struct.pack("<2q", -(1 << 62), 3)),
        (13, (11, packed((1 << 64) - 1, 3)), "uint64", struct.pack("<2Q", (1 << 64) - 1, 3)),
        (14, (4, TWO + TWO), "complex64", TWO + TWO),
    ],
)
def test_values_of_every_kind(
    tmp_path: Path, type_code: int, field: tuple[int, bytes], dtype: str, expected: bytes
) -> None:
    with opened(tmp_path / "x", onnx_model((5, onnx_tensor("w", type_code, [2], field)))) as reader:
        (tensor,) = reader.container.tensors
        assert (tensor.name, tensor.dtype, tensor.shape) == ("w", dtype, (2,))
        assert values(reader, tensor) == expected
        assert reader.container.findings == ()


def test_types_of_less_than_a_byte_are_counted_in_elements(tmp_path: Path) -> None:
    model = onnx_model((5, onnx_tensor("w", 22, [3], (9, b"\x21\x03"))), (5, onnx_tensor("v", 25, [5], (9, b"ab"))))
    with opened(tmp_path / "x", model) as reader:
        w, v = reader.container.tensors
        assert (w.dtype, w.shape, w.count, w.size_bytes, values(reader, w)) == ("int4", (3,), 3, 2, b"\x21\x03")
        assert (v.dtype, v.count, v.size_bytes) == ("uint2", 5, 2)


def test_constants_subgraphs_functions_and_sparse_tensors_are_listed(tmp_path: Path) -> None:
    constant = message(
        (6, "x" * 5000), (2, "c"), (4, "Constant"), (5, message((1, "value"), (5, onnx_tensor("", 1, [2], (9, TWO)))))
    )
    typed = message(
        (2, "d"), (4, "Constant"), (5, message((1, "value"), (5, onnx_tensor("", 1, [2], (9, TWO))), (20, 4)))
    )
    inner = message((1, typed), (5, onnx_tensor("w", 1, [2], (9, TWO))))
    branch = message((2, "y"), (3, "If_0"), (5, message((1, "then"), (6, inner), (20, 5))))
    sparse = message((1, onnx_tensor("s", 1, [2], (9, TWO))), (2, onnx_tensor("s", 7, [2], (7, packed(0, 3)))))
    function = message((1, "f"), (7, typed))
    plain = message((1, "d"), (2, "e"), (4, "Relu"))
    model = onnx_model((1, constant), (1, typed), (1, plain), (1, branch), (15, sparse), more=[(25, function)])
    with opened(tmp_path / "x", model) as reader:
        assert [t.name for t in reader.container.tensors] == [
            "c", "d", "If_0.then.d", "If_0.then.w", "s.values", "s.indices", "f.d",
        ]  # fmt: skip
        assert all(len(values(reader, t)) == t.size_bytes for t in reader.container.tensors)
    assert [(o.path, o.text) for o in reader.container.objects] == [("ir_version", "8"), ("producer_name", "tests")]


def test_values_in_another_file_are_named_once_for_each_file(tmp_path: Path) -> None:
    place = message((1, "location"), (2, "../weights.bin"))
    tensors = [(5, onnx_tensor(f"w{i}", 1, [2], (13, place), (14, 1))) for i in range(3)]
    with opened(tmp_path / "x", onnx_model(*tensors)) as reader:
        assert [(s.declared_bytes, s.present_bytes) for s in reader.container.storages] == [(8, 0)] * 3
        assert [(f.code, f.where, f.found) for f in reader.container.findings] == [
            ("onnx-external", "../weights.bin", "3")
        ]


def test_texts_are_objects(tmp_path: Path) -> None:
    with opened(tmp_path / "x", onnx_model((5, onnx_tensor("t", 8, [2], (6, "a"), (6, "b"))))) as reader:
        assert reader.container.tensors == ()
        assert [(o.path, o.type) for o in reader.container.objects][-1] == ("t", "onnx.string")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (onnx_model((5, onnx_tensor("w", 1, [2], (9, TWO[:5])))), ["storage-short"]),
        (onnx_model((5, onnx_tensor("w", 1, [2], (9, TWO * 2)))), ["storage-long"]),
        (onnx_model((5, onnx_tensor("w", 1, [2]))), ["storage-missing"]),
        (onnx_model((5, onnx_tensor("w", 99, [2], (9, TWO)))), ["dtype-unknown"]),
        (onnx_model((5, onnx_tensor("w", 1, [-2], (9, TWO)))), ["tensor-malformed"]),
        (onnx_model((5, onnx_tensor("w", 1, [1 << 40, 1 << 40], (9, TWO)))), ["tensor-malformed"]),
        (onnx_model((5, onnx_tensor("w", 1, [1] * 300, (9, TWO)))), ["tensor-malformed"]),
        (onnx_model((5, b"\xff\xff\xff")), ["onnx-malformed"]),
        (onnx_model((5, b"\x0f\x01")), ["onnx-malformed"]),
        (
            onnx_model((5, onnx_tensor("w", 1, [2], (9, TWO))), (5, onnx_tensor("w", 1, [2], (9, TWO)))),
            ["name-repeated"],
        ),
    ],
)
def test_models_that_lie(tmp_path: Path, content: bytes, expected: list[str]) -> None:
    with opened(tmp_path / "x", content) as reader:
        assert [f.code for f in reader.container.findings] == expected


def test_graphs_inside_graphs_have_a_limit(tmp_path: Path) -> None:
    graph = message((5, onnx_tensor("w", 1, [2], (9, TWO))))
    for _ in range(40):
        graph = message((1, message((3, "n"), (5, message((1, "g"), (6, graph), (20, 5))))))
    with opened(tmp_path / "x", message((1, 8), (7, graph), (8, b""))) as reader:
        assert [f.code for f in reader.container.findings] == ["tree-too-deep"]


def test_a_model_cut_anywhere_says_where_it_should_end(tmp_path: Path) -> None:
    content = onnx_model(*((5, onnx_tensor(f"w{i}", 1, [2], (9, TWO))) for i in range(4)))
    whole = content[: -len(message((8, message((2, 18)))))]
    for end in range(len(whole) // 2, len(whole)):
        with opened(tmp_path / "x", content[:end]) as reader:
            finding = reader.container.findings[0]
            assert (finding.code, finding.expected, finding.found) == ("file-truncated", str(len(whole)), str(end))


def test_values_are_skipped(tmp_path: Path, read_bytes: Any) -> None:
    tensors = [(5, onnx_tensor(f"w{i}", 1, [1 << 18], (9, bytes(1 << 20)))) for i in range(20)]
    with opened(tmp_path / "x", onnx_model(*tensors)) as reader:
        assert len(reader.container.tensors) == 20
    assert read_bytes() < 200_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x08",
        b"\x08\x08",
        message((1, 8), (2, "no graph")),
        message((1, 1), (2, message((1, "a saved model")))),
        message((1, 8), (7, b"\xff\xff")),
        message((1, 8), (99, "unknown"), (7, message((2, "g")))),
        bytes(100),
    ],
)
def test_what_is_no_model_is_not_taken_for_one(content: bytes) -> None:
    assert not begins_onnx(MemorySegment(content))


@settings(max_examples=50, deadline=None)
@given(numbers=st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=50), start=st.integers(0, 60))
def test_packed_numbers_are_decoded_at_any_place(numbers: list[int], start: int) -> None:
    data = packed(*numbers)
    segment = VarintSegment(MemorySegment(data), len(numbers), 8)
    expected = struct.pack(f"<{len(numbers)}q", *numbers)
    assert segment.size == len(expected)
    for at in (start, 0, start // 2):
        assert segment.read(at, 24) == expected[at : at + 24]


def test_packed_numbers_are_decoded_across_blocks() -> None:
    numbers = np.random.default_rng(0).integers(-(1 << 62), 1 << 62, size=BLOCK_BYTES)
    segment = VarintSegment(MemorySegment(packed(*numbers.tolist())), numbers.size, 8)
    expected = numbers.astype("<i8").tobytes()
    assert b"".join(segment.read(at, 1000) for at in range(0, segment.size, 1000)) == expected
    assert segment.read(0, 16) == expected[:16]


def test_packed_numbers_that_end_early_or_never_give_no_more_than_there_is() -> None:
    assert VarintSegment(MemorySegment(packed(1, 2)), 5, 4).read(0, 20) == struct.pack("<2i", 1, 2)
    assert VarintSegment(MemorySegment(b"\xff" * 5000), 5000, 4).read(0, 20) == b""


def test_a_model_agrees_with_the_formats_own_library(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    helper, kinds = onnx.helper, onnx.TensorProto
    initializers = []
    for code in (kinds.FLOAT, kinds.DOUBLE, kinds.FLOAT16, kinds.BFLOAT16, kinds.INT8, kinds.INT64, kinds.BOOL):
        array = np.arange(12).astype(helper.tensor_dtype_to_np_dtype(code)).reshape(3, 4)
        initializers.append(helper.make_tensor(f"typed-{code}", code, [3, 4], array.flatten().tolist()))
        initializers.append(onnx.numpy_helper.from_array(array, f"raw-{code}"))
    graph = helper.make_graph([], "g", [], [], initializer=initializers)
    content = helper.make_model(graph).SerializeToString()
    with opened(tmp_path / "x", content) as reader:
        assert [t.name for t in reader.container.tensors] == [t.name for t in initializers]
        for tensor, theirs in zip(reader.container.tensors, initializers, strict=True):
            array = onnx.numpy_helper.to_array(theirs)
            assert tensor.shape == array.shape
            assert values(reader, tensor) == array.tobytes()

"""What the fuzzers found, each as the smallest file that shows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import Call, Name, pickle_bytes, safetensors_bytes, tensor_call, untyped_tensor_call, write_torch_zip
from fingerprint.memory import MemoryReader

from generators.containers import open_checkpoint
from generators.fingerprint.blocks import read_tensor_blocks
from generators.model.tensor import TensorEntry
from generators.pipeline.files.reading import inspect_file
from generators.store import encode_line


def codes(path: Path) -> set[str]:
    with open_checkpoint(path) as reader:
        return {finding.code for finding in reader.container.findings}


def test_strides_of_packed_elements_lead_nowhere(tmp_path: Path) -> None:
    # its span is counted in packed bytes; followed element by element it led out of what was read
    tensor = untyped_tensor_call("0", "quint4x2", 1, (2, 4))
    tensor.args = (*tensor.args[:3], (9, 1), *tensor.args[4:])
    path = write_torch_zip(tmp_path / "x", pickle_bytes({"w": tensor}), {"0": bytes(8)})
    assert "tensor-outside-storage" in codes(path)
    assert [t.digest for t in inspect_file(path).tensors] == [None]


def test_a_view_is_never_gathered_from_beyond_what_was_read() -> None:
    told = {"dtype": "quint4x2", "shape": (2, 4), "strides": (1 << 40, 1), "offset": 0, "itemsize": 1}
    tensor = TensorEntry(name="w", storage="s", **told)
    assert b"".join(read_tensor_blocks(tensor, "little", MemoryReader({"s": bytes(8)}))) == b""


@pytest.mark.parametrize("escaped", [rb"\u", rb"\d\\", rb"\777"])
def test_no_escape_of_an_old_text_makes_python_warn(tmp_path: Path, escaped: bytes) -> None:
    path = write_torch_zip(tmp_path / "x", b"}S'k'\nS'" + escaped + b"'\ns.", {})
    with open_checkpoint(path) as reader:
        (entry,) = reader.container.objects
    assert entry.text == {rb"\u": r"\u", rb"\d\\": "\\d\\", rb"\777": r"\xff"}[escaped]


def test_half_of_a_surrogate_pair_is_no_text_of_a_header(tmp_path: Path) -> None:
    entry = {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}
    path = tmp_path / "x"
    path.write_bytes(safetensors_bytes({"\ud83d": entry}, b"x"))
    assert "safetensors-header-malformed" in codes(path)
    path.write_bytes(safetensors_bytes({"\U0001f600": entry}, b"x"))
    assert codes(path) == set()


@pytest.mark.parametrize(("opcode", "value"), [(b"I0x1f", 31), (b"I017", 15), (b"L-0x10L", -16), (b"I1_0", 10)])
def test_numbers_are_read_as_python_reads_them_so_that_nothing_hides_behind_one(
    tmp_path: Path, opcode: bytes, value: int
) -> None:
    path = write_torch_zip(tmp_path / "x", b"}S'k'\n" + opcode + b"\nscos\nsystem\n0.", {})
    with open_checkpoint(path) as reader:
        assert [entry.number for entry in reader.container.objects] == [value]
        assert reader.container.globals == ("os.system",)


def test_half_of_a_surrogate_pair_in_any_name_can_be_written_as_json(tmp_path: Path) -> None:
    kind = Name("\ud800", "\udc00x")
    meta = (Name("torch", "float32"), (2,), (1,))
    state = {"\udfff": tensor_call("0", (2,))}
    wrapper = Name("torch._utils", "_rebuild_wrapper_subclass")
    wrapped = Call("torch._tensor", "_rebuild_from_type_v2", (wrapper, kind, (kind, *meta), state))
    value = {"o": Call("\ud800", "\udc00x", ([1],)), "w": wrapped}
    path = write_torch_zip(tmp_path / "x", pickle_bytes(value, 4), {"0": bytes(8)})
    inspection = inspect_file(path)
    assert b"\\\\udfff" in encode_line(inspection)
    assert [tensor.name for tensor in inspection.tensors] == ["w.\\udfff"]


@pytest.mark.parametrize(
    "trick",
    [b"N(u0", b"N(e0", b"]K\0aK\0K\1s0", b"\x96\1\0\0\0\0\0\0\0xK\1a0", b"\x96\1\0\0\0\0\0\0\0xK\0K\1s0"],
    ids=["no entries", "no items", "item of a list", "item of a bytearray", "entry of a bytearray"],
)
def test_what_python_puts_into_odd_containers_hides_nothing_behind_it(tmp_path: Path, trick: bytes) -> None:
    stream = b"\x80\x05" + trick + b"cos\nsystem\n."
    with open_checkpoint(write_torch_zip(tmp_path / "x", stream, {})) as reader:
        assert reader.container.globals == ("os.system",)
        assert "pickle-malformed" not in {finding.code for finding in reader.container.findings}


def test_metadata_that_is_null_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(safetensors_bytes({"__metadata__": None}, b""))
    assert codes(path) == set()


@pytest.mark.parametrize("shape", [[], [3], [2, 1]])
def test_half_a_byte_is_no_tensor(tmp_path: Path, shape: list[int]) -> None:
    path = tmp_path / "x"
    path.write_bytes(safetensors_bytes({"w": {"dtype": "F4", "shape": shape, "data_offsets": [0, 1]}}, b"x"))
    assert codes(path) == {"tensor-malformed"}


def test_white_space_before_the_header_hides_no_tensor(tmp_path: Path) -> None:
    entry = {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}
    path = tmp_path / "x"
    path.write_bytes(safetensors_bytes(b"\t\n " + json.dumps({"w": entry}).encode(), b"x"))
    with open_checkpoint(path) as reader:
        assert [tensor.name for tensor in reader.container.tensors] == ["w"]
    assert codes(path) == set()

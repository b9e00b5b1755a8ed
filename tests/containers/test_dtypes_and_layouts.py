"""Every dtype, layout and kind of tensor object that torch 2.13 saves, read as torch reads it."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import torch
import torch.distributed as dist
from builders import Call, Name, Persistent, pickle_bytes, untyped_tensor_call, write_torch_zip
from containers.torch_oracle import assert_agrees, save_and_compare

from generators.containers import open_checkpoint
from generators.containers.dtypes import ITEMSIZE_BYTES
from generators.fingerprint.checkpoint import fingerprint_checkpoint

pytestmark = [
    pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental"),
    pytest.mark.filterwarnings("ignore:.*TypedStorage is deprecated"),
    pytest.mark.filterwarnings("ignore:.*quantize"),
    pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors"),
]
FORMATS = pytest.mark.parametrize("zip_format", [True, False], ids=["zip", "legacy"])
ALL_DTYPES = sorted({v for v in vars(torch).values() if isinstance(v, torch.dtype)}, key=str)
UNSAVABLE = {f"{sign}int{bits}" for sign in ("", "u") for bits in range(1, 8)}
"""Types of a few bits, which torch 2.13 itself can't save: it has no storage for them."""
QUANTIZED = {"qint8", "quint8", "qint32", "quint4x2", "quint2x4"}


def name_of(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=name_of)
def test_the_size_of_every_dtype_is_torchs(dtype: torch.dtype) -> None:
    assert ITEMSIZE_BYTES[name_of(dtype)] == dtype.itemsize


@FORMATS
@pytest.mark.parametrize("dtype", [d for d in ALL_DTYPES if name_of(d) not in UNSAVABLE | QUANTIZED], ids=name_of)
def test_every_savable_dtype(tmp_path: Path, dtype: torch.dtype, zip_format: bool) -> None:
    raw = torch.randint(0, 2 if dtype == torch.bool else 256, (6 * dtype.itemsize,), dtype=torch.uint8)
    tensor = torch.empty(0, dtype=dtype).set_(raw.untyped_storage(), 0, (2, 3), (3, 1))
    view = torch.empty(0, dtype=dtype).set_(raw.untyped_storage(), 1, (2, 2), (1, 2))
    none = torch.empty(0, dtype=dtype)
    value = {"w": tensor, "view": view, "none": none}
    torch.save(value, tmp_path / "x.pt", _use_new_zipfile_serialization=zip_format)
    assert_agrees(tmp_path / "x.pt", value)


@pytest.mark.parametrize("name", sorted(UNSAVABLE))
def test_types_that_torch_cannot_save_are_still_unsavable(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyError, match="not recognized"):
        torch.save(torch.empty(4, dtype=getattr(torch, name)), tmp_path / "x.pt")


def quantized_tensors() -> dict[str, torch.Tensor]:
    scales, zeros = torch.tensor([0.1, 0.2, 0.3]), torch.tensor([1, 2, 3])
    values = torch.randn(3, 5)
    per_channel = {
        name_of(d): torch.quantize_per_channel(values, scales, zeros, 0, d)
        for d in (torch.qint8, torch.quint8, torch.qint32)
    }
    packed = {
        name_of(d): torch.quantize_per_channel(values, scales, zeros.float(), 0, d)
        for d in (torch.quint4x2, torch.quint2x4)
    }
    per_tensor = {"t": torch.quantize_per_tensor(values, 0.25, 3, torch.qint8)}
    return per_channel | packed | per_tensor


@FORMATS
def test_quantized_tensors_list_their_scales_and_zero_points(tmp_path: Path, zip_format: bool) -> None:
    value = quantized_tensors()
    reader = save_and_compare(tmp_path / "x.pt", value, _use_new_zipfile_serialization=zip_format)
    objects = {o.path: o.number for o in reader.container.objects}
    assert (objects["t.scale"], objects["t.zero_point"], objects["qint8.axis"]) == (0.25, 3, 0)
    kinds = {f.where: f.found for f in reader.container.findings}
    assert (kinds["t"], kinds["quint4x2"]) == ("per_tensor_affine", "per_channel_affine")


def test_packed_elements_are_digested_whole(tmp_path: Path) -> None:
    torch.save(quantized_tensors(), tmp_path / "x.pt")
    with open_checkpoint(tmp_path / "x.pt") as reader:
        entries = {t.name: t for t in reader.container.tensors}
        assert (entries["quint4x2"].size_bytes, entries["quint2x4"].size_bytes) == (3 * 3, 3 * 2)
        fingerprint = fingerprint_checkpoint("x.pt", reader.container, reader, depth="digests-and-statistics")
    assert [t.name for t in fingerprint.tensors if t.missing or t.digest is None] == []


def test_a_packed_tensor_longer_than_its_storage_is_told(tmp_path: Path) -> None:
    storage = ("storage", Name("torch", "QUInt4x2Storage"), "0", "cpu", 5)
    quantizer = (Name("torch", "per_tensor_affine"), 0.5, 0)
    call = Call("torch._utils", "_rebuild_qtensor", (Persistent(storage), 0, (2, 5), (5, 1), quantizer, False, None))
    with open_checkpoint(write_torch_zip(tmp_path / "x", pickle_bytes({"q": call}), {"0": bytes(5)})) as reader:
        assert "tensor-outside-storage" in {f.code for f in reader.container.findings}


@FORMATS
def test_sparse_layouts(tmp_path: Path, zip_format: bool) -> None:
    dense = torch.tensor([[0.0, 2, 0, 0], [3, 0, 1, 1]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = {"bsr": dense.to_sparse_bsr((1, 2)), "bsc": dense.to_sparse_bsc((1, 2)), "coo": dense.to_sparse()}
        torch.save(value, tmp_path / "x.pt", _use_new_zipfile_serialization=zip_format)
    parts = {
        "bsr.crow_indices": value["bsr"].crow_indices(),
        "bsr.col_indices": value["bsr"].col_indices(),
        "bsr.values": value["bsr"].values(),
        "bsc.ccol_indices": value["bsc"].ccol_indices(),
        "bsc.row_indices": value["bsc"].row_indices(),
        "bsc.values": value["bsc"].values(),
        "coo.indices": value["coo"]._indices(),
        "coo.values": value["coo"]._values(),
    }
    assert_agrees(tmp_path / "x.pt", parts)


def test_nested_tensors_of_both_layouts(tmp_path: Path) -> None:
    parts = [torch.randn(2, 3), torch.randn(4, 3)]
    strided = torch.nested.nested_tensor(parts)
    jagged = torch.nested.nested_tensor(parts, layout=torch.jagged)
    torch.save({"s": strided, "j": jagged}, tmp_path / "x.pt")
    expected = {
        "s.values": torch.cat([p.flatten() for p in parts]),
        "s.sizes": strided._nested_tensor_size(),
        "s.strides": strided._nested_tensor_strides(),
        "s.offsets": strided._nested_tensor_storage_offsets(),
        "j.values": jagged.values(),
        "j.offsets": jagged.offsets(),
    }
    assert_agrees(tmp_path / "x.pt", expected, ignore_findings=True)


class Marked(torch.Tensor):
    """A subclass that adds nothing."""


@FORMATS
def test_parameters_buffers_and_subclasses(tmp_path: Path, zip_format: bool) -> None:
    value = {
        "buffer": torch.nn.Buffer(torch.ones(2)),
        "parameter": torch.nn.Parameter(torch.randn(2, 3)),
        "subclass": torch.randn(2).as_subclass(Marked),
        "both": torch.nn.Parameter(torch.randn(2).as_subclass(Marked)),
        "half": torch.nn.Parameter(torch.randn(3).half(), requires_grad=False),
    }
    save_and_compare(tmp_path / "x.pt", value, _use_new_zipfile_serialization=zip_format)


@FORMATS
def test_storages_by_themselves(tmp_path: Path, zip_format: bool) -> None:
    typed, raw = torch.arange(4.0).storage(), torch.arange(3.0).untyped_storage()
    for value in ({"typed": typed, "w": torch.ones(2)}, {"raw": raw}, raw):
        # torch can't load an untyped storage from its legacy container (2.13)
        torch.save(value, tmp_path / "x.pt", _use_new_zipfile_serialization=zip_format)
        assert_agrees(tmp_path / "x.pt", value)


def test_states_of_generators_and_of_loss_scalers(tmp_path: Path) -> None:
    value = {"rng": torch.Generator().get_state(), "scaler": torch.amp.GradScaler("cpu").state_dict()}
    reader = save_and_compare(tmp_path / "x.pt", value)
    assert {o.path: o.number for o in reader.container.objects}["scaler.scale"] == 65536.0


@pytest.fixture
def process_group() -> Iterator[None]:
    dist.init_process_group("gloo", rank=0, world_size=1, store=dist.HashStore())
    yield
    dist.destroy_process_group()


@pytest.mark.usefixtures("process_group")
@pytest.mark.filterwarnings("ignore")
def test_distributed_tensors_stand_for_their_local_part(tmp_path: Path) -> None:
    from torch.distributed._shard import sharded_tensor
    from torch.distributed._shard.metadata import ShardMetadata
    from torch.distributed.tensor import Shard, distribute_tensor, init_device_mesh

    local = torch.randn(4, 2)
    spread = distribute_tensor(local, init_device_mesh("cpu", (1,)), [Shard(0)])
    shard = sharded_tensor.Shard(
        local[:3], ShardMetadata(shard_offsets=[0, 0], shard_sizes=[3, 2], placement="rank:0/cpu")
    )
    value = {
        "d": spread,
        "p": torch.nn.Parameter(copy.deepcopy(spread)),
        "s": sharded_tensor.init_from_local_shards([shard], 3, 2),
    }
    torch.save(value, tmp_path / "x.pt")
    expected = {"d": spread.to_local(), "p": value["p"].to_local(), "s": local[:3]}
    reader = assert_agrees(tmp_path / "x.pt", expected, ignore_findings=True)
    (finding,) = (f for f in reader.container.findings if f.code == "tensors-sharded")
    assert (finding.where, finding.expected, finding.found) == ("d", "(4, 2)", "3: (4, 2)")


def test_a_share_of_a_spread_tensor_says_how_large_the_whole_is(tmp_path: Path) -> None:
    local = untyped_tensor_call("0", "uint16", 2, (2, 3))
    wrapper = (Name("x", "DTensor"), Name("torch", "uint16"), (8, 3), (3, 1), 0, None, None, False)
    args = (
        Name("torch._utils", "_rebuild_wrapper_subclass"),
        Name("x", "DTensor"),
        wrapper,
        (None, {"_local_tensor": local}),
    )
    value = {"w": Call("torch._tensor", "_rebuild_from_type_v2", args)}
    with open_checkpoint(write_torch_zip(tmp_path / "x", pickle_bytes(value), {"0": bytes(12)})) as reader:
        (entry,) = reader.container.tensors
        assert (entry.name, entry.dtype, entry.shape) == ("w", "uint16", (2, 3))
        (finding,) = (f for f in reader.container.findings if f.code == "tensors-sharded")
        assert (finding.expected, finding.found) == ("(8, 3)", "1: (2, 3)")


def test_torch_leaves_untyped_storages_of_the_other_byte_order_alone_and_we_say_so(tmp_path: Path) -> None:
    value = {
        "u": untyped_tensor_call("0", "uint16", 2, (2,)),
        "f8": untyped_tensor_call("1", "float8_e5m2", 1, (2,)),
    }
    data = {"0": b"\x01\x02\x03\x04", "1": b"\x3c\x3d"}
    path = write_torch_zip(tmp_path / "x", pickle_bytes(value), data, byteorder=b"big")
    # the bug of torch 2.13 that the finding warns of; when it goes, so does the finding
    assert torch.load(path)["u"].tolist() == [0x0201, 0x0403]
    with open_checkpoint(path) as reader:
        fingerprint = fingerprint_checkpoint(path.name, reader.container, reader, depth="digests-and-statistics")
        (finding,) = reader.container.findings
    assert (finding.code, finding.where, finding.found) == ("byteorder-untyped", "u", "1")
    statistics = fingerprint.tensors[0].statistics
    assert statistics is not None
    assert (statistics.minimum, statistics.maximum) == (0x0102, 0x0304)


ARRAYS: dict[str, Any] = {
    **{
        code: np.arange(6).astype(code).reshape(2, 3) for code in ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")
    },
    **{code: np.arange(6).astype(code).reshape(2, 3) for code in ("f2", "f4", "f8", "c8", "c16", ">f4", ">i8", ">c8")},
    "column_major": np.asfortranarray(np.arange(24, dtype=np.float32).reshape(2, 3, 4)),
    "zero_dimensions": np.array(3.5),
    "empty": np.zeros((2, 0, 3), np.float32),
    "large": np.random.default_rng(0).integers(0, 255, 300_000, dtype=np.uint8),
    "large_column_major": np.asfortranarray(np.random.default_rng(1).standard_normal((300, 400))),
    "large_foreign": np.random.default_rng(2).standard_normal(20_000).astype(">f8"),
}


@FORMATS
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_arrays_of_numbers_are_tensors(tmp_path: Path, protocol: int, zip_format: bool) -> None:
    reader = save_and_compare(
        tmp_path / "x.pt", ARRAYS, pickle_protocol=protocol, _use_new_zipfile_serialization=zip_format
    )
    assert reader.container.objects == ()
    assert reader.container.findings == ()


def test_arrays_of_numpys_extension_types_are_tensors(tmp_path: Path) -> None:
    array = np.arange(5).astype(ml_dtypes.bfloat16)
    torch.save({"a": array}, tmp_path / "x.pt")
    assert_agrees(tmp_path / "x.pt", {"a": torch.arange(5).to(torch.bfloat16)})


def test_arrays_that_share_their_bytes_share_a_storage(tmp_path: Path) -> None:
    array = np.ones(4)
    reader = save_and_compare(tmp_path / "x.pt", {"a": array, "b": array})
    assert len({t.storage for t in reader.container.tensors}) == len(reader.container.storages) == 1


def test_arrays_in_a_container_of_the_other_byte_order_keep_their_own(tmp_path: Path) -> None:
    state = (
        1,
        (2,),
        Call("numpy", "dtype", ("f4", False, True), (3, "<", None, None, None, -1, -1, 0)),
        False,
        b"\0\0\x80?\0\0\0@",
    )
    base = (Name("numpy", "ndarray"), (0,), b"b")
    array = Call("numpy._core.multiarray", "_reconstruct", base, state)
    path = write_torch_zip(tmp_path / "x", pickle_bytes({"a": array}, 4), {}, byteorder=b"big")
    with open_checkpoint(path) as reader:
        fingerprint = fingerprint_checkpoint(path.name, reader.container, reader, depth="digests-and-statistics")
    statistics = fingerprint.tensors[0].statistics
    assert statistics is not None
    assert (statistics.minimum, statistics.maximum) == (1.0, 2.0)


@pytest.mark.parametrize("shape", [(3,), (1 << 40,), (-1,), ("x",)])
def test_an_array_whose_shape_is_not_that_of_its_bytes_is_told(tmp_path: Path, shape: Any) -> None:
    state = (
        1,
        shape,
        Call("numpy", "dtype", ("f4", False, True), (3, "<", None, None, None, -1, -1, 0)),
        False,
        bytes(8),
    )
    array = Call("numpy._core.multiarray", "_reconstruct", (Name("numpy", "ndarray"), (0,), b"b"), state)
    with open_checkpoint(write_torch_zip(tmp_path / "x", pickle_bytes({"a": array}, 4), {})) as reader:
        found = {f.code for f in reader.container.findings}
        assert found == {"storage-short"} if reader.container.tensors else not found
        assert bool(reader.container.tensors) == (shape in {(3,), (1 << 40,)})


def test_text_that_spells_no_bytes_ends_the_array_early(tmp_path: Path) -> None:
    text = "\x80" * 70_000 + "한" + "\x80" * 10
    state = (
        1,
        (70_011,),
        Call("numpy", "dtype", ("u1", False, True), (3, "|", None, None, None, -1, -1, 0)),
        False,
        Call("_codecs", "encode", (text, "latin1")),
    )
    array = Call("numpy._core.multiarray", "_reconstruct", (Name("numpy", "ndarray"), (0,), b"b"), state)
    path = write_torch_zip(tmp_path / "x", pickle_bytes({"a": array}), {})
    with open_checkpoint(path) as reader:
        fingerprint = fingerprint_checkpoint(path.name, reader.container, reader, depth="digests")
    assert fingerprint.tensors[0].digest is None
    assert "tensor-unread" in {f.code for f in fingerprint.findings}

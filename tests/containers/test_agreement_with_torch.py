"""``open_checkpoint`` agrees with ``torch.load`` on every name, shape, dtype, stride and byte."""

from __future__ import annotations

import argparse
import io
import warnings
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from builders import Call, Name, pickle_bytes, write_torch_zip
from containers.torch_oracle import assert_agrees, save_and_compare, torch_tensors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generators.containers import CheckpointReader, open_checkpoint

pytestmark = pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
FORMATS = pytest.mark.parametrize("zip_format", [True, False], ids=["zip", "legacy"])
DTYPES = [
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex32, torch.complex64, torch.complex128),
    *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.uint64),
    *(torch.bool, torch.float8_e4m3fn, torch.float8_e4m3fnuz, torch.float8_e5m2, torch.float8_e5m2fnuz),
    torch.float8_e8m0fnu,
]


def random_tensor(dtype: torch.dtype, *shape: int) -> torch.Tensor:
    size = torch.empty(0, dtype=dtype).element_size()
    for n in shape:
        size *= n
    data = torch.randint(0, 2 if dtype == torch.bool else 256, (size,), dtype=torch.uint8)
    return data.view(dtype).reshape(shape)


def objects_of(reader: CheckpointReader) -> dict[str, Any]:
    return {o.path: o for o in reader.container.objects}


@FORMATS
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype(tmp_path: Path, dtype: torch.dtype, zip_format: bool) -> None:
    value = {"w": random_tensor(dtype, 3, 4), "none": random_tensor(dtype, 0), "one": random_tensor(dtype, 1)[0]}
    if zip_format or dtype not in torch.storage._new_dtypes():
        save_and_compare(tmp_path / "x.pt", value, _use_new_zipfile_serialization=zip_format)
    else:
        # torch writes these into its legacy container and then can't load them (2.13)
        torch.save(value, tmp_path / "x.pt", _use_new_zipfile_serialization=False)
        assert_agrees(tmp_path / "x.pt", value)


@FORMATS
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_pickle_protocol(tmp_path: Path, protocol: int, zip_format: bool) -> None:
    value = {"epoch": 7, "net": OrderedDict(a=torch.randn(2, 3), b=torch.arange(4)), 5: [torch.ones(1), (b"\x80",)]}
    reader = save_and_compare(
        tmp_path / "x.pt", value, pickle_protocol=protocol, _use_new_zipfile_serialization=zip_format
    )
    assert objects_of(reader)["epoch"].number == 7
    assert objects_of(reader)["5.1.0"].type == "bytes"


@FORMATS
def test_views_of_shared_storages(tmp_path: Path, zip_format: bool) -> None:
    base = torch.randn(6, 8)
    value = {
        "base": base,
        "tied": base,
        "offset": base[2:4, 1:5],
        "transposed": base.t(),
        "stepped": base[::2, ::3],
        "expanded": torch.randn(5, 1).expand(5, 7),
        "zero": torch.tensor(3.5),
        "empty": torch.empty(0, 4),
        "empty_inside": torch.empty(2, 0, 3),
        "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
    }
    reader = save_and_compare(tmp_path / "x.pt", value, _use_new_zipfile_serialization=zip_format)
    storage = {t.name: t.storage for t in reader.container.tensors}
    assert len({storage[n] for n in ("base", "tied", "offset", "transposed", "stepped")}) == 1


@FORMATS
def test_lazy_conjugates_and_negatives(tmp_path: Path, zip_format: bool) -> None:
    base = torch.randn(3, 4, dtype=torch.complex64)
    value = {"conj": base.conj(), "neg": torch._neg_view(torch.randn(3)), "both": base.conj().t(), "plain": base}
    reader = save_and_compare(tmp_path / "x.pt", value, _use_new_zipfile_serialization=zip_format)
    assert {t.name for t in reader.container.tensors if t.conjugate} == {"conj", "both"}
    assert [t.name for t in reader.container.tensors if t.negative] == ["neg"]


@FORMATS
def test_parameters_and_tensors_with_attributes(tmp_path: Path, zip_format: bool) -> None:
    plain = torch.nn.Parameter(torch.randn(3))
    marked = torch.nn.Parameter(torch.randn(2, 2), requires_grad=False)
    marked.tag = "head"  # type: ignore[attr-defined]
    tensor = torch.randn(4)
    tensor.note = {"k": 1}  # type: ignore[attr-defined]
    save_and_compare(
        tmp_path / "x.pt", {"p": plain, "m": marked, "t": tensor}, _use_new_zipfile_serialization=zip_format
    )


def small_network() -> torch.nn.Sequential:
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3),
        torch.nn.BatchNorm2d(4),
        torch.nn.Sequential(torch.nn.Linear(4, 2, bias=False), torch.nn.ReLU()),
    )


@FORMATS
@pytest.mark.parametrize("kind", ["adam", "adamw", "sgd"])
def test_training_checkpoint(tmp_path: Path, kind: str, zip_format: bool) -> None:
    network = torch.nn.DataParallel(small_network())
    optimizer: torch.optim.Optimizer = {
        "adam": lambda: torch.optim.Adam(network.parameters(), lr=1e-3, amsgrad=True),
        "adamw": lambda: torch.optim.AdamW(network.parameters(), lr=1e-3),
        "sgd": lambda: torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9),
    }[kind]()
    network(torch.randn(2, 3, 8, 6)).sum().backward()
    optimizer.step()
    value = {"epoch": 68, "network": network.state_dict(), "optimizer": optimizer.state_dict()}
    reader = save_and_compare(tmp_path / "snapshot_68.pth.tar", value, _use_new_zipfile_serialization=zip_format)
    assert reader.container.format == ("torch-zip" if zip_format else "torch-legacy")
    entry = objects_of(reader)["epoch"]
    assert (entry.path, entry.type, entry.number) == ("epoch", "int", 68)
    assert objects_of(reader)["optimizer.param_groups.0.lr"].number == optimizer.param_groups[0]["lr"]
    assert reader.container.findings == ()


@FORMATS
def test_a_whole_module_has_the_names_of_its_state_dict(tmp_path: Path, zip_format: bool) -> None:
    network = torch.nn.DataParallel(small_network())
    network.module.register_buffer("cache", torch.ones(2), persistent=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = save_and_compare(tmp_path / "x.pt", network, _use_new_zipfile_serialization=zip_format)
    findings = {f.code: f for f in reader.container.findings}
    assert findings["buffer-not-persistent"].where == "module.cache"
    assert "torch.nn.modules.conv.Conv2d" in reader.container.globals
    assert findings["global-unknown"].severity == "warning"
    assert objects_of(reader)["module.0.in_channels"].number == 3


def test_a_module_inside_a_dict(tmp_path: Path) -> None:
    save_and_compare(tmp_path / "x.pt", {"epoch": 1, "model": small_network(), "ema": [small_network()]})


@FORMATS
def test_bare_roots(tmp_path: Path, zip_format: bool) -> None:
    for value in (torch.randn(2), [torch.randn(2), (torch.ones(1),)], torch.nn.Parameter(torch.ones(3))):
        save_and_compare(tmp_path / "x.pt", value, _use_new_zipfile_serialization=zip_format)


@FORMATS
def test_objects_that_are_no_tensors(tmp_path: Path, zip_format: bool) -> None:
    value = {
        "args": argparse.Namespace(lr=0.5, name="run", nested={"x": None}),
        "scalar": np.float64(2.5),
        "count": np.int32(-7),
        "array": np.zeros((2, 3), dtype=np.float32),
        "flag": True,
        "raw": b"\x00\xff",
        "device": torch.device("cpu"),
        "dtype": torch.float16,
        "size": torch.Size([4, 5]),
        "set": {9},
        "big": 10**400,
        "default": defaultdict(list, k=[1.5]),
        "w": torch.ones(1),
    }
    reader = save_and_compare(tmp_path / "x.pt", value, _use_new_zipfile_serialization=zip_format)
    found = {path: (o.type, o.text, o.number) for path, o in objects_of(reader).items()}
    assert found["args.lr"] == ("float", "0.5", 0.5)
    assert found["args.nested.x"] == ("none", "None", None)
    assert found["scalar"] == ("numpy.float64", "2.5", 2.5)
    assert found["count"] == ("numpy.int32", "-7", -7)
    assert found["args"] == ("argparse.Namespace", "", None)
    assert "array" not in found
    assert found["flag"] == ("bool", "True", None)
    assert found["raw"] == ("bytes", "\\x00\\xff", None)
    assert found["device"] == ("torch.device", "cpu", None)
    assert found["dtype"] == ("torch.dtype", "torch.float16", None)
    assert found["size.1"] == ("int", "5", 5)
    assert found["set.0"] == ("int", "9", 9)
    assert found["big"][0] == "int"
    assert found["big"][2] is None
    assert found["default.k.0"] == ("float", "1.5", 1.5)
    assert reader.container.findings == ()


def test_sparse_tensors_are_listed_by_component(tmp_path: Path) -> None:
    dense = torch.tensor([[0.0, 2.0], [3.0, 0.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = {"coo": dense.to_sparse(), "csr": dense.to_sparse_csr(), "csc": dense.to_sparse_csc()}
        torch.save(value, tmp_path / "x.pt")
    parts = {
        "coo.indices": value["coo"]._indices(),
        "coo.values": value["coo"]._values(),
        "csr.crow_indices": value["csr"].crow_indices(),
        "csr.col_indices": value["csr"].col_indices(),
        "csr.values": value["csr"].values(),
        "csc.ccol_indices": value["csc"].ccol_indices(),
        "csc.row_indices": value["csc"].row_indices(),
        "csc.values": value["csc"].values(),
    }
    reader = assert_agrees(tmp_path / "x.pt", parts)
    kinds = {f.where: f.found for f in reader.container.findings if f.code == "tensor-composite"}
    assert kinds == {"coo": "sparse_coo", "csr": "sparse_csr", "csc": "sparse_csc"}


@FORMATS
def test_quantized_tensors_have_their_integers(tmp_path: Path, zip_format: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = {
            "q": torch._make_per_tensor_quantized_tensor(random_tensor(torch.int8, 3, 4), 0.1, 3),
            "u": torch._make_per_tensor_quantized_tensor(random_tensor(torch.uint8, 5), 0.1, 3),
            "c": torch._make_per_channel_quantized_tensor(
                random_tensor(torch.int32, 2, 4), torch.ones(2), torch.zeros(2, dtype=torch.int64), 0
            ),
        }
        save_and_compare(tmp_path / "x.pt", value, _use_new_zipfile_serialization=zip_format)


def test_meta_tensors_have_a_shape_and_no_bytes(tmp_path: Path) -> None:
    torch.save({"m": torch.empty(2, 3, device="meta")}, tmp_path / "x.pt")
    with open_checkpoint(tmp_path / "x.pt") as reader:
        (entry,) = reader.container.tensors
        (storage,) = reader.container.storages
        assert (entry.shape, entry.storage, storage.declared_bytes) == ((2, 3), storage.key, 24)
        assert storage.present_bytes == 0
        assert reader.read_storage(storage.key, 0, 24) == b""
        assert [f.code for f in reader.container.findings] == ["tensor-without-bytes"]


def test_a_storage_pickled_as_a_checkpoint_of_its_own(tmp_path: Path) -> None:
    stream = io.BytesIO()
    torch.save(torch.arange(5.0).untyped_storage(), stream, _use_new_zipfile_serialization=False)
    inner = Call("torch.storage", "_load_from_bytes", (stream.getvalue(),))
    call = Call("torch._utils", "_rebuild_tensor_v3", (inner, 1, (2,), (2,), False, None, Name("torch", "float32")))
    for protocol in (2, 4):
        write_torch_zip(tmp_path / "x.pt", pickle_bytes({"w": call}, protocol), {})
        with open_checkpoint(tmp_path / "x.pt") as reader:
            (entry,) = reader.container.tensors
            assert reader.read_storage(entry.storage, 4, 12) == np.array([1, 2, 3], "<f4").tobytes()
            assert reader.container.findings == ()


shapes = st.lists(st.integers(0, 4), max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tree=st.recursive(
        st.tuples(st.sampled_from(DTYPES), shapes),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("ab.", max_size=3) | st.integers(0, 9), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    zip_format=st.booleans(),
    protocol=st.integers(2, 5),
)
def test_any_tree_of_tensors(tmp_path: Path, tree: Any, zip_format: bool, protocol: int) -> None:
    def build(node: Any) -> Any:
        match node:
            case (torch.dtype() as dtype, list() as shape):
                return random_tensor(dtype, *shape)
            case list():
                return [build(n) for n in node]
            case _:
                return {k: build(n) for k, n in node.items()}

    value = {"root": build(tree)}
    torch.save(value, tmp_path / "x.pt", pickle_protocol=protocol, _use_new_zipfile_serialization=zip_format)
    names = [name for name, _ in torch_tensors(value)]
    if len(set(names)) == len(names):
        assert_agrees(tmp_path / "x.pt", value)
    else:
        with open_checkpoint(tmp_path / "x.pt") as reader:
            assert [t.name for t in reader.container.tensors] == names

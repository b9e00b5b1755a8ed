"""Objects that are no tensors, pickled by their own classes, as a person would write them."""

from __future__ import annotations

import argparse
import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import functools
import pathlib
import types
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from builders import Call, Name, pickle_bytes, write_torch_zip

from generators.containers import open_checkpoint

PROTOCOLS = pytest.mark.parametrize("protocol", [2, 3, 4, 5])


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Settings:
    lr: float = 0.1
    inner: Any = None


Point = collections.namedtuple("Point", "x y")  # noqa: PYI024 - the untyped kind is what checkpoints have


def listed(path: Path) -> dict[str, tuple[str, str]]:
    with open_checkpoint(path) as reader:
        assert reader.container.tensors == ()
        return {o.path: (o.type, o.text) for o in reader.container.objects}


def saved(tmp_path: Path, value: Any, protocol: int) -> dict[str, tuple[str, str]]:
    torch.save(value, tmp_path / "x.pt", pickle_protocol=protocol)
    return listed(tmp_path / "x.pt")


@PROTOCOLS
def test_plain_objects_are_written_as_a_person_would(tmp_path: Path, protocol: int) -> None:
    zone = dt.timezone(dt.timedelta(hours=5, minutes=30))
    values: dict[str, tuple[Any, str]] = {
        "moment": (dt.datetime(2024, 5, 6, 7, 8, 9, 10), "2024-05-06T07:08:09.000010"),  # noqa: DTZ001
        "second time": (dt.datetime(2024, 11, 3, 1, 30, fold=1), "2024-11-03T01:30:00"),  # noqa: DTZ001
        "zoned": (dt.datetime(2024, 5, 6, 7, 8, tzinfo=zone), "2024-05-06T07:08:00+05:30"),
        "utc": (dt.datetime(2024, 5, 6, tzinfo=dt.UTC), "2024-05-06T00:00:00+00:00"),
        "date": (dt.date(1999, 12, 31), "1999-12-31"),
        "time": (dt.time(23, 59, 1, 5), "23:59:01.000005"),
        "span": (dt.timedelta(days=-1, seconds=5), "-1 day, 0:00:05"),
        "zone": (zone, "+05:30"),
        "decimal": (decimal.Decimal("1.50"), "1.50"),
        "fraction": (fractions.Fraction(3, 4), "3/4"),
        "complex": (1 - 2j, "(1-2j)"),
        "range": (range(1, 9, 2), "range(1, 9, 2)"),
        "slice": (slice(1, None, 2), "slice(1, None, 2)"),
        "posix": (pathlib.PurePosixPath("/a/b/c"), "/a/b/c"),
        "relative": (pathlib.Path("runs/x"), "runs/x"),
        "windows": (pathlib.PureWindowsPath("C:\\runs\\x"), "C:\\runs\\x"),
        "here": (pathlib.PurePosixPath(), "."),
        "uuid": (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        "enum": (Colour.RED, "red"),
        "point": (Point(1, "y"), "1, y"),
        "device": (torch.device("cuda", 1), "cuda:1"),
        "partial": (functools.partial(uuid.UUID, "00", version=4), "uuid.UUID(00, version=4)"),
    }
    found = saved(tmp_path, {name: value for name, (value, _) in values.items()}, protocol)
    assert {n: text for n, (_, text) in found.items()} == {n: text for n, (_, text) in values.items()}
    assert found["zoned"][0] == "datetime.datetime"
    assert found["enum"][0].endswith(".Colour")


@PROTOCOLS
def test_objects_with_members_have_a_class_and_members(tmp_path: Path, protocol: int) -> None:
    value = {
        "args": argparse.Namespace(lr=0.5, inner=argparse.Namespace(b=2)),
        "settings": Settings(inner=Settings(lr=0.2)),
        "space": types.SimpleNamespace(when=dt.date(2024, 1, 2)),
        "queue": collections.deque([1, 2], maxlen=5),
        "counter": collections.Counter("aab"),
    }
    found = saved(tmp_path, value, protocol)
    assert found["args"] == ("argparse.Namespace", "")
    assert found["args.lr"] == ("float", "0.5")
    assert found["args.inner"] == ("argparse.Namespace", "")
    assert found["args.inner.b"] == ("int", "2")
    assert found["settings"][0].endswith(".Settings")
    assert found["settings.inner.lr"] == ("float", "0.2")
    assert found["space.when"] == ("datetime.date", "2024-01-02")
    assert (found["queue.0"], found["queue.1"]) == (("int", "1"), ("int", "2"))
    assert found["counter.a"] == ("int", "2")


@PROTOCOLS
def test_numpys_scalars_have_their_values(tmp_path: Path, protocol: int) -> None:
    values: dict[str, tuple[Any, tuple[str, str]]] = {
        "f8": (np.float64(2.5), ("numpy.float64", "2.5")),
        "f2": (np.float16(0.5), ("numpy.float16", "0.5")),
        "i1": (np.int8(-3), ("numpy.int8", "-3")),
        "u8": (np.uint64(2**64 - 1), ("numpy.uint64", str(2**64 - 1))),
        "b1": (np.bool_(True), ("numpy.bool", "True")),
        "c8": (np.complex64(1 + 2j), ("numpy.complex64", "(1+2j)")),
        "text": (np.str_("hé한"), ("numpy.str_", "hé한")),
        "bytes": (np.bytes_(b"q\xff"), ("numpy.bytes_", "q\\xff")),
        "date": (np.datetime64("2024-01-02"), ("numpy.datetime64", "2024-01-02T00:00:00")),
        "nanoseconds": (np.datetime64(5, "ns"), ("numpy.datetime64", "5 ns")),
        "span": (np.timedelta64(90, "s"), ("numpy.timedelta64", "0:01:30")),
        "dtype": (np.dtype(">f4"), ("numpy.dtype", ">float32")),
    }
    found = saved(tmp_path, {name: value for name, (value, _) in values.items()}, protocol)
    assert found == {name: expected for name, (_, expected) in values.items()}


@PROTOCOLS
def test_arrays_of_anything_but_numbers_are_described(tmp_path: Path, protocol: int) -> None:
    value = {
        "text": np.array(["ab", "c"]),
        "records": np.zeros(2, dtype=[("a", "f4"), ("b", "i8")]),
        "objects": np.array([{"epoch": 3}, None], dtype=object),
        "masked": np.ma.array([1, 2], mask=[False, True]),
    }
    found = saved(tmp_path, value, protocol)
    assert found["objects.0.epoch"] == ("int", "3")
    assert found["masked"][0].startswith("numpy.ma")
    if protocol < 5:
        assert found["text"] == ("numpy.ndarray", "U2(2)")
        assert found["records"] == ("numpy.ndarray", "V12(2)")


def omegaconf(content: Any, kind: str = "dictconfig.DictConfig", parent: Any = True) -> Call:
    """Return a node as OmegaConf pickles it: metadata, parent, and content or value."""
    module, name = kind.rsplit(".", 1)
    key = "_val" if module == "nodes" else "_content"
    state = {"_metadata": Call("omegaconf.base", "Metadata"), "_parent": parent, key: content}
    return Call("copyreg", "__newobj__", (Name(f"omegaconf.{module}", name),), state)


def test_omegaconfs_configurations_are_flattened(tmp_path: Path) -> None:
    dims = omegaconf([omegaconf(4, "nodes.IntegerNode"), omegaconf(None, "nodes.AnyNode")], "listconfig.ListConfig")
    config = omegaconf({"lr": omegaconf(0.5, "nodes.FloatNode"), "dims": dims, "ref": omegaconf("${lr}")}, parent=None)
    found = listed(write_torch_zip(tmp_path / "x", pickle_bytes({"cfg": config}), {}))
    assert found == {
        "cfg": ("omegaconf.dictconfig.DictConfig", ""),
        "cfg.lr": ("float", "0.5"),
        "cfg.dims.0": ("int", "4"),
        "cfg.dims.1": ("none", "None"),
        "cfg.ref": ("str", "${lr}"),
    }


def test_omegaconfs_own_pickles_are_flattened(tmp_path: Path) -> None:
    package = pytest.importorskip("omegaconf")
    config = package.OmegaConf.create({"lr": 0.5, "dims": [4, {"a": None}], "on": True, "ref": "${lr}"})
    found = saved(tmp_path, {"cfg": config}, 2)
    assert {p: text for p, (_, text) in found.items()} == {
        "cfg": "",
        "cfg.lr": "0.5",
        "cfg.dims.0": "4",
        "cfg.dims.1.a": "None",
        "cfg.on": "True",
        "cfg.ref": "${lr}",
    }


def test_a_configuration_that_holds_itself_ends(tmp_path: Path) -> None:
    content = b"X\x08\x00\x00\x00_content}X\x01\x00\x00\x00ah\x00s"
    node = b"comegaconf.dictconfig\nDictConfig\n)\x81q\x00}(X\x07\x00\x00\x00_parentN" + content + b"ub."
    with open_checkpoint(write_torch_zip(tmp_path / "x", b"\x80\x02" + node, {})) as reader:
        assert len(reader.container.objects) < 5
        assert {f.code for f in reader.container.findings} >= {"value-contains-itself"}


HOSTILE = [
    Call("datetime", "datetime", (b"\xff" * 10,)),
    Call("datetime", "datetime", ("한" * 10,)),
    Call("datetime", "datetime", (7,)),
    Call("datetime", "datetime", ()),
    Call("datetime", "timedelta", (10**400, 0, 0)),
    Call("datetime", "timezone", (Call("datetime", "timedelta", (99, 0, 0)),)),
    Call("builtins", "range", (10**3000,)),
    Call("builtins", "complex", ("x", None)),
    Call("fractions", "Fraction", (Call("fractions", "Fraction", ()), [])),
    Call("pathlib", "PosixPath", tuple("a" * 1000 for _ in range(1000))),
    Call("pathlib", "PosixPath", ("a", 5)),
    Call("uuid", "UUID", (), {"int": 1 << 200}),
    Call("uuid", "UUID", (), {"int": "x"}),
    Call("uuid", "UUID", (), 5),
    Call("functools", "partial", (), (Name("os", "system"), ({},), None, None)),
    Call("numpy", "dtype", ({},)),
    Call(
        "numpy._core.multiarray",
        "scalar",
        (Call("numpy", "dtype", ("M8",), (4, "<", None, (None, (b"D", 1)))), b"\x7f" * 8),
    ),
    Call("numpy._core.multiarray", "scalar", (Call("numpy", "dtype", ("U9",)), b"\xff" * 7)),
    Call("numpy._core.multiarray", "scalar", (Call("numpy", "dtype", ("f4",)), b"")),
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: f"{v.function.name}")
def test_arguments_that_no_such_object_has_leave_it_opaque(tmp_path: Path, value: Call) -> None:
    path = write_torch_zip(tmp_path / "x", pickle_bytes({"v": value}, 4), {})
    with open_checkpoint(path) as reader:
        assert reader.container.tensors == ()
        assert all(len(o.text) <= 200 for o in reader.container.objects)
        assert any(o.path.startswith("v") for o in reader.container.objects)

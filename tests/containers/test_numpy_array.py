"""NumPy's arrays, alone and in archives."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import Call, pickle_bytes
from foreign_builders import npy_bytes, npy_header
from hypothesis import given
from hypothesis import strategies as st

from generators.containers import CheckpointReader, open_checkpoint
from generators.containers.literal import parse_literal
from generators.fingerprint.blocks import read_tensor_blocks
from generators.model.tensor import TensorEntry

ARRAYS: dict[str, np.ndarray] = {
    **{f"little-{c}": np.arange(12).reshape(3, 4).astype(f"<{c}") for c in ("f2", "f4", "f8", "i1", "i8", "u2", "c8")},
    **{f"big-{c}": np.arange(12).reshape(3, 4).astype(f">{c}") for c in ("f4", "f8", "i2", "i4", "u8", "c16")},
    "bool": np.array([True, False]),
    "scalar": np.array(2.5),
    "empty": np.zeros((0, 4), dtype=np.float32),
    "fortran": np.asfortranarray(np.arange(3000.0).reshape(30, 100)),
    "texts": np.array(["a", "한글"]),
    "bytes": np.array([b"abc", b""]),
    "dates": np.array(["2020-01-01"], dtype="M8[ns]"),
    "records": np.zeros(3, dtype=[("a", "<f4"), ("b", ">i8", (2,)), ("c", [("d", "u1")])]),
    "padded": np.zeros(2, dtype=np.dtype([("a", "u1"), ("b", "f8")], align=True)),
    "wide": np.ones(2, dtype=np.longdouble),
}


def values(reader: CheckpointReader, tensor: TensorEntry) -> bytes:
    return b"".join(bytes(block) for block in read_tensor_blocks(tensor, reader.container.byteorder, reader))


def little(array: np.ndarray) -> bytes:
    """Return an array's values as the fingerprint wants them; records and texts as they lie."""
    array = np.ascontiguousarray(array)
    return (array.astype(array.dtype.newbyteorder("<")) if array.dtype.kind in "fiuc" else array).tobytes()


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_agrees_with_numpy(tmp_path: Path, name: str) -> None:
    array = ARRAYS[name]
    np.save(tmp_path / "x", array)
    with open_checkpoint(tmp_path / "x.npy") as reader:
        (tensor,) = reader.container.tensors
        assert (reader.container.format, tensor.name, tensor.shape) == ("numpy", "tensor", array.shape)
        assert tensor.itemsize == array.dtype.itemsize
        assert values(reader, tensor) == little(array)
        assert {f.severity for f in reader.container.findings} <= {"note"}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_agrees_with_numpy(tmp_path: Path, save: Any) -> None:
    save(tmp_path / "x", **ARRAYS)
    with open_checkpoint(tmp_path / "x.npz") as reader:
        container = reader.container
        assert (container.format, container.records) == ("numpy-zip", len(ARRAYS))
        assert [t.name for t in container.tensors] == list(ARRAYS)
        for tensor in container.tensors:
            assert values(reader, tensor) == little(ARRAYS[tensor.name]), tensor.name
        assert [f.where for f in container.findings] == ["records", "padded"]
        assert reader.check_records() == ()


def test_types_are_named() -> None:
    with open_all() as reader:
        names = {t.name: t.dtype for t in reader.container.tensors}
    assert names["texts"] == "U2"
    assert names["bytes"] == "S3"
    assert names["dates"] == "datetime64[ns]"
    assert names["records"] == "V21"
    assert names["padded"] == "V16"
    assert names["big-c16"] == "complex128"


def open_all() -> CheckpointReader:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "x", **ARRAYS)
        return open_checkpoint(Path(folder) / "x.npz")


def test_compressed_headers_are_read_without_inflating_the_arrays(tmp_path: Path, read_bytes: Any) -> None:
    rng = np.random.default_rng(0)
    np.savez_compressed(tmp_path / "x", **{f"a{i}": rng.random(100_000) for i in range(8)})
    with open_checkpoint(tmp_path / "x.npz") as reader:
        assert len(reader.container.tensors) == 8
    assert read_bytes() < 100_000


def test_an_array_of_objects_is_named_with_what_its_pickle_would_call(tmp_path: Path) -> None:
    evil = pickle_bytes(Call("posix", "system", ("true",)))
    (tmp_path / "x").write_bytes(npy_bytes(npy_header("|O", (1,)), evil))
    with open_checkpoint(tmp_path / "x") as reader:
        container = reader.container
    assert container.tensors == ()
    assert [(o.path, o.text) for o in container.objects] == [("tensor", "object(1,)")]
    assert [(f.code, f.where) for f in container.findings] == [
        ("numpy-objects", "tensor"),
        ("global-runs-code", "posix.system"),
    ]


def test_objects_inside_records_are_found_too(tmp_path: Path) -> None:
    array = np.array([(1, {"a": 1})], dtype=[("n", "i4"), ("o", object)])
    np.savez(tmp_path / "x", a=array, b=np.ones(2))
    with open_checkpoint(tmp_path / "x.npz") as reader:
        assert [t.name for t in reader.container.tensors] == ["b"]
        assert [f.code for f in reader.container.findings] == ["numpy-objects"]


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (npy_bytes(npy_header("<f4", (2,)), bytes(8)), []),
        (npy_bytes(npy_header("<f4", (2,)), bytes(8), version=2), []),
        (npy_bytes(npy_header("<f4", (2,)), bytes(8), version=3), []),
        (npy_bytes("{'shape': (2L,), 'fortran_order': False, 'descr': '<f4', }", bytes(8)), []),
        (npy_bytes(npy_header("<f4", (2,)), bytes(9)), ["file-long"]),
        (npy_bytes(npy_header("<f4", (2,)), bytes(7)), ["file-truncated", "storage-short"]),
        (npy_bytes(npy_header("<f4", (2,)), b""), ["file-truncated", "storage-short"]),
        (npy_bytes(npy_header("<f4", (2,)), b"", length=9999), ["numpy-header-truncated"]),
        (npy_bytes(npy_header("<f4", (2,)), b"", version=2, length=1 << 31), ["numpy-header-malformed"]),
        (npy_bytes(npy_header("<f4", (2,)), b"", version=9), ["numpy-header-malformed"]),
        (npy_bytes(npy_header("<q9", (-2,)), b""), ["numpy-header-malformed"]),
        (npy_bytes(npy_header("<f4", (-2,)), b""), ["numpy-header-malformed"]),
        (npy_bytes(npy_header("<f4", (True,)), b""), ["numpy-header-malformed"]),
        (npy_bytes(npy_header("<f4", (1 << 62, 1 << 62)), b""), ["numpy-header-malformed"]),
        (npy_bytes(npy_header("<f4", (1,) * 65), bytes(4)), ["numpy-header-malformed"]),
        (npy_bytes(npy_header([("a", "<f4", (1 << 30,) * 60)], (1,)), b""), ["numpy-header-malformed"]),
        (npy_bytes(npy_header("|S0", (5,)), b""), ["dtype-unknown"]),
        (npy_bytes(npy_header("|S999999", (1,)), b""), ["dtype-unknown"]),
        (npy_bytes(npy_header("__import__('os')", (5,)), b""), ["numpy-header-malformed"]),
        (npy_bytes("__import__('os').system('true')", b""), ["numpy-header-malformed"]),
        (npy_bytes("{'descr': " + "[" * 5000, b""), ["numpy-header-malformed"]),
        (npy_bytes("{'descr': '" + "\\'" * 20000, b""), ["numpy-header-malformed"]),
        (b"\x93NUMPY", ["numpy-header-malformed"]),
    ],
)
def test_headers(tmp_path: Path, content: bytes, codes: list[str]) -> None:
    (tmp_path / "x").write_bytes(content)
    with open_checkpoint(tmp_path / "x") as reader:
        assert reader.container.format == "numpy"
        assert [f.code for f in reader.container.findings] == codes


def test_an_archive_with_other_files_in_it_is_no_archive_of_arrays(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.arange(3.0))
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr("README", "see below")
        archive.writestr("weights.npy", stream.getvalue())
    with open_checkpoint(tmp_path / "x") as reader:
        assert reader.container.format == "numpy"
        assert [(f.code, f.where) for f in reader.container.findings] == [("wrapped-zip", "weights.npy")]


literals = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text("abc한 <|", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(value=literals)
def test_literals_are_read_as_python_writes_them(value: Any) -> None:
    assert parse_literal(repr(value)) == value


@given(text=st.text("'\"[](){},:TrueFalsNone0123456789\\ ", max_size=40))
def test_other_text_is_refused_without_more(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_literal(text)

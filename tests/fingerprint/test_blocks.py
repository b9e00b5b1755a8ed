from __future__ import annotations

import numpy as np
import pytest
from fingerprint.memory import MemoryReader, view
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from msgspec.structs import replace

from generators.fingerprint import blocks
from generators.fingerprint.amplification import is_amplified
from generators.fingerprint.blocks import read_tensor_blocks
from generators.model.checkpoint import ByteOrder
from generators.model.tensor import TensorEntry


def _read(tensor: TensorEntry, storage: bytes, byteorder: ByteOrder = "little") -> bytes:
    return b"".join(read_tensor_blocks(tensor, byteorder, MemoryReader({"s": storage})))


@given(npst.arrays(np.float32, npst.array_shapes(max_dims=3, max_side=7)), st.permutations(range(3)), st.data())
def test_a_view_of_any_strides_gives_what_numpy_gives(array: np.ndarray, order: list[int], data: st.DataObject) -> None:
    axes = [axis for axis in order if axis < array.ndim]
    seen = array.transpose(axes)
    step = data.draw(st.integers(1, 3))
    seen = seen[::step]
    tensor = view("w", array, shape=seen.shape, strides=tuple(s // 4 for s in seen.strides))
    assert _read(tensor, array.tobytes()) == seen.tobytes()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_blocks_smaller_than_a_row_give_the_same_bytes(order: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 20)
    array = np.arange(5 * 7 * 3, dtype=np.float32).reshape(5, 7, 3)
    seen = array.transpose(order)
    tensor = view("w", array, shape=seen.shape, strides=tuple(s // 4 for s in seen.strides))
    read = list(read_tensor_blocks(tensor, "little", MemoryReader({"s": array.tobytes()})))
    assert b"".join(read) == seen.tobytes()
    assert max(map(len, read)) <= 20


@pytest.mark.parametrize("steps", [(1, 1), (5, 3), (1, 7), (11, 1)])
def test_a_view_that_spans_much_more_than_it_holds_is_gathered_in_pieces(
    steps: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "SPAN_FLOOR_BYTES", 64)
    monkeypatch.setattr(blocks, "SPAN_LIMIT", 0)
    array = np.arange(44 * 28, dtype=np.float32).reshape(44, 28)
    for seen in (array[:: steps[0], :: steps[1]], array.T[:: steps[1], :: steps[0]], array[:: steps[0], 3]):
        tensor = view("w", array, shape=seen.shape, strides=tuple(s // 4 for s in seen.strides))
        offset = (seen.__array_interface__["data"][0] - array.__array_interface__["data"][0]) // 4
        assert _read(replace(tensor, offset=offset), array.tobytes()) == seen.tobytes()


def test_a_piece_is_all_that_is_held_of_a_wide_view() -> None:
    asked: list[int] = []

    class Reader:
        def read_storage(self, key: str, start: int, size: int) -> bytes:  # noqa: ARG002
            asked.append(size)
            return b"\0" * size

    far = 10**9
    tensor = view("w", np.zeros(2, dtype=np.float32), shape=(2,), strides=(far,))
    assert b"".join(read_tensor_blocks(tensor, "little", Reader())) == b"\0" * 8
    assert asked == [4, 4]


def test_an_expanded_view_repeats_its_element() -> None:
    array = np.array([7], dtype=np.int16)
    assert _read(view("w", array, shape=(2, 3), strides=(0, 0)), array.tobytes()) == array.tobytes() * 6


@pytest.mark.parametrize("dtype", ["float16", "int32", "float64", "complex64", "complex128", "uint8"])
def test_a_foreign_byte_order_is_undone(dtype: str) -> None:
    array = np.arange(12).astype(dtype).reshape(3, 4)
    assert _read(view("w", array), array.astype(array.dtype.newbyteorder(">")).tobytes(), "big") == array.tobytes()


def test_lazy_conjugation_and_negation_are_carried_out() -> None:
    array = np.array([1 + 2j, -3.5j], dtype=np.complex64)
    assert _read(view("w", array, conjugate=True), array.tobytes()) == array.conj().tobytes()
    assert _read(view("w", array, negative=True), array.tobytes()) == (-array).tobytes()
    half = np.array([1, 2, 0, -3.5], dtype=np.float16)
    tensor = view("w", half, dtype="complex32", shape=(2,), strides=(1,), itemsize=4, conjugate=True, negative=True)
    assert _read(tensor, half.tobytes()) == np.array([-1, 2, -0.0, -3.5], dtype=np.float16).tobytes()


@pytest.mark.parametrize("strides", [(4, 1), (1, 3)])
def test_a_storage_that_ends_early_gives_fewer_bytes_and_no_error(strides: tuple[int, int]) -> None:
    array = np.ones((3, 4), dtype=np.float32)
    assert len(_read(view("w", array, strides=strides), array.tobytes()[:-1])) < array.nbytes


def test_a_view_counts_as_an_attack_only_when_it_is_large_and_out_of_all_proportion() -> None:
    scalar = np.zeros(1, dtype=np.float32)
    mebi = 2**20
    small = view("w", scalar, shape=(16 * mebi,), strides=(0,))
    large = view("w", scalar, shape=(16 * mebi + 1,), strides=(0,))
    assert not is_amplified(small.size_bytes, 4)
    assert is_amplified(large.size_bytes, 4)
    assert not is_amplified(large.size_bytes, 2 * mebi)

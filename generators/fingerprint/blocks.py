"""A tensor's contiguous little-endian bytes, block by block, whatever its strides and byte order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import prod

import numpy as np
from msgspec.structs import replace
from numpy.lib.stride_tricks import as_strided

from generators.fingerprint.whole_digest import BLOCK_BYTES
from generators.model.checkpoint import ByteOrder, StorageReader
from generators.model.tensor import TensorEntry

SPAN_FLOOR_BYTES = 16 * 1024 * 1024
"""A view that spans no more than this of its storage is gathered in one piece."""
SPAN_LIMIT = 4
"""And so is one that spans at most this many times its own size, such as a transposed matrix."""

_SAME_NAME = frozenset(
    {
        *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    }
)
_QUANTIZED = {"qint8": "int8", "quint8": "uint8", "qint32": "int32"}
_ML_DTYPES = frozenset(
    {"bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu"}
)


@cache
def numpy_dtype(name: str) -> np.dtype | None:
    """Return numpy's dtype for one of torch's that numpy or ml_dtypes can read; quantized ones by their integers."""
    if name in _ML_DTYPES:
        import ml_dtypes  # few checkpoints have these

        dtype: np.dtype = np.dtype(getattr(ml_dtypes, name))
        return dtype
    name = _QUANTIZED.get(name, name)
    return np.dtype(name) if name in _SAME_NAME else None


_COMPLEX_PART_BYTES = {"complex32": 2, "complex64": 4, "complex128": 8}


def lies_contiguous(tensor: TensorEntry, byteorder: ByteOrder) -> bool:
    """Whether a tensor's bytes in its storage are its contiguous little-endian bytes as they are."""
    plain = tensor.itemsize == 1 or byteorder == "little"
    return plain and not tensor.conjugate and not tensor.negative and tensor.is_contiguous


def read_tensor_blocks(
    tensor: TensorEntry, byteorder: ByteOrder, reader: StorageReader
) -> Iterator[bytes | memoryview]:
    """Yield the bytes of the contiguous tensor, little-endian, in row-major order.

    Stops early, without an error, where the storage has fewer bytes than it should.
    """
    raw = _contiguous_blocks(tensor, reader) if tensor.is_contiguous else _strided_blocks(tensor, reader)
    for block in raw:
        yield _resolve(block, tensor, tensor.byteorder or byteorder)


def _contiguous_blocks(tensor: TensorEntry, reader: StorageReader) -> Iterator[bytes]:
    start, _ = tensor.span
    remaining = tensor.size_bytes
    block_bytes = BLOCK_BYTES - BLOCK_BYTES % tensor.itemsize
    while remaining:
        wanted = min(block_bytes, remaining)
        block = reader.read_storage(tensor.storage, start, wanted)
        if len(block) < wanted:
            return
        yield block
        start += len(block)
        remaining -= len(block)


def _strided_blocks(tensor: TensorEntry, reader: StorageReader) -> Iterator[bytes]:
    """Gather a non-contiguous view piece by piece; what a piece spans of the storage is held in memory."""
    for piece in _pieces(tensor):
        yield from _gather(piece, reader)


def _pieces(tensor: TensorEntry) -> Iterator[TensorEntry]:
    """Split a view that spans much more than it holds along its first dimension, in row-major order."""
    start, stop = tensor.span
    if stop - start <= max(SPAN_FLOOR_BYTES, SPAN_LIMIT * tensor.size_bytes) or tensor.count <= 1:
        yield tensor
        return
    rows, step = tensor.shape[0], tensor.strides[0]
    together = max(1, SPAN_FLOOR_BYTES // max(1, step * tensor.itemsize)) if len(tensor.shape) == 1 else 1
    for first in range(0, rows, together):
        shape = (min(together, rows - first), *tensor.shape[1:])
        piece = replace(tensor, shape=shape, offset=tensor.offset + first * step)
        yield from _pieces(replace(piece, shape=shape[1:], strides=tensor.strides[1:]) if shape[0] == 1 else piece)


def _gather(tensor: TensorEntry, reader: StorageReader) -> Iterator[bytes]:
    start, stop = tensor.span
    data = reader.read_storage(tensor.storage, start, stop - start)
    last = sum((n - 1) * stride for n, stride in zip(tensor.shape, tensor.strides, strict=True))
    if len(data) < max(stop - start, (last + 1) * tensor.itemsize):
        # numpy checks nothing here: a view that leads beyond would read the memory behind
        return
    item = np.dtype((np.void, tensor.itemsize))
    view = as_strided(
        np.frombuffer(data, dtype=item),
        shape=tensor.shape,
        strides=tuple(stride * tensor.itemsize for stride in tensor.strides),
        writeable=False,
    )
    yield from _row_major(view, max(1, BLOCK_BYTES // tensor.itemsize))


def _row_major(view: np.ndarray, block_elements: int) -> Iterator[bytes]:
    if view.size <= block_elements or view.ndim == 0:
        yield view.tobytes()
        return
    rows = block_elements // max(1, prod(view.shape[1:]))
    if rows:
        for first in range(0, view.shape[0], rows):
            yield view[first : first + rows].tobytes()
        return
    for row in view:
        yield from _row_major(row, block_elements)


def _resolve(block: bytes, tensor: TensorEntry, byteorder: ByteOrder) -> bytes | memoryview:
    """Undo a foreign byte order and torch's lazy conjugate and negative bits."""
    if byteorder == "big" and tensor.itemsize > 1:
        width = _COMPLEX_PART_BYTES.get(tensor.dtype, tensor.itemsize)
        block = np.frombuffer(block, dtype=f"V{width}").view(f">u{width}").astype(f"<u{width}").tobytes()
    if not (tensor.conjugate or tensor.negative):
        return block
    if tensor.dtype == "complex32":
        parts = np.frombuffer(block, dtype=np.float16).copy()
        if tensor.conjugate:
            parts[1::2] *= -1
        return (-parts if tensor.negative else parts).tobytes()
    values = np.frombuffer(block, dtype=numpy_dtype(tensor.dtype))
    if tensor.conjugate:
        values = np.conjugate(values)
    return (-values if tensor.negative else values).tobytes()

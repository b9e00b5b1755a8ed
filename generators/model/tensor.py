"""Tensors and storages as a checkpoint's index declares them."""

from __future__ import annotations

from math import prod
from typing import Literal

from msgspec import Struct

ELEMENTS_A_BYTE = {"quint4x2": 2, "quint2x4": 4}
"""Types that pack several elements into a byte; each row of the last dimension begins with a byte of its own.

Source: ``get_sub_byte_tensor_size`` in ``aten/src/ATen/quantized/Quantizer.cpp`` of PyTorch 2.13.
"""


class StorageEntry(Struct, frozen=True, kw_only=True):
    """A run of bytes that tensors are views of.

    Attributes:
        key: Name of the storage inside its container.
        record: Name of the archive record (torch zip), else the key.
        declared_bytes: Size that the index promises.
        present_bytes: Bytes that the file really has for it; 0 when the record is missing.
    """

    key: str
    record: str
    declared_bytes: int
    present_bytes: int


class TensorEntry(Struct, frozen=True, kw_only=True):
    """A view of a storage.

    Attributes:
        name: Keys from the checkpoint's root joined with ``.``. Hostile text.
        dtype: torch's name without ``torch.``, for example ``float32``; the format's own where torch has none
            (``q4_0``, ``U10``).
        shape: Sizes of the dimensions; ``()`` for a 0-dim tensor.
        strides: Steps in elements, one a dimension.
        storage: Key of the storage.
        offset: First item, counted in items of ``itemsize`` bytes from the storage's start.
        conjugate: The bytes are to be read as complex conjugates (torch's lazy ``conj`` bit).
        negative: The bytes are to be read negated (torch's lazy ``neg`` bit).
        itemsize: Bytes an item: an element, or a block of elements.
        block: Elements an item holds; more than 1 only in formats that pack elements (ggml's quantised types,
            4-bit types), whose tensors are contiguous.
        byteorder: Byte order of this tensor where it isn't the container's, else None.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    storage: str
    offset: int
    itemsize: int
    conjugate: bool = False
    negative: bool = False
    block: int = 1
    byteorder: Literal["little", "big"] | None = None

    @property
    def count(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def size_bytes(self) -> int:
        """Bytes of the contiguous tensor."""
        packed = ELEMENTS_A_BYTE.get(self.dtype)
        if packed is not None and self.shape:
            return prod(self.shape[:-1]) * -(-self.shape[-1] // packed)
        return -(-self.count // self.block) * self.itemsize

    @property
    def is_packed(self) -> bool:
        """Whether an item, or a byte, holds several elements, so that strides in elements lead nowhere."""
        return self.block > 1 or self.dtype in ELEMENTS_A_BYTE

    @property
    def span(self) -> tuple[int, int]:
        """First byte and one past the last byte that the view touches in its storage."""
        start = self.offset * self.itemsize
        if self.count == 0:
            return start, start
        if self.is_packed:
            # no view is cut out of such a tensor
            return start, start + self.size_bytes
        last = self.offset + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True))
        return start, (last + 1) * self.itemsize

    @property
    def is_contiguous(self) -> bool:
        """Whether the elements lie one after the other in row-major order."""
        step = 1
        for size, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            if size == 0:
                return True
            if size != 1 and stride != step:
                return False
            step *= size
        return True


class WeightTensor(Struct, frozen=True, kw_only=True):
    """A model tensor with its bytes, ready to be loaded into a network.

    Attributes:
        name: Canonical name: wrapper prefixes removed, published spelling.
        dtype: torch's name without ``torch.``.
        shape: Sizes.
        data: Contiguous little-endian bytes.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    data: bytes

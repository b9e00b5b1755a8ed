"""Which tensors can be read, and at a cost in proportion to the file: told by the index alone."""

from __future__ import annotations

from typing import Literal

from generators.model.checkpoint import Container
from generators.model.tensor import StorageEntry, TensorEntry

AMPLIFICATION_LIMIT = 64
"""A view may repeat its storage's elements (an expanded tensor) this many times before it counts as an attack."""
AMPLIFICATION_FLOOR_BYTES = 64 * 1024 * 1024
"""And any view up to this size is read, whatever its storage."""

View = tuple[object, ...]
Verdict = Literal["missing", "amplified", "read"]


class ReadingPlan:
    """What is to be read of a container, within a budget for all of it.

    Args:
        container: The index.
    """

    def __init__(self, container: Container) -> None:
        self._storages = {storage.key: storage for storage in container.storages}
        self._left_bytes = _reading_budget_bytes(container)

    def judge(self, tensor: TensorEntry) -> Verdict:
        """Say what becomes of a tensor; to be asked once a view, in the container's order."""
        size_bytes, storage = tensor.size_bytes, self._storages.get(tensor.storage)
        if storage is None or is_missing(tensor, storage):
            return "missing"
        if size_bytes > self._left_bytes or is_amplified(size_bytes, storage.present_bytes):
            return "amplified"
        self._left_bytes -= size_bytes
        return "read"


def view_of(tensor: TensorEntry) -> View:
    """Return what is the same for the same view under two names (tied weights)."""
    flags = tensor.conjugate, tensor.negative
    return (tensor.storage, tensor.dtype, tensor.offset, tensor.shape, tensor.strides, flags)


def is_missing(tensor: TensorEntry, storage: StorageEntry | None) -> bool:
    """Whether the file lacks bytes that a tensor needs."""
    if storage is None or tensor.offset < 0 or min((*tensor.shape, *tensor.strides), default=0) < 0:
        return True
    if tensor.is_packed and not tensor.is_contiguous:
        return True
    _, stop = tensor.span
    return stop > storage.present_bytes


def is_amplified(view_bytes: int, storage_bytes: int) -> bool:
    """Whether a view repeats its storage so often that reading it would cost out of all proportion."""
    return view_bytes > max(AMPLIFICATION_FLOOR_BYTES, AMPLIFICATION_LIMIT * storage_bytes)


def _reading_budget_bytes(container: Container) -> int:
    """Return how many bytes all views of a container may ask for together, however often they overlap."""
    present = sum(storage.present_bytes for storage in container.storages)
    return max(AMPLIFICATION_FLOOR_BYTES, AMPLIFICATION_LIMIT * present)

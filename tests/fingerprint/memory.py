"""A container in memory: storages as bytes, views of them as tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from generators.model.checkpoint import Container
from generators.model.tensor import StorageEntry, TensorEntry


class MemoryReader:
    """Reads a file and storages that are held in memory; ``places`` says where in the file a storage lies."""

    def __init__(
        self, storages: Mapping[str, bytes], file: bytes = b"any bytes", places: Mapping[str, int] | None = None
    ) -> None:
        self.storages = storages
        self.file = file
        self.places = places or {}
        self.reads: list[tuple[int, int]] = []

    @property
    def size_bytes(self) -> int:
        return len(self.file)

    def read_storage(self, key: str, start: int, size: int) -> bytes:
        return self.storages[key][start : start + size]

    def locate_storage(self, key: str) -> int | None:
        return self.places.get(key)

    def read_into(self, buffer: memoryview, start: int) -> int:
        data = self.file[start : start + len(buffer)]
        buffer[: len(data)] = data
        self.reads.append((start, len(data)))
        return len(data)


def view(name: str, array: np.ndarray, **changes: Any) -> TensorEntry:
    """Return the entry of an array that is a whole storage ``s``, contiguous unless ``changes`` say otherwise."""
    item = array.dtype.itemsize
    entry = {
        "name": name,
        "dtype": array.dtype.name,
        "shape": array.shape,
        "strides": tuple(stride // item for stride in np.empty(array.shape, array.dtype).strides),
        "storage": "s",
        "offset": 0,
        "itemsize": item,
    }
    return TensorEntry(**(entry | changes))


def container(tensors: Sequence[TensorEntry], storages: Mapping[str, bytes], **more: Any) -> Container:
    """Return a container of those tensors, whose storages are all here."""
    entries = (
        StorageEntry(key=key, record=key, declared_bytes=len(data), present_bytes=len(data))
        for key, data in storages.items()
    )
    return Container(format="torch-zip", tensors=tuple(tensors), storages=tuple(entries), **more)

"""The file size that an architecture predicts when its training code saves it.

A training checkpoint holds each network tensor, and for each parameter the two
moments of Adam (and its ``step``, where that is a tensor). The rest is
packaging: in torch's zip container a local header, a data descriptor and a
directory entry for each storage, with the data aligned to 64 bytes; in the
legacy container eight bytes for each storage; in both a pickle.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from generators.model.architecture import Architecture, TensorSpec

ITEM_BYTES = {"float32": 4, "int64": 8}

ZIP_LOCAL_HEADER_BYTES = 30
"""Source: PKWARE APPNOTE 6.3.10, 4.3.7."""
ZIP_DESCRIPTOR_BYTES = 16
"""Source: PKWARE APPNOTE 6.3.10, 4.3.9, with signature."""
ZIP_DIRECTORY_ENTRY_BYTES = 46
"""Source: PKWARE APPNOTE 6.3.10, 4.3.12."""
ZIP_END_BYTES = 22
"""Source: PKWARE APPNOTE 6.3.10, 4.3.16."""
ZIP_ALIGNMENT_BYTES = 64
"""Source: torch ``caffe2/serialize/inline_container.cc``, ``kFieldAlignment``."""
ZIP_PADDING_HEADER_BYTES = 4
"""Id and length of the extra field that pads. Source: torch ``caffe2/serialize/inline_container.cc``."""
RECORD_NAME = "snapshot_00.pth/data/"
"""Root that the 3DMPPE family's file names give. Source: UP ``common/base.py``."""

ZIP_PICKLE_BYTES = 81.7
"""Pickle bytes for each storage beyond the tensor's name. Measured on files of torch 2.13: 81.5 to 81.9."""
LEGACY_PICKLE_BYTES = 123.7
"""The same in the legacy container, whose storage keys are addresses. Measured on files of torch 2.13."""
LEGACY_STORAGE_BYTES = 8
"""Element count in front of each storage's data. Source: torch ``torch/csrc/serialization.cpp``."""
WRAPPER = "module."
"""DataParallel's prefix of each network tensor's name."""

TOLERANCE_BYTES_PER_STORAGE = 64
"""How far a writer's version may move the size: one alignment step for each storage."""


def predict_file_bytes(architecture: Architecture) -> int:
    """Return the size of the architecture's training checkpoint in bytes, good to the tolerance."""
    return predict_training_bytes(architecture.tensors, architecture)


def size_tolerance_bytes(architecture: Architecture) -> int:
    """Return how far a real file may be from the prediction and still fit."""
    return TOLERANCE_BYTES_PER_STORAGE * len(tuple(_storages(architecture.tensors, architecture)))


def predict_training_bytes(tensors: tuple[TensorSpec, ...], like: Architecture) -> int:
    """Return the size of a checkpoint of these tensors, saved as ``like``'s training code saves.

    Args:
        tensors: Of the network.
        like: Architecture whose training layout is used.
    """
    storages = tuple(_storages(tensors, like))
    names = sum(len(WRAPPER) + len(tensor.name) for tensor in tensors)
    if like.training.container == "torch-legacy":
        overhead = len(storages) * (LEGACY_STORAGE_BYTES + LEGACY_PICKLE_BYTES) + names
        return round(sum(storages) + overhead)
    pickle_bytes = round(len(storages) * ZIP_PICKLE_BYTES + names)
    return _zip_bytes((pickle_bytes, *storages))


def _storages(tensors: tuple[TensorSpec, ...], like: Architecture) -> Iterator[int]:
    """Yield the bytes of each storage of a training checkpoint."""
    for tensor in tensors:
        yield prod(tensor.shape) * ITEM_BYTES[tensor.dtype]
    for tensor in tensors:
        if tensor.role == "parameter":
            if like.training.step_is_tensor:
                yield ITEM_BYTES["float32"]
            yield prod(tensor.shape) * ITEM_BYTES[tensor.dtype]
            yield prod(tensor.shape) * ITEM_BYTES[tensor.dtype]


def _zip_bytes(records: tuple[int, ...]) -> int:
    position = 0
    directory = ZIP_END_BYTES
    for number, size in enumerate(records):
        name = len(RECORD_NAME) + len(str(number))
        position += ZIP_LOCAL_HEADER_BYTES + name + ZIP_PADDING_HEADER_BYTES
        position += -position % ZIP_ALIGNMENT_BYTES
        position += size + ZIP_DESCRIPTOR_BYTES
        directory += ZIP_DIRECTORY_ENTRY_BYTES + name
    return position + directory

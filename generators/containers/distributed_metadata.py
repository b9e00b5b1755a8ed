"""The ``.metadata`` pickle of ``torch.distributed.checkpoint``: name, type and shape of every tensor, and no bytes.

Source: ``torch/distributed/checkpoint/metadata.py`` of PyTorch 2.13.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from msgspec.structs import replace

from generators.containers.dtypes import ITEMSIZE_BYTES, dtype_of
from generators.containers.global_policy import printable
from generators.containers.index import Index, Root
from generators.containers.leaves import key_text
from generators.containers.storages import StorageSlot
from generators.containers.values import Global, Opaque, PickleDict, StorageRef, TensorValue, Value
from generators.model.finding import Finding

METADATA_CLASS = "torch.distributed.checkpoint.metadata.Metadata"
_TENSOR_CLASS = "torch.distributed.checkpoint.metadata.TensorStorageMetadata"
_MAX_BITS = 56
_MAX_DIMENSIONS = 64


def read_metadata(value: Value, index: Index) -> Index:
    """Return the index of a ``.metadata`` pickle, which promises tensors but holds none.

    Args:
        value: What the pickle builds.
        index: What else was noticed in it.
    """
    tensors = list(_promised(value))
    finding = Finding(code="distributed-metadata", severity="warning", found=str(len(tensors)))
    return replace(
        index,
        format="torch-distributed",
        roots=tuple(Root(value=tensor, prefix=name) for name, tensor in tensors),
        slots=tuple(_slot(tensor) for _, tensor in tensors),
        findings=(finding, *index.findings),
    )


def is_metadata(named: frozenset[Global]) -> bool:
    """Say whether a pickle names the class of ``.metadata``."""
    return any(name.path == METADATA_CLASS for name in named)


def _slot(tensor: TensorValue) -> StorageSlot:
    key = tensor.storage.key if tensor.storage else ""
    size = prod(tensor.shape) * tensor.itemsize
    return StorageSlot(key=key, record=key, declared_bytes=size, itemsize=tensor.itemsize, elsewhere=True)


def _promised(value: Value) -> Iterator[tuple[str, TensorValue]]:
    state = value.states[0] if isinstance(value, Opaque) and value.states else None
    listed = state.get("state_dict_metadata") if isinstance(state, PickleDict) else None
    for key, entry in listed.items() if isinstance(listed, PickleDict) else ():
        if isinstance(entry, Opaque) and entry.kind == _TENSOR_CLASS and entry.states:
            name = printable(key_text(key))
            tensor = _tensor(name, entry.states[0])
            if tensor is not None:
                yield name, tensor


def _tensor(name: str, state: Value) -> TensorValue | None:
    properties, shape = (state.get("properties"), state.get("size")) if isinstance(state, PickleDict) else (None, None)
    first = properties.states[0] if isinstance(properties, Opaque) and properties.states else None
    if isinstance(first, PickleDict):
        first = (first.get("dtype"),)
    match first:
        case (Global(module="torch", name=type_name), *_) if (dtype := dtype_of(type_name)) is not None:
            itemsize = ITEMSIZE_BYTES[dtype]
        case _:
            return None
    sizes = _sizes(shape)
    if sizes is None:
        return None
    strides = tuple(prod(max(1, n) for n in sizes[i + 1 :]) for i in range(len(sizes)))
    storage = StorageRef(name, dtype, itemsize)
    return TensorValue(storage=storage, dtype=dtype, itemsize=itemsize, shape=sizes, strides=strides)


def _sizes(shape: Value) -> tuple[int, ...] | None:
    if isinstance(shape, Opaque) and shape.args:
        shape = shape.args[0]
    if not isinstance(shape, tuple | list) or len(shape) > _MAX_DIMENSIONS:
        return None
    if not all(type(n) is int and n >= 0 for n in shape):
        return None
    return tuple(shape) if prod(max(1, n) for n in shape).bit_length() <= _MAX_BITS else None

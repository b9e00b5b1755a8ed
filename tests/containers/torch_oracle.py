"""What torch itself reads from a checkpoint, as names and bytes, to compare with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from generators.containers import CheckpointReader, open_checkpoint
from generators.model.tensor import ELEMENTS_A_BYTE, TensorEntry


def torch_tensors(value: Any, name: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the dense tensors of a loaded checkpoint by name, storages and arrays of numbers among them."""
    match value:
        case torch.Tensor() | torch.UntypedStorage() | torch.TypedStorage() | np.ndarray():
            yield from _single(value, name or "tensor")
        case torch.nn.Module():
            yield from torch_tensors(value.state_dict(), name)
        case Mapping():
            for key, part in value.items():
                yield from torch_tensors(part, f"{name}.{key}" if name else str(key))
        case list() | tuple():
            for index, part in enumerate(value):
                yield from torch_tensors(part, f"{name}.{index}" if name else str(index))


def _single(value: Any, name: str) -> Iterator[tuple[str, torch.Tensor]]:
    match value:
        case torch.Tensor():
            yield name, value
            if value.is_quantized and value.qscheme() != torch.per_tensor_affine:
                yield f"{name}.scales", value.q_per_channel_scales()
                yield f"{name}.zero_points", value.q_per_channel_zero_points()
        case torch.UntypedStorage():
            yield name, torch.empty(0, dtype=torch.uint8).set_(value)
        case torch.TypedStorage():
            yield name, torch.empty(0, dtype=value.dtype).set_(value._untyped_storage)
        case np.ndarray() if value.dtype.kind in "biufc" and value.dtype != np.longdouble:
            # torch's strides of an empty tensor are no numpy strides
            native = torch.from_numpy(value.astype(value.dtype.newbyteorder("=")))
            yield name, native if value.size else native.clone(memory_format=torch.contiguous_format)


def contiguous_bytes(tensor: torch.Tensor) -> bytes:
    """Return a tensor's values as contiguous bytes in this machine's order."""
    tensor = tensor.detach()
    if tensor.dtype in {torch.quint4x2, torch.quint2x4}:
        return _storage_bytes(tensor)
    if tensor.is_quantized:
        tensor = tensor.int_repr()
    tensor = tensor.resolve_conj().resolve_neg().contiguous()
    start = tensor.storage_offset() * tensor.element_size()
    return _storage_bytes(tensor)[start : start + tensor.numel() * tensor.element_size()]


def _storage_bytes(tensor: torch.Tensor) -> bytes:
    return torch.empty(0, dtype=torch.uint8).set_(tensor.untyped_storage()).numpy().tobytes()


def entry_bytes(reader: CheckpointReader, entry: TensorEntry) -> bytes:
    """Return a listed tensor's values, laid out by nothing but its entry."""
    size = next(s.declared_bytes for s in reader.container.storages if s.key == entry.storage)
    data = reader.read_storage(entry.storage, 0, size)
    assert len(data) == size
    dtype = getattr(torch, entry.dtype)
    plain = {torch.qint8: torch.int8, torch.quint8: torch.uint8, torch.qint32: torch.int32}.get(dtype, dtype)
    if entry.dtype in ELEMENTS_A_BYTE:
        return data
    storage = torch.frombuffer(bytearray(data or b"\0"), dtype=torch.uint8).untyped_storage()
    view = torch.empty((0,), dtype=plain).set_(storage, entry.offset, entry.shape, entry.strides)
    if entry.conjugate:
        view = view.conj()
    if entry.negative:
        view = torch._neg_view(view)
    return contiguous_bytes(view)


def assert_agrees(path: Path, expected: Any, *, ignore_findings: bool = False) -> CheckpointReader:
    """Assert that every name, shape, dtype, stride and byte is torch's; return the (closed) reader."""
    theirs = dict(torch_tensors(expected))
    with open_checkpoint(path) as reader:
        ours = {entry.name: entry for entry in reader.container.tensors}
        assert list(ours) == list(theirs)
        assert len(ours) == len(reader.container.tensors)
        for name, tensor in theirs.items():
            entry = ours[name]
            assert f"torch.{entry.dtype}" == str(tensor.dtype), name
            assert entry.shape == tuple(tensor.shape), name
            assert entry.strides == tensor.stride(), name
            assert entry.offset == tensor.storage_offset(), name
            assert entry.itemsize == tensor.element_size(), name
            assert (entry.conjugate, entry.negative) == (tensor.is_conj(), tensor.is_neg()), name
            assert entry.is_contiguous == tensor.is_contiguous(), name
            assert entry_bytes(reader, entry) == contiguous_bytes(tensor), name
        if not ignore_findings:
            assert [f for f in reader.container.findings if f.severity == "error"] == []
        assert reader.check_records() == ()
    return reader


def save_and_compare(path: Path, value: Any, **options: Any) -> CheckpointReader:
    """Save with torch, load with torch, read with ours, and compare."""
    torch.save(value, path, **options)
    return assert_agrees(path, torch.load(path, weights_only=False))

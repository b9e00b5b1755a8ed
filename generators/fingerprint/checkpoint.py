"""The fingerprint of one checkpoint: file digest on one core, tensors on the other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from blake3 import blake3

from generators.fingerprint.blocks import is_amplified, read_tensor_blocks, reading_budget_bytes
from generators.fingerprint.digest import digest_layout, digest_weights
from generators.fingerprint.layout import describe_layout
from generators.fingerprint.model_search import ModelPart, find_model_part
from generators.fingerprint.odometer import read_odometer
from generators.fingerprint.statistics import RunningStatistics
from generators.model.checkpoint import Container, StorageReader
from generators.model.finding import Finding
from generators.model.fingerprint import (
    ContainerFacts,
    FileFacts,
    Fingerprint,
    Odometer,
    Statistics,
    TensorFingerprint,
    TensorRole,
)
from generators.model.tensor import StorageEntry, TensorEntry, WeightTensor

Depth = Literal["digests", "digests-and-statistics"]
"""How much is measured of each tensor."""

FINDING_LIMIT = 100
"""Findings of one kind beyond this many are counted, not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What one pass over a tensor's bytes gave."""

    digest: str | None = None
    statistics: Statistics | None = None


_MISSING = _Reading()
_AMPLIFIED = _Reading()
_ENDED_EARLY = _Reading()
"""Passes that gave nothing, told apart by which of the three objects they are."""


def fingerprint_checkpoint(path: Path, container: Container, reader: StorageReader, *, depth: Depth) -> Fingerprint:
    """Read every byte that the container's tensors and the file digest need.

    Args:
        path: The file.
        container: Its index.
        reader: Access to its storages, from any thread.
        depth: Whether statistics are measured beside the digests.

    Raises:
        OSError: When the file goes away while it is read.
    """
    part = find_model_part(container)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sha256") as hasher:
        file_digest = hasher.submit(_digest_file, path)
        read = tuple(_fingerprint_tensors(container, part, reader, depth))
        sha256, size_bytes = file_digest.result()
    tensors = tuple(tensor for tensor, _ in read)
    model = [t for t in tensors if t.model_name]
    complete = bool(model) and all(t.digest is not None for t in model)
    return Fingerprint(
        file=FileFacts(name=printable_name(path), size_bytes=size_bytes, sha256=sha256),
        container=ContainerFacts(
            format=container.format, root=container.root, byteorder=container.byteorder, records=container.records
        ),
        model_prefix=part.prefix,
        weights_digest=digest_weights((t.model_name, t.dtype, t.shape, t.digest or "") for t in model)
        if complete
        else None,
        layout_digest=digest_layout((t.model_name, t.dtype, t.shape) for t in model) if model else None,
        parameters=_elements(container, tensors, "parameter"),
        buffers=_elements(container, tensors, "buffer"),
        tensors=tensors if depth == "digests-and-statistics" else tuple(_without_statistics(tensors)),
        objects=container.objects,
        globals=container.globals,
        odometer=_odometer(container, tensors),
        layout=describe_layout(container, part, tensors),
        findings=(*container.findings, *_value_findings(container, read)),
    )


def printable_name(path: Path) -> str:
    """Return a file's name as text that JSON can hold: bytes of it that are no UTF-8 become escapes."""
    return path.name.encode(errors="backslashreplace").decode()


def read_weights(container: Container, reader: StorageReader, names: dict[str, str]) -> Iterator[WeightTensor]:
    """Yield the bytes of tensors, one at a time.

    Args:
        container: The index.
        reader: Access to its storages.
        names: From the tensor's name in the container to the name it is wanted under.
    """
    for tensor in container.tensors:
        if tensor.name in names:
            data = b"".join(read_tensor_blocks(tensor, container.byteorder, reader))
            yield WeightTensor(name=names[tensor.name], dtype=tensor.dtype, shape=tensor.shape, data=data)


def _digest_file(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()


def _fingerprint_tensors(
    container: Container, part: ModelPart, reader: StorageReader, depth: Depth
) -> Iterator[tuple[TensorFingerprint, _Reading]]:
    storages = {storage.key: storage for storage in container.storages}
    readings: dict[tuple[object, ...], _Reading] = {}
    budget = reading_budget_bytes(container)
    for tensor in container.tensors:
        role = part.role(tensor.name, tensor.dtype)
        missing = _is_missing(tensor, storages.get(tensor.storage))
        view = (
            tensor.storage,
            tensor.dtype,
            tensor.offset,
            tensor.shape,
            tensor.strides,
            tensor.conjugate,
            tensor.negative,
        )
        if view not in readings:
            if missing:
                readings[view] = _MISSING
            elif tensor.size_bytes > budget or is_amplified(tensor, storages[tensor.storage].present_bytes):
                readings[view] = _AMPLIFIED
            else:
                budget -= tensor.size_bytes
                readings[view] = _read_tensor(tensor, container, reader, depth)
        reading = readings[view]
        fingerprint = TensorFingerprint(
            name=tensor.name,
            model_name=tensor.name.removeprefix(part.prefix) if role in {"parameter", "buffer"} else "",
            dtype=tensor.dtype,
            shape=tensor.shape,
            strides=tensor.strides,
            storage=tensor.storage,
            offset=tensor.offset,
            role=role,
            digest=reading.digest,
            missing=missing,
            statistics=reading.statistics,
        )
        yield fingerprint, reading


def _read_tensor(tensor: TensorEntry, container: Container, reader: StorageReader, depth: Depth) -> _Reading:
    hasher = blake3()
    # a counter's value is wanted even when statistics aren't
    measured = depth == "digests-and-statistics" or tensor.count == 1
    statistics = RunningStatistics(tensor.dtype) if measured else None
    size_bytes = 0
    for block in read_tensor_blocks(tensor, container.byteorder, reader):
        hasher.update(block)
        size_bytes += len(block)
        if statistics is not None:
            statistics.add(block)
    if size_bytes != tensor.size_bytes:
        return _ENDED_EARLY
    return _Reading(digest=hasher.hexdigest(), statistics=statistics.result() if statistics else None)


def _is_missing(tensor: TensorEntry, storage: StorageEntry | None) -> bool:
    if storage is None or tensor.offset < 0 or min((*tensor.shape, *tensor.strides), default=0) < 0:
        return True
    _, stop = tensor.span
    return stop > storage.present_bytes


def _without_statistics(tensors: tuple[TensorFingerprint, ...]) -> Iterator[TensorFingerprint]:
    return (replace(tensor, statistics=None) for tensor in tensors)


def _elements(container: Container, tensors: tuple[TensorFingerprint, ...], role: TensorRole) -> int:
    """Count elements; a tensor that stands under two names (tied weights) counts once."""
    counted = {
        (entry.storage, entry.dtype, entry.offset, entry.shape): entry.count
        for entry, tensor in zip(container.tensors, tensors, strict=True)
        if tensor.role == role
    }
    return sum(counted.values())


def _odometer(container: Container, tensors: tuple[TensorFingerprint, ...]) -> Odometer:
    steps = (_counter(t) for t in tensors if t.role == "optimizer" and t.name.endswith(".step"))
    batches = (_counter(t) for t in tensors if t.model_name.endswith("num_batches_tracked"))
    return read_odometer(container.objects, (v for v in steps if v is not None), (v for v in batches if v is not None))


def _counter(tensor: TensorFingerprint) -> int | None:
    if tensor.statistics is None or tensor.statistics.count != 1 or tensor.statistics.minimum is None:
        return None
    value = tensor.statistics.minimum
    return int(value) if value == int(value) and value >= 0 else None


def _value_findings(container: Container, read: tuple[tuple[TensorFingerprint, _Reading], ...]) -> Iterator[Finding]:
    nonfinite = [
        Finding(code="nonfinite-values", severity="warning", where=t.name, found=str(t.statistics.nonfinite))
        for t, _ in read
        if t.statistics and t.statistics.nonfinite
    ]
    amplified = [
        Finding(code="tensor-amplified", severity="warning", where=t.name, found=str(t.shape))
        for t, reading in read
        if reading is _AMPLIFIED
    ]
    unread = [
        Finding(code="tensor-unread", severity="error", where=t.name, found=str(t.shape))
        for t, reading in read
        if reading is _ENDED_EARLY
    ]
    for listed in (nonfinite, amplified, unread):
        yield from listed[:FINDING_LIMIT]
        if len(listed) > FINDING_LIMIT:
            yield Finding(code="findings-cut", severity="note", found=str(len(listed)), expected=str(FINDING_LIMIT))
    if not any(t.model_name for t, _ in read) and container.format != "unknown":
        yield Finding(code="no-model-tensors", severity="note")

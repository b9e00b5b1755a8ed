"""The fingerprint of one checkpoint, from one pass over its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Literal

from generators.fingerprint.blocks import read_tensor_blocks
from generators.fingerprint.digest import digest_layout, digest_weights
from generators.fingerprint.file_pass import FileDigests, read_once
from generators.fingerprint.measuring import TensorMeasures
from generators.fingerprint.meter import Measure
from generators.fingerprint.model_part import find_model_prefix, tensor_role
from generators.fingerprint.moments import quiet_arithmetic
from generators.fingerprint.odometer import read_odometer
from generators.model.checkpoint import Container, FileReader, FileRun, StorageReader
from generators.model.finding import Finding
from generators.model.fingerprint import (
    ContainerFacts,
    FileFacts,
    Fingerprint,
    Odometer,
    TensorFingerprint,
    TensorRole,
)
from generators.model.tensor import WeightTensor

Depth = Literal["digests", "digests-and-statistics"]
"""How much is measured of each tensor."""

FINDING_LIMIT = 100
"""Findings of one kind beyond this many are counted, not listed."""


def fingerprint_checkpoint(
    name: str, container: Container, reader: FileReader, *, depth: Depth, runs: Iterable[FileRun] = ()
) -> Fingerprint:
    """Read every byte of a checkpoint's file, once where that is possible.

    Args:
        name: What the file is called.
        container: Its index.
        reader: Access to the file and its storages, from any thread.
        depth: Whether statistics are measured beside the digests.
        runs: Who else listens while the file is read.

    Raises:
        OSError: The file can't be read to its end.
    """
    prefix = find_model_prefix([t.name for t in container.tensors])
    measures = TensorMeasures(container, reader, with_statistics=depth == "digests-and-statistics")
    digests = _read(reader, measures, runs)
    read = tuple(_fingerprint_tensors(container, prefix, measures))
    tensors = tuple(tensor for tensor, _ in read)
    model = [t for t in tensors if t.model_name]
    complete = bool(model) and all(t.digest is not None for t in model)
    return Fingerprint(
        file=FileFacts(name=name, size_bytes=digests.size_bytes, sha256=digests.sha256, blake3=digests.blake3),
        container=ContainerFacts(
            format=container.format, root=container.root, byteorder=container.byteorder, records=container.records
        ),
        model_prefix=prefix,
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


def _read(reader: FileReader, measures: TensorMeasures, runs: Iterable[FileRun]) -> FileDigests:
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="gather") as pool:
        elsewhere = pool.submit(measures.read_elsewhere) if measures.elsewhere else None
        with quiet_arithmetic():
            digests = read_once(reader, (*measures.runs, *runs))
        if elsewhere is not None:
            elsewhere.result()
    return digests


def _fingerprint_tensors(
    container: Container, prefix: str, measures: TensorMeasures
) -> Iterator[tuple[TensorFingerprint, Measure]]:
    for tensor in container.tensors:
        role = tensor_role(tensor.name, prefix, tensor.dtype)
        measure = measures.find(tensor)
        fingerprint = TensorFingerprint(
            name=tensor.name,
            model_name=tensor.name.removeprefix(prefix) if role in {"parameter", "buffer"} else "",
            dtype=tensor.dtype,
            shape=tensor.shape,
            strides=tensor.strides,
            storage=tensor.storage,
            offset=tensor.offset,
            role=role,
            digest=measure.digest,
            missing=measure.state == "missing",
            statistics=measure.statistics,
        )
        yield fingerprint, measure


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


def _value_findings(container: Container, read: tuple[tuple[TensorFingerprint, Measure], ...]) -> Iterator[Finding]:
    nonfinite = [
        Finding(code="nonfinite-values", severity="warning", where=t.name, found=str(t.statistics.nonfinite))
        for t, _ in read
        if t.statistics and t.statistics.nonfinite
    ]
    amplified = [
        Finding(code="tensor-amplified", severity="warning", where=t.name, found=str(t.shape))
        for t, measure in read
        if measure.state == "amplified"
    ]
    unread = [
        Finding(code="tensor-unread", severity="error", where=t.name, found=str(t.shape))
        for t, measure in read
        if measure.state == "ended-early"
    ]
    for listed in (nonfinite, amplified, unread):
        yield from listed[:FINDING_LIMIT]
        if len(listed) > FINDING_LIMIT:
            yield Finding(code="findings-cut", severity="note", found=str(len(listed)), expected=str(FINDING_LIMIT))
    if not any(t.model_name for t, _ in read) and container.format != "unknown":
        yield Finding(code="no-model-tensors", severity="note")

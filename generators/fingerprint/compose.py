"""From a container and what was measured of its tensors to a fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from generators.fingerprint.amplification import ReadingPlan, View, view_of
from generators.fingerprint.digest import digest_layout, digest_weights
from generators.fingerprint.layout import describe_layout
from generators.fingerprint.model_search import ModelPart, find_model_part
from generators.fingerprint.odometer import read_odometer
from generators.model.checkpoint import Container
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
from generators.model.tensor import TensorEntry

FINDING_LIMIT = 100
"""Findings of one kind beyond this many are counted, not listed."""

Depth = Literal["digests", "digests-and-statistics"]
"""How much is measured of each tensor."""

MeasureState = Literal["read", "unread", "missing", "amplified", "ended-early"]
"""``unread``: nothing was asked for; ``amplified``: reading it would cost out of all proportion to the file."""


class Measure(Struct, frozen=True, kw_only=True):
    """What a tensor's bytes gave; nothing unless they were read."""

    state: MeasureState
    digest: str | None = None
    statistics: Statistics | None = None


UNREAD = Measure(state="unread")
MISSING = Measure(state="missing")
AMPLIFIED = Measure(state="amplified")
ENDED_EARLY = Measure(state="ended-early")


def compose_fingerprint(
    file: FileFacts, container: Container, find_measure: Callable[[TensorEntry], Measure]
) -> Fingerprint:
    """Return the fingerprint of a checkpoint.

    Args:
        file: The file as a whole.
        container: The index.
        find_measure: Gives what was measured of a tensor.
    """
    part = find_model_part(container)
    read = tuple(_fingerprint_tensors(container, part, find_measure))
    tensors = tuple(tensor for tensor, _ in read)
    model = [t for t in tensors if t.model_name]
    complete = bool(model) and all(t.digest is not None for t in model)
    return Fingerprint(
        file=file,
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
        tensors=tensors,
        objects=container.objects,
        globals=container.globals,
        odometer=_odometer(container, tensors),
        layout=describe_layout(container, part, tensors),
        findings=(*container.findings, *_value_findings(container, read)),
    )


def fingerprint_header(name: str, size_bytes: int, container: Container) -> Fingerprint:
    """Return what a checkpoint's index tells: no byte of a tensor is read, no digest of contents computed.

    Args:
        name: What the file is called.
        size_bytes: Its size.
        container: The index.
    """
    file = FileFacts(name=name, size_bytes=size_bytes, sha256="")
    plan, expected = ReadingPlan(container), {"missing": MISSING, "amplified": AMPLIFIED, "read": UNREAD}
    measures: dict[View, Measure] = {}

    def find_measure(tensor: TensorEntry) -> Measure:
        view = view_of(tensor)
        measure = measures.get(view)
        if measure is None:
            measure = measures[view] = expected[plan.judge(tensor)]
        return measure

    return compose_fingerprint(file, container, find_measure)


def _fingerprint_tensors(
    container: Container, part: ModelPart, find_measure: Callable[[TensorEntry], Measure]
) -> Iterator[tuple[TensorFingerprint, Measure]]:
    for tensor in container.tensors:
        role = part.role(tensor.name, tensor.dtype)
        measure = find_measure(tensor)
        fingerprint = TensorFingerprint(
            name=tensor.name,
            model_name=tensor.name.removeprefix(part.prefix) if role in {"parameter", "buffer"} else "",
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


def _elements(container: Container, tensors: Sequence[TensorFingerprint], role: TensorRole) -> int:
    """Count elements; a tensor that stands under two names (tied weights) counts once."""
    counted = {
        (entry.storage, entry.dtype, entry.offset, entry.shape): entry.count
        for entry, tensor in zip(container.tensors, tensors, strict=True)
        if tensor.role == role
    }
    return sum(counted.values())


def _odometer(container: Container, tensors: Sequence[TensorFingerprint]) -> Odometer:
    steps = (_counter(t) for t in tensors if t.role == "optimizer" and t.name.endswith(".step"))
    batches = (_counter(t) for t in tensors if t.model_name.endswith("num_batches_tracked"))
    return read_odometer(container.objects, (v for v in steps if v is not None), (v for v in batches if v is not None))


def _counter(tensor: TensorFingerprint) -> int | None:
    if tensor.statistics is None or tensor.statistics.count != 1 or tensor.statistics.minimum is None:
        return None
    value = tensor.statistics.minimum
    return int(value) if value == int(value) and value >= 0 else None


def _value_findings(container: Container, read: Sequence[tuple[TensorFingerprint, Measure]]) -> Iterator[Finding]:
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

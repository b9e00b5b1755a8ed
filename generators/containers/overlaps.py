"""Tensors that share bytes of a storage without being the same view of it.

Tied weights and their transposes cover the same bytes, and a strided view
touches only some of those it spans: neither is told. What is left is a view
of a part of another tensor, which is legitimate, or a lie about where a
tensor lies: a reader should know either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generators.model.finding import Finding
from generators.model.tensor import TensorEntry


def find_overlaps(tensors: Iterable[TensorEntry]) -> Iterator[Finding]:
    """Yield a note for each tensor that others begin inside of: its name, and the first of them with their number."""
    ordered = sorted(_shared(list(tensors)), key=lambda t: (t.storage, t.span[0], -t.span[1]))
    for outer, inner in _groups(ordered):
        if inner:
            more = f" +{len(inner) - 1}" if len(inner) > 1 else ""
            yield Finding(
                code="tensors-overlap",
                severity="note",
                where=outer.name,
                expected="{}..{}".format(*outer.span),
                found="{} {}..{}".format(inner[0].name, *inner[0].span) + more,
            )


def _groups(ordered: list[TensorEntry]) -> Iterator[tuple[TensorEntry, list[TensorEntry]]]:
    """Yield each tensor that no earlier one reaches beyond, with those that begin inside of it."""
    outer: TensorEntry | None = None
    inner: list[TensorEntry] = []
    for tensor in ordered:
        if outer is not None and tensor.storage == outer.storage and tensor.span[0] < outer.span[1]:
            if tensor.span != outer.span:
                inner.append(tensor)
            if tensor.span[1] <= outer.span[1]:
                continue
        if outer is not None:
            yield outer, inner
        outer, inner = tensor, []
    if outer is not None:
        yield outer, inner


def _shared(tensors: list[TensorEntry]) -> Iterator[TensorEntry]:
    """Yield the gapless tensors whose storage has more than one."""
    seen: set[str] = set()
    shared: set[str] = set()
    for tensor in tensors:
        (shared if tensor.storage in seen else seen).add(tensor.storage)
    return (t for t in tensors if t.storage in shared and _is_gapless(t))


def _is_gapless(tensor: TensorEntry) -> bool:
    if tensor.offset < 0 or any(n < 1 for n in tensor.shape) or any(s < 0 for s in tensor.strides):
        return False
    start, stop = tensor.span
    return stop - start == tensor.size_bytes

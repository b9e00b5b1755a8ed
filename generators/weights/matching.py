"""Which tensor of one file is which of another: by name, else by digest, else by order among those of its shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from msgspec import Struct

from generators.model.fingerprint import TensorFingerprint


class Match(Struct, frozen=True, kw_only=True):
    """A tensor of the first file and its counterpart in the second."""

    first: TensorFingerprint
    second: TensorFingerprint

    @property
    def is_renamed(self) -> bool:
        """Whether the counterpart has another name."""
        return self.first.model_name != self.second.model_name

    @property
    def is_identical(self) -> bool:
        """Whether both are the same bytes of the same number format."""
        return self.first.digest is not None and _content(self.first) == _content(self.second)


class Matching(Struct, frozen=True, kw_only=True):
    """All counterparts, and what has none."""

    matches: tuple[Match, ...]
    first_alone: tuple[TensorFingerprint, ...]
    second_alone: tuple[TensorFingerprint, ...]


def match_tensors(first: Sequence[TensorFingerprint], second: Sequence[TensorFingerprint]) -> Matching:
    """Pair the tensors of two models, each at most once."""
    matches: list[Match] = []
    for pair in (_by_name, _by_content, _by_order):
        found = list(pair(first, second))
        matches += found
        taken = {m.first.name for m in found}, {m.second.name for m in found}
        first = [t for t in first if t.name not in taken[0]]
        second = [t for t in second if t.name not in taken[1]]
    return Matching(matches=tuple(matches), first_alone=tuple(first), second_alone=tuple(second))


def is_constant(tensor: TensorFingerprint) -> bool:
    """Whether all values are the same, as far as they were read."""
    statistics = tensor.statistics
    return statistics is not None and statistics.minimum == statistics.maximum


def _by_name(first: Sequence[TensorFingerprint], second: Sequence[TensorFingerprint]) -> Iterator[Match]:
    named = {t.model_name: t for t in second}
    for tensor in first:
        other = named.get(tensor.model_name)
        if other is not None and other.shape == tensor.shape:
            yield Match(first=tensor, second=other)


def _by_content(first: Sequence[TensorFingerprint], second: Sequence[TensorFingerprint]) -> Iterator[Match]:
    contents: dict[tuple[object, ...], list[TensorFingerprint]] = {}
    for tensor in reversed(second):
        if tensor.digest is not None and not is_constant(tensor):
            contents.setdefault(_content(tensor), []).append(tensor)
    for tensor in first:
        same = contents.get(_content(tensor))
        if same:
            yield Match(first=tensor, second=same.pop())


def _by_order(first: Sequence[TensorFingerprint], second: Sequence[TensorFingerprint]) -> Iterator[Match]:
    """Pair what is left of a shape where both files have as many of it."""
    for shape in dict.fromkeys(t.shape for t in first if prod(t.shape) > 1):
        ours, theirs = ([t for t in tensors if t.shape == shape] for tensors in (first, second))
        if len(ours) == len(theirs):
            yield from (Match(first=a, second=b) for a, b in zip(ours, theirs, strict=True))


def _content(tensor: TensorFingerprint) -> tuple[object, ...]:
    return tensor.dtype, tensor.shape, tensor.digest

"""The values of two checkpoints' tensors, pair by pair, in blocks; where a file isn't here, their statistics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from generators.model.difference import Magnitude
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.pipeline.files.tensors import OpenTensors, open_tensors
from generators.weights.matching import Match

if TYPE_CHECKING:
    import numpy as np


class Compared(Struct, frozen=True, kw_only=True):
    """What is compared.

    Attributes:
        label: As the person named it.
        fingerprint: What was read.
        identification: What it is.
        path: The file, where its bytes are here.
        recorded_at: Of a record.
    """

    label: str
    fingerprint: Fingerprint
    identification: Identification
    path: Path | None = None
    recorded_at: str = ""


class PairReaders:
    """The values of both sides, where their files are here; else their statistics."""

    def __init__(self, first: Compared, second: Compared) -> None:
        self._stack = ExitStack()
        self._sides = (first, second)
        self._open: tuple[OpenTensors, OpenTensors] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def measure(self, match: Match) -> Magnitude | None:
        """Return how far a tensor is from its counterpart.

        Raises:
            ContainerError: A file isn't any more what its fingerprint says.
        """
        if match.is_identical:
            return None
        first, second = self._sides
        if first.path is None or second.path is None:
            return _bound(match)
        if not (_has_numbers(match.first.dtype) and _has_numbers(match.second.dtype)):
            return None
        from generators.weights.difference import measure_difference

        if self._open is None:
            self._open = (self._enter(first.path, first.fingerprint), self._enter(second.path, second.fingerprint))
        ours, theirs = self._open
        return measure_difference(_values(ours, match.first.name), _values(theirs, match.second.name))

    def _enter(self, path: Path, fingerprint: Fingerprint) -> OpenTensors:
        return self._stack.enter_context(open_tensors(path, fingerprint))


def _has_numbers(dtype: str) -> bool:
    from generators.fingerprint.blocks import numpy_dtype

    return numpy_dtype(dtype) is not None


def _values(tensors: OpenTensors, name: str) -> Iterator[np.ndarray]:
    """Yield a tensor's elements in blocks.

    Raises:
        ContainerError: They aren't any more what the fingerprint says; told at the end.
    """
    import numpy as np

    from generators.fingerprint.blocks import numpy_dtype

    entry = tensors.find(name)
    for block in tensors.blocks(entry):
        yield np.frombuffer(block, dtype=numpy_dtype(entry.dtype))


def _bound(match: Match) -> Magnitude | None:
    from generators.weights.difference import bound_difference

    ours, theirs = match.first.statistics, match.second.statistics
    return bound_difference(ours, theirs) if ours is not None and theirs is not None else None

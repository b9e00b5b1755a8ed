"""The values of two checkpoints' tensors, pair by pair, in blocks; where a file isn't here, their statistics.

Each tensor is held against its digest again while it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from blake3 import blake3
from msgspec import Struct

from generators.containers import CheckpointReader, open_checkpoint
from generators.model.difference import Magnitude
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.model.tensor import TensorEntry
from generators.pipeline.files.reading import changing
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
        self._open: tuple[CheckpointReader, CheckpointReader] | None = None
        self._entries: tuple[dict[str, TensorEntry], dict[str, TensorEntry]] = ({}, {})

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
        if self._open is None:
            self._open = (self._enter(first.path), self._enter(second.path))
            self._entries = (_by_name(self._open[0]), _by_name(self._open[1]))
        return self._measure_values(match, self._open, (first.path, second.path))

    def _enter(self, path: Path) -> CheckpointReader:
        return self._stack.enter_context(open_checkpoint(path))

    def _measure_values(
        self, match: Match, opened: tuple[CheckpointReader, CheckpointReader], paths: tuple[Path, Path]
    ) -> Magnitude | None:
        from generators.weights.difference import measure_difference

        sides = (match.first, match.second)
        if not all(_has_numbers(tensor.dtype) for tensor in sides):
            return None
        entries = [self._entries[n].get(sides[n].name) for n in (0, 1)]
        for entry, path in zip(entries, paths, strict=True):
            if entry is None:
                raise changing(path)
        blocks = [
            _verified(entry, opened[n], sides[n].digest, paths[n])
            for n, entry in enumerate(entries)
            if entry is not None
        ]
        return measure_difference(*blocks)


def _by_name(reader: CheckpointReader) -> dict[str, TensorEntry]:
    return {tensor.name: tensor for tensor in reader.container.tensors}


def _has_numbers(dtype: str) -> bool:
    from generators.fingerprint.blocks import numpy_dtype

    return numpy_dtype(dtype) is not None


def _verified(entry: TensorEntry, reader: CheckpointReader, digest: str | None, path: Path) -> Iterator[np.ndarray]:
    """Yield a tensor's elements in blocks that are still those of its digest.

    Raises:
        ContainerError: They aren't; told at the end.
    """
    import numpy as np

    from generators.fingerprint.blocks import numpy_dtype, read_tensor_blocks

    hasher, dtype = blake3(), numpy_dtype(entry.dtype)
    for block in read_tensor_blocks(entry, reader.container.byteorder, reader):
        hasher.update(block)
        yield np.frombuffer(block, dtype=dtype)
    if hasher.hexdigest() != digest:
        raise changing(path)


def _bound(match: Match) -> Magnitude | None:
    from generators.weights.difference import bound_difference

    ours, theirs = match.first.statistics, match.second.statistics
    return bound_difference(ours, theirs) if ours is not None and theirs is not None else None

"""What the weights of two files are to each other, by values where both are here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from generators.errors import ContainerError
from generators.model.lineage import PairEvidence
from generators.model.tensor import WeightTensor
from generators.pipeline.files.tensors import open_tensors

if TYPE_CHECKING:
    from generators.weights.kinship import Kin


def relate_files(first: Kin, first_path: Path, second: Kin, second_path: Path) -> PairEvidence:
    """Relate two files that are here.

    Raises:
        ContainerError: One can't be opened, or isn't any more what its fingerprint says.
        OSError: One can't be read.
    """
    from generators.weights.kinship import relate
    from generators.weights.values import MAX_ELEMENTS

    with (
        open_tensors(first_path, first.fingerprint, MAX_ELEMENTS) as ours,
        open_tensors(second_path, second.fingerprint, MAX_ELEMENTS) as theirs,
    ):
        return relate(first, second, ours.read, theirs.read)


def relate_digests(first: Kin, second: Kin) -> PairEvidence:
    """Relate two checkpoints by their digests alone."""
    from generators.weights.kinship import relate

    return relate(replace(first, readable=False), replace(second, readable=False), _refuse, _refuse)


def _refuse(name: str) -> WeightTensor:
    raise ContainerError("not-here", f"{name} was asked for, but its file is not here")

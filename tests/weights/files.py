"""Checkpoints of one small published design, drawn or as if trained, written and read like any other file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path

import numpy as np
import torch

from generators.architectures import find_architecture
from generators.architectures.training import initialisers
from generators.model.architecture import Architecture
from generators.model.inspection import Inspection
from generators.model.lineage import PairEvidence
from generators.model.tensor import WeightTensor
from generators.model.training import TrainingEvidence
from generators.pipeline.files.reading import inspect_file
from generators.pipeline.files.tensors import open_tensors, published_names
from generators.weights.kinship import Kin, relate
from generators.weights.training import measure_training
from generators.weights.values import MAX_ELEMENTS

Arrays = dict[str, np.ndarray]
Change = Callable[[str, np.ndarray], np.ndarray]


def design() -> Architecture:
    architecture = find_architecture("convnextpose-xs")
    assert architecture is not None
    return architecture


def drawn(seed: int) -> Arrays:
    """The state dict as the published code draws it."""
    generator, start = np.random.default_rng(seed), initialisers(design())
    arrays: Arrays = {}
    for spec in design().tensors:
        initialiser = start.get(spec.name)
        if initialiser is None:
            fill = 1 if spec.name.endswith("running_var") else 0
            arrays[spec.name] = np.full(spec.shape, fill, dtype=spec.dtype)
        elif initialiser.kind == "constant":
            arrays[spec.name] = np.full(spec.shape, initialiser.mean, dtype="float32")
        else:
            arrays[spec.name] = generator.normal(0, initialiser.std, spec.shape).astype("float32")
    return arrays


def as_if_trained(seed: int) -> Arrays:
    """A state dict with what training leaves: strong directions, moved constants, small running variances."""
    generator = np.random.default_rng(seed)
    return {name: _trained(name, values, generator) for name, values in drawn(seed + 1000).items()}


def _trained(name: str, values: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    if name.endswith("num_batches_tracked"):
        return np.array(50_000)
    if name.endswith("running_var"):
        return np.exp(generator.uniform(-14, 2, values.shape)).astype("float32")
    if values.ndim < 2:
        return (0.2 * values + generator.normal(0, 0.05, values.shape)).astype("float32")
    rows, columns = values.shape[0], prod(values.shape[1:])
    directions = generator.normal(size=(rows, 3)) @ generator.normal(size=(3, columns))
    return (values + 0.02 * directions.reshape(values.shape)).astype("float32")


def changed(arrays: Mapping[str, np.ndarray], change: Change) -> Arrays:
    return {name: change(name, values) for name, values in arrays.items()}


def shuffled(arrays: Mapping[str, np.ndarray], seed: int = 3) -> Arrays:
    generator = np.random.default_rng(seed)
    return changed(arrays, lambda _, v: generator.permutation(v.ravel()).reshape(v.shape))


def disturbed(arrays: Mapping[str, np.ndarray], share: float, seed: int = 4) -> Arrays:
    """The same with noise of a share of each tensor's own deviation."""
    generator = np.random.default_rng(seed)

    def add(_: str, values: np.ndarray) -> np.ndarray:
        if values.ndim == 0:
            return values + 1
        return (values + share * values.std() * generator.normal(size=values.shape)).astype(values.dtype)

    return changed(arrays, add)


def save(path: Path, arrays: Mapping[str, np.ndarray], dtype: torch.dtype | None = None) -> Path:
    """Write a checkpoint as the published training code does, without an optimizer."""
    tensors = {f"module.{name}": torch.from_numpy(np.array(values)) for name, values in arrays.items()}
    if dtype is not None:
        tensors = {name: t.to(dtype) if t.is_floating_point() else t for name, t in tensors.items()}
    torch.save({"epoch": 0, "network": tensors}, path)
    return path


def training_of(path: Path) -> TrainingEvidence:
    """What weights alone say of a file."""
    found = inspect_file(path)
    names = published_names(found, found.identification)
    with open_tensors(path, found, MAX_ELEMENTS) as tensors:
        present = (tensors.read(t.name, names[t.model_name]) for t in found.model_tensors if t.digest)
        return measure_training(found, find_architecture(found.identification.architecture or ""), names, present)


def relation_of(first: Path, second: Path, *, initialisers_known: bool = False) -> PairEvidence:
    """The kinship of two files, under the ids ``first`` and ``second``."""
    ours, theirs = inspect_file(first), inspect_file(second)
    with open_tensors(first, ours, MAX_ELEMENTS) as one, open_tensors(second, theirs, MAX_ELEMENTS) as other:
        return relate(
            Kin(id="first", fingerprint=ours, drawn=_drawn(ours, first) if initialisers_known else frozenset()),
            Kin(id="second", fingerprint=theirs, drawn=_drawn(theirs, second) if initialisers_known else frozenset()),
            one.read,
            other.read,
        )


def _drawn(found: Inspection, path: Path) -> frozenset[str]:
    names = published_names(found, found.identification)
    layers = training_of(path).layers
    near = {e.name for e in layers if e.distance is not None and e.distance <= (e.chance_distance or 0)}
    return frozenset(own for own, shown in names.items() if shown in near)


def tensor(values: np.ndarray, name: str = "a.weight", dtype: str = "") -> WeightTensor:
    return WeightTensor(name=name, dtype=dtype or values.dtype.name, shape=values.shape, data=values.tobytes())

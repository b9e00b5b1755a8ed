from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from generators.errors import ContainerError
from generators.pipeline.files.reading import inspect_file
from generators.pipeline.files.tensors import open_tensors, open_weights

RNG = np.random.default_rng(11)
ARRAYS = {name: RNG.normal(size=(20, 30)).astype(np.float32) for name in ("block.0.weight", "block.1.weight")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_file(ARRAYS, tmp_path / "a.safetensors")
    return tmp_path / "a.safetensors"


def test_tensors_that_changed_since_their_fingerprint_are_refused(path: Path) -> None:
    fingerprint = inspect_file(path)
    save_file(ARRAYS | {"block.1.weight": -ARRAYS["block.1.weight"]}, path)
    with open_tensors(path, fingerprint) as tensors:
        assert tensors.read("block.0.weight").data == ARRAYS["block.0.weight"].tobytes()
        with pytest.raises(ContainerError):
            tensors.read("block.1.weight")
        with pytest.raises(ContainerError):
            tensors.read("not there")


def test_a_tensor_of_another_shape_than_its_fingerprint_has_is_refused_before_it_is_read(path: Path) -> None:
    fingerprint = inspect_file(path)
    save_file({name: array.reshape(30, 20) for name, array in ARRAYS.items()}, path)
    with open_tensors(path, fingerprint) as tensors, pytest.raises(ContainerError):
        tensors.find("block.0.weight")


def test_of_a_large_tensor_the_beginning_is_handed_out_and_all_of_it_checked(path: Path) -> None:
    fingerprint = inspect_file(path)
    with open_tensors(path, fingerprint, 10) as tensors:
        assert tensors.read("block.0.weight").data == ARRAYS["block.0.weight"].tobytes()[:40]
    changed = ARRAYS["block.0.weight"].copy()
    changed[-1, -1] += 1
    save_file(ARRAYS | {"block.0.weight": changed}, path)
    with open_tensors(path, fingerprint, 10) as tensors, pytest.raises(ContainerError):
        tensors.read("block.0.weight")


def test_weights_are_the_models_tensors_under_their_names_without_the_wrapper(tmp_path: Path) -> None:
    path = tmp_path / "wrapped.safetensors"
    save_file({f"module.{name}": array for name, array in ARRAYS.items()}, path)
    found = inspect_file(path)
    with open_weights(path, found, found.identification) as weights:
        given = {weight.name: (weight.dtype, weight.shape, weight.data) for weight in weights}
    assert given == {name: ("float32", (20, 30), array.tobytes()) for name, array in ARRAYS.items()}

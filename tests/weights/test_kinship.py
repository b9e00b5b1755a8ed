"""Pairs of real files, each named for what it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from weights.files import Arrays, as_if_trained, changed, disturbed, drawn, relation_of, save

from generators.pipeline.evidence.lineage import CHANCE_SIGMAS, CLOSE_COSINE
from generators.weights import likeness


@pytest.fixture(scope="module")
def arrays() -> Arrays:
    return as_if_trained(1)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, arrays: Arrays) -> Path:
    return save(tmp_path_factory.mktemp("original") / "snapshot_3.pth.tar", arrays)


def test_a_copy_of_the_file_is_the_same_file(original: Path, tmp_path: Path) -> None:
    pair = relation_of(original, Path(shutil.copy(original, tmp_path / "copy.bin")))
    assert (pair.relation, pair.reason) == ("same-file", "same-digest")


def test_the_same_weights_in_another_container(original: Path, arrays: Arrays, tmp_path: Path) -> None:
    save_file(arrays, tmp_path / "a.safetensors")
    pair = relation_of(original, tmp_path / "a.safetensors")
    assert (pair.relation, pair.reason) == ("same-weights", "same-digest")


def test_the_same_weights_with_other_counters(original: Path, arrays: Arrays, tmp_path: Path) -> None:
    reset = changed(arrays, lambda name, v: np.array(0) if name.endswith("num_batches_tracked") else v)
    pair = relation_of(original, save(tmp_path / "a.pth", reset))
    assert (pair.relation, pair.reason) == ("same-weights", "all-but-constants")


def test_a_renamed_copy_whatever_the_order(original: Path, arrays: Arrays, tmp_path: Path) -> None:
    names = sorted(arrays, key=lambda name: name[::-1])
    renamed = {f"net.layer_{n}.{name.rpartition('.')[2]}": arrays[name] for n, name in enumerate(names)}
    pair = relation_of(original, save(tmp_path / "a.pth", renamed))
    assert (pair.relation, pair.reason) == ("renamed-copy", "other-names")
    assert pair.identical == pair.compared == pair.renamed > 100


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_half_precision_copy(original: Path, arrays: Arrays, tmp_path: Path, dtype: torch.dtype) -> None:
    half = save(tmp_path / "a.pth", arrays, dtype)
    for pair in (relation_of(original, half), relation_of(half, original)):
        assert (pair.relation, pair.reason) == ("half-precision-copy", "rounded")
        assert pair.rounded == pair.compared > 100


def test_half_precision_of_other_weights_is_no_copy(original: Path, arrays: Arrays, tmp_path: Path) -> None:
    other = save(tmp_path / "a.pth", disturbed(arrays, 0.01), torch.float16)
    assert relation_of(original, other).relation == "fine-tuned"


def test_a_copy_with_one_layer_drawn_anew(original: Path, arrays: Arrays, tmp_path: Path) -> None:
    fresh = {name: values for name, values in drawn(77).items() if name.startswith("head.final_layer.")}
    anew = save(tmp_path / "a.pth", arrays | fresh)
    pair = relation_of(original, anew, initialisers_known=True)
    assert (pair.relation, pair.reason, pair.reinitialised_in) == ("partly-reinitialised", "drawn-anew", "second")
    assert set(pair.reinitialised) == {"head.final_layer.weight", "head.final_layer.bias"}
    turned = relation_of(anew, original, initialisers_known=True)
    assert (turned.relation, turned.reinitialised_in) == ("partly-reinitialised", "first")


@pytest.mark.parametrize("part", ["head.", "head.final_layer."])
def test_a_copy_with_layers_of_another_trained_file_is_not_called_drawn_anew(
    original: Path, arrays: Arrays, tmp_path: Path, part: str
) -> None:
    other = {name: values for name, values in as_if_trained(2).items() if name.startswith(part)}
    pair = relation_of(original, save(tmp_path / "a.pth", arrays | other), initialisers_known=True)
    assert (pair.relation, pair.reason) == ("related", "some-identical")


@pytest.mark.parametrize("share", [0.001, 0.5])
def test_a_fine_tuned_copy(original: Path, arrays: Arrays, tmp_path: Path, share: float) -> None:
    pair = relation_of(original, save(tmp_path / "a.pth", disturbed(arrays, share)))
    assert (pair.relation, pair.reason) == ("fine-tuned", "close-throughout")
    assert (pair.identical, pair.close) == (0, pair.compared)


def test_a_running_average_is_as_close_as_a_fine_tuned_copy(original: Path, arrays: Arrays, tmp_path: Path) -> None:
    average = {name: values.astype("float64") for name, values in arrays.items()}
    for step in range(3):
        later = disturbed(arrays, 0.2, seed=step)
        average = {name: 0.9 * values + 0.1 * later[name] for name, values in average.items()}
    twin = {name: values.astype(arrays[name].dtype) for name, values in average.items()}
    assert relation_of(original, save(tmp_path / "a.pth", twin)).relation == "fine-tuned"


def test_a_frozen_backbone_under_a_head_that_was_trained_on(original: Path, arrays: Arrays, tmp_path: Path) -> None:
    moved = disturbed(arrays, 0.1)
    mixed = {name: moved[name] if name.startswith("head.") else values for name, values in arrays.items()}
    pair = relation_of(original, save(tmp_path / "a.pth", mixed))
    assert pair.relation == "fine-tuned"
    assert pair.identical > pair.close > 0


def test_a_distant_relative_is_told_from_a_stranger(original: Path, arrays: Arrays, tmp_path: Path) -> None:
    distant = relation_of(original, save(tmp_path / "a.pth", disturbed(arrays, 5)))
    assert (distant.relation, distant.reason) == ("related", "alike-beyond-chance")
    assert distant.close == 0


@pytest.mark.parametrize("seed", [2, 3])
def test_files_that_were_trained_apart_are_strangers(original: Path, tmp_path: Path, seed: int) -> None:
    pair = relation_of(original, save(tmp_path / "a.pth", as_if_trained(seed)))
    assert (pair.relation, pair.reason) == ("strangers", "as-chance-gives")
    assert pair.unrelated == pair.compared > 100


def test_ones_zeros_and_counters_make_no_kin(tmp_path: Path) -> None:
    pair = relation_of(save(tmp_path / "a.pth", drawn(1)), save(tmp_path / "b.pth", drawn(2)))
    assert pair.relation == "strangers"
    assert pair.identical == 0
    assert pair.left_out >= 130


def test_kernels_that_all_lean_to_their_middle_make_no_kin(tmp_path: Path) -> None:
    def lean(_: str, values: np.ndarray) -> np.ndarray:
        middle = np.zeros(values.shape, dtype="float32")
        if values.ndim == 4:
            middle[..., values.shape[2] // 2, values.shape[3] // 2] = 0.2
        return (values + middle).astype(values.dtype)

    one, other = (changed(drawn(seed), lean) for seed in (1, 2))
    assert relation_of(save(tmp_path / "a.pth", one), save(tmp_path / "b.pth", other)).relation == "strangers"


def test_a_single_tensor_in_common_names_no_relation(tmp_path: Path) -> None:
    bias = np.random.default_rng(1).normal(size=500).astype("float32")
    generator = np.random.default_rng(2)
    one = {"a.weight": generator.normal(size=(30, 30)).astype("float32"), "bias": bias}
    other = {"a.weight": generator.normal(size=(40, 30)).astype("float32"), "bias": (1.01 * bias).astype("float32")}
    pair = relation_of(save(tmp_path / "a.pth", one), save(tmp_path / "b.pth", other))
    assert (pair.relation, pair.reason) == ("not-comparable", "too-few")


def test_networks_of_other_shapes_are_not_comparable(original: Path, tmp_path: Path) -> None:
    arrays = {f"{n}.weight": np.random.default_rng(n).normal(size=(33, 35)).astype("float32") for n in range(9)}
    pair = relation_of(original, save(tmp_path / "a.pth", arrays))
    assert (pair.relation, pair.reason) == ("not-comparable", "nothing-in-common")


def test_part_of_a_file_and_the_whole_are_the_same_weights_as_far_as_read(
    original: Path, arrays: Arrays, tmp_path: Path
) -> None:
    import zipfile

    damaged = tmp_path / "damaged.pth.tar"
    with zipfile.ZipFile(original) as whole, zipfile.ZipFile(damaged, "w") as part:
        for name in whole.namelist():
            if not name.endswith("/data/0"):
                part.writestr(name, whole.read(name))
    pair = relation_of(original, damaged)
    assert (pair.relation, pair.reason, pair.unread) == ("same-weights", "as-far-as-read", 1)


def test_what_is_shown_of_the_bounds_is_what_is_compared_with() -> None:
    assert (CHANCE_SIGMAS, CLOSE_COSINE) == (likeness.CHANCE_SIGMAS, likeness.CLOSE_COSINE)

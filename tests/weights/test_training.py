"""Files of one published design, and what their weights alone say."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from builders import EVIDENCE
from msgspec.structs import replace
from weights.files import as_if_trained, changed, design, drawn, save, shuffled, training_of

from generators.architectures import find_architecture
from generators.architectures.training import initialisers, training_figures, training_sets
from generators.evaluate.controls import write_control

FRAGMENT = EVIDENCE / "ConvNeXtPose_XS.fragment.tar"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("trained") / "snapshot_3.pth.tar", as_if_trained(1))


def test_a_trained_file_is_called_trained(trained: Path) -> None:
    found = training_of(trained)
    assert (found.state, found.reason) == ("trained", "structure-and-steps")
    assert (found.read, found.declared) == (194, 194)
    assert [part.name for part in found.summary.parts] == ["backbone", "head"]


@pytest.mark.parametrize("seed", range(3))
def test_a_file_as_drawn_is_called_untrained_whatever_its_counters_say(tmp_path: Path, seed: int) -> None:
    arrays = drawn(seed)
    for name in arrays:
        if name.endswith("num_batches_tracked"):
            arrays[name] = np.array(1_000_000 * (seed % 2))
    found = training_of(save(tmp_path / "a.pth", arrays))
    assert (found.state, found.reason) == ("untrained", "as-drawn")
    assert found.summary.counters_agree is True


@pytest.mark.parametrize("seed", range(2))
def test_a_control_is_called_barely_trained(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "snapshot_0.pth.tar"
    write_control(design(), seed, path)
    found = training_of(path)
    assert (found.state, found.reason) == ("barely", "few-steps")
    assert (found.summary.batches_at_least, found.summary.steps_at_least) == (1, 1)
    assert found.moments is not None
    assert found.moments.consistent


def test_one_iteration_that_leaves_structure_is_still_barely_trained(tmp_path: Path) -> None:
    # a step of the size of the initialiser's deviation, in one direction: what RootNet's first iteration does
    def step(name: str, values: np.ndarray) -> np.ndarray:
        if name.endswith("running_var"):
            return 0.9 * values
        if values.ndim == 0:
            return np.array(1)
        signs = np.sign(np.random.default_rng(len(name)).normal(size=values.shape[0]))
        size = 1e-3 if values.ndim == 1 else 0.02
        return (values + size * signs.reshape(-1, *[1] * (values.ndim - 1))).astype("float32")

    found = training_of(save(tmp_path / "a.pth", changed(drawn(5), step)))
    assert found.summary.layers_structured > found.summary.layers_with_spectrum / 2
    assert found.state == "barely"


@pytest.mark.parametrize("seed", range(2))
def test_shuffled_values_are_told_from_trained_and_from_drawn_ones(tmp_path: Path, seed: int) -> None:
    found = training_of(save(tmp_path / "a.pth", shuffled(as_if_trained(1), seed)))
    assert (found.state, found.reason) == ("shuffled-like", "steps-without-structure")


def test_a_trained_backbone_under_a_drawn_head_is_not_called_trained(tmp_path: Path) -> None:
    arrays = as_if_trained(1)
    arrays |= {name: values for name, values in drawn(9).items() if name.startswith("head.")}
    found = training_of(save(tmp_path / "a.pth", arrays))
    assert (found.state, found.reason) == ("cannot-tell", "parts-differ")


def test_a_damaged_file_still_tells_what_its_other_tensors_tell(trained: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.pth.tar"
    with zipfile.ZipFile(trained) as whole, zipfile.ZipFile(damaged, "w") as part:
        lost = {f"{whole.namelist()[0].partition('/')[0]}/data/{n}" for n in range(12)}
        for name in whole.namelist():
            if name not in lost:
                part.writestr(name, whole.read(name))
    found = training_of(damaged)
    assert (found.state, found.read, found.declared) == ("trained", 182, 194)


def test_values_that_are_not_finite_end_in_no_crash(tmp_path: Path) -> None:
    def spoil(name: str, values: np.ndarray) -> np.ndarray:
        spoilt = np.array(values)
        if values.ndim and values.dtype.kind == "f":
            spoilt.flat[0], spoilt.flat[-1] = np.nan, np.inf
        return spoilt

    found = training_of(save(tmp_path / "a.pth", changed(as_if_trained(1), spoil)))
    assert (found.state, found.reason) == ("cannot-tell", "too-little-read")
    assert all(layer.distance is not None for layer in found.layers)


def test_an_unknown_network_without_running_statistics_has_no_yardstick(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    arrays = {f"blocks.{n}.weight": generator.normal(size=(32, 32)).astype("float32") for n in range(12)}
    found = training_of(save(tmp_path / "a.pth", arrays))
    assert (found.state, found.reason) == ("cannot-tell", "no-yardstick")
    assert {layer.initialiser for layer in found.layers} == {None}


def test_half_precision_is_measured_like_any_other(tmp_path: Path) -> None:
    import torch

    for dtype in (torch.float16, torch.bfloat16):
        assert training_of(save(tmp_path / "a.pth", as_if_trained(1), dtype)).state == "trained"


def test_a_design_whose_training_is_not_described_has_no_initialisers_and_no_figures() -> None:
    unknown = replace(design(), family="another")
    assert (training_figures(unknown), training_sets(unknown), initialisers(unknown)) == (None, (), {})


@pytest.mark.parametrize("architecture_id", ["convnextpose-l", "posenet-resnet50", "rootnet-resnet50"])
def test_every_parameter_of_a_design_has_an_initialiser(architecture_id: str) -> None:
    architecture = find_architecture(architecture_id)
    assert architecture is not None
    parameters = {t.name for t in architecture.tensors if t.role == "parameter"}
    assert initialisers(architecture).keys() == parameters
    assert all(initialiser.source for initialiser in initialisers(architecture).values())


@pytest.mark.evidence
@pytest.mark.skipif(not FRAGMENT.exists(), reason="the fragment of the official XS file is not here")
def test_the_official_fragment_is_trained_and_its_counters_fit_protocol_2() -> None:
    found = training_of(FRAGMENT)
    assert (found.state, found.read, found.declared) == ("trained", 183, 194)
    counters = found.counters
    assert (counters.iterations, counters.iterations_per_epoch, counters.batch_size) == (1_346_328, 19_512, 32)
    assert (counters.samples_per_epoch_minimum, counters.samples_per_epoch_maximum) == (624_353, 624_384)
    assert [match.id for match in counters.consistent_with] == ["human36m-p2-and-2d"]
    assert found.summary.layers_structured >= 45
    assert found.summary.batches_at_least == 387
    assert found.summary.counters_agree
    dead = {(d.name, d.by): d.dead for d in found.dead}
    assert dead["head.deconv_layers_1.norm", "running-variance"] == 44
    assert found.moments is not None
    assert (found.moments.with_moments, found.moments.consistent) == (134, True)

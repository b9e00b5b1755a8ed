"""The trained control, shortened: fewer figures and epochs than a build takes, and still told from its twins."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
import torch
from torch import nn

from generators.architectures import STAND_INS, find_architecture
from generators.architectures.training import training_figures
from generators.errors import EvaluationError
from generators.evaluate import trained
from generators.evaluate.determinism import single_thread
from generators.evaluate.examining import examine_network
from generators.evaluate.measures.reading import HeatmapNetwork
from generators.evaluate.trained import draw_lessons, train, write_trained_control
from generators.evaluate.twins import redraw, shuffle
from generators.model.evaluation import Device
from generators.model.sanity import SanityEvaluation
from generators.model.tensor import WeightTensor

MICRO = STAND_INS[0]
CPU = torch.device("cpu")
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def taught() -> HeatmapNetwork:
    with single_thread():
        network, _ = train(MICRO, 5, draw_lessons(5, 96), 7)
    return network.eval()


@pytest.fixture(scope="module")
def cpu() -> Device:
    return Device(kind="cpu", name="cpu", threads=1, torch="0", cuda="", python="0", platform="test")


def _weights(network: nn.Module) -> Iterable[WeightTensor]:
    for name, tensor in network.state_dict().items():
        dtype, data = str(tensor.dtype).removeprefix("torch."), tensor.contiguous().numpy().tobytes()
        yield WeightTensor(name=name, dtype=dtype, shape=tuple(tensor.shape), data=data)


def _examine(network: nn.Module, device: Device, seeds: tuple[int, ...] = SEEDS) -> SanityEvaluation:
    return examine_network(MICRO, _weights(network), seeds=seeds, own_images=Path("none"), label="test", device=device)


def test_a_network_that_learned_comes_out_as_trained(taught: HeatmapNetwork, cpu: Device) -> None:
    sanity = _examine(taught, cpu)
    drawn = next(result for result in sanity.probes if result.kind == "drawn")
    assert (sanity.statement, sanity.statement_reason) == ("trained", "criteria")
    assert drawn.statement == "trained"
    assert sanity.all_finite
    assert sanity.volume == (16, 32, 32)
    assert len(sanity.entropies) == 18
    assert {skeleton.of for skeleton in sanity.shown[0].skeletons} >= {"network", "truth"}


@pytest.mark.parametrize("seed", SEEDS)
def test_its_twins_come_out_as_untrained_and_are_never_examples_of_training(
    taught: HeatmapNetwork, cpu: Device, seed: int
) -> None:
    for twin in (redraw(MICRO, 50 + seed, CPU), shuffle(taught, 50 + seed)):
        assert _examine(twin, cpu, (10 * seed, 10 * seed + 1, 10 * seed + 2)).statement == "untrained"


def test_a_network_with_one_broken_weight_is_not_called_anything(taught: HeatmapNetwork, cpu: Device) -> None:
    broken = shuffle(taught, 1)
    with torch.no_grad():
        broken.state_dict()["head.final_layer.bias"][3] = float("nan")
    sanity = _examine(broken, cpu, (1, 2))
    assert (sanity.statement, sanity.statement_reason, sanity.all_finite) == ("cannot-tell", "not-finite", False)


def test_weights_that_do_not_fit_are_a_stated_reason(taught: HeatmapNetwork, cpu: Device) -> None:
    sanity = examine_network(
        MICRO, list(_weights(taught))[:-1], seeds=(1,), own_images=Path("none"), label="test", device=cpu
    )
    assert (sanity.status, sanity.reason) == ("not-run", "load-refused")


def test_too_little_memory_is_a_stated_reason(
    taught: HeatmapNetwork, cpu: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise torch.OutOfMemoryError("tried to allocate too much")

    monkeypatch.setattr("generators.evaluate.examining.examine", fail)
    sanity = _examine(taught, cpu, (1,))
    assert (sanity.status, sanity.reason) == ("not-run", "out-of-memory")
    assert "too much" in sanity.detail


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trained, "FIGURES", 16)
    monkeypatch.setattr(trained, "EPOCHS", 1)
    for name in ("one", "other"):
        write_trained_control(MICRO, 3, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    checkpoint = torch.load(tmp_path / "one", weights_only=True)
    assert checkpoint["epoch"] == 0
    assert next(iter(checkpoint["network"])).startswith("module.")
    assert {float(state["step"]) for state in checkpoint["optimizer"]["state"].values()} == {2.0}


def test_a_network_without_a_volume_can_not_be_trained() -> None:
    rootnet = find_architecture("rootnet-resnet50")
    assert rootnet is not None
    with pytest.raises(EvaluationError, match="no heatmap over a volume"):
        train(rootnet, 1, draw_lessons(1, 2), 1)


def test_the_figures_of_the_stand_in_s_training_are_those_that_it_is_trained_with() -> None:
    figures = training_figures(MICRO)
    assert figures is not None
    assert (figures.learning_rate, figures.batch_size) == (trained.LEARNING_RATE, trained.BATCH_SIZE)

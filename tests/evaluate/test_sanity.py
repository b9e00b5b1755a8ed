# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import struct
from typing import Any

import pytest
from msgspec.structs import replace

torch = pytest.importorskip("torch", reason="a sanity evaluation runs a network in torch")

from generators.architectures import find_architecture
from generators.evaluate.device import select_device
from generators.evaluate.networks import ConvNeXtPose
from generators.evaluate.preprocessing import PIXEL_MEAN, PIXEL_STD
from generators.evaluate.sanity import evaluate_sanity, seeded_images
from generators.model.architecture import Architecture
from generators.model.evaluation import Evaluation
from generators.model.tensor import WeightTensor

Weights = tuple[WeightTensor, ...]
CPU = select_device("cpu")
TOO_MANY_IMAGES = 2**40


@pytest.fixture(scope="module")
def architecture() -> Architecture:
    found = find_architecture("convnextpose-xs")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def weights(architecture: Architecture, draw_weights: Any) -> Weights:
    drawn: Weights = draw_weights(architecture, 3)
    return drawn


@pytest.fixture(scope="module")
def evaluation(architecture: Architecture, weights: Weights) -> Evaluation:
    return evaluate_sanity(architecture, weights, seed=1, device=CPU)


def with_first_value(weights: Weights, name: str, value: float) -> Weights:
    data = struct.pack("<f", value)
    return tuple(replace(w, data=data + w.data[4:]) if w.name == name else w for w in weights)


def test_a_sound_network_runs(evaluation: Evaluation) -> None:
    assert (evaluation.status, evaluation.reason, evaluation.detail) == ("run", "", "")
    assert evaluation.architecture == "convnextpose-xs"
    assert evaluation.device == CPU
    assert evaluation.seed == 1
    assert evaluation.input_shape == (2, 3, 256, 256)
    assert evaluation.output_shape == (2, 18, 3)
    assert evaluation.all_finite is True
    assert evaluation.repeatable is True


def test_positions_lie_inside_the_heatmap(evaluation: Evaluation) -> None:
    assert evaluation.output_mean is not None
    assert evaluation.output_std is not None
    assert 0 < evaluation.output_mean < 31
    assert evaluation.output_std > 0


def test_latency_and_memory_are_measured(evaluation: Evaluation) -> None:
    assert evaluation.latency_minimum_seconds is not None
    assert evaluation.latency_seconds is not None
    assert evaluation.latency_maximum_seconds is not None
    assert 0 < evaluation.latency_minimum_seconds <= evaluation.latency_seconds <= evaluation.latency_maximum_seconds
    assert evaluation.timed_passes == 7
    assert evaluation.peak_memory_bytes is not None
    assert evaluation.peak_memory_bytes > 4 * 3_534_140


def test_multiply_accumulates_are_counted_for_both_upsamplings(evaluation: Evaluation) -> None:
    assert [count.upsampling_blocks for count in evaluation.macs] == [2, 3]


def test_the_same_seed_gives_the_same_output_and_another_seed_another(
    architecture: Architecture, weights: Weights, evaluation: Evaluation
) -> None:
    again = evaluate_sanity(architecture, weights, seed=1, device=CPU, timed_passes=1)
    other = evaluate_sanity(architecture, weights, seed=2, device=CPU, timed_passes=1)
    assert again.output_mean == evaluation.output_mean
    assert other.output_mean != evaluation.output_mean


def test_other_weights_give_another_output(
    architecture: Architecture, draw_weights: Any, evaluation: Evaluation
) -> None:
    other = evaluate_sanity(architecture, draw_weights(architecture, 4), seed=1, device=CPU, timed_passes=1)
    assert other.output_mean != evaluation.output_mean


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_nonfinite_weight_shows_in_the_output(architecture: Architecture, weights: Weights, value: float) -> None:
    broken = with_first_value(weights, "head.final_layer.bias", value)
    evaluation = evaluate_sanity(architecture, broken, seed=1, device=CPU, timed_passes=1)
    assert evaluation.status == "run"
    assert evaluation.all_finite is False
    assert evaluation.repeatable is True
    assert evaluation.output_mean is None
    assert evaluation.output_std is None


def test_a_missing_tensor_is_a_reason_not_to_run(architecture: Architecture, weights: Weights) -> None:
    evaluation = evaluate_sanity(architecture, weights[:-1], seed=1, device=CPU)
    assert evaluation == Evaluation(
        status="not-run", reason="load-refused", detail="-head.final_layer.bias", architecture="convnextpose-xs"
    )


def test_weights_of_another_variant_are_a_reason_not_to_run(architecture: Architecture, draw_weights: Any) -> None:
    other = find_architecture("convnextpose-s")
    assert other is not None
    evaluation = evaluate_sanity(architecture, draw_weights(other, 3), seed=1, device=CPU)
    assert (evaluation.status, evaluation.reason) == ("not-run", "load-refused")
    assert "[40, 3, 4, 4] != [48, 3, 4, 4]" in evaluation.detail


def test_a_batch_beyond_the_memory_is_a_reason_not_to_run(architecture: Architecture, weights: Weights) -> None:
    evaluation = evaluate_sanity(architecture, weights, seed=1, device=CPU, batch_size=TOO_MANY_IMAGES)
    assert (evaluation.status, evaluation.reason) == ("not-run", "out-of-memory")
    assert evaluation.detail


def test_a_defect_of_the_network_isnt_taken_for_lack_of_memory(
    architecture: Architecture, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: ConvNeXtPose, images: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("a defect")

    monkeypatch.setattr(ConvNeXtPose, "forward", fail)
    with pytest.raises(RuntimeError, match="a defect"):
        evaluate_sanity(architecture, weights, seed=1, device=CPU)


def test_a_network_that_differs_from_pass_to_pass_is_found_out(
    architecture: Architecture, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = ConvNeXtPose.forward

    def jitter(self: ConvNeXtPose, images: torch.Tensor) -> torch.Tensor:
        return sound(self, images) + torch.rand(1, device=images.device)

    with torch.random.fork_rng(devices=[]):
        monkeypatch.setattr(ConvNeXtPose, "forward", jitter)
        evaluation = evaluate_sanity(architecture, weights, seed=1, device=CPU, timed_passes=1)
    assert evaluation.repeatable is False


def test_rootnet_gives_one_position_an_image(draw_weights: Any) -> None:
    architecture = find_architecture("rootnet-resnet50")
    assert architecture is not None
    evaluation = evaluate_sanity(architecture, draw_weights(architecture, 3), seed=1, device=CPU, timed_passes=1)
    assert evaluation.output_shape == (2, 3)
    assert evaluation.all_finite is True
    assert [count.upsampling_blocks for count in evaluation.macs] == [0]


def test_torchs_state_is_as_before(architecture: Architecture, weights: Weights) -> None:
    random, threads = torch.get_rng_state(), torch.get_num_threads()
    evaluate_sanity(architecture, weights, seed=1, device=CPU, timed_passes=1)
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()
    assert not torch.is_inference_mode_enabled()


def test_images_are_levels_in_0_to_255_normalised_as_published() -> None:
    images = seeded_images(5, 2)
    mean, std = (torch.tensor(figures).view(1, 3, 1, 1) for figures in (PIXEL_MEAN, PIXEL_STD))
    pixels = images * std + mean
    assert images.shape == (2, 3, 256, 256)
    assert images.dtype == torch.float32
    assert pixels.min() > -1e-3
    assert pixels.max() < 255 + 1e-3
    assert abs(pixels.mean() - 127.5) < 1


def test_a_batch_begins_with_the_images_of_a_smaller_one() -> None:
    assert torch.equal(seeded_images(5, 3)[:2], seeded_images(5, 2))

# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="a sanity evaluation runs a network in torch")

from generators.architectures import find_architecture
from generators.evaluate.device import select_device
from generators.evaluate.sanity import evaluate_sanity

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here"),
]

IDS = ("convnextpose-xs", "convnextpose-s", "convnextpose-m", "convnextpose-l", "rootnet-resnet50")
MOST_BYTES = 4 * 2**30


@pytest.mark.parametrize("architecture_id", IDS)
def test_cuda_agrees_with_the_cpu(architecture_id: str, draw_weights: Any) -> None:
    architecture = find_architecture(architecture_id)
    assert architecture is not None
    weights = draw_weights(architecture, 3)
    cpu = evaluate_sanity(architecture, weights, seed=1, device=select_device("cpu"), timed_passes=1)
    cuda = evaluate_sanity(architecture, weights, seed=1, device=select_device("cuda"))
    assert cuda.status == "run", cuda.detail
    assert cuda.device is not None
    assert (cuda.device.kind, cuda.device.name) == ("cuda", torch.cuda.get_device_name())
    assert cuda.all_finite is True
    assert cuda.repeatable is True
    assert (cuda.output_shape, cuda.macs) == (cpu.output_shape, cpu.macs)
    assert cuda.output_mean == pytest.approx(cpu.output_mean, abs=1e-3)
    assert cuda.output_std == pytest.approx(cpu.output_std, abs=1e-3)


def test_peak_memory_on_cuda_holds_at_least_the_weights(draw_weights: Any) -> None:
    architecture = find_architecture("convnextpose-l")
    assert architecture is not None
    evaluation = evaluate_sanity(architecture, draw_weights(architecture, 3), seed=1, device=select_device("cuda"))
    assert evaluation.peak_memory_bytes is not None
    assert 4 * architecture.parameters < evaluation.peak_memory_bytes < MOST_BYTES


def test_a_batch_beyond_cudas_memory_is_a_reason_not_to_run(draw_weights: Any) -> None:
    architecture = find_architecture("convnextpose-l")
    assert architecture is not None
    weights = draw_weights(architecture, 3)
    held = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(128 * 2**20 / held)
    try:
        evaluation = evaluate_sanity(architecture, weights, seed=1, device=select_device("cuda"), batch_size=64)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert (evaluation.status, evaluation.reason) == ("not-run", "out-of-memory")

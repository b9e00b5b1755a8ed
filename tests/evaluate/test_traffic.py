# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="counting runs a network in torch")

from torch import Tensor, nn

from generators.architectures import find_architecture
from generators.evaluate import traffic as module
from generators.evaluate.traffic import Traffic, count_traffic

FLOAT_BYTES = 4


def count(network: nn.Module, *shape: int) -> int:
    with torch.device("meta"):
        inputs = torch.empty(shape)
    network.to("meta")
    with torch.inference_mode(), module._ByteCounter() as counter:
        network(inputs)
    return counter.total_bytes


def test_a_convolution_reads_input_weight_and_bias_and_writes_its_output() -> None:
    moved = 2 * 3 * 8 * 8 + 5 * 3 * 3 * 3 + 5 + 2 * 5 * 8 * 8
    assert count(nn.Conv2d(3, 5, 3, padding=1), 2, 3, 8, 8) == FLOAT_BYTES * moved


def test_an_activation_reads_and_writes_once() -> None:
    assert count(nn.ReLU(), 2, 3, 8, 8) == FLOAT_BYTES * 2 * (2 * 3 * 8 * 8)


def test_a_view_moves_nothing() -> None:
    class View(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images.flatten(2).view(2, -1).transpose(0, 1)

    assert count(View(), 2, 3, 8, 8) == 0


def test_the_bytes_of_a_batch_grow_by_the_same_for_each_image() -> None:
    architecture = find_architecture("convnextpose-xs")
    assert architecture is not None
    traffic = count_traffic(architecture)
    assert traffic.of_batch(3) == module._count(architecture, 3)[0]
    # every weight is read once, whatever the batch
    assert traffic.fixed_bytes >= FLOAT_BYTES * architecture.parameters
    assert 0 < traffic.largest_image_bytes < traffic.image_bytes


def test_a_batch_adds_up() -> None:
    assert Traffic(fixed_bytes=10, image_bytes=3, largest_image_bytes=1).of_batch(4) == 22

# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="running a network needs torch")

from generators.architectures import find_architecture
from generators.evaluate.loading import load_network
from generators.evaluate.networks import ConvNeXtPose, build_network
from generators.evaluate.networks.soft_argmax import soft_argmax


@pytest.fixture(scope="module")
def network(draw_weights: Any) -> ConvNeXtPose:
    architecture = find_architecture("convnextpose-xs")
    assert architecture is not None
    loaded = load_network(architecture, draw_weights(architecture, 0), torch.device("cpu"))
    assert isinstance(loaded, ConvNeXtPose)
    return loaded


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randn((2, 3, 64, 96), generator=torch.Generator().manual_seed(1))


def test_gives_x_y_z_of_each_joint(network: ConvNeXtPose, images: torch.Tensor) -> None:
    with torch.inference_mode():
        assert network(images).shape == (2, 18, 3)


@pytest.mark.parametrize(("blocks", "cells"), [(0, (2, 3)), (1, (4, 6)), (2, (8, 12)), (3, (16, 24))])
def test_each_upsampling_block_doubles_the_heatmap(blocks: int, cells: tuple[int, int]) -> None:
    architecture = find_architecture("convnextpose-m")
    assert architecture is not None
    with torch.device("meta"):
        network = build_network(architecture, blocks)
        assert isinstance(network, ConvNeXtPose)
        assert network.heatmap(torch.empty((2, 3, 64, 96))).shape == (2, 18, 64, *cells)


def test_positions_are_those_of_the_exposed_heatmap(network: ConvNeXtPose, images: torch.Tensor) -> None:
    with torch.inference_mode():
        assert torch.equal(network(images), soft_argmax(network.heatmap(images)))


def test_channels_of_the_heatmap_are_joints_first_then_depth(network: ConvNeXtPose, images: torch.Tensor) -> None:
    with torch.inference_mode():
        scores = network.head(network.backbone(images))
        assert torch.equal(network.heatmap(images)[:, 5, 7], scores[:, 5 * 32 + 7])


def test_images_of_a_batch_dont_mix_in_evaluation_mode(network: ConvNeXtPose, images: torch.Tensor) -> None:
    with torch.inference_mode():
        together, alone = network(images), torch.cat([network(image[None]) for image in images])
    assert torch.allclose(together, alone, atol=1e-4)
    assert not torch.allclose(alone[0], alone[1], atol=1e-2)

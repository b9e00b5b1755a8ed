# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="running a network needs torch")

from generators.architectures import find_architecture
from generators.evaluate.loading import load_network
from generators.evaluate.networks import PoseNet, RootNet, build_network


@pytest.fixture(scope="module")
def rootnet(draw_weights: Any) -> RootNet:
    architecture = find_architecture("rootnet-resnet50")
    assert architecture is not None
    loaded = load_network(architecture, draw_weights(architecture, 0), torch.device("cpu"))
    assert isinstance(loaded, RootNet)
    return loaded


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randn((2, 3, 64, 96), generator=torch.Generator().manual_seed(1))


def test_rootnets_depth_is_the_correction_times_k(rootnet: RootNet, images: torch.Tensor) -> None:
    with torch.no_grad():
        one, scaled = rootnet(images, torch.ones(2)), rootnet(images, torch.tensor([10.0, 1000.0]))
    assert one.shape == (2, 3)
    assert torch.equal(scaled[:, :2], one[:, :2])
    assert one[:, 2].abs().min() > 0
    assert torch.allclose(scaled[:, 2] / one[:, 2], torch.tensor([10.0, 1000.0]))


def test_rootnets_plane_has_a_quarter_of_the_images_resolution(rootnet: RootNet, images: torch.Tensor) -> None:
    with torch.no_grad():
        assert rootnet.heatmap(images).shape == (2, 1, 16, 24)


def test_posenets_volume_has_a_quarter_of_the_images_resolution() -> None:
    architecture = find_architecture("posenet-resnet50")
    assert architecture is not None
    with torch.device("meta"):
        network = build_network(architecture)
        assert isinstance(network, PoseNet)
        assert network.heatmap(torch.empty((2, 3, 64, 96))).shape == (2, 18, 64, 16, 24)
        assert network(torch.empty((2, 3, 64, 96))).shape == (2, 18, 3)

# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="counting runs a network in torch")

from torch import nn

from generators.architectures import find_architecture
from generators.evaluate.macs import count_conv_macs
from generators.evaluate.sanity import count_architecture_macs


def meta(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(*layers).to("meta")


def test_counts_a_convolution_by_hand() -> None:
    network = meta(nn.Conv2d(3, 5, kernel_size=3, stride=2, padding=1))
    assert count_conv_macs(network, (1, 3, 8, 8)) == 4 * 4 * 5 * 3 * 9


def test_counts_a_grouped_convolution_by_hand() -> None:
    network = meta(nn.Conv2d(6, 6, kernel_size=3, padding=1, groups=6))
    assert count_conv_macs(network, (1, 6, 8, 8)) == 8 * 8 * 6 * 9


def test_counts_a_transposed_convolution_by_hand() -> None:
    network = meta(nn.ConvTranspose2d(3, 5, kernel_size=4, stride=2, padding=1))
    assert count_conv_macs(network, (1, 3, 8, 8)) == 8 * 8 * 3 * 5 * 16


def test_counts_nothing_but_convolutions() -> None:
    network = meta(nn.BatchNorm2d(3), nn.ReLU(), nn.Upsample(scale_factor=2), nn.Flatten(), nn.Linear(3 * 256, 10))
    assert count_conv_macs(network, (2, 3, 8, 8)) == 0


@pytest.mark.parametrize(
    ("variant", "upsampling_blocks", "published_gmacs"),
    [("xs", 2, 0.815), ("s", 2, 1.738), ("m", 3, 2.795), ("l", 3, 4.264)],
)
def test_published_upsampling_gives_the_published_count(
    variant: str, upsampling_blocks: int, published_gmacs: float
) -> None:
    architecture = find_architecture(f"convnextpose-{variant}")
    assert architecture is not None
    counts = {count.upsampling_blocks: count.conv_macs for count in count_architecture_macs(architecture)}
    assert round(counts[upsampling_blocks] / 1e9, 3) == published_gmacs


@pytest.mark.parametrize("variant", ["m", "l"])
def test_two_upsampling_blocks_count_far_less_than_three(variant: str) -> None:
    architecture = find_architecture(f"convnextpose-{variant}")
    assert architecture is not None
    two, three = count_architecture_macs(architecture)
    assert (two.upsampling_blocks, three.upsampling_blocks) == (2, 3)
    assert three.conv_macs > 1.4 * two.conv_macs


def test_a_network_without_upsampling_blocks_is_counted_once() -> None:
    architecture = find_architecture("rootnet-resnet50")
    assert architecture is not None
    (count,) = count_architecture_macs(architecture)
    backbone_of_the_literature = 4.09e9  # ResNet-50 at 224x224 with its 2.05 M classifier: torchvision's documentation
    assert count.upsampling_blocks == 0
    assert count.conv_macs > backbone_of_the_literature * (256 / 224) ** 2

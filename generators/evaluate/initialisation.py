"""Weights drawn as the published training code draws them, from a seed of their own.

The published PoseNet and RootNet then put ImageNet weights into the backbone;
here it keeps the normal distribution that its constructor draws, so that a
recipe needs no download.
"""

from __future__ import annotations

from typing import assert_never

import torch
from torch import nn

from generators.evaluate.networks import build_network
from generators.model.architecture import Architecture, ConvNeXtPoseConfiguration, ResNetPoseConfiguration

CONVNEXTPOSE_STD = 0.02
"""Of a normal distribution cut at -2 and 2.

Source: UP ``main/model.py`` and ``common/nets/convnext_bn.py``, ``_init_weights``.
"""
RESNET_POSE_STD = 0.001
"""Of a normal distribution. Source: PN and RN ``main/model.py``, ``init_weights``; RN ``common/nets/resnet.py``."""


def draw_network(architecture: Architecture, generator: torch.Generator) -> nn.Module:
    """Return the architecture's network on the CPU, in training mode, with freshly drawn weights.

    Convolutions as published, their biases 0, normalisation layers with scale
    1, shift 0 and no batch seen. The global random state isn't touched.

    Args:
        architecture: What to build.
        generator: On the CPU; it is advanced.
    """
    with torch.device("meta"):
        network = build_network(architecture)
    network.to_empty(device="cpu")
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()
        elif isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            _draw_convolution(layer, architecture, generator)
    return network


def _draw_convolution(
    layer: nn.Conv2d | nn.ConvTranspose2d, architecture: Architecture, generator: torch.Generator
) -> None:
    match architecture.configuration:
        case ConvNeXtPoseConfiguration():
            nn.init.trunc_normal_(layer.weight, std=CONVNEXTPOSE_STD, generator=generator)
        case ResNetPoseConfiguration():
            nn.init.normal_(layer.weight, std=RESNET_POSE_STD, generator=generator)
        case _ as unreachable:
            assert_never(unreachable)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)

"""Weights drawn as the published training code draws them, from a seed of their own.

The published PoseNet and RootNet then put ImageNet weights into the backbone;
here it keeps the normal distribution that its constructor draws, so that a
recipe needs no download.
"""

from __future__ import annotations

import torch
from torch import nn

from generators.architectures.training import TrainingFigures, training_figures
from generators.errors import EvaluationError
from generators.evaluate.networks import build_network
from generators.model.architecture import Architecture
from generators.model.training import Initialiser


def known_training(architecture: Architecture) -> TrainingFigures:
    """Return how the architecture's family is trained.

    Raises:
        EvaluationError: It isn't known.
    """
    figures = training_figures(architecture)
    if figures is None:
        raise EvaluationError(
            "training-unknown",
            f"how {architecture.id} is trained isn't known",
            where="generators/architectures/training.py",
            remedy="describe the training of its family there",
        )
    return figures


def draw_network(architecture: Architecture, generator: torch.Generator) -> nn.Module:
    """Return the architecture's network on the CPU, in training mode, with freshly drawn weights.

    Convolutions as published, their biases 0, normalisation layers with scale
    1, shift 0 and no batch seen. The global random state isn't touched.

    Args:
        architecture: What to build.
        generator: On the CPU; it is advanced.

    Raises:
        EvaluationError: How its family is trained isn't known.
    """
    convolution = known_training(architecture).convolution
    with torch.device("meta"):
        network = build_network(architecture)
    network.to_empty(device="cpu")
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()
        elif isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            _draw(layer, convolution, generator)
    return network


def _draw(layer: nn.Conv2d | nn.ConvTranspose2d, published: Initialiser, generator: torch.Generator) -> None:
    mean, std = published.mean, published.std
    if published.cut is None:
        nn.init.normal_(layer.weight, mean, std, generator=generator)
    else:
        low, high = mean - published.cut, mean + published.cut
        nn.init.trunc_normal_(layer.weight, mean, std, low, high, generator=generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)

"""A ConvNeXtPose so small that a pass takes milliseconds, with weights that make it look at its input."""

from __future__ import annotations

import torch
from msgspec.structs import replace
from torch import nn

from generators.architectures import ARCHITECTURES
from generators.architectures.convnextpose import convnextpose_tensors
from generators.evaluate.networks import build_network
from generators.model.architecture import Architecture, ConvNeXtPoseConfiguration
from generators.model.tensor import WeightTensor

CONFIGURATION = ConvNeXtPoseConfiguration(
    depths=(1, 1, 1, 1), dims=(8, 8, 16, 16), head_width=16, joints=18, depth_bins=8, upsampling_blocks=2
)


def micro_architecture() -> Architecture:
    return replace(
        next(a for a in ARCHITECTURES if a.id == "convnextpose-xs"),
        configuration=CONFIGURATION,
        tensors=tuple(convnextpose_tensors(CONFIGURATION)),
    )


def micro_network(seed: int = 3) -> nn.Module:
    """Return the network with weights whose features neither fade nor explode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_network(micro_architecture()).eval()
        for tensor in network.parameters():
            if tensor.dim() > 1:
                nn.init.normal_(tensor, std=tensor[0].numel() ** -0.5)
    return network


def micro_weights(seed: int = 3) -> tuple[WeightTensor, ...]:
    """Return the same weights as a container's reader gives them."""
    return tuple(
        WeightTensor(
            name=name,
            dtype=str(tensor.dtype).removeprefix("torch."),
            shape=tuple(tensor.shape),
            data=tensor.numpy().tobytes(),
        )
        for name, tensor in micro_network(seed).state_dict().items()
    )

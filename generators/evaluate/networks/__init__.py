"""The published architectures as torch modules, built from their configuration.

Every network has the state dict that its architecture lists: same names,
shapes, dtypes and order. They run on any device and leave the global random
state to torch's own layer constructors.

- :mod:`~generators.evaluate.networks.convnextpose`: ConvNeXtPose
- :mod:`~generators.evaluate.networks.resnet_pose`: PoseNet and RootNet
- :mod:`~generators.evaluate.networks.volumetric`: what ConvNeXtPose and PoseNet share
- :mod:`~generators.evaluate.networks.soft_argmax`: from a heatmap to coordinates
"""

from __future__ import annotations

from typing import assert_never

import torch
from torch import Tensor, nn

from generators.errors import EvaluationError
from generators.evaluate.networks.convnextpose import ConvNeXtPose
from generators.evaluate.networks.resnet_pose import PoseNet, RootNet
from generators.model.architecture import Architecture, ConvNeXtPoseConfiguration, ResNetPoseConfiguration

__all__ = ["ConvNeXtPose", "PoseNet", "RootNet", "build_network", "network_inputs"]


def build_network(architecture: Architecture, upsampling_blocks: int | None = None) -> nn.Module:
    """Return the network of an architecture, in training mode, on torch's current default device.

    Args:
        architecture: What to build.
        upsampling_blocks: How many blocks of a ConvNeXtPose head double the resolution; None for as many as published.

    Raises:
        EvaluationError: The number is asked of a network without that choice, or is not one the head can have.
    """
    match architecture.configuration:
        case ConvNeXtPoseConfiguration() as configuration:
            return ConvNeXtPose(configuration, upsampling_blocks)
        case ResNetPoseConfiguration() as configuration:
            if upsampling_blocks is not None:
                raise EvaluationError(
                    "no-upsampling-choice",
                    f"{architecture.id} has no head blocks that may double the resolution",
                    remedy="ask for a number of upsampling blocks only for ConvNeXtPose",
                )
            return _resnet_network(configuration)
        case _ as unreachable:
            assert_never(unreachable)


def _resnet_network(configuration: ResNetPoseConfiguration) -> nn.Module:
    match configuration.head:
        case "posenet":
            return PoseNet(configuration)
        case "rootnet":
            return RootNet(configuration)
        case _ as unreachable:
            assert_never(unreachable)


def network_inputs(network: nn.Module, images: Tensor) -> tuple[Tensor, ...]:
    """Return the arguments of ``forward`` for a batch of images.

    RootNet also takes ``k_value``, the distance that a box of that size has
    from the camera. It is 1 here, so that the third output is the network's own
    correction factor, without a camera.

    Args:
        network: Any that :func:`build_network` builds.
        images: float32[N, 3, H, W], normalised.
    """
    if isinstance(network, RootNet):
        return images, torch.ones(images.shape[0], dtype=images.dtype, device=images.device)
    return (images,)

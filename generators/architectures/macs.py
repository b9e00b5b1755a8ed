"""Multiply-accumulates of an architecture's convolutions, in closed form.

Counting rule: each output element of a convolution costs one multiply-accumulate
for each weight that touches it; bias, normalisation, activation, upsampling and
soft-argmax cost nothing. A transposed convolution costs as many for each
*input* element. The evaluation stage counts the same quantity by tracing torch.
"""

from __future__ import annotations

from math import prod
from typing import assert_never

from generators.architectures.resnet_pose import DECONV_LAYERS
from generators.model.architecture import Architecture, ConvNeXtPoseConfiguration, ResNetPoseConfiguration, TensorSpec

INPUT_PIXELS = 256
"""Height and width of the input. Source: UP, PN and RN ``main/config.py``, ``input_shape``."""
STEM_STRIDE = 4
"""Both networks reach a quarter of the resolution before the first stage. Source: UP ``common/nets/convnext_bn.py``,
RN ``common/nets/resnet.py``."""
UPSAMPLING_CHOICES = (2, 3)
"""Numbers of upsampling blocks that published ConvNeXtPose networks have. Source: UP ``main/model.py`` (2); PAPER
tables 4 and 5, whose multiply-accumulates of M and L need 3."""


def count_conv_macs(architecture: Architecture, upsampling_blocks: int | None = None) -> int:
    """Return the convolution multiply-accumulates for one 256x256 image.

    Args:
        architecture: The architecture.
        upsampling_blocks: For ConvNeXtPose, how many head blocks double the resolution; the published number if None.
    """
    match architecture.configuration:
        case ConvNeXtPoseConfiguration() as configuration:
            blocks = configuration.upsampling_blocks if upsampling_blocks is None else upsampling_blocks
            return sum(_convnextpose_positions(t, blocks) * prod(t.shape) for t in _convolutions(architecture))
        case ResNetPoseConfiguration():
            return sum(_resnet_pose_positions(t) * prod(t.shape) for t in _convolutions(architecture))
        case unreachable:
            assert_never(unreachable)


def _convolutions(architecture: Architecture) -> tuple[TensorSpec, ...]:
    return tuple(t for t in architecture.tensors if len(t.shape) == 4)  # noqa: PLR2004 - [out, in, height, width]


def _convnextpose_positions(tensor: TensorSpec, upsampling_blocks: int) -> int:
    """Output positions of a convolution: height times width."""
    parts = tensor.name.split(".")
    features = INPUT_PIXELS // STEM_STRIDE
    match parts:
        case ["backbone", "downsample_layers" | "stages", stage, *_]:
            side = features >> int(stage)
        case ["head", "final_layer", *_]:
            side = (features >> 3) << upsampling_blocks
        case ["head", block, *_]:
            # a block upsamples after its convolutions, the first blocks first
            side = (features >> 3) << min(int(block[-1]) - 1, upsampling_blocks)
        case _:
            side = 0
    return side * side


def _resnet_pose_positions(tensor: TensorSpec) -> int:
    parts = tensor.name.split(".")
    features = INPUT_PIXELS // STEM_STRIDE
    match parts:
        case ["backbone", "conv1", _]:
            side = INPUT_PIXELS // 2
        case ["backbone", stage, block, layer, *_]:
            number = int(stage[-1]) - 1
            # torchvision's bottleneck strides in its 3x3 convolution, so the first 1x1 still sees the larger map
            before = number > 0 and block == "0" and layer == "conv1"
            side = features >> (number - 1 if before else number)
        case [_, "deconv_layers", layer, _]:
            side = (features >> 3) << (int(layer) // 3)
        case [_, "depth_layer", _]:
            side = 1
        case _:
            side = (features >> 3) << DECONV_LAYERS
    return side * side

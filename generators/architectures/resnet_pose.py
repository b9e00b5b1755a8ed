"""PoseNet and RootNet on ResNet-50, -101 and -152.

Sources: PN (github.com/mks0601/3DMPPE_POSENET_RELEASE at dd025c5, ``main/model.py``),
RN (github.com/mks0601/3DMPPE_ROOTNET_RELEASE at 735ce21, ``main/model.py`` and
``common/nets/resnet.py``); the bottleneck is torchvision's. Joints and bins of
PoseNet: 18 (Human3.6M set) and 64, its Human3.6M configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

from generators.architectures.layers import batch_norm, convolution
from generators.model.architecture import Architecture, ResNetPoseConfiguration, TensorSpec, TrainingLayout

RESNET_DEPTHS: dict[int, tuple[int, int, int, int]] = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Source: RN ``common/nets/resnet.py``, ``resnet_spec``."""
STEM_CHANNELS = 64
"""Source: RN ``common/nets/resnet.py``."""
BOTTLENECK_EXPANSION = 4
"""Source: torchvision ``models/resnet.py``, ``Bottleneck.expansion``."""
DECONV_LAYERS = 3
"""Source: PN and RN ``main/model.py``, ``_make_deconv_layer(3)``."""
DECONV_KERNEL = 4
"""Source: PN and RN ``main/model.py``."""
DECONV_CHANNELS = 256
"""Source: PN and RN ``main/model.py``, ``outplanes``."""


def resnet_pose_tensors(configuration: ResNetPoseConfiguration) -> Iterator[TensorSpec]:
    """Yield the state dict of a configuration, in the order of the published code."""
    yield from _backbone(configuration.depths)
    channels = STEM_CHANNELS * 2 ** (len(configuration.depths) - 1) * BOTTLENECK_EXPANSION
    head = "head" if configuration.head == "posenet" else "root"
    features = channels
    for layer in range(DECONV_LAYERS):
        name = f"{head}.deconv_layers.{3 * layer}"
        width = configuration.deconv_channels
        yield from convolution(name, (channels, width, DECONV_KERNEL, DECONV_KERNEL))
        yield from batch_norm(f"{head}.deconv_layers.{3 * layer + 1}", width)
        channels = width
    if configuration.head == "posenet":
        outputs = configuration.joints * configuration.depth_bins
        yield from convolution("head.final_layer", (outputs, channels, 1, 1), bias=outputs)
        return
    yield from convolution("root.xy_layer", (1, channels, 1, 1), bias=1)
    yield from convolution("root.depth_layer", (1, features, 1, 1), bias=1)


@cache
def _backbone(depths: tuple[int, ...]) -> tuple[TensorSpec, ...]:
    """Return the tensors that PoseNet and RootNet of the same depth share."""
    tensors = [
        *convolution("backbone.conv1", (STEM_CHANNELS, 3, 7, 7)),
        *batch_norm("backbone.bn1", STEM_CHANNELS),
    ]
    channels = STEM_CHANNELS
    for stage, depth in enumerate(depths):
        width = STEM_CHANNELS * 2**stage
        for block in range(depth):
            tensors.extend(_bottleneck(f"backbone.layer{stage + 1}.{block}", channels, width))
            channels = width * BOTTLENECK_EXPANSION
    return tuple(tensors)


def _bottleneck(name: str, channels: int, width: int) -> Iterator[TensorSpec]:
    wide = width * BOTTLENECK_EXPANSION
    for index, shape in enumerate(((width, channels, 1, 1), (width, width, 3, 3), (wide, width, 1, 1)), start=1):
        yield from convolution(f"{name}.conv{index}", shape)
        yield from batch_norm(f"{name}.bn{index}", shape[0])
    if name.endswith(".0"):
        yield from convolution(f"{name}.downsample.0", (wide, channels, 1, 1))
        yield from batch_norm(f"{name}.downsample.1", wide)


def _network(head: Literal["posenet", "rootnet"], layers: int) -> Architecture:
    configuration = ResNetPoseConfiguration(
        head=head,
        depths=RESNET_DEPTHS[layers],
        deconv_channels=DECONV_CHANNELS,
        joints=18 if head == "posenet" else 0,
        depth_bins=64 if head == "posenet" else 0,
    )
    source = "PN" if head == "posenet" else "RN"
    return Architecture(
        id=f"{head}-resnet{layers}",
        family=head,
        title=f"{'PoseNet' if head == 'posenet' else 'RootNet'} (ResNet-{layers})",
        configuration=configuration,
        tensors=tuple(resnet_pose_tensors(configuration)),
        renamings=(),
        training=TrainingLayout(container="torch-legacy", optimizer="Adam", step_is_tensor=False),
        sources=(f"{source} main/model.py", f"{source} common/nets/resnet.py"),
    )


POSENET = tuple(_network("posenet", layers) for layers in RESNET_DEPTHS)
ROOTNET = tuple(_network("rootnet", layers) for layers in RESNET_DEPTHS)

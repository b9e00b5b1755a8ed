"""ConvNeXtPose: a ConvNeXt backbone with batch normalisation, and a light upsampling head.

Sources: UP ``common/nets/convnext_bn.py`` (backbone), ``main/model.py`` (head);
ConvNeXt itself: Liu et al., "A ConvNet for the 2020s", CVPR 2022. Stochastic
depth, which the published code applies to blocks while training, has no weights
and is left out.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from generators.architectures.convnextpose import (
    BLOCK_KERNEL,
    DOWNSAMPLE_KERNEL,
    EXPANSION,
    HEAD_BLOCKS,
    HEAD_KERNEL,
    STEM_KERNEL,
)
from generators.errors import EvaluationError
from generators.evaluate.networks.volumetric import VolumetricPoseNetwork
from generators.model.architecture import ConvNeXtPoseConfiguration

IMAGE_CHANNELS = 3
"""Source: UP ``common/nets/convnext_bn.py``: RGB."""
UPSAMPLING_FACTOR = 2
"""Source: UP ``main/model.py``, bilinear with aligned corners."""


class ConvNeXtPose(VolumetricPoseNetwork):
    """The whole network: float32[N, 3, H, W] to float32[N, joints, 3].

    Args:
        configuration: The defining figures.
        upsampling_blocks: How many of the head's blocks double the resolution, first ones first; None for
            as many as published.

    Raises:
        EvaluationError: The head has fewer blocks than that, or the number is negative.
    """

    def __init__(self, configuration: ConvNeXtPoseConfiguration, upsampling_blocks: int | None = None) -> None:
        super().__init__(configuration.joints, configuration.depth_bins)
        blocks = configuration.upsampling_blocks if upsampling_blocks is None else upsampling_blocks
        if not 0 <= blocks <= HEAD_BLOCKS:
            raise EvaluationError(
                "upsampling-blocks",
                f"{blocks} upsampling blocks were asked for",
                remedy=f"the head has {HEAD_BLOCKS} blocks: choose 0 to {HEAD_BLOCKS}",
            )
        self.backbone = _Backbone(configuration)
        self.head = _Head(configuration, blocks)


class _Backbone(nn.Module):
    """float32[N, 3, H, W] to float32[N, dims[3], H/32, W/32]."""

    def __init__(self, configuration: ConvNeXtPoseConfiguration) -> None:
        super().__init__()
        dims = configuration.dims
        self.downsample_layers = nn.ModuleList([_stem(dims[0])])
        for narrow, wide in pairwise(dims):
            self.downsample_layers.append(_downsampling(narrow, wide))
        self.stages = nn.ModuleList(
            nn.Sequential(*(_Block(dim) for _ in range(depth)))
            for depth, dim in zip(configuration.depths, dims, strict=True)
        )
        self.norm = nn.BatchNorm2d(dims[-1])

    def forward(self, features: Tensor) -> Tensor:
        for downsample, stage in zip(self.downsample_layers, self.stages, strict=True):
            features = stage(downsample(features))
        normalised: Tensor = self.norm(features)
        return normalised


def _stem(dim: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(IMAGE_CHANNELS, dim, kernel_size=STEM_KERNEL, stride=STEM_KERNEL), nn.BatchNorm2d(dim)
    )


def _downsampling(narrow: int, wide: int) -> nn.Sequential:
    return nn.Sequential(
        nn.BatchNorm2d(narrow), nn.Conv2d(narrow, wide, kernel_size=DOWNSAMPLE_KERNEL, stride=DOWNSAMPLE_KERNEL)
    )


class _Block(nn.Module):
    """A residual block; the shape stays."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(dim, dim, kernel_size=BLOCK_KERNEL, padding=BLOCK_KERNEL // 2, groups=dim)
        self.norm = nn.BatchNorm2d(dim)
        self.pwconv1 = nn.Conv2d(dim, EXPANSION * dim, kernel_size=1)
        self.pwconv2 = nn.Conv2d(EXPANSION * dim, dim, kernel_size=1)

    def forward(self, features: Tensor) -> Tensor:
        hidden = nn.functional.relu(self.pwconv1(self.norm(self.dwconv(features))))
        residual: Tensor = self.pwconv2(hidden)
        return features + residual


class _Head(nn.Module):
    """float32[N, dims[3], h, w] to float32[N, joints * depth_bins, h', w']."""

    def __init__(self, configuration: ConvNeXtPoseConfiguration, upsampling_blocks: int) -> None:
        super().__init__()
        channels, width = configuration.dims[-1], configuration.head_width
        for index in range(HEAD_BLOCKS):
            block = _HeadBlock(channels, width, UPSAMPLING_FACTOR if index < upsampling_blocks else 1)
            self.add_module(f"deconv_layers_{index + 1}", block)
            channels = width
        self.final_layer = nn.Conv2d(width, configuration.joints * configuration.depth_bins, kernel_size=1)

    def forward(self, features: Tensor) -> Tensor:
        for layer in self.children():
            features = layer(features)
        return features


class _HeadBlock(nn.Module):
    """float32[N, channels, h, w] to float32[N, width, factor * h, factor * w]."""

    def __init__(self, channels: int, width: int, factor: int) -> None:
        super().__init__()
        self.factor = factor
        self.dwconv = nn.Conv2d(channels, channels, kernel_size=HEAD_KERNEL, padding=HEAD_KERNEL // 2, groups=channels)
        self.norm = nn.BatchNorm2d(channels)
        self.pwconv = nn.Conv2d(channels, width, kernel_size=1)

    def forward(self, features: Tensor) -> Tensor:
        features = nn.functional.relu(self.pwconv(self.norm(self.dwconv(features))))
        if self.factor == 1:
            return features
        return nn.functional.interpolate(features, scale_factor=self.factor, mode="bilinear", align_corners=True)

"""PoseNet and RootNet: a ResNet backbone, transposed convolutions, and one of two heads.

Sources: PN ``main/model.py``, RN ``main/model.py`` and ``common/nets/resnet.py``;
He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, with the
stride on the 3x3 convolution of a bottleneck (torchvision ``models/resnet.py``).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from generators.architectures.resnet_pose import BOTTLENECK_EXPANSION, DECONV_KERNEL, DECONV_LAYERS, STEM_CHANNELS
from generators.evaluate.networks.soft_argmax import soft_argmax
from generators.evaluate.networks.volumetric import VolumetricPoseNetwork
from generators.model.architecture import ResNetPoseConfiguration

IMAGE_CHANNELS = 3
"""Source: RN ``common/nets/resnet.py``: RGB."""
STEM_KERNEL = 7
"""Source: RN ``common/nets/resnet.py``, stride 2, padding 3."""


class PoseNet(VolumetricPoseNetwork):
    """Volumetric heatmaps of joints: float32[N, 3, H, W] to float32[N, joints, 3].

    Args:
        configuration: The defining figures, with ``head`` ``posenet``.
    """

    def __init__(self, configuration: ResNetPoseConfiguration) -> None:
        super().__init__(configuration.joints, configuration.depth_bins)
        self.backbone = _ResNet(configuration.depths)
        self.head = _PoseHead(self.backbone.channels, configuration)


class RootNet(nn.Module):
    """Position of the root joint: float32[N, 3, H, W] to float32[N, 3].

    Args:
        configuration: The defining figures, with ``head`` ``rootnet``.
    """

    def __init__(self, configuration: ResNetPoseConfiguration) -> None:
        super().__init__()
        self.backbone = _ResNet(configuration.depths)
        self.root = _RootHead(self.backbone.channels, configuration.deconv_channels)

    def heatmap(self, images: Tensor) -> Tensor:
        """Return the scores of the root joint over the image plane, before the softmax.

        Args:
            images: float32[N, 3, H, W], normalised.

        Returns:
            float32[N, 1, H/4, W/4].
        """
        return self.root.heatmap(self.backbone(images))

    def forward(self, images: Tensor, k_value: Tensor) -> Tensor:
        """Return float32[N, 3]: x and y in heatmap cells, depth in the unit of ``k_value``.

        Args:
            images: float32[N, 3, H, W], normalised.
            k_value: float32[N], the distance from the camera at which a box of that size would stand.
        """
        position: Tensor = self.root(self.backbone(images), k_value)
        return position


class _ResNet(nn.Module):
    """float32[N, 3, H, W] to float32[N, channels, H/32, W/32]."""

    def __init__(self, depths: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            IMAGE_CHANNELS, STEM_CHANNELS, STEM_KERNEL, stride=2, padding=STEM_KERNEL // 2, bias=False
        )
        self.bn1 = nn.BatchNorm2d(STEM_CHANNELS)
        channels = STEM_CHANNELS
        for stage, depth in enumerate(depths):
            width = STEM_CHANNELS * 2**stage
            self.add_module(f"layer{stage + 1}", _stage(channels, width, depth, stride=1 if stage == 0 else 2))
            channels = width * BOTTLENECK_EXPANSION
        self.stages = len(depths)
        self.channels = channels

    def forward(self, images: Tensor) -> Tensor:
        features = nn.functional.relu(self.bn1(self.conv1(images)))
        features = nn.functional.max_pool2d(features, kernel_size=3, stride=2, padding=1)
        for stage in range(self.stages):
            features = self.get_submodule(f"layer{stage + 1}")(features)
        return features


def _stage(channels: int, width: int, depth: int, *, stride: int) -> nn.Sequential:
    wide = width * BOTTLENECK_EXPANSION
    first = _Bottleneck(channels, width, stride, project=True)
    return nn.Sequential(first, *(_Bottleneck(wide, width, 1, project=False) for _ in range(depth - 1)))


class _Bottleneck(nn.Module):
    """float32[N, channels, h, w] to float32[N, 4 * width, h / stride, w / stride]."""

    def __init__(self, channels: int, width: int, stride: int, *, project: bool) -> None:
        super().__init__()
        wide = width * BOTTLENECK_EXPANSION
        self.conv1 = nn.Conv2d(channels, width, kernel_size=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, wide, kernel_size=1, bias=False)
        self.bn3 = nn.BatchNorm2d(wide)
        self.downsample: nn.Sequential | None = None
        if project:
            projection = nn.Conv2d(channels, wide, kernel_size=1, stride=stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(wide))

    def forward(self, features: Tensor) -> Tensor:
        shortcut: Tensor = features if self.downsample is None else self.downsample(features)
        features = nn.functional.relu(self.bn1(self.conv1(features)))
        features = nn.functional.relu(self.bn2(self.conv2(features)))
        return nn.functional.relu(self.bn3(self.conv3(features)) + shortcut)


def _deconvolutions(channels: int, width: int) -> nn.Sequential:
    """Return the layers that each double the resolution: float32[N, channels, h, w] to float32[N, width, 8 h, 8 w]."""
    layers: list[nn.Module] = []
    for _ in range(DECONV_LAYERS):
        layers.append(nn.ConvTranspose2d(channels, width, DECONV_KERNEL, stride=2, padding=1, bias=False))
        layers += (nn.BatchNorm2d(width), nn.ReLU())
        channels = width
    return nn.Sequential(*layers)


class _PoseHead(nn.Module):
    """float32[N, channels, h, w] to float32[N, joints * depth_bins, 8 h, 8 w]."""

    def __init__(self, channels: int, configuration: ResNetPoseConfiguration) -> None:
        super().__init__()
        width = configuration.deconv_channels
        self.deconv_layers = _deconvolutions(channels, width)
        self.final_layer = nn.Conv2d(width, configuration.joints * configuration.depth_bins, kernel_size=1)

    def forward(self, features: Tensor) -> Tensor:
        scores: Tensor = self.final_layer(self.deconv_layers(features))
        return scores


class _RootHead(nn.Module):
    """float32[N, channels, h, w] and float32[N] to float32[N, 3]."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.deconv_layers = _deconvolutions(channels, width)
        self.xy_layer = nn.Conv2d(width, 1, kernel_size=1)
        self.depth_layer = nn.Conv2d(channels, 1, kernel_size=1)

    def heatmap(self, features: Tensor) -> Tensor:
        scores: Tensor = self.xy_layer(self.deconv_layers(features))
        return scores

    def forward(self, features: Tensor, k_value: Tensor) -> Tensor:
        plane = soft_argmax(self.heatmap(features)).flatten(1)
        correction = self.depth_layer(features.mean(dim=(2, 3), keepdim=True)).flatten(1)
        return torch.cat((plane, correction * k_value.view(-1, 1)), dim=1)

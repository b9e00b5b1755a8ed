"""What networks with a volumetric heatmap share: from backbone and head to joints."""

from __future__ import annotations

from torch import Tensor, nn

from generators.evaluate.networks.soft_argmax import soft_argmax


class VolumetricPoseNetwork(nn.Module):
    """A backbone and a head that scores a volume for each joint: float32[N, 3, H, W] to float32[N, joints, 3].

    A subclass sets ``backbone`` and ``head``.

    Args:
        joints: Predicted joints.
        depth_bins: Bins of the volume along depth.
    """

    backbone: nn.Module
    head: nn.Module

    def __init__(self, joints: int, depth_bins: int) -> None:
        super().__init__()
        self.joints = joints
        self.depth_bins = depth_bins

    def heatmap(self, images: Tensor) -> Tensor:
        """Return the scores of every joint over the volume, before the softmax.

        Args:
            images: float32[N, 3, H, W], normalised.

        Returns:
            float32[N, joints, depth_bins, height, width], height and width being those of the head's output.
        """
        scores: Tensor = self.head(self.backbone(images))
        return scores.view(scores.shape[0], self.joints, self.depth_bins, *scores.shape[2:])

    def forward(self, images: Tensor) -> Tensor:
        """Return the joints' positions, float32[N, joints, 3]: x, y, z in heatmap cells.

        Args:
            images: float32[N, 3, H, W], normalised.
        """
        return soft_argmax(self.heatmap(images))

"""From a heatmap to coordinates: the expected position under its softmax.

Source: UP ``main/model.py`` and PN ``main/model.py`` (``soft_argmax``), after
Sun et al., "Integral Human Pose Regression", ECCV 2018.
"""

from __future__ import annotations

import torch
from torch import Tensor


def normalise_heatmap(heatmap: Tensor) -> Tensor:
    """Return the heatmap as probabilities: the softmax over all but the first two dimensions.

    Args:
        heatmap: float32[N, joints, ...], scores.
    """
    return heatmap.flatten(2).softmax(dim=2).view(heatmap.shape)


def soft_argmax(heatmap: Tensor) -> Tensor:
    """Return the expected position in each joint's heatmap, in cells counted from 0.

    Args:
        heatmap: float32[N, joints, H, W] or float32[N, joints, D, H, W], scores.

    Returns:
        float32[N, joints, 2 or 3]: x, y and, with a depth dimension, z.
    """
    return expected_position(normalise_heatmap(heatmap))


def expected_position(probabilities: Tensor) -> Tensor:
    """Return the same for a heatmap that is normalised already.

    Args:
        probabilities: float32[N, joints, ...], of :func:`normalise_heatmap`.
    """
    axes = range(2, probabilities.dim())
    return torch.stack([_expected_index(probabilities, axis) for axis in reversed(axes)], dim=2)


def _expected_index(probabilities: Tensor, axis: int) -> Tensor:
    others = [other for other in range(2, probabilities.dim()) if other != axis]
    marginal = probabilities.sum(dim=others)
    index = torch.arange(marginal.shape[2], dtype=marginal.dtype, device=marginal.device)
    return (marginal * index).sum(dim=2)

"""How far two results of a network are from each other, in millimetres where that has a meaning.

The published code sets the joints of a volumetric heatmap into a cube of 2 m
around the root: a depth bin is 2 m divided by the number of bins, and the crop
stands for 2 m by 2 m at the root's distance, so that a cell of the heatmap is
2 m divided by their number. Perspective moves the last figure by a few percent
for joints off the root's distance; here nothing but its size matters.

Source: UP ``main/config.py``, ``bbox_3d_shape`` (2000, 2000, 2000); UP and PN
``data/Human36M/Human36M.py``, ``evaluate``, for depth; RN ``main/config.py``,
``bbox_real`` (2000, 2000), with RN ``data/dataset.py``, ``k_value``, for the crop.
"""

from __future__ import annotations

import torch
from msgspec import Struct
from torch import Tensor

from generators.architectures.macs import INPUT_PIXELS
from generators.architectures.skeleton import DEPTH_BOX_MM
from generators.model.architecture import Architecture, ConvNeXtPoseConfiguration

TOTAL_STRIDE = 32
"""Input pixels a cell of the backbone's last feature map. Source: UP ``common/nets/convnext_bn.py``; RN, PN
``common/nets/resnet.py``."""
RESNET_UPSAMPLING = 3
"""Transposed convolutions of PoseNet and RootNet. Source: PN and RN ``main/model.py``."""


class Scale(Struct, frozen=True, kw_only=True):
    """What a unit of the output is in the cube."""

    cell_mm: float
    bin_mm: float


class Displacement(Struct, frozen=True, kw_only=True):
    """A changed run against the reference run; the figures are None where a value isn't finite."""

    all_finite: bool
    identical: bool
    maximum: float | None
    median: float | None


def output_scale(architecture: Architecture) -> Scale | None:
    """Return the scale of an architecture that predicts joints; None for RootNet, whose output is no position in it."""
    configuration = architecture.configuration
    if not configuration.depth_bins:
        return None
    if isinstance(configuration, ConvNeXtPoseConfiguration):
        doublings = configuration.upsampling_blocks
    else:
        doublings = RESNET_UPSAMPLING
    cells = (INPUT_PIXELS // TOTAL_STRIDE) << doublings
    return Scale(cell_mm=DEPTH_BOX_MM / cells, bin_mm=DEPTH_BOX_MM / configuration.depth_bins)


def measure_displacement(reference: Tensor, other: Tensor, scale: Scale | None) -> Displacement:
    """Return how far ``other`` is from ``reference``.

    Args:
        reference: float[N, joints, 3] in cells, cells and bins, or any shape without a scale.
        other: Of the same shape, of any dtype and on any device.
        scale: Of the output; without one each value stands for itself.
    """
    first, second = reference.detach().cpu().double(), other.detach().cpu().double()
    identical = bool(torch.equal(first.view(torch.int64), second.view(torch.int64)))
    finite = bool(torch.isfinite(second).all())
    if not finite or not bool(torch.isfinite(first).all()):
        return Displacement(all_finite=finite, identical=identical, maximum=None, median=None)
    distances = _distances(second - first, scale)
    return Displacement(
        all_finite=True,
        identical=identical,
        maximum=distances.max().item(),
        median=distances.quantile(0.5).item(),
    )


def _distances(difference: Tensor, scale: Scale | None) -> Tensor:
    if scale is None:
        return difference.abs().flatten()
    units = torch.tensor((scale.cell_mm, scale.cell_mm, scale.bin_mm), dtype=difference.dtype)
    return (difference * units).square().sum(dim=-1).sqrt().flatten()

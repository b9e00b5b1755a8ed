"""The ConvNeXtPose configurations that a size or an element count is searched in."""

from __future__ import annotations

from functools import cache
from itertools import product
from math import prod

from msgspec import Struct

from generators.architectures.convnextpose import CONVNEXTPOSE, backbone_tensors, head_tensors
from generators.architectures.filesize import predict_training_bytes, size_tolerance_bytes
from generators.model.architecture import ConvNeXtPoseConfiguration

BACKBONES: tuple[tuple[tuple[int, int, int, int], tuple[int, int, int, int]], ...] = (
    ((2, 2, 6, 2), (40, 80, 160, 320)),
    ((2, 2, 6, 2), (48, 96, 192, 384)),
    ((3, 3, 9, 3), (48, 96, 192, 384)),
    ((2, 2, 6, 2), (64, 128, 256, 512)),
    ((2, 2, 8, 2), (80, 160, 320, 640)),
    ((3, 3, 9, 3), (96, 192, 384, 768)),
    ((3, 3, 27, 3), (96, 192, 384, 768)),
    ((3, 3, 27, 3), (128, 256, 512, 1024)),
    ((3, 3, 27, 3), (192, 384, 768, 1536)),
    ((3, 3, 27, 3), (256, 512, 1024, 2048)),
)
"""(depths, dims). Source: ConvNeXt V2 (arXiv 2301.00808), section A.1: Atto, Femto, Pico, Nano; ConvNeXt
(arXiv 2201.03545), section 3: T, S, B, L, XL; UP ``main/config.py``: 3,3,9,3 with Femto's widths."""

PATTERN = next(architecture for architecture in CONVNEXTPOSE if architecture.id == "convnextpose-s")
"""Whose training layout every searched configuration is saved in: the whole family has one."""

HEAD_WIDTHS = (64, 128, 256, 512, 1024)
"""Powers of two around the published 128, 256 and 512."""
JOINTS = (17, 18, 19, 21)
"""Source: UP ``data``: COCO (17 and 19 with added joints), Human3.6M (18), MuCo (21)."""
DEPTH_BINS = (16, 32, 64, 128)
"""Powers of two around the published 32 and 64."""


class SearchedConfiguration(Struct, frozen=True, kw_only=True):
    """One point of the searched family; upsampling blocks change neither count nor size."""

    label: str
    elements: int
    training_bytes: int


@cache
def searched_configurations() -> tuple[SearchedConfiguration, ...]:
    """Return every searched configuration with its element count and predicted training checkpoint size in bytes."""
    found = []
    for depths, dims in BACKBONES:
        backbone = tuple(backbone_tensors(depths, dims))
        for width, joints, bins in product(HEAD_WIDTHS, JOINTS, DEPTH_BINS):
            configuration = ConvNeXtPoseConfiguration(
                depths=depths, dims=dims, head_width=width, joints=joints, depth_bins=bins, upsampling_blocks=2
            )
            tensors = (*backbone, *head_tensors(configuration))
            found.append(
                SearchedConfiguration(
                    label=_label(configuration),
                    elements=sum(prod(t.shape) for t in tensors),
                    training_bytes=predict_training_bytes(tensors, PATTERN),
                )
            )
    return tuple(found)


def searched_tolerance_bytes() -> int:
    """Return how far a file may be from a prediction: the published S architecture's tolerance."""
    return size_tolerance_bytes(PATTERN)


def _label(configuration: ConvNeXtPoseConfiguration) -> str:
    depths = "-".join(map(str, configuration.depths))
    dims = "-".join(map(str, configuration.dims))
    outputs = f"joints={configuration.joints} bins={configuration.depth_bins}"
    return f"depths={depths} dims={dims} head={configuration.head_width} {outputs}"

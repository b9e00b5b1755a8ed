"""Architectures of Assay's own, for controls that must be trained within a build. Nobody published them.

They are recognised only where every tensor fits, and are never held against a
published file: no candidate, no row of a table of published figures.
"""

from __future__ import annotations

from generators.architectures.convnextpose import convnextpose_tensors
from generators.model.architecture import Architecture, ConvNeXtPoseConfiguration, TrainingLayout

STAND_IN_FAMILY = "assay-stand-in"

_MICRO = ConvNeXtPoseConfiguration(
    depths=(1, 1, 1, 1), dims=(8, 16, 48, 96), head_width=64, joints=18, depth_bins=16, upsampling_blocks=2
)
"""Our choice: as small as still learns to find joints in drawn figures within half a minute on two cores."""

STAND_INS: tuple[Architecture, ...] = (
    Architecture(
        id="assay-micro",
        family=STAND_IN_FAMILY,
        title="Assay micro",
        configuration=_MICRO,
        tensors=tuple(convnextpose_tensors(_MICRO)),
        renamings=(),
        training=TrainingLayout(container="torch-zip", optimizer="AdamW", step_is_tensor=True),
        sources=(),
    ),
)

"""The published architectures, as data: one module a family, each figure with its source.

``ARCHITECTURES`` lists all of them, ``find_architecture`` looks one up by id. ``STAND_INS`` are Assay's own, for
controls, and are found by id alone.
Source keys (``UP``, ``PAPER``, ``PN``, ``RN``, ``FK``) are those of the report's source table.
"""

from __future__ import annotations

from generators.architectures.convnextpose import CONVNEXTPOSE
from generators.architectures.resnet_pose import POSENET, ROOTNET
from generators.architectures.stand_ins import STAND_INS
from generators.model.architecture import Architecture

__all__ = ["ARCHITECTURES", "STAND_INS", "find_architecture"]

ARCHITECTURES: tuple[Architecture, ...] = (*CONVNEXTPOSE, *POSENET, *ROOTNET)

_BY_ID = {architecture.id: architecture for architecture in (*ARCHITECTURES, *STAND_INS)}


def find_architecture(architecture_id: str) -> Architecture | None:
    """Return a published architecture.

    Args:
        architecture_id: For example ``convnextpose-m``.

    Returns:
        Its tensors and settings, as data; None where no architecture has that id.
    """
    return _BY_ID.get(architecture_id)

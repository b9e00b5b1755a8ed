"""The published architectures, as data: one module a family, each figure with its source.

``ARCHITECTURES`` lists all of them, ``find_architecture`` looks one up by id.
Source keys (``UP``, ``PAPER``, ``PN``, ``RN``, ``FK``) are those of the report's source table.
"""

from __future__ import annotations

from generators.architectures.convnextpose import CONVNEXTPOSE
from generators.architectures.resnet_pose import POSENET, ROOTNET
from generators.model.architecture import Architecture

__all__ = ["ARCHITECTURES", "find_architecture"]

ARCHITECTURES: tuple[Architecture, ...] = (*CONVNEXTPOSE, *POSENET, *ROOTNET)

_BY_ID = {architecture.id: architecture for architecture in ARCHITECTURES}


def find_architecture(architecture_id: str) -> Architecture | None:
    """Return the architecture with that id, or None."""
    return _BY_ID.get(architecture_id)

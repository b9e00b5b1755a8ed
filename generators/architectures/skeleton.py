"""The 18 joints that the networks of this family predict, and what belongs to what among them."""

from __future__ import annotations

JOINTS = (
    "Pelvis",
    "R_Hip",
    "R_Knee",
    "R_Ankle",
    "L_Hip",
    "L_Knee",
    "L_Ankle",
    "Torso",
    "Neck",
    "Nose",
    "Head",
    "L_Shoulder",
    "L_Elbow",
    "L_Wrist",
    "R_Shoulder",
    "R_Elbow",
    "R_Wrist",
    "Thorax",
)
"""In the order of the output channels. Source: UP ``data/Human36M/Human36M.py``, ``joints_name``."""
FLIP_PAIRS = ((1, 4), (2, 5), (3, 6), (14, 11), (15, 12), (16, 13))
"""Right and left of the same joint. Source: UP ``data/Human36M/Human36M.py``, ``flip_pairs``."""
BONES = (
    (0, 7),
    (7, 8),
    (8, 9),
    (9, 10),
    (8, 11),
    (11, 12),
    (12, 13),
    (8, 14),
    (14, 15),
    (15, 16),
    (0, 1),
    (1, 2),
    (2, 3),
    (0, 4),
    (4, 5),
    (5, 6),
)
"""Joints that are connected. Source: UP ``data/Human36M/Human36M.py``, ``skeleton``."""
ROOT = 0
"""Depth is relative to this joint. Source: UP ``data/Human36M/Human36M.py``, ``root_idx``."""
LIMBS = ("thigh", "shin", "upper-arm", "forearm")
"""Bones that people have twice, of the same length."""
LIMB_BONES = (((1, 2), (4, 5)), ((2, 3), (5, 6)), ((14, 15), (11, 12)), ((15, 16), (12, 13)))
"""Of each of :data:`LIMBS` the right and the left bone."""
LIMB_SHARES = (0.245, 0.246, 0.186, 0.146)
"""Length of each of :data:`LIMBS` as a share of stature.

Source: Drillis and Contini (1966), as in Winter, "Biomechanics and Motor Control of Human Movement", 4th edition,
figure 4.1.
"""
DEPTH_BOX_MM = 2000.0
"""Extent of the volume along depth, the root in its middle. Source: UP ``main/config.py``, ``bbox_3d_shape``."""


def mirrored_order() -> tuple[int, ...]:
    """Return for each joint the one that stands in its place in a mirror image."""
    order = list(range(len(JOINTS)))
    for one, other in FLIP_PAIRS:
        order[one], order[other] = other, one
    return tuple(order)

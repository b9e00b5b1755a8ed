"""The joints, pairs and actions of Human3.6M as the published code numbers them.

Source: UP ``data/Human36M/Human36M.py``, ``__init__``.
"""

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
"""Joints that the network predicts. The thorax is not annotated: it is put halfway between the shoulders."""
ROOT = JOINTS.index("Pelvis")
SHOULDERS = (JOINTS.index("L_Shoulder"), JOINTS.index("R_Shoulder"))
ANNOTATED_JOINTS = 17
"""The first 17; they are also those that the error is over. Source: ``eval_joint``, "exclude Thorax"."""
MIRRORED = tuple(
    JOINTS.index(f"{'L' if name[0] == 'R' else 'R'}{name[1:]}") if name[:2] in {"L_", "R_"} else JOINTS.index(name)
    for name in JOINTS
)
"""For each joint the one that stands in its place in a mirrored image. Source: ``flip_pairs``."""
ACTIONS = {
    2: "Directions",
    3: "Discussion",
    4: "Eating",
    5: "Greeting",
    6: "Phoning",
    7: "Posing",
    8: "Purchases",
    9: "Sitting",
    10: "SittingDown",
    11: "Smoking",
    12: "Photo",
    13: "Waiting",
    14: "Walking",
    15: "WalkDog",
    16: "WalkTogether",
}
"""By the number in the folders' names. Source: ``action_name``, and ``evaluate``, which subtracts 2."""

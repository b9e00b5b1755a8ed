"""What Human3.6M annotates of the joints, and its actions as the published code numbers them.

Source: UP ``data/Human36M/Human36M.py``, ``__init__``.
"""

from __future__ import annotations

from generators.architectures.skeleton import JOINTS

SHOULDERS = (JOINTS.index("L_Shoulder"), JOINTS.index("R_Shoulder"))
"""The thorax, which is not annotated, is put halfway between them."""
ANNOTATED_JOINTS = 17
"""The first 17; they are also those that the error is over. Source: ``eval_joint``, "exclude Thorax"."""
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

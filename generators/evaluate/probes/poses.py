"""Poses of a person with known joints, drawn from a seed: in millimetres, in front of a camera.

The person faces the camera within half a right angle and moves arms and legs
within what joints allow, roughly. The proportions are those of adults.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

STATURE_MM = (1500.0, 1950.0)
"""Of small and of tall adults: our choice."""
THIGH, SHIN, UPPER_ARM, FOREARM = 0.245, 0.246, 0.186, 0.146
"""Shares of stature. Source: see :data:`generators.architectures.skeleton.LIMB_SHARES`."""
HALF_HIPS, HALF_SHOULDERS, TRUNK, HEAD = 0.0955, 0.129, 0.288, 0.182
"""Half the breadth of hips and shoulders, hip to shoulder, shoulder to crown. Source: as above."""
NOSE_UP, NOSE_FORWARD = 0.10, 0.06
"""Of the nose above and in front of the neck, as shares of stature: our choice, in proportion to the head."""
TURN_DEGREES = 45.0
"""To either side. Beyond, one half of the body hides the other and its joints can't be seen."""
LEAN_DEGREES = 15.0
"""Of the trunk to the side and forwards."""
DEGREE = np.pi / 180


def draw_pose(generator: np.random.Generator) -> Points:
    """Return the joints of a person, float64[18, 3], in mm from the pelvis: x to the right, y down, z away.

    Args:
        generator: It is advanced.
    """
    stature = generator.uniform(*STATURE_MM)
    joints = np.zeros((18, 3))
    lean = _rotation(2, generator.normal() * LEAN_DEGREES / 2) @ _rotation(0, generator.uniform(-1, 0) * LEAN_DEGREES)
    neck = lean @ np.array([0.0, -TRUNK, 0.0])
    joints[7], joints[8], joints[17] = neck / 2, neck, neck
    nod = lean @ _rotation(0, generator.uniform(-15, 15)) @ _rotation(1, generator.uniform(-30, 30))
    joints[9] = neck + nod @ np.array([0.0, -NOSE_UP, -NOSE_FORWARD])
    joints[10] = neck + nod @ np.array([0.0, -HEAD, 0.0])
    # seen from the front, the person's left is on the right
    for side, hip, shoulder in ((1, 4, 11), (-1, 1, 14)):
        joints[shoulder] = neck + lean @ np.array([side * HALF_SHOULDERS, 0.0, 0.0])
        joints[hip] = np.array([side * HALF_HIPS, 0.0, 0.0])
        _limb(joints, shoulder, (UPPER_ARM, FOREARM), _arm(generator, side))
        _limb(joints, hip, (THIGH, SHIN), _leg(generator, side))
    turned: Points = stature * joints @ _rotation(1, generator.uniform(-TURN_DEGREES, TURN_DEGREES)).T
    return turned


def _limb(joints: Points, start: int, lengths: tuple[float, float], directions: tuple[Points, Points]) -> None:
    joints[start + 1] = joints[start] + lengths[0] * directions[0]
    joints[start + 2] = joints[start + 1] + lengths[1] * directions[1]


def _arm(generator: np.random.Generator, side: int) -> tuple[Points, Points]:
    raised, forwards = generator.uniform(5, 150) * DEGREE, generator.uniform(-15, 75) * DEGREE
    upper = _direction(side, raised, forwards)
    lower = upper + generator.uniform(0, 1.6) * _unit(np.array([-0.3 * side, generator.uniform(-1, 0.6), -1.0]))
    return upper, _unit(lower)


def _leg(generator: np.random.Generator, side: int) -> tuple[Points, Points]:
    raised, forwards = generator.uniform(0, 45) * DEGREE, generator.uniform(-30, 90) * DEGREE
    thigh = _direction(side, raised, forwards)
    return thigh, _unit(thigh + np.array([0.0, generator.uniform(0.2, 1.2), generator.uniform(0.0, 0.6)]))


def _direction(side: int, raised: float, forwards: float) -> Points:
    """Return a unit vector that leaves the vertical by one angle, and the side by another."""
    return np.array(
        [side * np.sin(raised) * np.cos(forwards), np.cos(raised), -np.sin(raised) * np.sin(forwards)],
    )


def _unit(vector: Points) -> Points:
    unit: Points = vector / np.linalg.norm(vector)
    return unit


def _rotation(axis: int, degrees: float) -> Points:
    sine, cosine = np.sin(degrees * DEGREE), np.cos(degrees * DEGREE)
    one, other = (n for n in range(3) if n != axis)
    matrix = np.eye(3)
    matrix[one, one] = matrix[other, other] = cosine
    matrix[one, other], matrix[other, one] = -sine, sine
    return matrix

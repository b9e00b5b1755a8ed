"""World, camera and pixel coordinates, in mm and pixels.

Source: UP ``common/utils/pose_utils.py``: ``world2cam``, ``cam2pixel``, ``pixel2cam``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def to_camera(world: Floats, rotation: Floats, translation: Floats) -> Floats:
    """Return points in camera coordinates: rotated, then shifted.

    Args:
        world: float64[joints, 3] in mm.
        rotation: float64[3, 3].
        translation: float64[3] in mm, of the camera's axes: not the camera's place.
    """
    return world @ rotation.T + translation


def to_pixels(points: Floats, focal: Floats, centre: Floats) -> Floats:
    """Return where points in front of the camera are seen, float64[..., 2].

    Args:
        points: float64[..., 3] in camera coordinates.
        focal: float64[..., 2] in pixels.
        centre: float64[..., 2] in pixels.
    """
    return points[..., :2] / points[..., 2:] * focal + centre


def from_pixels(pixels: Floats, depth: Floats, focal: Floats, centre: Floats) -> Floats:
    """Return the points in camera coordinates that are seen at ``pixels`` and are ``depth`` away, float64[..., 3].

    Args:
        pixels: float64[..., 2].
        depth: float64[...] in mm, along the optical axis.
        focal: float64[..., 2] in pixels.
        centre: float64[..., 2] in pixels.
    """
    return np.concatenate([(pixels - centre) / focal * depth[..., None], depth[..., None]], axis=-1)

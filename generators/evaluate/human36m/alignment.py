"""Predicted poses laid on true ones, and the distances that are left."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from generators.architectures.skeleton import ROOT
from generators.evaluate.human36m.cameras import Floats
from generators.evaluate.human36m.skeleton import ANNOTATED_JOINTS
from generators.model.metric import Alignment


def joint_errors(predicted: Floats, true: Floats, alignment: Alignment) -> Floats:
    """Return the distance of each evaluated joint from its true place in mm, float64[N, 17].

    All 18 joints take part in the alignment; the thorax is left out of the error only.

    Source: UP ``data/Human36M/Human36M.py``, ``evaluate``, in that order.

    Args:
        predicted: float64[N, 18, 3] in mm.
        true: float64[N, 18, 3] in mm.
        alignment: What is done to the prediction first.
    """
    predicted, true = (poses - poses[:, ROOT : ROOT + 1] for poses in (predicted, true))
    match alignment:
        case "root":
            aligned = predicted
        case "rigid-no-scale":
            aligned = align(predicted, true, scaled=False)
        case "rigid-with-scale":
            aligned = align(predicted, true, scaled=True)
        case _ as unreachable:
            assert_never(unreachable)
    return np.asarray(np.linalg.norm(aligned - true, axis=2)[:, :ANNOTATED_JOINTS])


def align(poses: Floats, targets: Floats, *, scaled: bool) -> Floats:
    """Return each pose rotated and shifted, and if wanted scaled, to the least squares distance from its target.

    Never mirrored: where a reflection would fit better, the best rotation is taken. A pose or target whose joints all
    lie in one place has no best rotation; it is shifted only.

    Source: Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991; UP
    ``common/utils/pose_utils.py``, ``rigid_transform_3D``, which leaves the scale out.

    Args:
        poses: float64[N, joints, 3], finite.
        targets: float64[N, joints, 3], finite.
        scaled: Whether the size may change too.
    """
    middle, target_middle = poses.mean(axis=1, keepdims=True), targets.mean(axis=1, keepdims=True)
    centred, target = poses - middle, targets - target_middle
    left, spread, right = np.linalg.svd(centred.transpose(0, 2, 1) @ target)
    signs = np.ones_like(spread)
    signs[:, 2] = np.sign(np.linalg.det(left @ right))
    rotated = centred @ ((left * signs[:, None]) @ right)
    size = (centred**2).sum(axis=(1, 2))
    scale = np.divide((spread * signs).sum(axis=1), size, out=np.ones_like(size), where=size > 0) if scaled else 1.0
    return np.asarray(rotated * np.reshape(scale, (-1, 1, 1)) + target_middle)

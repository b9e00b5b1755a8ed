"""Alignments and errors against SciPy's own solutions of the same problems."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes
from scipy.spatial.transform import Rotation

from generators.evaluate.human36m.alignment import align, joint_errors


def poses(seed: int, count: int = 20) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    true = generator.normal(0, 300, (count, 18, 3))
    turns = Rotation.random(count, rng=generator).as_matrix()
    return true @ turns * generator.uniform(0.7, 1.4, (count, 1, 1)) + generator.normal(0, 60, true.shape) + 500, true


def scipy_rigid(pose: np.ndarray, target: np.ndarray) -> np.ndarray:
    middle, target_middle = pose.mean(axis=0), target.mean(axis=0)
    rotation, _ = Rotation.align_vectors(target - target_middle, pose - middle)
    return rotation.apply(pose - middle) + target_middle


def test_the_rigid_alignment_is_scipys() -> None:
    predicted, true = poses(1)
    expected = np.stack([scipy_rigid(*pair) for pair in zip(predicted, true, strict=True)])
    assert align(predicted, true, scaled=False) == pytest.approx(expected, abs=1e-6)


def test_mpjpe_after_rigid_alignment_is_scipys() -> None:
    predicted, true = poses(2)
    expected = [np.linalg.norm(scipy_rigid(*pair) - pair[1], axis=1)[:17] for pair in zip(predicted, true, strict=True)]
    assert joint_errors(predicted, true, "rigid-no-scale") == pytest.approx(np.array(expected), abs=1e-6)


def test_the_alignment_with_scale_is_scipys_procrustes() -> None:
    predicted, true = poses(3)
    aligned = align(predicted, true, scaled=True)
    for pose, target, ours in zip(predicted, true, aligned, strict=True):
        # SciPy's makes both of unit size; its disparity is what is left of the target, as a share
        _, _, disparity = procrustes(target, pose)
        size = ((target - target.mean(axis=0)) ** 2).sum()
        assert ((ours - target) ** 2).sum() == pytest.approx(disparity * size, rel=1e-9)


def test_the_rotation_is_scipys_orthogonal_one_where_that_is_no_reflection() -> None:
    predicted, true = poses(4)
    for pose, target in zip(predicted, true, strict=True):
        centred, goal = pose - pose.mean(axis=0), target - target.mean(axis=0)
        rotation, _ = orthogonal_procrustes(centred, goal)
        assert np.linalg.det(rotation) > 0
        ours = align(pose[None], target[None], scaled=False)[0]
        assert ours == pytest.approx(centred @ rotation + target.mean(axis=0), abs=1e-6)


@pytest.mark.parametrize("scaled", [False, True])
def test_a_mirrored_pose_is_turned_but_not_mirrored_back(scaled: bool) -> None:
    _, true = poses(5)
    mirrored = true * [-1, 1, 1]
    aligned = align(mirrored, true, scaled=scaled)
    assert np.linalg.norm(aligned - true, axis=2).mean() > 50
    if not scaled:
        expected = np.stack([scipy_rigid(*pair) for pair in zip(mirrored, true, strict=True)])
        left = np.linalg.norm(aligned - true, axis=2) ** 2
        best = np.linalg.norm(expected - true, axis=2) ** 2
        assert left.sum(axis=1) == pytest.approx(best.sum(axis=1), rel=1e-9)


@pytest.mark.parametrize("scaled", [False, True])
def test_flat_straight_and_pointlike_poses_are_aligned_without_failing(scaled: bool) -> None:
    _, true = poses(6, 4)
    shapes = true.copy()
    shapes[0, :, 2] = 0  # in a plane
    shapes[1, :, 1:] = 0  # on a line
    shapes[2] = 7  # in one place
    aligned = align(shapes, true, scaled=scaled)
    assert np.isfinite(aligned).all()
    assert aligned[2] == pytest.approx(np.broadcast_to(true[2].mean(axis=0), (18, 3)))
    pointlike = align(true, np.full_like(true, 3.0), scaled=scaled)
    assert np.isfinite(pointlike).all()
    assert pointlike.mean(axis=1) == pytest.approx(np.full((4, 3), 3.0))


def test_root_alignment_moves_the_pelvis_only_and_leaves_the_thorax_out() -> None:
    predicted, true = poses(7)
    plain = (predicted - predicted[:, :1]) - (true - true[:, :1])
    assert joint_errors(predicted, true, "root") == pytest.approx(np.sqrt((plain**2).sum(axis=2))[:, :17])


def test_the_thorax_takes_part_in_the_rigid_alignment() -> None:
    predicted, true = poses(8)
    moved = predicted.copy()
    moved[:, 17] += 400
    assert not np.allclose(
        joint_errors(moved, true, "rigid-no-scale"), joint_errors(predicted, true, "rigid-no-scale"), atol=1
    )

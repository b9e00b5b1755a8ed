from __future__ import annotations

import numpy as np

from generators.architectures.skeleton import LIMB_BONES, LIMB_SHARES
from generators.evaluate.probes.drawn import drawn_crop, drawn_probe
from generators.evaluate.probes.figures import CANVAS_PIXELS, COLOURS, draw_figure
from generators.evaluate.probes.poses import STATURE_MM, draw_pose
from generators.evaluate.probes.variants import NOISE_LEVELS, SHIFT_PIXELS


def test_the_same_seed_draws_the_same_figure() -> None:
    one, other = (draw_figure(np.random.default_rng(5)) for _ in range(2))
    assert (one.image == other.image).all()
    assert (one.joints == other.joints).all()
    assert (draw_figure(np.random.default_rng(6)).joints != one.joints).any()


def test_right_and_left_limbs_are_equally_long_and_an_adult_s() -> None:
    generator = np.random.default_rng(3)
    for _ in range(20):
        joints = draw_pose(generator)
        lengths = np.array([[np.linalg.norm(joints[b] - joints[a]) for a, b in pair] for pair in LIMB_BONES])
        assert np.allclose(lengths[:, 0], lengths[:, 1])
        statures = lengths[:, 0] / LIMB_SHARES
        assert np.allclose(statures, statures[0])
        assert STATURE_MM[0] <= statures[0] <= STATURE_MM[1]


def test_pixels_and_depths_are_those_of_one_pose_before_one_camera() -> None:
    figure = draw_figure(np.random.default_rng(8))
    depth = figure.joints[:, 2] + figure.distance_mm
    plane = (figure.joints[:, :2] - CANVAS_PIXELS / 2) * (depth / figure.focal_pixels)[:, None]
    joints = np.column_stack((plane, depth))
    lengths = np.array([[np.linalg.norm(joints[b] - joints[a]) for a, b in pair] for pair in LIMB_BONES])
    assert np.allclose(lengths[:, 0], lengths[:, 1])
    assert np.allclose(lengths[:, 0] / LIMB_SHARES, lengths[0, 0] / LIMB_SHARES[0])


def test_the_picture_shows_the_limbs_where_the_joints_are() -> None:
    generator = np.random.default_rng(4)
    hits = 0
    for _ in range(10):
        crop, joints = drawn_crop(generator)
        for knee in (2, 5):
            x, y = np.rint(joints[knee, :2]).astype(int)
            colour = crop[y, x].astype(float)
            hits += bool(colour[2] > colour[0] and np.abs(colour / colour.max() - COLOURS_OF_LEGS).max() < 0.35)
    assert hits >= 18  # an arm may hide a knee


COLOURS_OF_LEGS = np.array(COLOURS["legs"]) / max(COLOURS["legs"])


def test_the_whole_figure_is_in_the_crop() -> None:
    generator = np.random.default_rng(9)
    for _ in range(20):
        _, joints = drawn_crop(generator)
        assert (joints[:, :2] > 0).all()
        assert (joints[:, :2] < 255).all()


def test_the_variants_are_the_same_crop_mirrored_shifted_with_noise_and_darker() -> None:
    taken, mirrored, shifted, noisy, darker = drawn_probe(np.random.default_rng(2)).crops.astype(float)
    assert (mirrored[:, ::-1] == taken).all()
    assert np.abs(darker - 0.8 * taken).max() <= 0.5
    right, down = (int(pixels) for pixels in SHIFT_PIXELS)
    inside = slice(40, 200)
    moved = shifted[40 + down : 200 + down, 40 + right : 200 + right]
    assert np.abs(moved - taken[inside, inside]).max() <= 1
    assert 0.9 < (noisy - taken)[inside, inside].std() / NOISE_LEVELS < 1.1

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from evaluate.human36m.stand_in import MEAN, STD, square
from human36m_layout import (
    HEIGHT,
    STEP,
    WIDTH,
    annotated_box,
    disc_colour,
    people,
    pixels_of,
    write_data_set,
)

from generators.evaluate.human36m.cropping import crop, square_box
from generators.evaluate.human36m.loading_images import load_crop
from generators.evaluate.human36m.test_set import read_test_set


def interpolate(image: np.ndarray, x: float, y: float) -> np.ndarray:
    """Return the colour between four pixels, black outside: one point at a time."""
    total = np.zeros(3)
    for column in (int(np.floor(x)), int(np.floor(x)) + 1):
        for row in (int(np.floor(y)), int(np.floor(y)) + 1):
            if 0 <= column < image.shape[1] and 0 <= row < image.shape[0]:
                total += (1 - abs(x - column)) * (1 - abs(y - row)) * image[row, column]
    return total


def test_a_box_becomes_a_square_a_quarter_wider_around_the_same_middle() -> None:
    # by hand: 50 by 80 loses a pixel each, the longer side 79 becomes 98.75
    box = square_box((20.0, 30.0, 50.0, 80.0), WIDTH, HEIGHT)
    assert box == pytest.approx([20 + 24.5 - 49.375, 30 + 39.5 - 49.375, 98.75, 98.75])


def test_a_box_is_cut_at_the_borders_before_it_grows() -> None:
    # by hand: left -10 becomes 0, and 100 wide from there; the bottom is cut at 159
    box = square_box((-10.0, 120.0, 100.0, 90.0), WIDTH, HEIGHT)
    assert box == pytest.approx([49.5 - 61.875, 139.5 - 61.875, 123.75, 123.75])


@pytest.mark.parametrize("box", [(10.0, 10.0, 0.0, 5.0), (300.0, 10.0, 20.0, 20.0), (10.0, 10.0, -5.0, 5.0)])
def test_a_box_without_area_or_outside_is_no_box(box: tuple[float, float, float, float]) -> None:
    assert square_box(box, WIDTH, HEIGHT) is None


def test_each_pixel_is_interpolated_rounded_and_normalised_as_a_number_from_0_to_255() -> None:
    generator = np.random.default_rng(3)
    image = generator.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    box = np.array([-20.3, 41.7, 150.0, 150.0])  # reaches out on the left and at the bottom
    patch, back = crop(image, box)
    assert patch.shape == (3, 256, 256)
    assert patch.dtype == np.float32
    for row, column in generator.integers(0, 256, (300, 2)):
        x, y = back @ [column, row, 1]
        assert (x, y) == pytest.approx((box[0] + column * 150 / 256, box[1] + row * 150 / 256))
        expected = (np.rint(interpolate(image, x, y)) - MEAN) / STD
        assert patch[:, row, column] == pytest.approx(expected, abs=1e-3)


def _alone(pixels: np.ndarray) -> list[int]:
    """Return the joints whose disc no other one touches."""
    distances = np.linalg.norm(pixels[:, None] - pixels, axis=2) + 100 * np.eye(len(pixels))
    return np.nonzero(distances.min(axis=1) > 7)[0].tolist()


def test_joints_are_found_in_the_crop_where_the_camera_sees_them(tmp_path: Path) -> None:
    everyone = people(subjects=(9,), actions=(2,))
    folder = write_data_set(tmp_path / "discs", everyone, discs=True)
    data = read_test_set(folder, (9,), STEP)
    found_joints = 0
    tested = [person for person in everyone if person.frame % STEP == 0]
    for frame in data.frames:
        person = next(
            p
            for p in tested
            if frame.path.endswith(f"{p.frame + 1:06d}.jpg")
            and p.camera == frame.video % 100
            and p.subaction == frame.take % 100
        )
        colours = load_crop(data.images, frame).transpose(1, 2, 0) * STD + MEAN
        left, top, side = square(annotated_box(person))
        for joint in _alone(pixels_of(person)):
            mask = np.abs(colours - disc_colour(joint)).max(axis=2) < 12
            rows, columns = np.nonzero(mask)
            found = np.array([columns.mean(), rows.mean()]) * side / 256 + [left, top]
            assert found == pytest.approx(pixels_of(person)[joint], abs=0.5)
            found_joints += 1
    assert found_joints > 20

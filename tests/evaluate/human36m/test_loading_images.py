from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from evaluate.human36m.stand_in import MEAN, STD, square
from human36m_layout import (
    STEP,
    annotated_box,
    disc_colour,
    people,
    pixels_of,
    write_data_set,
)

from generators.evaluate.human36m.loading_images import load_crop
from generators.evaluate.human36m.test_set import read_test_set


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

"""A network's place taken by a function that knows the answers: it reads from each crop which image it shows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from human36m_layout import BLUE_LEFT, BLUE_RIGHT, CENTRE, FOCAL, SPACING, Person, annotated_box, camera_pose

VOLUME = (64, 48, 32)
"""Three different sizes, so that no mix-up of the axes stays unseen."""
PAIRS = ((1, 4), (2, 5), (3, 6), (14, 11), (15, 12), (16, 13))
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
Change = Callable[[np.ndarray], np.ndarray]


def stand_in(
    everyone: tuple[Person, ...], change: Change = lambda pose: pose, volume: tuple[int, int, int] = VOLUME
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a predictor whose poses are the true ones, after ``change`` in camera coordinates."""

    def predict(crops: np.ndarray) -> np.ndarray:
        return np.stack([_answer(crop, everyone, change, volume) for crop in crops]).astype(np.float32)

    return predict


def _answer(crop: np.ndarray, everyone: tuple[Person, ...], change: Change, volume: tuple[int, int, int]) -> np.ndarray:
    colours = crop.transpose(1, 2, 0) * STD + MEAN
    red, green, _ = np.round(colours[128, 128]).astype(int)
    # a crop whose colours mean nothing shows somebody else
    person = everyone[(round(red / SPACING) + 32 * round(green / SPACING)) % len(everyone)]
    mirrored = colours[128, 118, 2] > (BLUE_LEFT + BLUE_RIGHT) / 2
    true = camera_pose(person)
    cells = to_cells(change(true), true[0, 2], square(annotated_box(person)), volume)
    return mirror(cells, volume[0]) if mirrored else cells


def square(box: list[float]) -> tuple[float, float, float]:
    """Return left, top and side of the square that the published code makes of a box that lies inside the image."""
    left, top, width, height = box
    side = max(width - 1, height - 1) * 1.25
    return left + (width - 1) / 2 - side / 2, top + (height - 1) / 2 - side / 2, side


def to_cells(
    pose: np.ndarray, root_depth: float, box: tuple[float, float, float], volume: tuple[int, int, int]
) -> np.ndarray:
    """Project a pose and count it in cells of the volume, as the training code does with true poses."""
    pixels = pose[:, :2] / pose[:, 2:] * FOCAL + CENTRE
    across = (pixels[:, 0] - box[0]) / box[2] * volume[0]
    down = (pixels[:, 1] - box[1]) / box[2] * volume[1]
    deep = ((pose[:, 2] - root_depth) / 1000 + 1) / 2 * volume[2]
    return np.stack([across, down, deep], axis=1)


def mirror(cells: np.ndarray, width: int) -> np.ndarray:
    """Return what a network would find in the mirrored crop: the other side's names, at mirrored places."""
    found = cells.copy()
    for right, left in PAIRS:
        found[[right, left]] = found[[left, right]]
    found[:, 0] = width - 1 - found[:, 0]
    return found

"""From a picture and a box to the network's input, as the published code goes.

The published loader hands float images to torchvision's ``ToTensor``, which
divides only bytes by 255: the networks were trained on 0..255, of which the
ImageNet mean of 0..1 is then subtracted. Its author says so, and that it stays
(github.com/mks0601/3DMPPE_POSENET_RELEASE issues 63 and 69). Images in 0..1
would be almost black to them.

Source of every step: PN ``data/dataset.py`` and ``common/utils/pose_utils.py``,
at 1ad40b3. UP ships its loader as compiled from that file.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generators.errors import EvaluationError

Image = NDArray[np.uint8]
Matrix = NDArray[np.float64]
Box = tuple[float, float, float, float]

INPUT_PIXELS = 256
"""Source: UP and PN ``main/config.py``, ``input_shape``."""
BOX_MARGIN = 1.25
"""Source: PN ``common/utils/pose_utils.py``, ``process_bbox``."""
MEAN = (0.485, 0.456, 0.406)
"""Source: UP and PN ``main/config.py``, ``pixel_mean``."""
STD = (0.229, 0.224, 0.225)
"""Source: UP and PN ``main/config.py``, ``pixel_std``."""


def square_box(box: Box, width: int, height: int) -> Box:
    """Return the square around a person's box: cut to the image, made square, larger by a quarter.

    Args:
        box: x, y, width, height in pixels.
        width: Of the image.
        height: Of the image.

    Raises:
        EvaluationError: Nothing of the box lies in the image.
    """
    left, top = max(0.0, box[0]), max(0.0, box[1])
    right = min(width - 1.0, left + max(0.0, box[2] - 1))
    bottom = min(height - 1.0, top + max(0.0, box[3] - 1))
    side = max(right - left, bottom - top) * BOX_MARGIN
    if min(box[2:]) <= 0 or right < left or bottom < top or side <= 0:
        raise EvaluationError(
            "empty-box",
            f"the box {list(box)} has no part in an image of {width} x {height}",
            remedy="give x, y, width and height of the person in pixels, x to the right and y down",
        )
    return (left + right) / 2 - side / 2, (top + bottom) / 2 - side / 2, side, side


def crop_matrix(square: Box) -> Matrix:
    """Return float64[2, 3], which takes a point of the image to the crop: the square's middle to the crop's.

    Args:
        square: Of :func:`square_box`.
    """
    scale_x, scale_y = INPUT_PIXELS / square[2], INPUT_PIXELS / square[3]
    return np.array([[scale_x, 0.0, -square[0] * scale_x], [0.0, scale_y, -square[1] * scale_y]])


def warp(image: Image, matrix: Matrix) -> Image:
    """Return uint8[256, 256, 3]: the image under an affine map, bilinear, black where there is none.

    Args:
        image: uint8[H, W, 3].
        matrix: float64[2, 3], from the image to the crop; no rotation, as in tests of the published code.
    """
    columns, x_weights = _samples(image.shape[1], matrix[0, 0], matrix[0, 2])
    rows, y_weights = _samples(image.shape[0], matrix[1, 1], matrix[1, 2])
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0))).astype(np.float64)
    high = padded[rows + 1] * y_weights[:, None, None] + padded[rows] * (1 - y_weights)[:, None, None]
    crop = high[:, columns + 1] * x_weights[None, :, None] + high[:, columns] * (1 - x_weights)[None, :, None]
    return np.rint(np.clip(crop, 0, 255)).astype(np.uint8)


def _samples(length: int, scale: float, offset: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return for each pixel of the crop the padded pixel before its source, and the next one's weight."""
    source = np.clip((np.arange(INPUT_PIXELS) - offset) / scale + 1, 0, length + 1)
    before = np.minimum(np.floor(source), length).astype(np.int64)
    return before, source - before


def crop_person(image: Image, box: Box) -> tuple[Image, Box]:
    """Return the crop of a person, uint8[256, 256, 3], and the square of the image that it shows.

    Raises:
        EvaluationError: Nothing of the box lies in the image.
    """
    square = square_box(box, image.shape[1], image.shape[0])
    return warp(image, crop_matrix(square)), square


def to_input(crops: NDArray[np.float32] | Image) -> NDArray[np.float32]:
    """Return float32[N, 3, 256, 256] as the networks take it.

    Args:
        crops: [N, 256, 256, 3], RGB in 0..255.
    """
    mean, std = (np.array(figures, dtype=np.float32) for figures in (MEAN, STD))
    normalised = (crops.astype(np.float32) - mean) / std
    return np.ascontiguousarray(normalised.transpose(0, 3, 1, 2))

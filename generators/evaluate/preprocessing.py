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

from generators.architectures.macs import INPUT_PIXELS
from generators.errors import EvaluationError

Image = NDArray[np.uint8]
Matrix = NDArray[np.float64]
Box = tuple[float, float, float, float]

BOX_MARGIN = 1.25
"""Source: PN ``common/utils/pose_utils.py``, ``process_bbox``."""
PIXEL_MEAN = (0.485, 0.456, 0.406)
"""Of red, green, blue. Source: UP, PN and RN ``main/config.py``, ``pixel_mean``."""
PIXEL_STD = (0.229, 0.224, 0.225)
"""Of red, green, blue. Source: UP, PN and RN ``main/config.py``, ``pixel_std``."""
LARGEST_LEVEL = 255
"""Of a pixel, in images of bytes."""


def find_square(box: Box, width: int, height: int) -> Box | None:
    """Return the square around a person's box: cut to the image, made square, larger by a quarter.

    The box loses one pixel when it is cut; the square isn't cut.

    Args:
        box: x, y, width, height in pixels, as annotated.
        width: Of the image.
        height: Of the image.

    Returns:
        None where nothing of the box lies in the image: the published code leaves such a person out.
    """
    left, top = max(0.0, box[0]), max(0.0, box[1])
    right = min(width - 1.0, left + max(0.0, box[2] - 1))
    bottom = min(height - 1.0, top + max(0.0, box[3] - 1))
    side = max(right - left, bottom - top) * BOX_MARGIN
    if min(box[2:]) <= 0 or right < left or bottom < top or side <= 0:
        return None
    return (left + right) / 2 - side / 2, (top + bottom) / 2 - side / 2, side, side


def square_box(box: Box, width: int, height: int) -> Box:
    """Return the same of a box that a person gave.

    Raises:
        EvaluationError: Nothing of the box lies in the image.
    """
    square = find_square(box, width, height)
    if square is None:
        raise EvaluationError(
            "empty-box",
            f"the box {list(box)} has no part in an image of {width} x {height}",
            remedy="give x, y, width and height of the person in pixels, x to the right and y down",
        )
    return square


def crop_matrix(square: Box) -> Matrix:
    """Return float64[2, 3], which takes a point of the image to the crop: the square's middle to the crop's.

    Args:
        square: Of :func:`square_box`.
    """
    scale_x, scale_y = INPUT_PIXELS / square[2], INPUT_PIXELS / square[3]
    return np.array([[scale_x, 0.0, -square[0] * scale_x], [0.0, scale_y, -square[1] * scale_y]])


def warp(image: Image, matrix: Matrix) -> Image:
    """Return uint8[256, 256, 3]: the image under an affine map, bilinear, rounded, black where there is none.

    OpenCV 5.0.0, which the published code uses, gives the same numbers but for 3 in 10,000, which differ by 1 of 255;
    OpenCV 4.10.0, which rounds places to 1/32 pixel first, differs in 12 in 100, by 4 at most, on a pattern with sharp
    edges.

    Args:
        image: uint8[H, W, 3].
        matrix: float64[2, 3], from the image to the crop; no rotation, as in tests of the published code.
    """
    rows = _samples(image.shape[0], matrix[1, 1], matrix[1, 2])
    columns = _samples(image.shape[1], matrix[0, 0], matrix[0, 2])
    return np.rint(_between(_between(image, rows, 0), columns, 1)).astype(np.uint8)


_Samples = tuple[NDArray[np.intp], NDArray[np.intp], Matrix, Matrix]


def _samples(size: int, scale: float, offset: float) -> _Samples:
    """Return for each pixel of the crop its two neighbours along one side of the image, and weights; 0 outside."""
    places = (np.arange(INPUT_PIXELS) - offset) / scale
    before = np.floor(places).astype(np.intp)
    share = places - before
    weights = [np.where((n >= 0) & (n < size), w, 0.0) for n, w in ((before, 1 - share), (before + 1, share))]
    return before.clip(0, size - 1), (before + 1).clip(0, size - 1), weights[0], weights[1]


def _between(values: Image | Matrix, samples: _Samples, axis: int) -> Matrix:
    before, after, weight_before, weight_after = samples
    shape = (-1, 1, 1) if axis == 0 else (1, -1, 1)
    first = values.take(before, axis) * weight_before.reshape(shape)
    return np.asarray(first + values.take(after, axis) * weight_after.reshape(shape), dtype=np.float64)


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
    mean, std = (np.array(figures, dtype=np.float32) for figures in (PIXEL_MEAN, PIXEL_STD))
    normalised = (crops.astype(np.float32) - mean) / std
    return np.ascontiguousarray(normalised.transpose(0, 3, 1, 2))

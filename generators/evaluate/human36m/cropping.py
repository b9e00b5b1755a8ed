"""From an image and a person's box to the network's input, as the published code does it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generators.architectures.macs import INPUT_PIXELS
from generators.evaluate.human36m.cameras import Floats
from generators.evaluate.sanity import PIXEL_MEAN, PIXEL_STD

MARGIN = 1.25
"""By which the square box is wider than the person. Source: UP ``common/utils/pose_utils.py``, ``process_bbox``."""


def square_box(box: tuple[float, float, float, float], width: int, height: int) -> Floats | None:
    """Return an annotated box as a square with margin around the same centre, float64[4]: left, top, width, height.

    Source: UP ``common/utils/pose_utils.py``, ``process_bbox``, for a square input; the box is cut at the image's
    borders first and loses one pixel, the square isn't cut.

    Args:
        box: Left, top, width, height in pixels, as annotated.
        width: Of the image.
        height: Of the image.

    Returns:
        None for a box without area or outside of the image: such a person isn't tested.
    """
    x, y, w, h = box
    left, top = max(0.0, x), max(0.0, y)
    right, bottom = min(width - 1.0, left + max(0.0, w - 1)), min(height - 1.0, top + max(0.0, h - 1))
    if w * h <= 0 or right < left or bottom < top:
        return None
    side = max(right - left, bottom - top) * MARGIN
    return np.array([(left + right - side) / 2, (top + bottom - side) / 2, side, side])


def crop(image: NDArray[np.uint8], box: Floats) -> tuple[NDArray[np.float32], Floats]:
    """Return the part of an image in a box as the network's input, and the way back to the image.

    The input pixel ``i`` of ``n`` shows the place ``left + i * width / n`` of the image: the first pixel lies on the
    box's border, the last one short of it. What lies outside of the image is black. Between pixels the values are
    interpolated linearly in both directions and rounded to whole numbers, as by OpenCV, which the published code uses.
    OpenCV 5.0.0 gives the same numbers but for 3 in 10,000, which differ by 1 of 255; with OpenCV 4.10.0, which rounds
    places to 1/32 pixel first, 12 in 100 differ, by 4 of 255 at most, on a pattern with sharp edges.

    Values go from 0 to 255 when they are normalised, with the mean and deviation of values from 0 to 1: the published
    code hands torchvision's ``ToTensor`` an array of float32, which it doesn't divide by 255. It does so in training
    too.

    Source: UP ``data/dataset.py``, ``generate_patch_image`` and ``__getitem__``; torchvision's documentation of
    ``ToTensor``: only uint8 is scaled, "in the other cases, tensors are returned without scaling".

    Args:
        image: uint8[height, width, 3], red, green, blue.
        box: Left, top, width, height in pixels.

    Returns:
        float32[3, 256, 256], and float64[2, 3]: the affine map from pixels of the input to pixels of the image.
    """
    left, top, width, height = (float(side) for side in box)
    across, down = width / INPUT_PIXELS, height / INPUT_PIXELS
    columns = _samples(left, across, image.shape[1])
    rows = _samples(top, down, image.shape[0])
    lines = _between(image, rows, 0)
    patch = np.rint(_between(lines, columns, 1))
    normalised = (patch - np.array(PIXEL_MEAN)) / np.array(PIXEL_STD)
    back = np.array([[across, 0.0, left], [0.0, down, top]])
    return np.ascontiguousarray(normalised.transpose(2, 0, 1), dtype=np.float32), back


_Samples = tuple[NDArray[np.intp], NDArray[np.intp], Floats, Floats]


def _samples(start: float, step: float, size: int) -> _Samples:
    """Return for each input pixel its two neighbours along one side of the image, and their weights; 0 outside."""
    places = start + step * np.arange(INPUT_PIXELS)
    before = np.floor(places).astype(np.intp)
    share = places - before
    weights = [np.where((n >= 0) & (n < size), w, 0.0) for n, w in ((before, 1 - share), (before + 1, share))]
    return before.clip(0, size - 1), (before + 1).clip(0, size - 1), weights[0], weights[1]


def _between(values: NDArray[np.uint8] | Floats, samples: _Samples, axis: int) -> Floats:
    before, after, weight_before, weight_after = samples
    shape = (-1, 1, 1) if axis == 0 else (1, -1, 1)
    first = values.take(before, axis) * weight_before.reshape(shape)
    return np.asarray(first + values.take(after, axis) * weight_after.reshape(shape), dtype=np.float64)

"""Whether the weights expect pixels from 0 to 255, as the published code gives them, or from 0 to 1.

The published code normalises values from 0 to 255 with the mean and deviation of values from 0 to 1, which looks like
an oversight. Other code may not repeat it, and weights that were trained so would be judged on inputs that they never
saw. So a few images are predicted both ways.
"""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import NDArray

from generators.evaluate.human36m.alignment import joint_errors
from generators.evaluate.human36m.loading_images import load_crop
from generators.evaluate.human36m.predicting import Predictor, Volume, restore
from generators.evaluate.human36m.test_set import TestSet
from generators.evaluate.preprocessing import LARGEST_LEVEL, PIXEL_MEAN, PIXEL_STD
from generators.model.accuracy import PixelRange

CHECKED_IMAGES = 16
"""Spread over the test set. Between right and wrong inputs of a trained network lie many times the error of either."""


def check_pixel_range(predict: Predictor, volume: Volume, data: TestSet) -> PixelRange:
    """Return the errors of a few images, with root alignment and without the mirrored image, both ways.

    Args:
        predict: The network.
        volume: Of its heatmap.
        data: What is tested.
    """
    step = max(1, len(data.frames) // CHECKED_IMAGES)
    frames = data.frames[::step][:CHECKED_IMAGES]
    crops = np.stack([load_crop(data.images, frame) for frame in frames])
    true = np.stack([frame.pose for frame in frames])
    published, unit = (
        float(joint_errors(restore(predict(inputs).astype(np.float64), volume, frames), true, "root").mean())
        for inputs in (crops, to_unit_range(crops))
    )
    return PixelRange(images=len(frames), published_error_mm=_finite(published), unit_error_mm=_finite(unit))


def _finite(error: float) -> float | None:
    return error if isfinite(error) else None


def to_unit_range(crops: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return crops as they would be if their values went from 0 to 1 before they were normalised.

    Args:
        crops: float32[N, 3, H, W], as :func:`~generators.evaluate.preprocessing.to_input` makes them.
    """
    mean, std = (np.array(figures, dtype=np.float32).reshape(3, 1, 1) for figures in (PIXEL_MEAN, PIXEL_STD))
    return np.asarray(((crops * std + mean) / np.float32(LARGEST_LEVEL) - mean) / std, dtype=np.float32)

"""Drawn figures as probes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generators.architectures.macs import INPUT_PIXELS
from generators.evaluate.preprocessing import Box, Image, crop_matrix, crop_person, to_input
from generators.evaluate.probes.figures import draw_figure
from generators.evaluate.probes.poses import Points
from generators.evaluate.probes.variants import Probe, make_variants


def drawn_probe(generator: np.random.Generator) -> Probe:
    """Return a probe of a drawn figure; the same state of the generator gives the same one."""
    figure = draw_figure(generator)
    crops, square = make_variants(figure.image, figure.box, generator)
    pixels_mm = square[2] / INPUT_PIXELS * figure.distance_mm / figure.focal_pixels
    return Probe(crops=crops, truth=_in_crop(figure.joints, square), pixels_mm=pixels_mm, may_show=True)


def drawn_crop(generator: np.random.Generator) -> tuple[Image, Points]:
    """Return a crop of a drawn figure, uint8[256, 256, 3], and its joints in the crop, float64[18, 3]."""
    figure = draw_figure(generator)
    crop, square = crop_person(figure.image, figure.box)
    return crop, _in_crop(figure.joints, square)


def drawn_inputs(seed: int, count: int) -> NDArray[np.float32]:
    """Return drawn figures as networks take them, float32[count, 3, 256, 256]; the same for the same seed."""
    generator = np.random.default_rng(seed)
    return to_input(np.stack([drawn_crop(generator)[0] for _ in range(count)]))


def _in_crop(joints: Points, square: Box) -> Points:
    matrix, moved = crop_matrix(square), joints.copy()
    moved[:, :2] = joints[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    return moved

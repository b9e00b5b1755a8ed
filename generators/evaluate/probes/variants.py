"""The same crop as taken, mirrored, shifted, darker, and with noise."""

from __future__ import annotations

from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from generators.evaluate.preprocessing import Box, Image, crop_matrix, square_box, warp

Variant = Literal["taken", "mirrored", "shifted", "noisy", "darker"]
VARIANTS: tuple[Variant, ...] = ("taken", "mirrored", "shifted", "noisy", "darker")
RULED_VARIANTS = 4
"""The first variants: those that the rule needs. Twins, which are there for the rule, are spared the last."""

SHIFT_PIXELS = (20.0, 12.0)
"""To the right and down, in pixels of the crop. No multiple of the networks' stride of 32: shifted by that, a
convolution follows by construction. Less than the margin that the published box leaves, so that nobody is cut."""
DARKER = 0.8
"""Source: PN ``data/dataset.py``, ``color_factor``: the darkest that training shows to the network."""
NOISE_LEVELS = 10.0
"""Standard deviation in levels of 255: visible grain, through which people recognise everything."""


class Probe(Struct, frozen=True, kw_only=True):
    """A crop in all variants, and what is known of it.

    Attributes:
        crops: uint8[5, 256, 256, 3] in the order of :data:`VARIANTS`.
        truth: float64[18, 3], x and y in pixels of the crop as taken, depth in mm from the root; None where unknown.
        pixels_mm: Millimetres of a pixel of the crop at the root's distance; None without a camera.
        may_show: Whether the picture may be shown on a page.
    """

    crops: Image
    truth: NDArray[np.float64] | None = None
    pixels_mm: float | None = None
    may_show: bool = False


def make_variants(image: Image, box: Box, generator: np.random.Generator) -> tuple[Image, Box]:
    """Return uint8[5, 256, 256, 3] of a person's box, and the square that was cropped.

    Args:
        image: uint8[H, W, 3].
        box: x, y, width, height of the person.
        generator: Of the noise; it is advanced.

    Raises:
        EvaluationError: Nothing of the box lies in the image.
    """
    square = square_box(box, image.shape[1], image.shape[0])
    matrix = crop_matrix(square)
    taken = warp(image, matrix)
    # the crop's frame moves the other way, so that its contents move by SHIFT_PIXELS
    shifted = warp(image, matrix + np.array([[0.0, 0.0, SHIFT_PIXELS[0]], [0.0, 0.0, SHIFT_PIXELS[1]]]))
    noisy = taken + generator.normal(0, NOISE_LEVELS, taken.shape)
    crops = (taken, taken[:, ::-1], shifted, noisy, taken * DARKER)
    return np.stack([np.rint(np.clip(crop, 0, 255)).astype(np.uint8) for crop in crops]), square

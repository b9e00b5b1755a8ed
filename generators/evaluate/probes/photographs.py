"""A photograph of a person, from an installed package; none is part of this project.

scikit-image ships a portrait of the astronaut Eileen Collins by NASA, which is
in the public domain. The package isn't imported: its file is found and read.

Source: skimage ``data/_fetchers.py``, ``astronaut``: NASA Great Images database, no known copyright restrictions.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from generators.evaluate.preprocessing import Box, Image
from generators.evaluate.probes.variants import Probe, make_variants

PACKAGE = "skimage"
FILE = "data/astronaut.png"
BOX: Box = (20.0, 14.0, 355.0, 498.0)
"""x, y, width, height of the person in the photograph of 512 x 512 pixels, set by hand: she is seen from the crown to
the hips, from one elbow to the other; the flag, the model of a shuttle and the helmet before her are not hers."""
JITTER_PIXELS = 12.0
"""By how much the box is moved at random: as far as two people would set it differently."""


MAX_SIDE_PIXELS = 8192
"""A larger picture isn't decoded: it would take more memory than the networks."""


def find_photograph() -> Path | None:
    """Return the photograph's file, or None where scikit-image is not installed or comes without it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / FILE
    return path if path.is_file() else None


def read_image(path: Path) -> Image:
    """Return an image file as uint8[H, W, 3], RGB, as it is stored: a turned camera is not undone, as published.

    Raises:
        OSError: It can't be read as an image.
        ModuleNotFoundError: Pillow is not installed.
    """
    from PIL import Image as Pillow

    with Pillow.open(path) as file:
        if max(file.size) > MAX_SIDE_PIXELS:
            raise OSError(f"it is larger than {MAX_SIDE_PIXELS} pixels")
        return np.asarray(file.convert("RGB"), dtype=np.uint8)


def photograph_probe(image: Image, generator: np.random.Generator) -> Probe:
    """Return the photograph as a probe, its box moved a little at random."""
    x, y = generator.uniform(-JITTER_PIXELS, JITTER_PIXELS, 2)
    crops, _ = make_variants(image, (BOX[0] + x, BOX[1] + y, BOX[2], BOX[3]), generator)
    return Probe(crops=crops, may_show=True)

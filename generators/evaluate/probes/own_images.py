"""The reader's own images: each an image file, and a TOML or JSON file of the same name with the person's box.

They lie in ``docs/assets/probes/`` or in the folder that ``ASSAY_PROBES`` names.
Such a picture is measured on, and never shown on a page.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from generators.errors import EvaluationError
from generators.evaluate.preprocessing import Image, square_box
from generators.evaluate.probes.photographs import read_image
from generators.evaluate.probes.variants import Probe, make_variants

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
JITTER_SHARE = 0.02
"""By how much the box is moved at random, as a share of its sides: as far as two people would set it differently."""


class _Description(Struct, forbid_unknown_fields=True):
    box: tuple[float, float, float, float]
    focal_pixels: float | None = None
    distance_mm: float | None = None


class OwnImage(Struct, frozen=True, kw_only=True):
    """An image of the reader's.

    Attributes:
        name: Of its file.
        image: uint8[H, W, 3].
        box: x, y, width, height of the person.
        millimetres: Of a pixel of the image at the person's pelvis; None where the camera isn't described.
    """

    name: str
    image: Image
    box: tuple[float, float, float, float]
    millimetres: float | None


def read_own_images(folder: Path) -> tuple[OwnImage, ...]:
    """Return the images of a folder in the order of their names; none where there is no folder.

    Raises:
        EvaluationError: An image has no box, a box fits no image, or a file can't be read: with file and remedy.
    """
    if not folder.is_dir():
        return ()
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)
    return tuple(_read(path) for path in paths)


def own_probe(own: OwnImage, generator: np.random.Generator) -> Probe:
    """Return an image as a probe, its box moved a little at random."""
    x, y = generator.uniform(-JITTER_SHARE, JITTER_SHARE, 2) * own.box[2:]
    crops, square = make_variants(own.image, (own.box[0] + x, own.box[1] + y, *own.box[2:]), generator)
    millimetres = None if own.millimetres is None else own.millimetres * square[2] / crops.shape[1]
    return Probe(crops=crops, pixels_mm=millimetres)


def _read(path: Path) -> OwnImage:
    description = _describe(path)
    try:
        image = read_image(path)
    except (OSError, ValueError, SyntaxError) as problem:  # what Pillow ends a damaged file with
        raise _malformed(path, f"can't be read as an image: {problem}", "replace it or make it smaller") from problem
    try:
        square_box(description.box, image.shape[1], image.shape[0])
    except EvaluationError as problem:
        raise _malformed(path, problem.what, problem.remedy) from problem
    focal, distance = description.focal_pixels, description.distance_mm
    millimetres = distance / focal if focal and distance else None
    return OwnImage(name=path.name, image=image, box=description.box, millimetres=millimetres)


def _describe(path: Path) -> _Description:
    for suffix in (".toml", ".json"):
        beside = path.with_suffix(suffix)
        if beside.is_file():
            try:
                return msgspec.convert(_parse(beside), _Description)
            except (ValueError, OSError) as problem:  # msgspec's, json's and tomllib's errors are ValueErrors
                remedy = "write `box = [x, y, width, height]` in pixels, and focal_pixels and distance_mm if known"
                raise _malformed(beside, f"can't be read as a box: {problem}", remedy) from problem
    remedy = f"write {path.with_suffix('.toml').name} beside it, with `box = [x, y, width, height]` in pixels"
    raise _malformed(path, "has no box", remedy)


def _parse(path: Path) -> Mapping[str, Any]:
    text = path.read_text(encoding="utf-8")
    parsed: Mapping[str, Any] = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    return parsed


def _malformed(path: Path, what: str, remedy: str) -> EvaluationError:
    return EvaluationError("malformed-probe", f"{path.name} {what}", where=str(path), remedy=remedy)

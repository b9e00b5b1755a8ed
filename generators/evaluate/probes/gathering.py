"""All probes of an experiment, by seed, and what there was none of."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from generators.evaluate.probes.drawn import drawn_probe
from generators.evaluate.probes.own_images import OwnImage, own_probe, read_own_images
from generators.evaluate.probes.photographs import find_photograph, photograph_probe, read_image
from generators.evaluate.probes.variants import Probe
from generators.model.sanity import Missing, ProbeKind

Probes = dict[ProbeKind, tuple[Probe, ...]]
MAX_OWN_IMAGES = 4
"""Own images that are measured on, the first by name: each costs as much as the photograph."""


def gather_probes(seeds: tuple[int, ...], own_images: Path) -> tuple[dict[int, Probes], tuple[Missing, ...]]:
    """Return a drawn figure for each seed, the photograph where it is installed, and the reader's own images.

    Raises:
        EvaluationError: An own image can't be used.
    """
    photograph, missing = _read_photograph()
    own, lacking = _read_own(own_images)
    probes: dict[int, Probes] = {}
    for seed in seeds:
        generator = np.random.default_rng(seed)
        probes[seed] = {"drawn": (drawn_probe(generator),)}
        if photograph is not None:
            probes[seed]["photograph"] = (photograph_probe(photograph, generator),)
        if own:
            probes[seed]["own"] = tuple(own_probe(image, generator) for image in own)
    return probes, (*missing, *lacking)


def _read_photograph() -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None, tuple[Missing, ...]]:
    path = find_photograph()
    if path is None:
        return None, (Missing(what="photograph", reason="package-missing", detail="scikit-image"),)
    try:
        return read_image(path), ()
    except ModuleNotFoundError:
        return None, (Missing(what="photograph", reason="package-missing", detail="pillow"),)
    except (OSError, ValueError, SyntaxError):  # what Pillow ends a damaged file with
        return None, (Missing(what="photograph", reason="malformed", detail=path.name),)


def _read_own(folder: Path) -> tuple[tuple[OwnImage, ...], tuple[Missing, ...]]:
    try:
        own = read_own_images(folder)
    except ModuleNotFoundError:
        return (), (Missing(what="own", reason="package-missing", detail="pillow"),)
    if not own:
        return (), (Missing(what="own", reason="none-given"),)
    return own[:MAX_OWN_IMAGES], ()

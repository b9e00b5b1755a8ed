"""One number a measure, from a network's answers to the variants of probes.

A displacement in pixels alone says little: a heatmap that is the same
everywhere puts every joint into the middle and never moves. Shares put it in
proportion: to the spread of the predicted or the true joints, to the shift of
the crop, to how far the joints moved with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from generators.architectures.macs import INPUT_PIXELS
from generators.architectures.skeleton import LIMB_BONES, LIMB_SHARES, ROOT, mirrored_order
from generators.evaluate.measures.reading import Numbers, Reading
from generators.evaluate.probes.variants import SHIFT_PIXELS, VARIANTS, Probe
from generators.model.sanity import MeasureName, Unit

UNITS: Mapping[MeasureName, Unit] = {
    "relative-entropy": "1",
    "entropy": "nat",
    "peak": "1",
    "spread": "px",
    "flip": "px",
    "flip-share": "1",
    "shift-share": "1",
    "brightness": "px",
    "brightness-share": "1",
    "noise": "px",
    "noise-share": "1",
    "limb-asymmetry": "1",
    "limb-deviation": "mm",
    "truth": "px",
    "truth-share": "1",
}
"""Of every measure, in the order in which they are shown."""
STATURE_MM = 1725.0
"""The person that lengths of limbs are compared with: the middle of :data:`~.poses.STATURE_MM`."""
ROUNDING_PIXELS = 1e-3
"""What moves or spreads less than this doesn't, and nothing is a share of it: positions are sums of some 10,000 float32
products of up to 256 pixels, whose rounding alone comes to about this much."""
TAKEN, MIRRORED, SHIFTED, NOISY, DARKER = range(len(VARIANTS))


def measure(reading: Reading, probes: Sequence[Probe]) -> dict[MeasureName, float]:
    """Return the measures of answers to several probes; those that can't be formed are left out.

    Args:
        reading: Answers to the probes, in all variants or only in those that the rule needs.
        probes: The probes.
    """
    if not reading.is_finite:
        return {}
    values: dict[MeasureName, list[float]] = {}
    for number, probe in enumerate(probes):
        places = reading.positions[number]
        found = _sharpness(reading, number) | _displacements(places, reading.cells[-1])
        for name, value in (found | _limbs(places, probe) | _errors(places, probe)).items():
            values.setdefault(name, []).append(value)
    return {name: float(np.mean(found)) for name, found in values.items()}


def _sharpness(reading: Reading, number: int) -> dict[MeasureName, float]:
    entropy = float(reading.entropy[number].mean())
    return {
        "relative-entropy": entropy / math.log(math.prod(reading.cells)),
        "entropy": entropy,
        "peak": float(reading.peak[number].mean()),
    }


def _displacements(places: Numbers, columns: int) -> dict[MeasureName, float]:
    """Return what the variants move, in the picture plane."""
    plane = places[..., :2]
    taken, joints = plane[TAKEN], plane.shape[1]
    order = list(mirrored_order()) if joints > 1 else [0]
    # as the published flip test: the first column of the heatmap becomes the last
    back = plane[MIRRORED][order] * [-1, 1] + [INPUT_PIXELS - INPUT_PIXELS / columns, 0]
    moved = plane[SHIFTED] - taken
    found: dict[MeasureName, float] = {
        "flip": _mean_length(back - taken),
        "shift-share": _mean_length(moved - SHIFT_PIXELS) / math.hypot(*SHIFT_PIXELS),
        "noise": _mean_length(plane[NOISY] - taken),
    }
    if len(plane) > DARKER:
        found["brightness"] = _mean_length(plane[DARKER] - taken)
    answered = _mean_length(moved)
    if answered > ROUNDING_PIXELS:
        found["noise-share"] = found["noise"] / answered
        if "brightness" in found:
            found["brightness-share"] = found["brightness"] / answered
    if joints > 1:
        spread = found["spread"] = _spread(taken)
        if spread > ROUNDING_PIXELS:
            found["flip-share"] = found["flip"] / spread
    return found


def _spread(plane: Numbers) -> float:
    """Return the root of the mean squared distance of joints from their middle."""
    return float(np.sqrt(((plane - plane.mean(axis=0)) ** 2).sum(axis=1).mean()))


def _mean_length(vectors: Numbers) -> float:
    return float(np.hypot(vectors[..., 0], vectors[..., 1]).mean())


def _limbs(places: Numbers, probe: Probe) -> dict[MeasureName, float]:
    """Return how unequal right and left are, and how far limbs are from an adult's, with all three dimensions."""
    if probe.pixels_mm is None or places.shape[1] == 1:
        return {}
    joints = to_millimetres(places[TAKEN], probe.pixels_mm)
    lengths = np.array(
        [[np.linalg.norm(joints[end] - joints[start]) for start, end in pair] for pair in LIMB_BONES],
    )
    mean = lengths.mean(axis=1)
    found: dict[MeasureName, float] = {}
    if (mean > 0).all():
        found["limb-asymmetry"] = float((np.abs(lengths[:, 0] - lengths[:, 1]) / mean).mean())
    found["limb-deviation"] = float(np.abs(lengths - STATURE_MM * np.array(LIMB_SHARES)[:, None]).mean())
    return found


def to_millimetres(places: Numbers, pixels_mm: float) -> Numbers:
    """Return joints in mm from the root, all three axes alike, as a distant camera sees them."""
    relative: Numbers = (places - places[ROOT]) * [pixels_mm, pixels_mm, 1.0]
    return relative


def _errors(places: Numbers, probe: Probe) -> dict[MeasureName, float]:
    if probe.truth is None or places.shape[1] != len(probe.truth):
        return {}
    error = _mean_length(places[TAKEN, :, :2] - probe.truth[:, :2])
    return {"truth": error, "truth-share": error / _spread(probe.truth[:, :2])}

"""How far a network's result moves when only the arithmetic changes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

NumericsId = Literal[
    "repeated",
    "alone",
    "channels-last",
    "float64",
    "cpu-cuda",
    "tf32",
    "bfloat16",
    "bfloat16-autocast",
    "float16",
    "float16-autocast",
    "float16-imitated",
    "compiled",
]
"""What is changed; all else is as in the reference run: float32, contiguous, eager, on the evaluation's device."""

NotCompared = Literal[
    "no-cuda",
    "unsupported-here",
    "slow-here",
    "out-of-memory",
    "device-failed",
    "compiler-missing",
    "compile-failed",
    "not-asked",
    "time",
]
"""Why a comparison was not made."""

DisplacementUnit = Literal["mm", "network"]
"""``mm``: distance between joints; ``network``: largest difference of an output value, in the network's own unit."""


class NumericsComparison(Struct, frozen=True, kw_only=True):
    """One changed run against the reference run.

    Attributes:
        id: What was changed.
        reason: Why there is no result; empty where there is one.
        detail: What exactly, for the reason, as torch says it.
        images: Images of the batch that both runs saw.
        all_finite: Whether every value of the changed run is finite.
        identical: Whether both runs gave the same bits.
        maximum_displacement: Largest over images and joints, in the unit of :class:`Numerics`; None where a value of
            either run isn't finite.
        median_displacement: Median over the same.
        preparation_seconds: What the change cost before the run, where it costs something worth knowing (compiling).
    """

    id: NumericsId
    reason: NotCompared | Literal[""] = ""
    detail: str = ""
    images: int = 0
    all_finite: bool | None = None
    identical: bool | None = None
    maximum_displacement: float | None = None
    median_displacement: float | None = None
    preparation_seconds: float | None = None


class Numerics(Struct, frozen=True, kw_only=True):
    """All comparisons of one network with its own reference run.

    Attributes:
        unit: Of the displacements.
        box_mm: Side of the cube that the crop and the depth bins stand for; None where the unit is the network's.
        cell_mm: Width of a heatmap cell in that cube; None likewise.
        bin_mm: Depth of a depth bin in that cube; None likewise.
        seed: Of the images.
        between_images: Largest displacement in the reference run from one image to another, in ``unit``: for scale.
            Where it is tiny, the network hardly looks at its input, and small displacements say nothing. None where a
            value isn't finite.
        comparisons: In a fixed order, also those that were not made.
    """

    unit: DisplacementUnit
    box_mm: float | None = None
    cell_mm: float | None = None
    bin_mm: float | None = None
    seed: int | None = None
    between_images: float | None = None
    comparisons: tuple[NumericsComparison, ...] = ()

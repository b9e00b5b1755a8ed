"""Metric protocols, and the figures that were published under them."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

Alignment = Literal["root", "rigid-no-scale", "rigid-with-scale"]
"""What is done to a predicted pose before distances are taken."""
Truth = Literal["ground-truth", "estimated"]
"""Where boxes or root positions come from: the annotations, or another network."""
Average = Literal["frames", "actions"]
"""Whether every frame counts the same, or every action."""
ProtocolField = Literal[
    "metric",
    "dataset",
    "subjects",
    "frame_step",
    "root",
    "alignment",
    "joints_predicted",
    "joints_evaluated",
    "flip_test",
    "boxes",
    "roots",
    "average",
    "training_subjects",
]
"""The fields that must agree before two figures may be compared."""


class Protocol(Struct, frozen=True, kw_only=True):
    """A metric protocol; the words are the catalog message ``protocol`` / ``id``.

    Two figures are comparable only when no field of one contradicts the other. None or an empty text means that the
    field is unknown.

    Attributes:
        id: For example ``h36m-p2-mpjpe``.
        metric: ``MPJPE`` or ``PA-MPJPE``.
        dataset: For example ``Human3.6M``.
        subjects: Test subjects, for example ``S9, S11``.
        alignment: ``root`` (the root joints are put in one place), ``rigid-no-scale`` (rotation and translation) or
            ``rigid-with-scale`` (also the size).
        frame_step: Every how many frames one is tested.
        root: Joint from which positions count.
        joints_predicted: Joints that the network gives.
        joints_evaluated: Joints that the error is over.
        flip_test: Whether the prediction is averaged with that of the mirrored image.
        boxes: Where the persons' boxes come from.
        roots: Where the depth of the root comes from.
        average: What the mean is over.
        training_subjects: Subjects that the network was trained on; no file tells them.
        assumed: Fields that nobody states with the figures and that are read from the released code's defaults.
        locator: Where the assumed fields stand.
    """

    id: str
    metric: str
    dataset: str
    subjects: str
    alignment: Alignment
    frame_step: int | None = None
    root: str = ""
    joints_predicted: int | None = None
    joints_evaluated: int | None = None
    flip_test: bool | None = None
    boxes: Truth | None = None
    roots: Truth | None = None
    average: Average | None = None
    training_subjects: str = ""
    assumed: tuple[ProtocolField, ...] = ()
    locator: str = ""


class Figure(Struct, frozen=True, kw_only=True):
    """A published figure.

    Attributes:
        id: Unique in the report.
        architecture: Which network it is of.
        quantity: ``mpjpe``, ``pa-mpjpe``, ``macs`` or ``parameters``.
        value: In ``unit``.
        unit: ``mm``, ``G`` (10^9 multiply-accumulates) or ``M`` (10^6 parameters).
        protocol: Metric protocol id; empty for figures that are no metric.
        source: Key of the source.
        locator: Where in the source.
        second_hand: Whether the source only quotes it.
    """

    id: str
    architecture: str
    quantity: str
    value: float
    unit: str
    protocol: str
    source: str
    locator: str
    second_hand: bool


def differing_fields(one: Protocol, other: Protocol) -> tuple[ProtocolField, ...]:
    """Return the fields that both protocols know and that contradict each other."""
    known = ((field, getattr(one, field), getattr(other, field)) for field in get_args(ProtocolField))
    return tuple(field for field, a, b in known if a not in (None, "") and b not in (None, "") and a != b)

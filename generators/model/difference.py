"""How two checkpoints differ, tensor by tensor and as wholes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.finding import Finding
from generators.model.fingerprint import TensorRole
from generators.model.history import VerdictFlip
from generators.model.lineage import Relation, RelationReason

DIFFERENCE_VERSION = 1
"""Version of the JSON of differences."""

SideKind = Literal["file", "record"]
FactName = Literal[
    "sha256",
    "size",
    "container",
    "root",
    "weights-digest",
    "layout-digest",
    "layout",
    "model-key",
    "other-weights",
    "optimizer",
    "identified",
    "parameters",
    "buffers",
    "epoch",
    "optimizer-steps",
    "batches-tracked",
    "globals",
]
"""What of a whole checkpoint can be another; in the order in which it is told."""

DifferencePart = Literal[
    "identical",
    "unread",
    "removed",
    "added",
    "reshaped",
    "renamed",
    "changed",
    "values",
    "findings-gone",
    "findings-new",
    "first-alone",
    "second-alone",
    "flips",
]
"""What is counted; the words are the catalog message ``difference-part`` / name."""
DifferenceColumn = Literal["relative", "maximum", "cosine", "share"]
"""Figures of a changed tensor; the words are the catalog message ``difference-column`` / name."""


class Magnitude(Struct, frozen=True, kw_only=True):
    """How far a tensor is from its counterpart.

    Attributes:
        basis: ``values`` (all elements of both), or ``statistics`` (what was recorded of them: mean and deviation; no
            element could be held against another).
        elements: How many each has.
        changed: Elements that differ; None by statistics.
        relative_distance: Euclidean distance, divided by the first tensor's norm; None where that is zero, or where
            nothing finite is left. By statistics it is the least that it can be.
        maximum: Largest absolute difference of two elements; None by statistics.
        cosine: Of the two as vectors; None by statistics, and where one is zero.
        left_out: Elements that aren't finite in one of the two; distances are without them.
    """

    basis: Literal["values", "statistics"]
    elements: int
    changed: int | None
    relative_distance: float | None
    maximum: float | None
    cosine: float | None
    left_out: int = 0


class TensorChange(Struct, frozen=True, kw_only=True):
    """A tensor and its counterpart.

    Attributes:
        name: In the first, inside the model where it is the model's. Hostile text.
        other_name: In the second. Hostile text.
        role: What it is for.
        dtype: In the first.
        other_dtype: In the second.
        shape: In the first.
        other_shape: In the second.
        magnitude: None where the bytes are the same, the shapes differ, or neither values nor statistics are known.
    """

    name: str
    other_name: str
    role: TensorRole
    dtype: str
    other_dtype: str
    shape: tuple[int, ...]
    other_shape: tuple[int, ...]
    magnitude: Magnitude | None = None


class TensorBrief(Struct, frozen=True, kw_only=True):
    """A tensor without a counterpart.

    Attributes:
        name: Inside the model where it is the model's. Hostile text.
        role: What it is for.
        dtype: Number format.
        shape: Sizes.
    """

    name: str
    role: TensorRole
    dtype: str
    shape: tuple[int, ...]


class FactChange(Struct, frozen=True, kw_only=True):
    """Something of the whole that is another.

    Attributes:
        fact: What.
        before: Of the first file. Hostile text.
        after: Of the second. Hostile text.
    """

    fact: FactName
    before: str
    after: str


class ValueChange(Struct, frozen=True, kw_only=True):
    """A value that is no tensor and is another.

    Attributes:
        path: Where it stands. Hostile text.
        before: In the first file; empty where there is none. Hostile text.
        after: In the second; likewise.
    """

    path: str
    before: str
    after: str


class Side(Struct, frozen=True, kw_only=True):
    """One of the two.

    Attributes:
        label: As the person named it. Hostile text.
        kind: Whether its bytes are here.
        file: Its file's name. Hostile text.
        sha256: Of the file.
        recorded_at: Of a record; empty where that isn't said.
    """

    label: str
    kind: SideKind
    file: str
    sha256: str
    recorded_at: str = ""


class CheckpointDifference(Struct, frozen=True, kw_only=True):
    """Two states of a checkpoint.

    Attributes:
        subject: Lock id; empty where neither side has one.
        first: The one.
        second: The other.
        same: Nothing below is another.
        identical: Tensors with the same bytes, format and name.
        unread: Pairs of which one side's bytes are missing, so that nothing can be said.
        facts: Of the wholes.
        values: What is no tensor.
        added: Tensors that only the second has.
        removed: Tensors that only the first has.
        reshaped: The same name, another shape.
        renamed: The same content, or the same shape at the same position, under another name.
        changed: The same name, other content or number format.
        findings_new: That only the second has.
        findings_gone: That only the first has.
        relation: What the models are to each other; None where that wasn't asked.
        relation_reason: What gave it.
    """

    subject: str
    first: Side
    second: Side
    same: bool
    identical: int
    unread: int
    facts: tuple[FactChange, ...] = ()
    values: tuple[ValueChange, ...] = ()
    added: tuple[TensorBrief, ...] = ()
    removed: tuple[TensorBrief, ...] = ()
    reshaped: tuple[TensorChange, ...] = ()
    renamed: tuple[TensorChange, ...] = ()
    changed: tuple[TensorChange, ...] = ()
    findings_new: tuple[Finding, ...] = ()
    findings_gone: tuple[Finding, ...] = ()
    relation: Relation | None = None
    relation_reason: RelationReason | None = None


class Difference(Struct, frozen=True, kw_only=True):
    """What `assay diff` tells.

    Attributes:
        same: Nothing is another.
        checkpoints: Those of both sides; one, unless two reports were compared.
        first_alone: Lock ids whose tensors only the first knows.
        second_alone: Lock ids whose tensors only the second knows.
        flips: Claims whose verdict is another; only of two reports.
        version: Of this JSON.
    """

    same: bool
    checkpoints: tuple[CheckpointDifference, ...]
    first_alone: tuple[str, ...] = ()
    second_alone: tuple[str, ...] = ()
    flips: tuple[VerdictFlip, ...] = ()
    version: int = DIFFERENCE_VERSION

"""Whether a network behaves as a trained one: its measures beside those of untrained twins, and a statement."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.evaluation import Device

Statement = Literal["trained", "untrained", "cannot-tell"]
"""What the rule says of a network."""
ProbeKind = Literal["drawn", "photograph", "own"]
"""Drawn figures with known joints, a photograph of a person, the reader's own images."""
TwinKind = Literal["redrawn", "redrawn-recalibrated", "shuffled", "shuffled-recalibrated"]
"""A twin has the same architecture. Its weights are drawn anew as the published code draws them, or are the same
values in another order within each tensor; its running statistics are treated like the weights, or measured anew on
the probes."""
MeasureName = Literal[
    "relative-entropy",
    "entropy",
    "peak",
    "spread",
    "flip",
    "flip-share",
    "shift-share",
    "brightness",
    "brightness-share",
    "noise",
    "noise-share",
    "limb-asymmetry",
    "limb-deviation",
    "truth",
    "truth-share",
]
"""What is measured; the catalog has a sentence on each."""
Unit = Literal["px", "mm", "nat", "1"]
"""Pixels of the crop (256 across), millimetres, natural units of information, or a share."""
CriterionName = Literal["articulated", "follows", "mirrors", "steady", "symmetric", "accurate"]
"""What the rule asks of a trained network."""
Answer = Literal["yes", "no", "not-distinct"]
"""Met; not met; the value would do, but an untrained twin's is as good."""


class SeedValue(Struct, frozen=True, kw_only=True):
    """A measure of one network at one seed of probes.

    Attributes:
        seed: Of the probes.
        value: None where it can't be formed.
    """

    seed: int
    value: float | None


class TwinValues(Struct, frozen=True, kw_only=True):
    """A measure of one kind of twin, and how far the network's own values are from it.

    Attributes:
        kind: Which twins.
        values: At each seed, of another twin each.
        median: Of the values; None where there are none.
        delta: Cliff's delta of the network's values against the twins', -1 to 1: positive where they are higher.
        hedges_g: Hedges' g of the same; None where the values don't vary.
    """

    kind: TwinKind
    values: tuple[SeedValue, ...]
    median: float | None
    delta: float | None
    hedges_g: float | None


class Measure(Struct, frozen=True, kw_only=True):
    """A measure of a network on one kind of probes, beside its twins.

    Attributes:
        name: What is measured.
        unit: Of all values.
        values: The network's own, at each seed.
        median: Of them; None where there are none.
        twins: The same of each kind of twin.
    """

    name: MeasureName
    unit: Unit
    values: tuple[SeedValue, ...]
    median: float | None
    twins: tuple[TwinValues, ...]


class Criterion(Struct, frozen=True, kw_only=True):
    """A criterion of the rule, answered.

    Attributes:
        name: Which.
        measure: What it looks at.
        threshold: Beyond which the value is a trained network's.
        trained_is: On which side of the threshold.
        value: Median over the seeds.
        delta: The least favourable of Cliff's deltas against the kinds of twin, positive where the network is better.
        answer: ``yes`` only where the value is on the right side and better than every kind of twin.
    """

    name: CriterionName
    measure: MeasureName
    threshold: float
    trained_is: Literal["below", "above"]
    value: float | None
    delta: float | None
    answer: Answer


class ProbeResult(Struct, frozen=True, kw_only=True):
    """What one kind of probes showed.

    Attributes:
        kind: Which probes.
        images: Crops at each seed, before they are varied.
        measures: In the order of :data:`MeasureName`.
        criteria: Of the rule.
        statement: What the rule says on these probes alone.
    """

    kind: ProbeKind
    images: int
    measures: tuple[Measure, ...]
    criteria: tuple[Criterion, ...]
    statement: Statement


class Missing(Struct, frozen=True, kw_only=True):
    """Something that was not measured, and why.

    Attributes:
        what: A kind of probes, or ``volume`` (the measures of a volumetric heatmap and of many joints).
        reason: ``package-missing``, ``none-given``, ``malformed``, ``one-joint``, ``no-scale``.
        detail: Which package or file; hostile text.
    """

    what: str
    reason: str
    detail: str = ""


class JointEntropy(Struct, frozen=True, kw_only=True):
    """Entropy of one joint's heatmap, in nats, and the probability of its highest cell: of the network and its twins.

    Attributes:
        joint: Its name.
        entropy_nats: Median over the seeds.
        peak: Likewise.
        twin_entropy_nats: The same by kind of twin, in the order of :data:`TwinKind`; None where it isn't finite.
    """

    joint: str
    entropy_nats: float | None
    peak: float | None
    twin_entropy_nats: tuple[float | None, ...]


class Skeleton(Struct, frozen=True, kw_only=True):
    """Joints in one crop.

    Attributes:
        of: ``network``, ``truth`` or a kind of twin.
        joints: (x px, y px, depth mm from the root) in the crop; empty where a value isn't finite.
    """

    of: str
    joints: tuple[tuple[float, float, float], ...]


class ShownProbe(Struct, frozen=True, kw_only=True):
    """A probe with what was predicted on it.

    Attributes:
        kind: Which probe.
        seed: With which it was made.
        image_jpeg: The crop as a JPEG of 128 pixels, base64; empty where it may not be passed on.
        pixels_mm: Millimetres of a pixel of the crop at the root's distance; None where no camera is known.
        skeletons: Predicted ones, and the true one where it is known.
    """

    kind: ProbeKind
    seed: int
    image_jpeg: str
    pixels_mm: float | None
    skeletons: tuple[Skeleton, ...]


class SanityEvaluation(Struct, frozen=True, kw_only=True):
    """An experiment on whether a network was trained, or the reason why there is none.

    Attributes:
        status: ``run`` or ``not-run``.
        reason: Code of the reason when not run, as for an evaluation, and ``no-heatmap``.
        detail: What exactly; hostile text.
        architecture: Of the network.
        device: Where it ran.
        seeds: Of probes and twins.
        volume: Cells of a joint's heatmap.
        all_finite: Whether every output of the network itself is finite.
        statement: What the rule says: ``trained`` where it says so on any kind of probes.
        statement_reason: ``criteria``, ``mixed``, ``too-few`` or ``not-finite``.
        probes: By kind of probes.
        entropies: By joint, on drawn figures.
        shown: Probes with predictions.
        missing: What was not measured.
        seconds: Duration of the experiment.
    """

    status: Literal["run", "not-run"]
    reason: str = ""
    detail: str = ""
    architecture: str | None = None
    device: Device | None = None
    seeds: tuple[int, ...] = ()
    volume: tuple[int, ...] = ()
    all_finite: bool | None = None
    statement: Statement | None = None
    statement_reason: str = ""
    probes: tuple[ProbeResult, ...] = ()
    entropies: tuple[JointEntropy, ...] = ()
    shown: tuple[ShownProbe, ...] = ()
    missing: tuple[Missing, ...] = ()
    seconds: float | None = None

"""The rule that turns what was measured of weights into one conclusion.

Two things must come together before weights are called trained: *structure*,
directions beyond what noise of the same values has, in every part of the
network; and *steps*, values so far from their start that no few iterations take
them there. Each alone can be had without training: a single iteration on
random data puts structure into a network drawn with small values, and values
shuffled within their tensors stay as far from their start as they were.

Counters don't count: a file can say any number. They only tell whether a file
that hardly left its start is as young as it says.
"""

from __future__ import annotations

from msgspec import Struct

from generators.model.training import LayerEvidence, TrainingReason, TrainingState, TrainingSummary

FEWEST_LAYERS = 8
"""Layers with a spectrum from which on a share of them means something."""
FEW_STEPS = 44
"""Iterations below which there was hardly any training: after so many batches, running statistics have forgotten their
start to 1 % (0.9^44). One of the 69 epochs that the published XS file counts has 19,512."""
STRUCTURED_SHARE = 0.5
"""Share of a part's layers that must stand out from noise. Of a published XS file all but one do."""
NOISE_SHARE = 0.05
"""Share of layers that may stand out in noise: none of 425 shuffled ones did, but values may have more outliers."""
FEWEST_PART_LAYERS = 2
"""Layers with a spectrum from which on a part is asked by itself."""
NEAR_DISTANCE = 0.1
"""Distance from the initialiser up to which a layer is near it.

One step of the published rate moves a convolution of ConvNeXtPose, drawn with a deviation of 0.02, by 0.02 at most: a
twentieth of a deviation, times the height of the normal density.
"""
NEAR_SHARE = 0.9
"""Share of layers that must be near it for a file without counters to have hardly left it."""


class Conclusion(Struct, frozen=True, kw_only=True):
    """The state and the line of the rule that gave it."""

    state: TrainingState
    reason: TrainingReason


def conclude(summary: TrainingSummary, layers: tuple[LayerEvidence, ...], counted: int | None) -> Conclusion:
    """Put a summary to the rule.

    Args:
        summary: What was measured.
        layers: Each layer, for the distances from the initialiser.
        counted: Iterations that the file's highest counter tells.
    """
    if summary.layers_with_spectrum < FEWEST_LAYERS:
        return Conclusion(state="cannot-tell", reason="too-little-read")
    if summary.batches_at_least is None and summary.steps_at_least is None:
        return Conclusion(state="cannot-tell", reason="no-yardstick")
    if max(summary.batches_at_least or 0, summary.steps_at_least or 0) >= FEW_STEPS:
        return _by_structure(summary)
    if _is_as_drawn(summary):
        return Conclusion(state="untrained", reason="as-drawn")
    if counted < FEW_STEPS if counted is not None else _is_near(layers):
        return Conclusion(state="barely", reason="few-steps")
    return Conclusion(state="cannot-tell", reason="between")


def _by_structure(summary: TrainingSummary) -> Conclusion:
    if summary.layers_structured <= NOISE_SHARE * summary.layers_with_spectrum:
        return Conclusion(state="shuffled-like", reason="steps-without-structure")
    asked = [p for p in summary.parts if p.layers >= FEWEST_PART_LAYERS and not p.pretrained]
    if not asked:
        return Conclusion(state="cannot-tell", reason="too-little-read")
    if all(p.structured >= STRUCTURED_SHARE * p.layers for p in asked):
        return Conclusion(state="trained", reason="structure-and-steps")
    return Conclusion(state="cannot-tell", reason="parts-differ")


def _is_as_drawn(summary: TrainingSummary) -> bool:
    moved = summary.constants_moved + summary.normalisation_layers_moved
    known = summary.constants + summary.normalisation_layers
    noise = NOISE_SHARE * summary.layers_with_distance
    return bool(known and summary.layers_with_distance) and not moved and summary.layers_moved <= noise


def _is_near(layers: tuple[LayerEvidence, ...]) -> bool:
    drawn = [e.distance for e in layers if e.distance is not None and e.displacement is None]
    return bool(drawn) and sum(d <= NEAR_DISTANCE for d in drawn) >= NEAR_SHARE * len(drawn)

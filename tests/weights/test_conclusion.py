from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from generators.architectures.training import BATCH_NORM_MOMENTUM
from generators.model.training import LayerEvidence, PartStructure, TrainingReason, TrainingState, TrainingSummary
from generators.weights.conclusion import FEW_STEPS, conclude

TRAINED = TrainingSummary(
    layers_with_spectrum=40,
    layers_structured=38,
    parts=(
        PartStructure(name="backbone", layers=33, structured=32),
        PartStructure(name="head", layers=7, structured=6),
    ),
    layers_with_distance=40,
    layers_moved=40,
    constants=80,
    constants_moved=80,
    normalisation_layers=20,
    normalisation_layers_moved=20,
    batches_at_least=387,
    steps_at_least=150,
    counters_agree=True,
)
DRAWN = replace(
    TRAINED,
    layers_structured=0,
    layers_moved=1,
    constants_moved=0,
    normalisation_layers_moved=0,
    batches_at_least=0,
    steps_at_least=0,
)
ONE_STEP = replace(DRAWN, constants_moved=80, normalisation_layers_moved=20, batches_at_least=1, steps_at_least=1)
HEADLESS = (
    PartStructure(name="backbone", layers=33, structured=33),
    PartStructure(name="head", layers=7, structured=0),
)
PRETRAINED = (replace(HEADLESS[0], pretrained=True), replace(HEADLESS[1], structured=7))


def layers(distance: float) -> tuple[LayerEvidence, ...]:
    return tuple(LayerEvidence(name=str(n), shape=(8, 8), elements=64, distance=distance) for n in range(40))


@pytest.mark.parametrize(
    ("summary", "counted", "state", "reason"),
    [
        (TRAINED, 1_346_328, "trained", "structure-and-steps"),
        (TRAINED, None, "trained", "structure-and-steps"),
        (replace(TRAINED, batches_at_least=44, steps_at_least=0), 5, "trained", "structure-and-steps"),
        (replace(TRAINED, batches_at_least=43, steps_at_least=43), 100, "cannot-tell", "between"),
        (replace(TRAINED, batches_at_least=None), 5, "trained", "structure-and-steps"),
        (replace(TRAINED, layers_structured=1), 1_346_328, "shuffled-like", "steps-without-structure"),
        (replace(TRAINED, layers_structured=33, parts=HEADLESS), 1_346_328, "cannot-tell", "parts-differ"),
        (replace(TRAINED, parts=PRETRAINED), 1_346_328, "trained", "structure-and-steps"),
        (replace(TRAINED, parts=PRETRAINED[:1]), 1_346_328, "cannot-tell", "too-little-read"),
        (DRAWN, 0, "untrained", "as-drawn"),
        (DRAWN, 1_346_328, "untrained", "as-drawn"),
        (replace(DRAWN, layers_moved=5), 0, "barely", "few-steps"),
        (ONE_STEP, 1, "barely", "few-steps"),
        (replace(ONE_STEP, layers_structured=35), 1, "barely", "few-steps"),
        (ONE_STEP, None, "barely", "few-steps"),
        (ONE_STEP, 1_346_328, "cannot-tell", "between"),
        (replace(TRAINED, layers_with_spectrum=7), 5, "cannot-tell", "too-little-read"),
        (replace(TRAINED, batches_at_least=None, steps_at_least=None), 5, "cannot-tell", "no-yardstick"),
    ],
)
def test_the_rule(summary: TrainingSummary, counted: int | None, state: TrainingState, reason: TrainingReason) -> None:
    found = conclude(summary, layers(0.01), counted)
    assert (found.state, found.reason) == (state, reason)


def test_after_the_fewest_steps_a_hundredth_of_the_start_is_left() -> None:
    assert (1 - BATCH_NORM_MOMENTUM) ** FEW_STEPS < 0.01 < (1 - BATCH_NORM_MOMENTUM) ** (FEW_STEPS - 1)


def test_without_counters_values_far_from_the_initialiser_are_not_called_young() -> None:
    assert conclude(ONE_STEP, layers(0.4), None).reason == "between"


def test_no_counter_makes_weights_trained() -> None:
    for changes in ({"layers_structured": 38}, {"layers_structured": 0}):
        fields: dict[str, Any] = dict(changes)
        for counted in (None, 0, 43, 44, 10**9):
            assert conclude(replace(ONE_STEP, **fields), layers(0.01), counted).state != "trained"

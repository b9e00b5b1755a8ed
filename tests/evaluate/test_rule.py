from __future__ import annotations

import pytest

from generators.evaluate.rule import REQUIREMENTS, answer_criteria, state_of_criteria, state_of_probes
from generators.model.sanity import Answer, Criterion, Measure, ProbeResult, SeedValue, Statement, TwinValues


def _measure(name: str, value: float | None, delta: float | None) -> Measure:
    twin = TwinValues(kind="redrawn", values=(), median=None, delta=delta, hedges_g=None)
    other = TwinValues(kind="shuffled", values=(), median=None, delta=None, hedges_g=None)
    return Measure(
        name=name,  # type: ignore[arg-type]
        unit="1",
        values=(SeedValue(seed=1, value=value),),
        median=value,
        twins=(twin, other),
    )


def _criteria(*answers: Answer) -> tuple[Criterion, ...]:
    return tuple(
        Criterion(
            name=requirement.name,
            measure=requirement.measure,
            threshold=requirement.threshold,
            trained_is=requirement.trained_is,
            value=None,
            delta=None,
            answer=answer,
        )
        for requirement, answer in zip(REQUIREMENTS, answers, strict=False)
    )


@pytest.mark.parametrize(
    ("value", "delta", "answer"),
    [
        (20.0, 1.0, "yes"),
        (20.0, None, "yes"),
        (20.0, 0.3, "not-distinct"),
        (20.0, -1.0, "not-distinct"),
        (16.0, 1.0, "no"),
        (None, None, "no"),
    ],
)
def test_a_criterion_needs_the_threshold_and_the_distance_from_every_twin(
    value: float | None, delta: float | None, answer: Answer
) -> None:
    (criterion,) = answer_criteria([_measure("spread", value, delta)])
    assert criterion.answer == answer


def test_smaller_is_better_for_shares() -> None:
    (criterion,) = answer_criteria([_measure("shift-share", 0.2, -1.0)])
    assert (criterion.answer, criterion.delta) == ("yes", 1.0)
    (criterion,) = answer_criteria([_measure("shift-share", 0.7, -1.0)])
    assert criterion.answer == "no"


@pytest.mark.parametrize(
    ("answers", "statement"),
    [
        (("yes",) * 6, "trained"),
        (("yes",) * 5 + ("no",), "trained"),
        (("yes",) * 4 + ("no", "not-distinct"), "cannot-tell"),
        (("yes",) * 4, "trained"),
        (("yes",) * 3 + ("no",), "cannot-tell"),
        (("yes", "no", "no", "no", "no", "no"), "untrained"),
        (("no",) * 4, "untrained"),
        (("yes", "yes", "yes"), "cannot-tell"),
        (("no", "no"), "cannot-tell"),
    ],
)
def test_no_criterion_counts_alone(answers: tuple[Answer, ...], statement: Statement) -> None:
    assert state_of_criteria(_criteria(*answers)) == statement


@pytest.mark.parametrize(
    ("statements", "together"),
    [
        (("trained", "cannot-tell"), ("trained", "criteria")),
        (("untrained", "trained"), ("trained", "criteria")),
        (("untrained", "untrained"), ("untrained", "criteria")),
        (("untrained", "cannot-tell"), ("cannot-tell", "mixed")),
        ((), ("cannot-tell", "too-few")),
    ],
)
def test_one_kind_of_pictures_is_enough_for_trained_and_all_are_needed_for_untrained(
    statements: tuple[Statement, ...], together: tuple[Statement, str]
) -> None:
    results = [
        ProbeResult(kind="drawn", images=1, measures=(), criteria=_criteria(*["no"] * 4), statement=statement)
        for statement in statements
    ]
    assert state_of_probes(results) == together

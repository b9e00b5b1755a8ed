from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from generators.judge import judge_claims
from generators.judge.comparators import check_holds
from generators.model.claim import Change, Check, Claim, Verdict

DOCUMENT: dict[str, Any] = {
    "subjects": [
        {"id": "here", "role": "checkpoint", "kinds": ["live"], "available": True, "fingerprint": {"parameters": 100}},
        {"id": "gone", "role": "checkpoint", "kinds": [], "available": False, "fingerprint": None},
        {"id": "twin", "role": "control", "kinds": ["live"], "available": True, "fingerprint": {"parameters": 100}},
    ],
    "architectures": [{"id": "a", "parameters": 100, "predicted_bytes": 1200}],
    "report": {"figures": [], "reported": [{"id": "r", "value": True, "source": "S"}]},
}


def _check(quantity: str = "/architectures/a/parameters", **more: Any) -> Check:
    fields = {"id": "c", "subject": "a", "comparator": "equals", "expected": 100, **more}
    return Check(quantity=quantity, **fields)


def _judge(*checks: Check) -> Verdict:
    numbered = tuple(replace(check, id=f"c{number}") for number, check in enumerate(checks))
    claim = Claim(id="x", number=1, source="S", locator="", checks=numbered, line=1)
    (verdict,) = judge_claims([claim], DOCUMENT)
    return verdict


def _change(check: Check) -> Change:
    change = _judge(check).results[0].change
    assert change is not None
    return change


@pytest.mark.parametrize(
    ("comparator", "expected", "tolerance"),
    [
        *(("equals", value, 0.0) for value in (100, 99)),
        *(("differs", value, 0.0) for value in (100, 99)),
        *(("at-least", value, 0.0) for value in (100, 101)),
        *(("at-most", value, 0.0) for value in (100, 99)),
        *(("within", value, 0.1) for value in (100, 200)),
    ],
)
def test_the_value_that_is_named_would_turn_the_answer(comparator: str, expected: int, tolerance: float) -> None:
    check = _check(comparator=comparator, expected=expected, tolerance=tolerance)
    verdict = _judge(check)
    change = _change(check)
    would_hold = check_holds(check, _a_value(change))
    assert would_hold is (verdict.outcome == "refuted")


def _a_value(change: Change) -> float:
    """Return a value such as the change asks for."""
    number = change.value if isinstance(change.value, int) else 0
    match change.wanted:
        case "exactly" | "at-least" | "at-most":
            return number
        case "other" | "above":
            return number + 1
        case "below":
            return number - 1
        case "between":
            assert change.lowest is not None
            return change.lowest
        case _:
            assert change.highest is not None
            return change.highest + 1


def test_the_opposite_of_yes_is_no() -> None:
    change = _change(_check("/report/reported/r/value", expected=True))
    assert (change.wanted, change.value) == ("exactly", False)


@pytest.mark.parametrize(
    ("quantity", "by"),
    [
        ("/subjects/here/fingerprint/parameters", "this-file"),
        ("/subjects/gone/fingerprint/parameters", "absent-file"),
        ("/subjects/twin/fingerprint/parameters", "control"),
        ("/subjects/gone/accuracy/runs/p/error_mm", "measurement"),
        ("/report/reported/r/value", "report"),
        ("/report/figures/f/value", "figure"),
        ("/architectures/a/parameters", "definition"),
        ("/comparison/checkpoints_missing", "all-files"),
        ("/tally/refuted", "verdicts"),
    ],
)
def test_it_is_said_where_the_value_would_have_to_come_from(quantity: str, by: str) -> None:
    assert _change(_check(quantity)).by == by


def test_the_size_of_a_file_that_would_do_is_told() -> None:
    change = _change(_check("/subjects/gone/identification/architecture", expected="a"))
    assert change.size_bytes == 1200


def test_what_no_value_can_decide_has_no_change() -> None:
    assert _judge(_check("", comparator="not-observable", expected=None)).results[0].change is None
    unstated = _check("/subjects/gone/accuracy/runs/p/error_mm", comparator="same-protocol", expected=1.0)
    assert _judge(unstated).results[0].change is None


def test_a_verdict_says_what_it_would_be_otherwise() -> None:
    wrong, right = _check(expected=1), _check()
    untested = _check("/subjects/gone/fingerprint/parameters")
    unseen = _check("", comparator="not-observable", expected=None)
    assert _judge(wrong).otherwise == "supported"
    assert _judge(right).otherwise == "refuted"
    assert _judge(wrong, untested).otherwise == "untested"
    assert _judge(untested, unseen).otherwise == "cannot-tell"
    assert _judge(wrong, unseen, right).otherwise == "cannot-tell"

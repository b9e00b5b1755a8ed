from __future__ import annotations

import tomllib
from pathlib import Path
from typing import get_args

import pytest
from exports.sample import REPORT, expect, export

from generators.errors import ClaimError
from generators.exports.expectations import read_expectations, result_of
from generators.judge import read_report
from generators.model.claim import Outcome
from generators.model.exports import Standing

PROJECT = Path(__file__).resolve().parents[2]
CLAIMS = ("a", "b")
GOOD = """expectations-version = 1

[[expect]]
claim = "a"
outcome = "refuted"
reason = "the earlier report was wrong"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "report.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_expectations_is_read(tmp_path: Path) -> None:
    (found,) = read_expectations(write(tmp_path, GOOD), CLAIMS)
    assert (found.claim, found.outcome, found.reason) == ("a", "refuted", "the earlier report was wrong")


def test_without_a_file_nothing_is_expected(tmp_path: Path) -> None:
    assert read_expectations(tmp_path / "report.toml", CLAIMS) == ()


@pytest.mark.parametrize(
    ("before", "after", "code", "line"),
    [
        ('claim = "a"', 'claim = "z"', "unknown-claim", 4),
        ('outcome = "refuted"', 'outcome = "wrong"', "wrong-value", 5),
        ('reason = "the earlier report was wrong"', 'reason = ""', "wrong-value", 6),
        ('reason = "the earlier report was wrong"', 'because = "x"', "unknown-key", 6),
        ("expectations-version = 1", "expectations-version = 2", "unknown-version", 1),
        ("expectations-version = 1", "expectations-version = true", "unknown-version", 1),
        ("expectations-version = 1\n", "", "unknown-version", 1),
        ("[[expect]]", "[[expect", "not-toml", 3),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_remedy(
    tmp_path: Path, before: str, after: str, code: str, line: int
) -> None:
    path = write(tmp_path, GOOD.replace(before, after))
    with pytest.raises(ClaimError) as caught:
        read_expectations(path, CLAIMS)
    assert caught.value.code == code
    assert caught.value.where == f"{path}:{line}"
    assert caught.value.remedy


def test_a_claim_that_stands_twice_is_refused_at_the_second(tmp_path: Path) -> None:
    again = GOOD + GOOD.partition("\n")[2]
    with pytest.raises(ClaimError, match="stands twice") as caught:
        read_expectations(write(tmp_path, again), CLAIMS)
    assert caught.value.where.endswith(":9")


HAS_VERDICT = {
    "refuted": "m-l-missing",
    "supported": "m-figures",
    "untested": "s-is-xs",
    "cannot-tell": "no-open-issue",
}
"""A claim of the small report with each verdict."""


@pytest.mark.parametrize("outcome", get_args(Outcome))
@pytest.mark.parametrize("expected", get_args(Outcome))
def test_a_verdict_is_as_expected_or_not_unless_it_could_not_be_tried(outcome: Outcome, expected: Outcome) -> None:
    claim = HAS_VERDICT[outcome]
    (found,) = (one for one in export([expect(claim, expected)]).claims if one.id == claim)
    assert found.outcome == outcome
    if expected == outcome:
        assert (found.standing, result_of(found.standing)) == ("as-expected", "passed")
    elif outcome == "untested":
        assert (found.standing, result_of(found.standing)) == ("skipped", "skipped")
    else:
        assert (found.standing, result_of(found.standing)) == ("unexpected", "failed")


@pytest.mark.parametrize(
    ("outcome", "standing", "result"),
    [
        ("supported", "holds", "passed"),
        ("refuted", "refuted", "failed"),
        ("cannot-tell", "skipped", "skipped"),
        ("untested", "skipped", "skipped"),
    ],
)
def test_where_nothing_is_expected_a_refuted_claim_alone_fails(
    outcome: Outcome, standing: Standing, result: str
) -> None:
    (found,) = (one for one in export().claims if one.id == HAS_VERDICT[outcome])
    assert (found.standing, result_of(found.standing)) == (standing, result)


def test_the_first_report_has_an_expectation_with_a_reason_for_each_of_its_claims() -> None:
    report = read_report(PROJECT / "docs" / "reports" / "convnextpose.toml")
    path = PROJECT / "docs" / "expectations" / "convnextpose.toml"
    claims = tuple(claim.id for claim in report.claims)
    found = read_expectations(path, claims)
    assert [one.claim for one in found] == list(claims)
    outcomes = [one.outcome for one in found]
    assert (outcomes.count("refuted"), outcomes.count("cannot-tell")) == (10, 2)
    assert len(tomllib.loads(path.read_text(encoding="utf-8"))["expect"]) == len({one.reason for one in found})


def test_every_claim_of_the_small_report_has_a_verdict() -> None:
    assert [claim.id for claim in export().claims] == [verdict.claim.id for verdict in REPORT.verdicts]

from __future__ import annotations

from typing import Any

import pytest

from generators.judge import judge_claims, tally_verdicts
from generators.model.claim import Check, Claim, Outcome


def _check(
    comparator: str = "equals", expected: Any = 1, quantity: str = "/architectures/a/parameters", **more: Any
) -> Check:
    return Check(id="c", subject="a", quantity=quantity, comparator=comparator, expected=expected, **more)  # type: ignore[arg-type]


def _judge(*checks: Check, document: dict[str, Any]):  # noqa: ANN202
    claim = Claim(id="x", number=1, source="S", locator="", checks=checks, line=1)
    return judge_claims([claim], document)[0]


def _document(**subject: Any) -> dict[str, Any]:
    entry = {"id": "s", "kinds": ["live"], "sources": [], "available": True, "fingerprint": {}, "lock_match": "unnamed"}
    return {
        "subjects": [entry | subject],
        "architectures": [{"id": "a", "parameters": 100, "first_layer": [1, 2], "title": "Alpha"}],
        "report": {
            "figures": [
                {"id": "f", "value": 50.0, "protocol": "p", "source": "PAPER", "second_hand": False},
                {"id": "g", "value": 50.0, "protocol": "p", "source": "FK", "second_hand": True},
            ]
        },
    }


@pytest.mark.parametrize(
    ("comparator", "expected", "quantity", "outcome"),
    [
        ("equals", 100, "/architectures/a/parameters", "supported"),
        ("equals", 99, "/architectures/a/parameters", "refuted"),
        ("equals", (1, 2), "/architectures/a/first_layer", "supported"),
        ("equals", (2, 1), "/architectures/a/first_layer", "refuted"),
        ("equals", True, "/architectures/a/parameters", "refuted"),
        ("differs", 99, "/architectures/a/parameters", "supported"),
        ("differs", 100, "/architectures/a/parameters", "refuted"),
        ("at-least", 100, "/architectures/a/parameters", "supported"),
        ("at-least", 101, "/architectures/a/parameters", "refuted"),
        ("at-most", 100, "/architectures/a/parameters", "supported"),
        ("at-most", 99, "/architectures/a/parameters", "refuted"),
        ("contains", "lph", "/architectures/a/title", "supported"),
        ("contains", 2, "/architectures/a/first_layer", "supported"),
        ("contains", "x", "/architectures/a/title", "refuted"),
        ("lacks", "x", "/architectures/a/title", "supported"),
        ("lacks", "Al", "/architectures/a/title", "refuted"),
        ("at-least", 1, "/architectures/a/title", "cannot-tell"),
        ("contains", 1, "/architectures/a/parameters", "cannot-tell"),
        ("lacks", 1, "/architectures/a/parameters", "cannot-tell"),
        ("equals", 1, "/architectures/b/parameters", "untested"),
        ("equals", 1, "/nowhere/at/all", "untested"),
    ],
)
def test_each_comparator(comparator: str, expected: Any, quantity: str, outcome: Outcome) -> None:
    verdict = _judge(_check(comparator, expected, quantity), document=_document())
    assert verdict.outcome == outcome


@pytest.mark.parametrize(("expected", "outcome"), [(109, "supported"), (112, "refuted"), (91.5, "supported")])
def test_within_allows_a_share_of_the_claimed_value(expected: float, outcome: Outcome) -> None:
    assert _judge(_check("within", expected, tolerance=0.1), document=_document()).outcome == outcome


def test_within_without_a_tolerance_is_as_fine_for_a_tiny_value_as_for_a_large_one() -> None:
    document = _document() | {"architectures": [{"id": "a", "parameters": 2e-12}]}
    assert _judge(_check("within", 1e-12), document=document).outcome == "refuted"
    assert _judge(_check("within", 2e-12), document=document).outcome == "supported"


@pytest.mark.parametrize(
    ("figure", "protocol", "expected", "outcome", "reason"),
    [
        ("f", "p", 50.0, "supported", "holds"),
        ("f", "p", 44.6, "refuted", "contradicted"),
        ("f", "", 44.6, "cannot-tell", "protocol-unstated"),
        ("f", "q", 44.6, "cannot-tell", "protocols-differ"),
        ("g", "p", 44.6, "cannot-tell", "second-hand"),
    ],
)
def test_metrics_are_compared_only_under_one_protocol(
    figure: str, protocol: str, expected: float, outcome: Outcome, reason: str
) -> None:
    check = _check("same-protocol", expected, f"/report/figures/{figure}/value", protocol=protocol)
    result = _judge(check, document=_document()).results[0]
    assert (result.outcome, result.reason) == (outcome, reason)
    assert result.kinds == ("reported",)


def test_missing_evidence_never_refutes() -> None:
    check = _check("equals", "x", "/subjects/s/identification/architecture")
    absent = _judge(check, document=_document(available=False, fingerprint=None)).results[0]
    assert (absent.outcome, absent.reason) == ("untested", "no-file")
    unknown = _judge(check, document=_document(identification={"architecture": None})).results[0]
    assert (unknown.outcome, unknown.reason) == ("untested", "not-identified")


def test_a_file_that_is_not_the_locked_one_cannot_tell_anything_about_it() -> None:
    check = _check("equals", "x", "/subjects/s/identification/architecture")
    document = _document(identification={"architecture": "x"}, lock_match="contradicted")
    result = _judge(check, document=document).results[0]
    assert (result.outcome, result.reason) == ("cannot-tell", "not-the-listed-file")


def test_a_subject_named_by_its_place_is_held_against_the_lock_too() -> None:
    document = _document(identification={"architecture": "x"}, lock_match="contradicted")
    check = _check("equals", "x", "/subjects/0/identification/architecture")
    assert _judge(check, document=document).results[0].reason == "not-the-listed-file"


@pytest.mark.parametrize(
    ("others", "outcome"),
    [
        ((), "supported"),
        ((("equals", 99, "/architectures/a/parameters"),), "refuted"),
        ((("equals", 1, "/nowhere"),), "untested"),
        ((("not-observable", None, ""),), "cannot-tell"),
        ((("not-observable", None, ""), ("equals", 1, "/nowhere")), "untested"),
        ((("equals", 1, "/nowhere"), ("equals", 99, "/architectures/a/parameters")), "refuted"),
    ],
)
def test_a_claim_is_refuted_by_any_check_and_supported_only_by_all(
    others: tuple[tuple[str, Any, str], ...], outcome: Outcome
) -> None:
    checks = [_check("equals", 100), *(_check(*other) for other in others)]
    verdict = _judge(*checks, document=_document())
    assert verdict.outcome == outcome
    assert {result.outcome for result in verdict.decisive} == {outcome}


def test_the_tally_counts_every_verdict() -> None:
    verdicts = [_judge(_check("equals", n), document=_document()) for n in (100, 99, 98)]
    tally = tally_verdicts(verdicts)
    assert (tally.supported, tally.refuted, tally.cannot_tell, tally.untested) == (1, 2, 0, 0)


def test_a_listed_size_is_reported_by_those_who_listed_it() -> None:
    size = {"basis": "listed", "maximum_bytes": 7}
    reported = [{"quantity": "size-mib", "source": "DRIVE"}, {"quantity": "elements", "source": "FK"}]
    document = _document(size=size, reported=reported, kinds=["reported", "computed"], sources=["FK"])
    result = _judge(_check("equals", 7, "/subjects/s/size/maximum_bytes"), document=document).results[0]
    assert (result.kinds, result.sources) == (("reported", "computed"), ("DRIVE",))


def test_what_a_third_party_saw_of_a_file_that_is_here_stays_reported() -> None:
    document = _document(reported=[{"id": "seen", "quantity": "records", "value": 8, "source": "FK"}])
    result = _judge(_check("equals", 8, "/subjects/s/reported/seen/value"), document=document).results[0]
    assert (result.outcome, result.kinds, result.sources) == ("supported", ("reported",), ("FK",))


def test_what_the_size_of_a_file_here_fits_is_computed_from_it() -> None:
    document = _document(size={"basis": "file", "maximum_bytes": 7, "identification": {"architecture": "a"}})
    fits = _judge(_check("equals", "a", "/subjects/s/size/identification/architecture"), document=document).results[0]
    bare = _judge(_check("equals", 7, "/subjects/s/size/maximum_bytes"), document=document).results[0]
    assert (fits.kinds, bare.kinds) == (("live", "computed"), ("live",))


@pytest.mark.parametrize(
    ("quantity", "kinds", "sources"),
    [
        ("/comparison/controls_identified", ("live",), ()),
        ("/comparison/controls_sharing_first_layer", ("live",), ()),
        ("/comparison/checkpoints_as_said", ("recorded", "reported", "computed"), ("FK", "DRIVE")),
        ("/comparison/checkpoints_missing", ("computed",), ()),
        ("/comparison/architectures_sharing_first_layer", ("computed",), ()),
        ("/tally/cannot_tell", ("reported",), ("PAPER",)),
    ],
)
def test_a_count_is_of_the_kinds_of_evidence_of_what_it_counts(
    quantity: str, kinds: tuple[str, ...], sources: tuple[str, ...]
) -> None:
    document = {
        "subjects": [
            {"id": "c", "role": "control", "kinds": ["live"], "sources": []},
            {"id": "a", "role": "checkpoint", "kinds": ["reported", "computed"], "sources": ["FK"]},
            {"id": "b", "role": "checkpoint", "kinds": ["recorded"], "sources": ["FK", "DRIVE"]},
        ],
        "comparison": {quantity.split("/")[2]: 1},
        "tally": {"cannot_tell": 1},
        "verdicts": [
            {"outcome": "refuted", "decisive": [{"kinds": ["live"], "sources": []}]},
            {"outcome": "cannot-tell", "decisive": [{"kinds": ["reported"], "sources": ["PAPER"]}]},
        ],
    }
    result = _judge(_check("equals", 1, quantity), document=document).results[0]
    assert (result.outcome, result.kinds, result.sources) == ("supported", kinds, sources)

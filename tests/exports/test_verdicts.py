from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from exports.sample import REPORT, expect, export, words
from jsonschema import Draft202012Validator, ValidationError
from msgspec.structs import replace

from generators.exports.badge import make_badge
from generators.exports.verdicts import verdicts_schema
from generators.model.claim import Tally
from generators.render.catalog import LOCALES
from generators.store import encode, json_schema

BADGE_SCHEMA = {
    "type": "object",
    "required": ["schemaVersion", "label", "message", "color"],
    "additionalProperties": False,
    "properties": {
        "schemaVersion": {"const": 1},
        "label": {"type": "string", "minLength": 1},
        "message": {"type": "string", "minLength": 1},
        "color": {"enum": ["brightgreen", "yellow", "red", "lightgrey"]},
    },
}
"""What shields.io asks of an endpoint."""


def written() -> Any:
    return json.loads(encode(export([expect("m-l-missing", "refuted")])))


def validate(document: Any) -> None:
    schema = json.loads(verdicts_schema())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)


def test_the_verdicts_are_as_their_schema_says() -> None:
    validate(written())


@pytest.mark.parametrize("damage", ["outcome", "extra", "missing"])
def test_the_schema_refuses_other_documents(damage: str) -> None:
    document = copy.deepcopy(written())
    if damage == "outcome":
        document["claims"][0]["outcome"] = "wrong"
    elif damage == "extra":
        document["claims"][0]["checks"][0]["more"] = 1
    else:
        del document["tally"]
    with pytest.raises(ValidationError):
        validate(document)


def test_all_evidence_is_as_its_schema_says() -> None:
    Draft202012Validator(json.loads(json_schema())).validate(json.loads(encode(REPORT)))


def test_a_claim_is_found_by_its_id_on_its_page() -> None:
    first = written()["claims"][0]
    assert first["id"] == "m-l-missing"
    assert first["page"] == "claims/#claim-m-l-missing"
    assert first["standing"] == "as-expected"
    assert first["expectation"] == {"claim": "m-l-missing", "outcome": "refuted", "reason": "because"}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_badge_is_one_that_shields_draws_and_says_every_count(locale: str) -> None:
    badge = json.loads(encode(make_badge(REPORT.tally, words(locale))))
    Draft202012Validator(BADGE_SCHEMA).validate(badge)
    assert badge["color"] == "red"
    assert [piece.rpartition(": ")[2] for piece in badge["message"].split(" · ")] == ["2", "1", "1", "1"]


@pytest.mark.parametrize(
    ("tally", "color"),
    [
        ({"supported": 3}, "brightgreen"),
        ({"supported": 3, "untested": 1}, "yellow"),
        ({"supported": 3, "cannot_tell": 1}, "yellow"),
        ({"supported": 3, "refuted": 1}, "red"),
        ({"untested": 3}, "lightgrey"),
        ({}, "lightgrey"),
    ],
)
def test_the_badge_is_green_only_when_every_claim_is_supported(tally: dict[str, int], color: str) -> None:
    none = Tally(supported=0, refuted=0, cannot_tell=0, untested=0)
    assert make_badge(replace(none, **tally), words()).color == color

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from generators import __version__

PROJECT = Path(__file__).resolve().parents[1]
yaml = pytest.importorskip("yaml")
TEXT = {"type": "string", "minLength": 1}
SCHEMA = {
    "type": "object",
    "required": ["cff-version", "message", "title", "authors"],
    "additionalProperties": False,
    "properties": {
        "cff-version": {"const": "1.2.0"},
        "message": TEXT,
        "title": TEXT,
        "abstract": TEXT,
        "type": {"enum": ["software", "dataset"]},
        "authors": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": False,
                "properties": {"name": TEXT},
            },
        },
        "version": TEXT,
        "license": TEXT,
        "keywords": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
    },
}
"""What the Citation File Format 1.2.0 asks of the keys that are used here."""


def citation() -> dict[str, Any]:
    cited: dict[str, Any] = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    return cited


def test_the_citation_file_is_as_its_format_says() -> None:
    Draft202012Validator(SCHEMA).validate(citation())
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate({**citation(), "authors": []})


def test_the_citation_names_the_version_that_is_here_and_its_authors() -> None:
    assert citation()["version"] == __version__
    (author,) = citation()["authors"]
    assert author["name"] in (PROJECT / "LICENSE").read_text(encoding="utf-8")

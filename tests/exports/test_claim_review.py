from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from exports.sample import CONDITIONS, REPORT, hostile_words, words
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from generators.exports.claim_review import claim_reviews, script_json
from generators.judge.flips import claim_states
from generators.model.claim import Outcome
from generators.model.exports import ReportWords
from generators.model.history import VerdictHistory, VerdictRecord
from generators.pipeline.exporting import claim_pages
from generators.render.catalog import LOCALES, load_catalog

ADDRESS = "https://example.org/assay/ko/"
TEXT = {"type": "string", "minLength": 1}
REVIEW = {
    "type": "object",
    "required": ["@type", "url", "claimReviewed", "itemReviewed", "author", "reviewRating", "datePublished"],
    "properties": {
        "@type": {"const": "ClaimReview"},
        "url": {"type": "string", "pattern": "^https://example.org/assay/ko/claims/#claim-[a-z0-9-]+$"},
        "claimReviewed": TEXT,
        "datePublished": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "inLanguage": {"enum": list(LOCALES)},
        "reviewBody": TEXT,
        "author": {
            "type": "object",
            "required": ["@type", "name"],
            "properties": {"@type": {"const": "Organization"}, "name": TEXT, "url": TEXT},
        },
        "itemReviewed": {
            "type": "object",
            "required": ["@type", "author", "appearance"],
            "properties": {"@type": {"const": "Claim"}},
        },
        "reviewRating": {
            "type": "object",
            "required": ["@type", "alternateName"],
            "properties": {
                "@type": {"const": "Rating"},
                "alternateName": TEXT,
                "bestRating": {"const": 5},
                "worstRating": {"const": 1},
                "ratingValue": {"type": "integer", "minimum": 1, "maximum": 5},
            },
            "dependentRequired": {"ratingValue": ["bestRating", "worstRating"]},
        },
    },
}
"""What search engines ask of a ClaimReview, as schema.org has its properties."""


class _Script(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.content = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.content += data


def reviews(told: ReportWords, address: str = ADDRESS) -> list[Any]:
    """Put the reviews into a page as the theme does, read them as a browser does, and hold each against the schema."""
    parser = _Script()
    data = claim_reviews(REPORT, told, claim_pages(REPORT), address)
    parser.feed(f'<script type="application/ld+json">{data}</script><p>')
    assert parser.elements == ["script", "p"]
    found = json.loads(parser.content)
    assert found["@context"] == "https://schema.org"
    return list(found["@graph"])


@pytest.mark.parametrize("locale", LOCALES)
def test_each_review_is_as_schema_org_says_in_the_pages_language(locale: str) -> None:
    for review in reviews(words(locale)):
        Draft202012Validator(REVIEW).validate(review)
        assert review["inLanguage"] == locale
    catalog = load_catalog(locale)
    assert reviews(words(locale))[0]["reviewRating"]["alternateName"] == catalog.message("outcome", "refuted")


@pytest.mark.parametrize(
    ("earlier", "published"),
    [
        ((), "2026-11-30"),
        ((("20", "refuted"), ("21", "refuted")), "2026-11-20"),
        ((("20", "refuted"), ("21", "untested"), ("22", "refuted")), "2026-11-22"),
        ((("20", "refuted"), ("21", "untested")), "2026-11-30"),
    ],
)
def test_a_review_is_published_on_the_day_since_which_the_record_has_its_verdict(
    earlier: tuple[tuple[str, Outcome], ...], published: str
) -> None:
    states = claim_states(REPORT.verdicts)
    records = tuple(
        VerdictRecord(
            recorded_at=f"2026-11-{day}T10:00:00+00:00",
            conditions=CONDITIONS,
            lock_sha256="ab" * 32,
            files=(),
            claims=tuple(replace(state, outcome=outcome) for state in states),
            flips=(),
        )
        for day, outcome in earlier
    )
    history = VerdictHistory(report="convnextpose", records=records)
    build = replace(REPORT.build, date="2026-11-30T00:00:00+00:00")
    told = claim_reviews(replace(REPORT, build=build), words(), claim_pages(REPORT), ADDRESS, history)
    (first, *_) = json.loads(told)["@graph"]
    assert first["reviewRating"]["alternateName"] == "refuted"
    assert first["datePublished"] == published


def test_refuted_is_the_worst_and_supported_the_best_rating() -> None:
    found = {review["url"].partition("#claim-")[2]: review["reviewRating"] for review in reviews(words())}
    assert found["m-l-missing"]["ratingValue"] == 1
    assert found["m-figures"]["ratingValue"] == 5


def test_what_cannot_be_told_has_no_rating_and_what_is_untested_no_review() -> None:
    found = {review["url"].partition("#claim-")[2]: review["reviewRating"] for review in reviews(words())}
    assert found["no-open-issue"] == {"@type": "Rating", "alternateName": "cannot tell"}
    assert "s-is-xs" not in found


def test_without_an_address_links_are_relative_and_nobody_is_invented() -> None:
    (first, *_) = reviews(words(), "")
    assert first["url"] == "claims/#claim-m-l-missing"
    assert "url" not in first["author"]


def test_hostile_text_ends_no_script() -> None:
    (first, *_) = reviews(hostile_words())
    assert "</script><script>alert(1)</script>" in first["claimReviewed"]


def test_line_separators_that_end_old_scripts_lines_are_escaped() -> None:
    assert script_json({"a": "\u2028<&>\u2029"}) == '{"a":"\\u2028\\u003c\\u0026\\u003e\\u2029"}'

"""The verdicts as schema.org's ClaimReview, for the head of the page that shows them.

Rated is what was decided: 1 is refuted, 5 is supported. A claim that no evidence
can decide is reviewed without a rating; one that the evidence at hand didn't
decide wasn't reviewed and is left out. Published is a review on the day since
which the record has its verdict: a build that finds the same publishes nothing new.

Source: https://schema.org/ClaimReview, https://schema.org/Rating (as of version 29).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin

import msgspec

from generators.model.claim import Outcome, Verdict
from generators.model.evidence import ReportEvidence, SourceRecord
from generators.model.exports import ClaimWords, ReportWords
from generators.model.history import VerdictHistory

WORST, BEST = 1, 5
_RATINGS: Mapping[Outcome, int] = {"refuted": WORST, "supported": BEST}
_ENDS_A_SCRIPT = re.compile("[<>&\u2028\u2029]")


def claim_reviews(
    evidence: ReportEvidence,
    words: ReportWords,
    pages: Mapping[str, str],
    address: str,
    history: VerdictHistory | None = None,
) -> str:
    """Return the reviews as JSON-LD that can stand in a ``<script>`` element.

    Args:
        evidence: The report.
        words: In the language of the page.
        pages: Address of each claim's verdict by its id, from the start of the site.
        address: Where the language's site is published, ending with ``/``; empty where that isn't known.
        history: Verdicts as they were recorded; None where none were.
    """
    told = {claim.id: claim for claim in words.claims}
    sources = {source.key: source for source in evidence.report.sources}
    graph = [
        {
            **_review(verdict, told[verdict.claim.id], sources.get(verdict.claim.source)),
            "url": urljoin(address, pages[verdict.claim.id]),
            "inLanguage": words.locale,
            "datePublished": _held_since(verdict, history, evidence.build.date)[:10],
            "author": _author(address),
        }
        for verdict in evidence.verdicts
        if verdict.outcome != "untested"
    ]
    return script_json({"@context": "https://schema.org", "@graph": graph})


def script_json(value: object) -> str:
    """Return JSON in which nothing can end the script element that holds it."""
    text = msgspec.json.encode(value).decode()
    return _ENDS_A_SCRIPT.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _review(verdict: Verdict, words: ClaimWords, source: SourceRecord | None) -> dict[str, object]:
    return {
        "@type": "ClaimReview",
        "claimReviewed": words.sentence,
        "itemReviewed": {"@type": "Claim", "text": words.sentence, **dict(_appearance(source))},
        "reviewRating": _rating(verdict.outcome, words.outcome),
        "reviewBody": " ".join(words.why),
    }


def _rating(outcome: Outcome, name: str) -> dict[str, object]:
    value = _RATINGS.get(outcome)
    bounds = {} if value is None else {"ratingValue": value, "bestRating": BEST, "worstRating": WORST}
    return {"@type": "Rating", **bounds, "alternateName": name}


def _held_since(verdict: Verdict, history: VerdictHistory | None, build_date: str) -> str:
    """Return when the record first had the verdict that it has had since; the build's date where it has another."""
    since = build_date
    for record in reversed(history.records if history else ()):
        recorded = {claim.claim: claim.outcome for claim in record.claims}
        if recorded.get(verdict.claim.id) != verdict.outcome:
            break
        since = record.recorded_at
    return since


def _author(address: str) -> dict[str, str]:
    return {"@type": "Organization", "name": "Assay", **({"url": address} if address else {})}


def _appearance(source: SourceRecord | None) -> Iterator[tuple[str, object]]:
    """Yield where the claim was made; schema.org wants its author, of whom no more is known than the publication."""
    if source is None:
        return
    work = {"@type": "CreativeWork", "name": source.title, "url": source.address}
    yield "author", {"@type": "Organization", "name": source.title}
    yield "appearance", work

"""The verdicts that a report's owner expects: ``docs/expectations/<report>.toml``.

A report about an earlier, wrong one is right when it refutes it. What is
expected is written down with its reason, so that a build can tell a verdict
that changed from one that is bad news only for whoever made the claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from generators.errors import ClaimError
from generators.model.claim import Outcome, Verdict
from generators.model.exports import Expectation, Standing
from generators.toml_places import TomlDocument, check_version, convert_document, read_toml

EXPECTATIONS_VERSION = 1

Result = Literal["passed", "failed", "skipped"]
"""What test reporters and statements know."""


class _Expected(msgspec.Struct, forbid_unknown_fields=True):
    claim: str
    outcome: Outcome
    reason: Annotated[str, msgspec.Meta(min_length=1)]


class _ExpectationsFile(msgspec.Struct, forbid_unknown_fields=True):
    expectations_version: int = msgspec.field(name="expectations-version")
    expect: list[_Expected] = []


def read_expectations(path: Path, claims: Sequence[str]) -> tuple[Expectation, ...]:
    """Read what a report's owner expects; nothing where there is no such file.

    Args:
        path: For example ``docs/expectations/convnextpose.toml``.
        claims: Ids of the report's claims.

    Raises:
        ClaimError: With file, line and remedy: unreadable, not TOML, unknown key, wrong value, a claim that the report
            doesn't have or that stands twice.
    """
    if not path.exists():
        return ()
    document = read_toml(path, ClaimError)
    check_version(document, "expectations-version", EXPECTATIONS_VERSION, ClaimError)
    raw = convert_document(document, _ExpectationsFile, ClaimError)
    _check_claims(document, raw.expect, claims)
    return tuple(Expectation(claim=e.claim, outcome=e.outcome, reason=e.reason) for e in raw.expect)


def find_standing(verdict: Verdict, expectation: Expectation | None) -> Standing:
    """Tell how a claim's verdict stands with what is expected of it.

    A claim that can't be tried, for want of evidence, contradicts no expectation.
    """
    if expectation is not None and expectation.outcome == verdict.outcome:
        return "as-expected"
    if verdict.outcome == "untested":
        return "skipped"
    if expectation is not None:
        return "unexpected"
    match verdict.outcome:
        case "supported":
            return "holds"
        case "refuted":
            return "refuted"
        case "cannot-tell":
            return "skipped"


def result_of(standing: Standing) -> Result:
    """Return what a test reporter is told."""
    match standing:
        case "as-expected" | "holds":
            return "passed"
        case "unexpected" | "refuted":
            return "failed"
        case "skipped":
            return "skipped"


def _check_claims(document: TomlDocument, expected: Sequence[_Expected], claims: Sequence[str]) -> None:
    ids = [entry.claim for entry in expected]
    for index, claim in enumerate(ids):
        place = document.place(f"$.expect[{index}].claim")
        if claim not in claims:
            raise ClaimError(
                "unknown-claim",
                f"{claim!r} is no claim of the report",
                where=place,
                remedy=f"use one of {', '.join(claims) or 'none: the report has no claim'}",
            )
        if claim in ids[:index]:
            raise ClaimError(
                "duplicate-claim",
                f"the claim {claim!r} stands twice",
                where=place,
                remedy="expect one verdict of each claim",
            )

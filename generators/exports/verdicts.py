"""All verdicts of a report as one small JSON file, and its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from generators.exports.expectations import find_standing
from generators.model.claim import CheckResult, Verdict
from generators.model.evidence import ReportEvidence
from generators.model.exports import CheckVerdict, ClaimVerdict, Expectation, VerdictsExport


def export_verdicts(
    evidence: ReportEvidence, expectations: Sequence[Expectation], pages: Mapping[str, str]
) -> VerdictsExport:
    """Return every verdict with its checks, and how it stands with what is expected.

    Args:
        evidence: The report.
        expectations: What its owner expects.
        pages: Address of each claim's verdict by its id, from the start of the site.
    """
    expected = {expectation.claim: expectation for expectation in expectations}
    return VerdictsExport(
        report=evidence.report.id,
        build=evidence.build,
        tally=evidence.tally,
        claims=tuple(_claim(verdict, expected.get(verdict.claim.id), pages) for verdict in evidence.verdicts),
    )


def verdicts_schema() -> bytes:
    """Return the JSON Schema (draft 2020-12) of ``verdicts.json``."""
    (kind,), components = msgspec.json.schema_components((VerdictsExport,), ref_template="#/$defs/{name}")
    for component in components.values():
        if "properties" in component:
            component["additionalProperties"] = False
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Assay verdicts",
        "description": "exports/verdicts.json: what each claim of a report came to.",
        **kind,
        "$defs": components,
    }
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


def _claim(verdict: Verdict, expectation: Expectation | None, pages: Mapping[str, str]) -> ClaimVerdict:
    claim = verdict.claim
    return ClaimVerdict(
        id=claim.id,
        number=claim.number,
        page=pages[claim.id],
        source=claim.source,
        outcome=verdict.outcome,
        standing=find_standing(verdict, expectation),
        expectation=expectation,
        checks=tuple(_check(result) for result in verdict.results),
    )


def _check(result: CheckResult) -> CheckVerdict:
    check = result.check
    return CheckVerdict(
        id=check.id,
        subject=check.subject,
        quantity=check.quantity,
        comparator=check.comparator,
        expected=check.expected,
        found=result.found,
        unit=check.unit,
        outcome=result.outcome,
        reason=result.reason,
        kinds=result.kinds,
    )

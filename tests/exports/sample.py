"""The small report that exports are tried on, and what is expected of it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from render.report_builder import build_report

from generators.exports.verdicts import export_verdicts
from generators.model.claim import Outcome
from generators.model.conditions import Conditions
from generators.model.evidence import ReportEvidence
from generators.model.exports import Expectation, ReportWords, VerdictsExport
from generators.pipeline.exporting import claim_pages
from generators.render.words import report_words

REPORT = build_report()
"""m-l-missing and xs-dims are refuted, m-figures is supported, s-is-xs is untested, no-open-issue can't be told."""

CONDITIONS = Conditions(version="0.1.0", code=(), libraries=(), device=None, python="3.11", platform="Linux")
HOSTILE_TEXT = '\x00\x1b[31m]]></failure></script><script>alert(1)</script>\u202e"\ufffe'


def expect(claim: str, outcome: Outcome) -> Expectation:
    return Expectation(claim=claim, outcome=outcome, reason="because")


def export(expectations: Sequence[Expectation] = (), report: ReportEvidence = REPORT) -> VerdictsExport:
    return export_verdicts(report, expectations, claim_pages(report))


def words(locale: str = "en") -> ReportWords:
    return report_words(REPORT, locale)


def hostile_words() -> ReportWords:
    """The words of the report with hostile text in the place of each."""
    told = tuple(
        replace(claim, title=HOSTILE_TEXT, sentence=HOSTILE_TEXT, why=(HOSTILE_TEXT,)) for claim in words().claims
    )
    return replace(words(), question=HOSTILE_TEXT, description=HOSTILE_TEXT, claims=told)

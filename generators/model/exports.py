"""What exports are made of beside the evidence: what was expected, and the words of one language."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.claim import EvidenceKind, Outcome, Tally, Value
from generators.model.evidence import Build

EXPORT_VERSION = 1
"""Version of the JSON of ``verdicts.json``; it changes when a field changes its meaning or goes away."""

Standing = Literal["as-expected", "unexpected", "holds", "refuted", "skipped"]
"""How a claim stands with its owner: its verdict is the expected one or another; where none is expected, it holds, is
refuted, or wasn't decided."""


class Expectation(Struct, frozen=True, kw_only=True):
    """The verdict that a report's owner expects of a claim.

    Attributes:
        claim: Its id.
        outcome: The verdict.
        reason: Why it is expected, in the owner's words.
    """

    claim: str
    outcome: Outcome
    reason: str


class CheckVerdict(Struct, frozen=True, kw_only=True):
    """What one check came to.

    Attributes:
        id: Unique within its claim.
        subject: Lock id or architecture id.
        quantity: JSON pointer into ``evidence/report.json``; empty where nothing can be observed.
        comparator: How the value was compared.
        expected: What the claim says; None where nothing can be observed.
        found: What the evidence has; None when it has nothing. Hostile where it is text.
        unit: Of both; empty for counts and names.
        outcome: Its verdict.
        reason: Code of the reason.
        kinds: Kinds of evidence it rests on, strongest first.
    """

    id: str
    subject: str
    quantity: str
    comparator: str
    expected: Value | None
    found: Value | None
    unit: str
    outcome: Outcome
    reason: str
    kinds: tuple[EvidenceKind, ...]


class ClaimVerdict(Struct, frozen=True, kw_only=True):
    """What one claim came to.

    Attributes:
        id: Of the claim; it stays when the claim moves.
        number: Its place in the report.
        page: Address of its verdict, from the start of the site.
        source: Key of the source that says it.
        outcome: The verdict.
        standing: How the verdict stands with the owner's expectation.
        expectation: What the owner expects; None where nothing is.
        checks: In the order of the report file.
    """

    id: str
    number: int
    page: str
    source: str
    outcome: Outcome
    standing: Standing
    expectation: Expectation | None
    checks: tuple[CheckVerdict, ...]


class VerdictsExport(Struct, frozen=True, kw_only=True):
    """All verdicts of a report, without the evidence behind them.

    Attributes:
        export_version: Of this JSON.
        report: Id of the report.
        build: When, from what and on what it was built.
        tally: How many claims ended in each verdict.
        claims: In the order of the report.
    """

    report: str
    build: Build
    tally: Tally
    claims: tuple[ClaimVerdict, ...]
    export_version: int = EXPORT_VERSION


class ClaimWords(Struct, frozen=True, kw_only=True):
    """A claim in one language, as plain text in which nothing is hostile any more.

    Attributes:
        id: Of the claim.
        title: In a few words.
        sentence: What is claimed.
        outcome: The verdict's name.
        why: What each deciding check asked and found, one sentence or two a check.
    """

    id: str
    title: str
    sentence: str
    outcome: str
    why: tuple[str, ...]


class ReportWords(Struct, frozen=True, kw_only=True):
    """A report in one language, likewise.

    Attributes:
        locale: The language.
        question: What the report asks.
        description: What the site is.
        tally: How many claims ended in which verdict, for a badge.
        claims: In the order of the report.
    """

    locale: str
    question: str
    description: str
    tally: str
    claims: tuple[ClaimWords, ...]


class FeedEntry(Struct, frozen=True, kw_only=True):
    """One thing that a feed tells, in one language, as plain text.

    Attributes:
        key: Distinguishes it from every other entry of the report, in every language alike.
        updated: Date and time, ISO 8601.
        title: In a few words.
        text: In full.
        page: Address of what it is about, from the start of the site.
    """

    key: str
    updated: str
    title: str
    text: str
    page: str


class TensorTable(Struct, frozen=True, kw_only=True):
    """A table of tensors that a site has.

    Attributes:
        id: Of the entry whose file it is about.
        role: ``checkpoint`` or ``control``.
        tensors: How many rows it has.
    """

    id: str
    role: str
    tensors: int


class Publication(Struct, frozen=True, kw_only=True):
    """What the files of a site are told about the site itself.

    Attributes:
        address: Where the language's site is published, ending with ``/``; empty where that isn't known.
        commit: Of the repository that it was built from; empty where that isn't known.
        is_changed: Whether files that the commit has were changed since.
        has_statement: Whether a published file was read, so that there is a statement about it.
        has_pdf: Whether the report was printed with the site.
        shared: Where the files lie that are the same in every language, as seen from the start of the language's site:
            empty where that is the site's own start, else ``../``.
    """

    address: str = ""
    commit: str = ""
    is_changed: bool = False
    has_statement: bool = False
    has_pdf: bool = False
    shared: str = ""


UNPUBLISHED = Publication()
"""Of a site of which nothing is known."""

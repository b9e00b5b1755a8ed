"""Claims of a written report, the checks they consist of, and the verdicts on them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Outcome = Literal["supported", "refuted", "cannot-tell", "untested"]
EvidenceKind = Literal["live", "recorded", "reported", "computed"]
Comparator = Literal[
    "equals", "differs", "within", "at-least", "at-most", "contains", "lacks", "same-protocol", "not-observable"
]
Scalar = bool | int | float | str
Value = Scalar | tuple[Scalar, ...]
Wanted = Literal["exactly", "other", "between", "outside", "at-least", "below", "at-most", "above", "with", "without"]
"""What a value would have to be, held against ``Change.value`` or the range."""
ChangeBy = Literal[
    "this-file",
    "absent-file",
    "control",
    "listing",
    "measurement",
    "definition",
    "figure",
    "report",
    "all-files",
    "verdicts",
]
"""Where a value would have to come from.

``this-file`` is a file with other bytes in place of the one that was read, ``absent-file`` the file that isn't here,
``control`` a control that is built otherwise, ``listing`` what a listing says of the size, ``definition`` an
architecture's published definition, ``figure`` a published figure, ``report`` what a third party saw, ``all-files``
what all files of the lock show together, ``verdicts`` the verdicts themselves.
"""


class Check(Struct, frozen=True, kw_only=True):
    """One comparison of a claim with the evidence.

    Attributes:
        id: Unique within its claim; the sentence is the catalog message ``check`` / ``<claim>.<check>``.
        subject: Lock id or architecture id that the check is about.
        quantity: JSON pointer into the evidence document; empty for ``not-observable``.
        comparator: How the value is compared.
        expected: What the claim says; None for ``not-observable``.
        tolerance: Allowed distance for ``within``, as a share of ``expected``.
        unit: For example ``mm`` or ``MiB``; empty for counts and names.
        protocol: Metric protocol id that the claim states; empty when it states none.
    """

    id: str
    subject: str
    quantity: str
    comparator: Comparator
    expected: Value | None
    tolerance: float = 0.0
    unit: str = ""
    protocol: str = ""


class Claim(Struct, frozen=True, kw_only=True):
    """A sentence of a report, as checks. All must hold for the claim to be supported.

    Attributes:
        id: The sentence is the catalog message ``claim`` / ``id``.
        number: Its place in the report.
        source: Key of the source that says it.
        locator: Where in the source.
        checks: At least one.
        line: Of the claim in its file, for messages.
    """

    id: str
    number: int
    source: str
    locator: str
    checks: tuple[Check, ...]
    line: int


class Change(Struct, frozen=True, kw_only=True):
    """What would change one answer.

    Attributes:
        wanted: What the value would have to be.
        by: Where it would have to come from.
        value: What it is held against; None for a range.
        lowest: Of a range; None where there is none.
        highest: Likewise.
        size_bytes: Size of a file that would do, where the architecture that is needed predicts it.
    """

    wanted: Wanted
    by: ChangeBy
    value: Value | None = None
    lowest: float | None = None
    highest: float | None = None
    size_bytes: int | None = None


class CheckResult(Struct, frozen=True, kw_only=True):
    """What the evidence did to one check.

    Attributes:
        check: The check.
        outcome: Its verdict.
        reason: Code of the reason; the sentence is the catalog message ``reason`` / ``reason``.
        found: The value the evidence has; None when it has none.
        kinds: Kinds of evidence it rests on, strongest first.
        sources: Keys of the sources of reported and computed evidence.
        change: What would give it another outcome; None where no value that could be read would.
    """

    check: Check
    outcome: Outcome
    reason: str
    found: Value | None
    kinds: tuple[EvidenceKind, ...]
    sources: tuple[str, ...]
    change: Change | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    """What the evidence did to one claim: refuted by any check, supported only by all.

    Attributes:
        claim: The claim.
        outcome: The verdict.
        decisive: The results that decided it.
        results: All results, in the order of the checks.
        otherwise: What the claim would come to if every decisive check were answered the other way.
    """

    claim: Claim
    outcome: Outcome
    decisive: tuple[CheckResult, ...]
    results: tuple[CheckResult, ...]
    otherwise: Outcome | None = None


class Tally(Struct, frozen=True, kw_only=True):
    """How many claims of a report ended in each verdict.

    Attributes:
        supported: Every check holds.
        refuted: The evidence contradicts at least one check.
        cannot_tell: No evidence of the kinds at hand can decide.
        untested: Evidence would decide, but is not here.
    """

    supported: int
    refuted: int
    cannot_tell: int
    untested: int

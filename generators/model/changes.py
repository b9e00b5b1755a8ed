"""What differs between the verdicts of two states: of a branch and its base, of the last record and now."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.claim import Outcome, Tally
from generators.model.conditions import CodePart
from generators.model.history import CheckState, ClaimState, FileState

Difference = Literal["claim", "file", "lock", "code"]
"""What else differs between two states: the claim's definition, its files' bytes, the lock, Assay's code."""


class VerdictState(Struct, frozen=True, kw_only=True):
    """The verdicts of one state, and what they rest on. All text of it is hostile: it may come from elsewhere.

    Attributes:
        report: Id of the report.
        date: When it was judged, UTC, ISO 8601.
        version: Of Assay.
        code_digest: Of its code; empty where that isn't known.
        lock_sha256: Of the lock.
        claims: What each claim came to.
        files: What was known of each entry.
        code: Digests of the parts of its code; empty where only the whole one's is known.
    """

    report: str
    date: str
    version: str
    code_digest: str
    lock_sha256: str
    claims: tuple[ClaimState, ...]
    files: tuple[FileState, ...] = ()
    code: tuple[CodePart, ...] = ()


class CheckChange(Struct, frozen=True, kw_only=True):
    """One check of a claim before and after.

    Attributes:
        before: None where the check is new.
        after: None where it is gone.
    """

    before: CheckState | None
    after: CheckState | None

    @property
    def id(self) -> str:
        """Of the check."""
        state = self.after or self.before
        return state.id if state else ""


class ClaimChange(Struct, frozen=True, kw_only=True):
    """A claim that came to another verdict, or to the same one on other evidence.

    Attributes:
        claim: Its id.
        before: Verdict; None for a new claim.
        after: None for one that is gone.
        checks: Those that differ.
        differences: What else differs, and can explain it.
    """

    claim: str
    before: Outcome | None
    after: Outcome | None
    checks: tuple[CheckChange, ...]
    differences: tuple[Difference, ...]


class VerdictChanges(Struct, frozen=True, kw_only=True):
    """Two states held against each other.

    Attributes:
        before: None where there was nothing to hold it against.
        after: The later state.
        tally_before: Of the earlier state.
        tally_after: Of the later one.
        flips: Claims with another verdict, new ones and those that are gone.
        moved: Claims whose verdict stays, though a check rests on something else.
    """

    before: VerdictState | None
    after: VerdictState
    tally_before: Tally | None
    tally_after: Tally
    flips: tuple[ClaimChange, ...] = ()
    moved: tuple[ClaimChange, ...] = ()

"""Verdicts over time: when one flipped, and what flipped it."""

from __future__ import annotations

from msgspec import Struct

from generators.model.claim import EvidenceKind, Outcome, Value
from generators.model.recorded import RECORD_VERSION, Cause, Conditions


class CheckState(Struct, frozen=True, kw_only=True):
    """What one check of a claim came to.

    Attributes:
        id: Of the check.
        outcome: Its verdict.
        reason: Code of the reason.
        found: The value that the evidence had; None when it had none. Hostile where it is text.
        kinds: Kinds of evidence it rested on, strongest first.
    """

    id: str
    outcome: Outcome
    reason: str
    found: Value | None
    kinds: tuple[EvidenceKind, ...]


class ClaimState(Struct, frozen=True, kw_only=True):
    """What one claim came to.

    Attributes:
        claim: Its id.
        outcome: Its verdict.
        definition: Digest of its checks as the report file has them, first 12 hexadecimal digits.
        subjects: Lock ids that its checks are about.
        checks: In the order of the report file.
    """

    claim: str
    outcome: Outcome
    definition: str
    subjects: tuple[str, ...]
    checks: tuple[CheckState, ...]


class VerdictFlip(Struct, frozen=True, kw_only=True):
    """A claim whose verdict is another than before.

    Attributes:
        claim: Its id.
        before: None for a claim that is new.
        after: None for a claim that is gone.
        checks: Ids of the checks whose outcome or reason changed.
        causes: What changed with it, the nearest first; empty where nothing known did.
    """

    claim: str
    before: Outcome | None
    after: Outcome | None
    checks: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()


class FileState(Struct, frozen=True, kw_only=True):
    """What a record rested on for one entry of the lock.

    Attributes:
        subject: Lock id.
        kinds: Kinds of evidence, strongest first; empty when nothing was known.
        sha256: Of the file; None where it was never read.
        weights_digest: Likewise.
    """

    subject: str
    kinds: tuple[EvidenceKind, ...]
    sha256: str | None
    weights_digest: str | None


class VerdictRecord(Struct, frozen=True, kw_only=True):
    """All verdicts of a report at one moment.

    Attributes:
        recorded_at: Date and time in UTC, ISO 8601.
        conditions: What they were made by.
        lock_sha256: Digest of the lock file.
        files: What was known of each entry.
        claims: What each claim came to.
        flips: Against the record before; empty in the first.
    """

    recorded_at: str
    conditions: Conditions
    lock_sha256: str
    files: tuple[FileState, ...]
    claims: tuple[ClaimState, ...]
    flips: tuple[VerdictFlip, ...]


class VerdictHistory(Struct, frozen=True, kw_only=True):
    """One file of ``docs/evidence/history/``: the verdicts on one report over time.

    Attributes:
        report: Its id.
        records: Oldest first; each differs from the one before in a verdict or in what a verdict rests on.
        record_version: Of this JSON.
    """

    report: str
    records: tuple[VerdictRecord, ...]
    record_version: int = RECORD_VERSION

"""What was read of an entry earlier, and what it was read by, as a project keeps it in ``docs/evidence/``."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.conditions import Cause, CodePart, Conditions, Library
from generators.model.evidence import SubjectEvidence

__all__ = [
    "RECORD_VERSION",
    "Cause",
    "CodePart",
    "Conditions",
    "Drift",
    "DriftSeverity",
    "Library",
    "RecordOutcome",
    "RecordState",
    "RecordedSubject",
    "Refusal",
]

RECORD_VERSION = 1
"""Version of the JSON of records; it changes when a field changes its meaning or goes away."""

DriftSeverity = Literal["error", "note"]
"""``error``: the record says something else than the file; ``note``: a figure that another device or library moves."""
RecordState = Literal["new", "changed", "unchanged", "not-here", "refused"]
"""What became of a record; with ``--check``, what would."""
Refusal = Literal["not-here", "another-file", "a-control", "damaged", "unreadable", "would-lose", "file-refused"]
"""Why nothing is recorded."""


class RecordedSubject(Struct, frozen=True, kw_only=True):
    """One file of ``docs/evidence/``: an entry as it was read.

    What follows from the lock or the report alone is left out (addresses, reported facts, comparisons with published
    figures): a build takes it from them. Of the identification, only the best candidate is kept.

    Attributes:
        recorded_at: Date and time in UTC, ISO 8601.
        conditions: What it was made by.
        subject: As it was read; its kinds are those of the build that read it.
        record_version: Of this JSON.
    """

    recorded_at: str
    conditions: Conditions
    subject: SubjectEvidence
    record_version: int = RECORD_VERSION


class Drift(Struct, frozen=True, kw_only=True):
    """One value that a build finds otherwise than it was recorded.

    Attributes:
        subject: Lock id.
        pointer: JSON pointer into the subject's evidence.
        recorded: The value then, as text; empty where there was none. Hostile text.
        found: The value now, as text; empty where there is none. Hostile text.
        causes: What else differs, and can explain it, the nearest first: none of them means that the same bytes, code,
            libraries and device gave another value.
        severity: Whether the record is contradicted.
    """

    subject: str
    pointer: str
    recorded: str
    found: str
    causes: tuple[Cause, ...]
    severity: DriftSeverity = "error"


class RecordOutcome(Struct, frozen=True, kw_only=True):
    """What became of the record of one entry, or of the verdicts.

    Attributes:
        id: Lock id; of the verdicts, the report's id.
        what: Which record.
        state: What became of it.
        reason: Why it was refused; else empty.
        path: Of the record, from the project's folder.
        causes: What differs from the record before, the nearest first.
        changed: Pointers to values that differ from the record before, or ids of claims whose verdict is another; the
            first of them. Of verdicts that were refused, ids of the entries whose file can't be recorded.
        size_bytes: Of the record; 0 where none is written.
    """

    id: str
    what: Literal["entry", "verdicts"]
    state: RecordState
    reason: Refusal | Literal[""] = ""
    path: str = ""
    causes: tuple[Cause, ...] = ()
    changed: tuple[str, ...] = ()
    size_bytes: int = 0

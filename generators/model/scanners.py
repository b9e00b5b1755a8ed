"""What Assay and other tools said of the same hostile and ordinary files."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

AttackKind = Literal[
    "calls", "names", "gadgets", "nested", "places", "zip", "layout", "exhaustion", "strings", "damage", "benign"
]
"""Class of a file; ``benign`` is an ordinary one."""

ScanOutcome = Literal["flagged", "passed", "skipped", "unreadable", "crashed", "timed-out", "executed", "not-asked"]
"""``skipped`` is a tool that looked at nothing, ``unreadable`` one that says it couldn't read the file,
``executed`` one under which the payload ran; ``not-asked`` is a kind of file that the tool isn't made for."""

ScannerId = Literal["assay", "torch", "picklescan", "picklescan-strict", "fickling", "modelscan"]


class Scanner(Struct, frozen=True, kw_only=True):
    """A tool.

    Attributes:
        id: Which one.
        version: Of its distribution.
    """

    id: ScannerId
    version: str


class ScannedCase(Struct, frozen=True, kw_only=True):
    """A file of the corpus.

    Attributes:
        id: Its name.
        kind: Its class.
        carrier: Kind of file, as the corpus calls it.
        advisories: Published ids of the same trick.
        fires: Whether its payload was shown to run under a loader that trusts it.
        outcomes: What each tool said, in the order of the tools.
    """

    id: str
    kind: AttackKind
    carrier: str
    advisories: tuple[str, ...]
    fires: bool
    outcomes: tuple[ScanOutcome, ...]


class ScannerRecord(Struct, frozen=True, kw_only=True):
    """One run of the comparison, as it is recorded.

    Attributes:
        date: Of the run, ISO 8601.
        python: Version.
        system: Operating system and processor.
        limit_seconds: For one file.
        limit_bytes: Address space for one file.
        tools: The tools.
        cases: The files.
    """

    date: str
    python: str
    system: str
    limit_seconds: int
    limit_bytes: int
    tools: tuple[Scanner, ...]
    cases: tuple[ScannedCase, ...]


class ScanTally(Struct, frozen=True, kw_only=True):
    """What one tool said of one class.

    Attributes:
        asked: Files that it was asked about.
        flagged: Files that it warned of or refused.
        passed: Files that it found nothing wrong with.
        undecided: Files that it didn't look at or couldn't read.
        failed: Files under which it crashed, ran out of time, or ran the payload.
    """

    asked: int
    flagged: int
    passed: int
    undecided: int
    failed: int


class AttackGroup(Struct, frozen=True, kw_only=True):
    """One class: its files, and a tally for each tool in their order."""

    kind: AttackKind
    cases: tuple[ScannedCase, ...]
    tallies: tuple[ScanTally, ...]


class ScannerComparison(Struct, frozen=True, kw_only=True):
    """A record, counted.

    Attributes:
        record: What was recorded.
        groups: The classes in their order; those without a file are left out.
        firing: Files whose payload was shown to run.
    """

    record: ScannerRecord
    groups: tuple[AttackGroup, ...]
    firing: int

"""The recorded comparison with other scanners, read and counted."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from generators.model.scanners import (
    AttackGroup,
    AttackKind,
    ScannedCase,
    ScannerComparison,
    ScannerRecord,
    ScanOutcome,
    ScanTally,
)
from generators.store import malformed_record, read_record

RECORD = Path("docs", "measurements", "scanners.json")
"""Written by ``tests/hostile/compare.py``."""
_REMEDY = "run tests/hostile/compare.py again, or delete the file"
_UNDECIDED: frozenset[ScanOutcome] = frozenset({"skipped", "unreadable"})
_FAILED: frozenset[ScanOutcome] = frozenset({"crashed", "timed-out", "executed"})


def read_scanners(root: Path) -> ScannerComparison | None:
    """Return the comparison of a project; None where none was recorded.

    Raises:
        StoreError: The record can't be read, or a case lacks a tool.
    """
    path = root / RECORD
    record = read_record(path, ScannerRecord, _REMEDY)
    if record is None:
        return None
    for case in record.cases:
        if len(case.outcomes) != len(record.tools):
            raise malformed_record(
                f"{case.id} has {len(case.outcomes)} outcomes for {len(record.tools)} tools", path, _REMEDY
            )
    return count_outcomes(record)


def count_outcomes(record: ScannerRecord) -> ScannerComparison:
    """Return a record with its tallies."""
    kinds: tuple[AttackKind, ...] = get_args(AttackKind)
    groups = ((kind, tuple(case for case in record.cases if case.kind == kind)) for kind in kinds)
    return ScannerComparison(
        record=record,
        groups=tuple(
            AttackGroup(kind=kind, cases=cases, tallies=tuple(_tally(cases, tool) for tool in range(len(record.tools))))
            for kind, cases in groups
            if cases
        ),
        firing=sum(case.fires for case in record.cases),
    )


def _tally(cases: tuple[ScannedCase, ...], tool: int) -> ScanTally:
    said = [outcome for case in cases if (outcome := case.outcomes[tool]) != "not-asked"]
    return ScanTally(
        asked=len(said),
        flagged=said.count("flagged"),
        passed=said.count("passed"),
        undecided=sum(outcome in _UNDECIDED for outcome in said),
        failed=sum(outcome in _FAILED for outcome in said),
    )

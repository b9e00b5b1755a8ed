"""What a change does to the verdicts: this checkout or a built report, against another report or the last record."""

from __future__ import annotations

from pathlib import Path

from generators.judge.state_changes import compare_states
from generators.model.changes import VerdictChanges
from generators.pipeline.project import open_project
from generators.pipeline.recording.verdict_states import current_state, read_state, recorded_state


def find_changes(root: Path, later: Path | None = None, against: Path | None = None) -> VerdictChanges:
    """Return what differs between two states of a report.

    Args:
        root: Folder of the lock; it isn't looked at when both reports are given.
        later: A built report; this checkout by default.
        against: A built report; by default what was recorded last, if anything was.

    Raises:
        AssayError: The lock is wrong, or a report can't be read.
    """
    before = read_state(against) if against else recorded_state(open_project(root))
    return compare_states(before, read_state(later) if later else current_state(root))

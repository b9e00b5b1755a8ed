"""Pickles that torch doesn't read: what they name matters, what they build doesn't."""

from __future__ import annotations

from generators.containers.index import Index
from generators.containers.pickle_machine import run_pickle
from generators.containers.segments import Segment
from generators.containers.storages import StorageTable
from generators.containers.torch_legacy import read_nested
from generators.containers.values import Global
from generators.model.finding import Finding

MAX_PICKLES = 16
"""Pickles looked at, one behind the other."""


def collect_globals(segment: Segment, start: int) -> frozenset[Global]:
    """Return what the pickles from ``start`` on name, up to the first that is damaged."""
    named: set[Global] = set()
    for _ in range(MAX_PICKLES):
        table = StorageTable("", "", read_nested)
        run = run_pickle(segment, start, table, "")
        named |= run.globals | table.globals
        start = run.end
        if not run.complete or start >= segment.size:
            break
    return frozenset(named)


def read_foreign_pickle(segment: Segment) -> Index:
    """Read a pickle that isn't torch's: its object is no checkpoint, its globals are worth knowing."""
    table = StorageTable("", "", read_nested)
    run = run_pickle(segment, 0, table, "pickle")
    named = run.globals | table.globals
    if run.complete and run.end < segment.size:
        named |= collect_globals(segment, run.end)
    return Index(
        format="unknown",
        globals=frozenset(named),
        findings=(Finding(code="pickle-not-torch", severity="error"), *run.findings, *table.findings),
    )

"""Pickles that torch doesn't read: what they name matters, what they build doesn't."""

from __future__ import annotations

from generators.containers.budget import BYTES_AN_OPCODE, Budget
from generators.containers.distributed_metadata import is_metadata, read_metadata
from generators.containers.index import Index
from generators.containers.nested_pickles import HEAD_BYTES, MAX_PICKLES, SealedContext, begins_like_pickle
from generators.containers.pickle_machine import run_pickle
from generators.containers.segments import DeflatedSegment, MemorySegment, Segment
from generators.containers.storages import StorageTable
from generators.containers.torch_legacy import read_nested
from generators.containers.values import Global
from generators.model.finding import Finding

MAX_DEFLATED_BYTES = 1 << 26
"""Of a compressed pickle; torch compresses none, and a re-packed one of 90,000 tensors has about 14 MB."""
SNIFFED_WORK = 1 << 15
"""Opcodes after which a stream without an error is a pickle, whatever follows."""
_OWN_DAMAGE = frozenset({"pickle-malformed", "pickle-truncated"})


def begins_text_pickle(segment: Segment) -> bool:
    """Say whether a file without any signature is a pickle of protocol 0 or 1 that calls something.

    Such a pickle is text of a kind; only following it tells it from other text.
    """
    budget = Budget()
    budget.left = SNIFFED_WORK
    run = run_pickle(segment, 0, SealedContext(budget), "")
    return run.calls > 0 or (run.complete and bool(run.globals)) or any(f.code == "pickle-budget" for f in run.findings)


def may_be_pickle(segment: Segment) -> bool:
    """Say whether the first bytes are those of a pickle or of an archive."""
    return begins_like_pickle(segment.read(0, HEAD_BYTES))


def collect_globals(
    segment: Segment, start: int, budget: Budget, record: str
) -> tuple[frozenset[Global], tuple[Finding, ...]]:
    """Return what the pickles from ``start`` on name, up to the first that is damaged.

    Args:
        segment: Where they lie.
        start: First byte of the first.
        budget: Work that may still be done.
        record: Name for findings.

    Returns:
        The names, and what is wrong with the pickles beyond damage: nobody reads them in order to load the file.
    """
    named: set[Global] = set()
    held_before = budget.held_bytes
    segment = hold_deflated(segment, budget)
    findings: tuple[Finding, ...] = ()
    held_bytes = budget.held_bytes
    for _ in range(MAX_PICKLES):
        budget.held_bytes = held_bytes  # what such a pickle builds isn't kept
        table = StorageTable("", "", read_nested, budget)
        run = run_pickle(segment, start, table, record)
        named |= run.globals | table.globals
        start = run.end
        findings += tuple(f for f in run.findings if f.code not in _OWN_DAMAGE)
        if not run.complete or start >= segment.size:
            break
    budget.held_bytes = held_before
    return frozenset(named), findings


def hold_deflated(segment: Segment, budget: Budget) -> Segment:
    """Return a compressed record as bytes in memory: a pickle is read here and there, inflating goes one way.

    Of a longer record only the first ``MAX_DEFLATED_BYTES`` are read; of one beyond the budget, none.
    """
    if not isinstance(segment, DeflatedSegment):
        return segment
    wanted = min(segment.size, MAX_DEFLATED_BYTES, max(0, budget.left) * BYTES_AN_OPCODE)
    wanted = min(wanted, max(0, budget.room_bytes))
    data = segment.read(0, wanted)
    budget.left -= len(data) // BYTES_AN_OPCODE
    budget.held_bytes += len(data)
    return MemorySegment(data)


def read_foreign_pickle(segment: Segment, budget: Budget | None = None) -> Index:
    """Read a pickle that isn't torch's: its object is no checkpoint, its globals are worth knowing."""
    table = StorageTable("", "", read_nested, budget)
    run = run_pickle(segment, 0, table, "pickle")
    named = run.globals | table.globals
    findings = (Finding(code="pickle-not-torch", severity="error"), *run.findings, *table.findings)
    if run.complete and run.end < segment.size:
        more, cut = collect_globals(segment, run.end, table.budget, "pickle")
        named |= more
        findings += cut
    if is_metadata(frozenset(named)):
        return read_metadata(
            run.value, Index(format="torch-distributed", globals=frozenset(named), findings=findings[1:])
        )
    return Index(format="unknown", globals=frozenset(named), findings=findings)

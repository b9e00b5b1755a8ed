"""A pickle interpreter that builds data and does nothing else.

It knows every opcode of protocols 0 to 5. Where Python's unpickler would
import a name, this keeps the name; where it would call something,
:mod:`generators.containers.pickle_calls` recognises the few functions that
rebuild tensors and containers, and everything else becomes an
:class:`~generators.containers.values.Opaque`. Work and memory are bounded,
and every way a stream can be wrong ends in a finding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from msgspec import Struct

from generators.containers.budget import RUN_WORK
from generators.containers.cursor import Cursor, PickleDefectError
from generators.containers.global_policy import printable
from generators.containers.nested_pickles import NestedRun, SealedContext, scan_suspects
from generators.containers.pickle_calls import CallContext
from generators.containers.pickle_opcodes import HANDLERS, STOP
from generators.containers.pickle_state import PickleState, fill_container
from generators.containers.segments import Segment
from generators.containers.values import Global, Value
from generators.model.finding import Finding

MAX_OPCODES = 8_000_000
"""Twice what 90,000 tensors take with an optimizer's state; a few seconds of work."""
_OPCODES_BETWEEN_CHECKS = 4096
_OWN_DAMAGE = frozenset({"pickle-malformed", "pickle-truncated"})
"""What says of bytes inside a value only that they are no pickle after all."""
_MAX_SALVAGED = 10_000
"""Values of an open container that are kept where the budget ended: picklers fill containers a thousand at a time."""


class PickleRun(Struct, frozen=True, kw_only=True):
    """What one pickle gave.

    Attributes:
        value: The object it describes; what could be pieced together when the stream is damaged.
        complete: Whether the stream reached its STOP.
        end: Position after the last byte read.
        globals: Everything it names, also in pickles inside its values.
        calls: Calls that it makes.
        findings: What is wrong with it.
    """

    value: Value
    complete: bool
    end: int
    globals: frozenset[Global]
    calls: int
    findings: tuple[Finding, ...]


def run_pickle(segment: Segment, start: int, context: CallContext, record: str, depth: int = 0) -> PickleRun:
    """Interpret the pickle that begins at ``start``, and the pickles inside its values.

    Args:
        segment: Where the pickle lies.
        start: Its first byte.
        context: Resolves persistent ids and nested checkpoints.
        record: Name for findings.
        depth: Pickles around this one.
    """
    state = PickleState(Cursor(segment, start), context)
    findings: list[Finding] = []
    try:
        value = _execute(state)
        complete = True
    except PickleDefectError as defect:
        where = f"{record}@{state.cursor.position}"
        findings.append(Finding(code=defect.code, severity="error", where=where, found=defect.found))
        if defect.code == "pickle-budget":
            del state.stack[_MAX_SALVAGED:]
        value, complete = _salvage(state), False
    findings.extend(_noticed(state, record))
    end = state.cursor.position
    named, inner = scan_suspects(state.suspects, _run_nested, context.budget, record, depth)
    return PickleRun(
        value=value,
        complete=complete,
        end=end,
        globals=frozenset(state.globals | named),
        calls=state.calls,
        findings=(*findings, *inner),
    )


def _run_nested(segment: Segment, start: int, context: SealedContext, depth: int) -> NestedRun:
    run = run_pickle(segment, start, context, "nested", depth)
    findings = tuple(f for f in run.findings if f.code not in _OWN_DAMAGE)
    followed = run.complete or run.calls > 0
    return NestedRun(
        followed=followed,
        complete=run.complete,
        end=run.end,
        globals=run.globals,
        findings=findings,
    )


def _noticed(state: PickleState, record: str) -> Iterator[Finding]:
    for code, position, found in state.notices:
        where = f"{record}@{position}"
        if code == "call-computed":
            yield Finding(code="call-computed", severity="error", where=where, found=printable(found)[:200])
        else:
            yield Finding(code="global-rewritten", severity="error", where=where, found=printable(found)[:200])


def _execute(state: PickleState) -> Value:
    """Execute opcodes up to STOP and return the value on top.

    Raises:
        PickleDefectError: The stream is damaged, malformed or too large.
    """
    cursor, handlers, budget = state.cursor, HANDLERS, state.context.budget
    try:
        budget.spend(RUN_WORK)
        for _ in range(0, MAX_OPCODES, _OPCODES_BETWEEN_CHECKS):
            budget.spend(_OPCODES_BETWEEN_CHECKS)
            for executed in range(_OPCODES_BETWEEN_CHECKS):
                index = cursor.index
                if index < len(cursor.block):
                    code = cursor.block[index]
                    cursor.index = index + 1
                else:
                    code = cursor.byte()
                if code == STOP:
                    budget.left += _OPCODES_BETWEEN_CHECKS - executed
                    state.check_budget()
                    return state.stack.pop()
                handlers[code](state)
            state.check_budget()
    except IndexError:
        raise PickleDefectError("pickle-malformed", "stack-underflow") from None
    except KeyError:
        raise PickleDefectError("pickle-malformed", "unknown-opcode-or-memo") from None
    except (ValueError, OverflowError, struct.error):
        raise PickleDefectError("pickle-malformed", "number-or-text") from None
    raise PickleDefectError("pickle-budget", f"opcodes>{MAX_OPCODES}")


def _salvage(state: PickleState) -> Value:
    """Return what a broken stream had built: the open containers closed where they stand."""
    stack = state.stack
    for outer in reversed(state.marks):
        if not (outer and fill_container(outer, stack)):
            outer.append(tuple(stack))
        stack = outer
    if not stack:
        return None
    fill_container(stack[:1], stack[1:])
    return stack[0]

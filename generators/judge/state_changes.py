"""Two states of a report's verdicts, held against each other."""

from __future__ import annotations

from collections.abc import Iterator

from generators.judge.flips import find_flips
from generators.judge.verdicts import tally_verdicts
from generators.model.changes import CheckChange, ClaimChange, Difference, VerdictChanges, VerdictState
from generators.model.history import ClaimState


def compare_states(before: VerdictState | None, after: VerdictState) -> VerdictChanges:
    """Return what differs between two states; nothing where there is no earlier one."""
    if before is None:
        return VerdictChanges(before=None, after=after, tally_before=None, tally_after=tally_verdicts(after.claims))
    then, now = ({state.claim: state for state in one.claims} for one in (before, after))
    flipped = [flip.claim for flip in find_flips(before.claims, after.claims)]
    changes = {name: _claim_change(then.get(name), now.get(name), before, after) for name in (*flipped, *now)}
    return VerdictChanges(
        before=before,
        after=after,
        tally_before=tally_verdicts(before.claims),
        tally_after=tally_verdicts(after.claims),
        flips=tuple(changes[name] for name in flipped),
        moved=tuple(change for name, change in changes.items() if name not in flipped and change.checks),
    )


def _claim_change(
    old: ClaimState | None, new: ClaimState | None, before: VerdictState, after: VerdictState
) -> ClaimChange:
    known = new or old
    return ClaimChange(
        claim=known.claim if known else "",
        before=old.outcome if old else None,
        after=new.outcome if new else None,
        checks=tuple(_check_changes(old, new)),
        differences=tuple(_differences(old, new, before, after)),
    )


def _check_changes(old: ClaimState | None, new: ClaimState | None) -> Iterator[CheckChange]:
    then, now = ({check.id: check for check in state.checks} if state else {} for state in (old, new))
    for name in dict.fromkeys([*now, *then]):
        change = CheckChange(before=then.get(name), after=now.get(name))
        if change.before != change.after:
            yield change


def _differences(
    old: ClaimState | None, new: ClaimState | None, before: VerdictState, after: VerdictState
) -> Iterator[Difference]:
    if old is None or new is None or old.definition != new.definition:
        yield "claim"
    subjects = {subject for state in (old, new) if state for subject in state.subjects}
    if _files(before, subjects) != _files(after, subjects):
        yield "file"
    if before.lock_sha256 != after.lock_sha256:
        yield "lock"
    if _code_differs(before, after):
        yield "code"


def _code_differs(before: VerdictState, after: VerdictState) -> bool:
    """Whether the code is another, by its parts where both states have them: texts of pages judge nothing."""
    if before.code and after.code:
        return before.code != after.code
    return "" not in {before.code_digest, after.code_digest} and before.code_digest != after.code_digest


def _files(state: VerdictState, subjects: set[str]) -> dict[str, str | None]:
    return {file.subject: file.sha256 for file in state.files if file.subject in subjects}

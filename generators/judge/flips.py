"""Which verdicts differ between two states of a report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import msgspec

from generators.model.claim import Verdict
from generators.model.history import CheckState, ClaimState, VerdictFlip


def claim_states(verdicts: Sequence[Verdict]) -> tuple[ClaimState, ...]:
    """Return what each claim came to, without its sentences, for a later build to be held against."""
    return tuple(_claim_state(verdict) for verdict in verdicts)


def find_flips(before: Sequence[ClaimState], after: Sequence[ClaimState]) -> Iterator[VerdictFlip]:
    """Yield the claims whose verdict is another, the new ones and those that are gone; causes are left open."""
    then = {state.claim: state for state in before}
    now = {state.claim: state for state in after}
    for claim in dict.fromkeys([*now, *then]):
        old, new = then.get(claim), now.get(claim)
        if old is None or new is None or old.outcome != new.outcome:
            yield VerdictFlip(
                claim=claim,
                before=old.outcome if old else None,
                after=new.outcome if new else None,
                checks=tuple(_changed_checks(old, new)),
            )


def _claim_state(verdict: Verdict) -> ClaimState:
    checks = verdict.claim.checks
    return ClaimState(
        claim=verdict.claim.id,
        outcome=verdict.outcome,
        definition=hashlib.sha256(msgspec.json.encode(checks)).hexdigest()[:12],
        subjects=tuple(dict.fromkeys(check.subject for check in checks)),
        checks=tuple(
            CheckState(
                id=result.check.id,
                outcome=result.outcome,
                reason=result.reason,
                found=result.found,
                kinds=result.kinds,
            )
            for result in verdict.results
        ),
    )


def _changed_checks(old: ClaimState | None, new: ClaimState | None) -> Iterator[str]:
    then = {check.id: check for check in old.checks} if old else {}
    for check in new.checks if new else ():
        known = then.get(check.id)
        if known is None or (known.outcome, known.reason) != (check.outcome, check.reason):
            yield check.id

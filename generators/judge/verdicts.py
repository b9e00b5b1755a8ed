"""Checks to results, results to verdicts.

The rule: a claim is refuted by any check that the evidence contradicts, and
supported only when every check holds. Otherwise it is untested when some check
lacks evidence that could be had, and can't be told when no evidence could bear on it.
Missing evidence never refutes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from generators.judge.changes import find_change, otherwise
from generators.judge.comparators import check_holds, is_comparable
from generators.judge.pointer import Document, Quantity, find_dangling_step, find_quantity, find_subject
from generators.model.claim import Check, CheckResult, Claim, Outcome, Tally, Verdict
from generators.model.history import ClaimState

PRECEDENCE: tuple[Outcome, ...] = ("refuted", "untested", "cannot-tell", "supported")
"""The first of these that any check has is the claim's verdict."""


def judge_claims(claims: Iterable[Claim], document: Document) -> tuple[Verdict, ...]:
    """Judge claims on an evidence document (``ReportEvidence`` as JSON-like objects)."""
    return tuple(_judge(claim, document) for claim in claims)


def find_dangling_check(claims: Iterable[Claim], document: Document) -> tuple[Claim, Check, str] | None:
    """Return the first check whose quantity can lead nowhere, with its claim and the step that doesn't exist."""
    for claim in claims:
        for check in claim.checks:
            step = find_dangling_step(document, check.quantity)
            if step:
                return claim, check, step
    return None


def tally_verdicts(verdicts: Iterable[Verdict | ClaimState]) -> Tally:
    """Count the verdicts, just judged or of a state that is known."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    return Tally(
        supported=counts["supported"],
        refuted=counts["refuted"],
        cannot_tell=counts["cannot-tell"],
        untested=counts["untested"],
    )


def _judge(claim: Claim, document: Document) -> Verdict:
    results = tuple(_judge_check(check, document) for check in claim.checks)
    outcome = next(o for o in PRECEDENCE if any(r.outcome == o for r in results))
    return Verdict(
        claim=claim,
        outcome=outcome,
        decisive=tuple(r for r in results if r.outcome == outcome),
        results=results,
        otherwise=otherwise(results, outcome, PRECEDENCE),
    )


def _judge_check(check: Check, document: Document) -> CheckResult:
    quantity = find_quantity(document, check.quantity)
    outcome, reason = _decide(check, quantity, document)
    result = CheckResult(
        check=check,
        outcome=outcome,
        reason=reason,
        found=quantity.value,
        kinds=quantity.kinds if quantity.value is not None else (),
        sources=quantity.sources if quantity.value is not None else (),
    )
    return replace(result, change=find_change(result, document))


def _decide(check: Check, quantity: Quantity, document: Document) -> tuple[Outcome, str]:
    if check.comparator == "not-observable":
        return "cannot-tell", "not-observable"
    if check.comparator == "same-protocol" and not check.protocol:
        # nothing that could be measured would bear on it
        return "cannot-tell", "protocol-unstated"
    if _is_other_file(check, document):
        return "cannot-tell", "not-the-listed-file"
    if quantity.value is None:
        return "untested", _why_absent(check, document)
    if check.comparator == "same-protocol" and (obstacle := _protocol_obstacle(check, quantity.holder)):
        return "cannot-tell", obstacle
    if not is_comparable(check, quantity.value):
        return "cannot-tell", "not-comparable"
    if quantity.holder.get("whole") is False:
        return _decide_on_sample(check, quantity.holder)
    return ("supported", "holds") if check_holds(check, quantity.value) else ("refuted", "contradicted")


def _decide_on_sample(check: Check, run: Mapping[str, object]) -> tuple[Outcome, str]:
    """Decide on a figure of some of the images by its interval: inside of what is claimed, outside, or neither."""
    low, high = run.get("interval_low_mm"), run.get("interval_high_mm")
    if not isinstance(low, float) or not isinstance(high, float):
        return "cannot-tell", "interval-too-wide"
    if check_holds(check, low) and check_holds(check, high):
        return "supported", "holds-in-sample"
    nearest = max(low, min(high, float(str(check.expected))))
    return (
        ("cannot-tell", "interval-too-wide") if check_holds(check, nearest) else ("refuted", "contradicted-in-sample")
    )


def _protocol_obstacle(check: Check, figure: Mapping[str, object]) -> str:
    """Say why a claimed and a published or measured metric can't be compared; empty when they can."""
    if check.protocol != figure.get("protocol"):
        return "protocols-differ"
    if figure.get("recognised") is False:
        return "data-set-unrecognised"
    return "second-hand" if figure.get("second_hand") else ""


def _is_other_file(check: Check, document: Document) -> bool:
    """Whether the quantity would be read from a file that is not the one the lock names.

    The listed size and what others reported are of the entry's own file, whatever lies in its place.
    """
    of_listing = check.quantity.split("/")[3:4] in (["size"], ["reported"])
    return not of_listing and find_subject(document, check.quantity).get("lock_match") == "contradicted"


def _why_absent(check: Check, document: Document) -> str:
    subject = find_subject(document, check.quantity)
    if not subject:
        return "no-evidence"
    if not subject.get("available") and subject.get("fingerprint") is None:
        return "no-file"
    if "/accuracy/" in check.quantity:
        return "not-measured"
    return "not-identified" if "/identification/" in check.quantity else "no-evidence"

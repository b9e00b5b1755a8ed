"""What would change an answer, read off the check, its outcome and where its evidence stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from generators.judge.pointer import Document, find_subject
from generators.model.claim import Change, ChangeBy, Check, CheckResult, Comparator, EvidenceKind, Outcome, Wanted

_TO_HOLD: Mapping[Comparator, Wanted] = {
    "equals": "exactly",
    "differs": "other",
    "within": "between",
    "same-protocol": "between",
    "at-least": "at-least",
    "at-most": "at-most",
    "contains": "with",
    "lacks": "without",
}
_TO_FAIL: Mapping[Comparator, Wanted] = {
    "equals": "other",
    "differs": "exactly",
    "within": "outside",
    "same-protocol": "outside",
    "at-least": "below",
    "at-most": "above",
    "contains": "without",
    "lacks": "with",
}
_READ: frozenset[EvidenceKind] = frozenset({"live", "recorded"})


def find_change(result: CheckResult, document: Document) -> Change | None:
    """Return what would give the check another outcome; None where no value that Assay could read would.

    A check that holds changes with a value that fails it. Every other one is given the value that it needs.
    """
    check = result.check
    wanted = (_TO_FAIL if result.outcome == "supported" else _TO_HOLD).get(check.comparator)
    if wanted is None or result.reason == "protocol-unstated":
        return None
    value = check.expected
    if isinstance(value, bool) and wanted == "other":
        wanted, value = "exactly", not value
    lowest, highest = _range(check) if wanted in {"between", "outside"} else (None, None)
    return Change(
        wanted=wanted,
        by=_where_from(result, document),
        value=None if lowest is not None else value,
        lowest=lowest,
        highest=highest,
        size_bytes=_size_of_needed(check, wanted, document),
    )


def otherwise(results: Sequence[CheckResult], outcome: Outcome, precedence: Sequence[Outcome]) -> Outcome:
    """Return what a claim would come to if all that decided it were answered the other way.

    Args:
        results: Of its checks.
        outcome: What it came to.
        precedence: Which outcome of a check decides before which.
    """
    if outcome == "supported":
        return "refuted"
    others = {result.outcome for result in results if result.outcome != outcome}
    return next((other for other in precedence if other in others), "supported")


def _range(check: Check) -> tuple[float | None, float | None]:
    if isinstance(check.expected, bool) or not isinstance(check.expected, int | float):
        return None, None
    room = check.tolerance * abs(check.expected)
    lowest, highest = check.expected - room, check.expected + room
    is_whole = isinstance(check.expected, int) and room.is_integer()
    return (int(lowest), int(highest)) if is_whole else (lowest, highest)


def _where_from(result: CheckResult, document: Document) -> ChangeBy:
    """Tell by the pointer which part of the evidence would have to differ."""
    match result.check.quantity.split("/")[1:]:
        case ["subjects", _, "accuracy", *_]:
            return "measurement"
        case ["subjects", _, "reported", *_] | ["report", "reported", *_] | ["listings", *_]:
            return "report"
        case ["subjects", _, "size", *_] if result.kinds and not _READ.intersection(result.kinds):
            return "listing"
        case ["subjects", *_] if find_subject(document, result.check.quantity).get("role") == "control":
            return "control"
        case ["subjects", *_]:
            return "this-file" if _READ.intersection(result.kinds) else "absent-file"
        case ["report", "figures", *_]:
            return "figure"
        case ["tally", *_]:
            return "verdicts"
        case ["architectures" | "operations", *_] | ["comparison", "architectures_sharing_first_layer"]:
            return "definition"
        case _:
            return "all-files"


def _size_of_needed(check: Check, wanted: Wanted, document: Document) -> int | None:
    """Return the size that a file of the needed architecture has, where the question is which one a file is."""
    asks_architecture = check.quantity.startswith("/subjects/") and check.quantity.endswith("/architecture")
    if wanted != "exactly" or not asks_architecture:
        return None
    for architecture in cast("Sequence[Mapping[str, object]]", document.get("architectures", ())):
        if architecture.get("id") == check.expected:
            predicted = architecture.get("predicted_bytes")
            return predicted if isinstance(predicted, int) else None
    return None

"""Worked examples of the method, with the figures of the build that shows them."""

from __future__ import annotations

from collections.abc import Iterator

from generators.model.claim import CheckResult, Value, Verdict
from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.identification import Candidate
from generators.reference.markdown import cell, code, table
from generators.render.catalog import load_catalog

SHOWN_CANDIDATES = 3
NEAR_PERCENT = 10.0
NOTHING = "The build that shows this page has no such evidence.\n"


def control_example(evidence: ReportEvidence) -> str:
    """Return how well each control, as it was read, fits the architectures that it fits best."""
    rows = [
        (
            code(control.id),
            _first_layer(control),
            *_padded([_shared(candidate) for candidate in control.identification.candidates[:SHOWN_CANDIDATES]]),
        )
        for control in evidence.subjects
        if control.role == "control" and control.fingerprint is not None
    ]
    return table(("Control", "First layer", "Fits best", "Second", "Third"), rows) or NOTHING


def size_example(evidence: ReportEvidence) -> str:
    """Return what size each architecture predicts for a checkpoint of which a size was listed.

    The checkpoint is the first whose size a second architecture comes near to as well.
    """
    subject = next((s for s in evidence.subjects if s.role == "checkpoint" and _rivals(s)), None)
    size = subject.size if subject else None
    if subject is None or size is None:
        return NOTHING
    rows = [
        (code(c.architecture), f"{c.predicted_bytes or 0:,} bytes", f"{_distance(c, subject):.3f} %")
        for c in size.identification.candidates[:SHOWN_CANDIDATES]
    ]
    known = "was listed with" if size.basis == "listed" else "is here, with"
    said = f"{code(subject.id)} {known} {size.minimum_bytes:,} to {size.maximum_bytes:,} bytes.\n\n"
    return said + table(("Architecture", "Predicted", "Off that range by"), rows)


def claim_example(evidence: ReportEvidence) -> str:
    """Return the checks of the claim that has most of them, among those whose checks don't all agree."""
    divided = [v for v in evidence.verdicts if len({r.outcome for r in v.results}) > 1]
    if not divided:
        return NOTHING
    found = max(divided, key=lambda verdict: len(verdict.results))
    sentence = load_catalog("en").message("claim", found.claim.id)
    verdict = load_catalog("en").message("outcome", found.outcome)
    return f"> {cell(sentence)}\n\n{table(_CHECK_HEAD, _check_rows(found))}\nThe verdict: **{verdict}**.\n"


_CHECK_HEAD = ("Value of the evidence", "Needed", "Found", "Kind", "Result")


def _check_rows(verdict: Verdict) -> Iterator[tuple[str, ...]]:
    for result in verdict.results:
        kinds = ", ".join(result.kinds) or "none"
        found = code(_written(result.found)) if result.found is not None else "nothing"
        yield code(result.check.quantity), _needed(result), found, kinds, f"{result.outcome} ({result.reason})"


def _needed(result: CheckResult) -> str:
    check = result.check
    tolerance = f" ± {check.tolerance:.0%}" if check.tolerance else ""
    return f"{check.comparator} {code(_written(check.expected))}{tolerance}"


def _written(value: Value | None) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return f"{value:,}"
        case tuple():
            return ", ".join(str(one) for one in value)
        case _:
            return str(value)


def _first_layer(control: SubjectEvidence) -> str:
    tensors = control.fingerprint.model_tensors if control.fingerprint else ()
    return " × ".join(str(size) for size in tensors[0].shape) if tensors else ""


def _shared(candidate: Candidate) -> str:
    return f"{code(candidate.architecture)} {candidate.score:.1%}"


def _padded(cells: list[str]) -> list[str]:
    return cells + ["none"] * (SHOWN_CANDIDATES - len(cells))


def _rivals(subject: SubjectEvidence) -> bool:
    """Whether a second architecture predicts a size within a tenth of what was listed."""
    near = subject.size.identification.candidates[:2] if subject.size else ()
    return [_distance(candidate, subject) < NEAR_PERCENT for candidate in near] == [True, True]


def _distance(candidate: Candidate, subject: SubjectEvidence) -> float:
    """Return how far a prediction is from the listed range, in percent of the prediction."""
    if subject.size is None or not candidate.predicted_bytes:
        return float("inf")
    predicted = candidate.predicted_bytes
    off = max(subject.size.minimum_bytes - predicted, predicted - subject.size.maximum_bytes, 0)
    return 100 * off / predicted

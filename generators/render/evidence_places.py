"""Where a page shows what a check rests on, and the other way: which checks rest on what a page shows."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from generators.model.claim import Check, CheckResult, Claim
from generators.model.evidence import ReportEvidence
from generators.render.links import check_id

SUBJECT_ANCHORS = {
    "size": "size",
    "accuracy": "accuracy",
    "evaluation": "evaluation",
    "fingerprint": "facts",
    "sanity": "trained",
    "training": "weights-alone",
}
"""Where a subject's page shows a part of its evidence; what isn't here, under ``IDENTIFICATION``."""
IDENTIFICATION = "identification"


class RestingCheck(Struct, frozen=True, kw_only=True):
    """A check that rests on something that a page shows.

    Attributes:
        anchor: Where the page shows it.
        page: Path of the page that has the check.
        context: Context of the message that is the claim's title.
        claim: What the check belongs to.
        result: What the evidence did to it.
    """

    anchor: str
    page: str
    context: str
    claim: Claim
    result: CheckResult


def evidence_place(check: Check) -> tuple[str, str]:
    """Return the page and the anchor that show what a check rests on; both empty when nothing can show it.

    The first step of the check's pointer says which part of the evidence it is.
    """
    match check.quantity.split("/")[1:]:
        case ["subjects", subject, *parts]:
            anchor = SUBJECT_ANCHORS.get(parts[0], IDENTIFICATION) if parts else IDENTIFICATION
            return f"checkpoints/{check_id(subject)}.md", anchor
        case ["architectures", architecture, *_]:
            return "expected.md", f"architecture-{check_id(architecture)}"
        case ["report", "figures", figure, *_]:
            return "sources.md", f"figure-{check_id(figure)}"
        case ["report", "reported", fact, *_]:
            return "sources.md", f"reported-{check_id(fact)}"
        case ["comparison" | "operations" as part, *_]:
            return "expected.md", "first-layer" if part == "comparison" else part
        case ["lineage", *_]:
            return "lineage.md", "pairs"
        case ["listings", *_]:
            return "checkpoints/index.md", "listings"
        case ["tally", *_]:
            return "index.md", "verdicts"
        case _:
            return "", ""


def check_anchor(claim: Claim, check: Check) -> str:
    """Return where the page of a claim has one of its checks."""
    return f"check-{check_id(claim.id)}.{check_id(check.id)}"


def checks_on(page: str, evidence: ReportEvidence) -> tuple[RestingCheck, ...]:
    """Return the checks that rest on what a page shows, in the order of the claims."""
    return tuple(check for target, check in _all_checks(evidence) if target == page)


def _all_checks(evidence: ReportEvidence) -> Iterator[tuple[str, RestingCheck]]:
    for page, context, verdicts in (
        ("claims.md", "claim-title", evidence.verdicts),
        ("hypotheses.md", "hypothesis-title", evidence.hypotheses),
        ("next-steps.md", "step", evidence.steps),
    ):
        for verdict in verdicts:
            for result in verdict.results:
                target, anchor = evidence_place(result.check)
                yield (
                    target,
                    RestingCheck(anchor=anchor, page=page, context=context, claim=verdict.claim, result=result),
                )

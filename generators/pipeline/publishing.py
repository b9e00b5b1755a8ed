"""What a published site says of the state it was built from, for whoever links to it."""

from __future__ import annotations

from typing import Final

from generators.model.evidence import ReportEvidence
from generators.model.issue import PublishedState

PUBLISHED_STATE: Final = "published.json"
"""File of each language's site that says it."""


def published_state(evidence: ReportEvidence) -> PublishedState:
    """Return what the site of this evidence says of itself."""
    return PublishedState(
        report=evidence.report.id,
        version=evidence.build.version,
        code_digest=evidence.build.code_digest,
        lock_sha256=evidence.build.lock_sha256,
        outcomes=tuple((verdict.claim.id, verdict.outcome) for verdict in evidence.verdicts),
    )

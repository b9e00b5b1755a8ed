"""What the pages of the sanity evaluation show, taken from the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.sanity import Criterion, ProbeKind
from generators.render.sanity_inputs import (
    OVERVIEW,
    entropy_chart_name,
    measures_chart_name,
    skeleton_chart_name,
)


def sanity_chart_names(subject: SubjectEvidence, charts: Sequence[str]) -> dict[str, str]:
    """Return the names of a subject's charts that are drawn, by what they show."""
    names = {
        "measures": measures_chart_name(subject),
        "entropy": entropy_chart_name(subject),
        "skeletons": skeleton_chart_name(subject),
    }
    return {what: name for what, name in names.items() if name in charts}


def evaluation_shows(evidence: ReportEvidence, charts: Sequence[str]) -> Mapping[str, Any]:
    """Return what the page on all subjects shows."""
    probes = [result for subject in evidence.subjects if subject.sanity for result in subject.sanity.probes]
    criteria: tuple[Criterion, ...] = max((result.criteria for result in probes), key=len, default=())
    kinds = {result.kind for result in probes}
    return {
        # no more than the page shows: a change of anything else doesn't make it anew
        "subjects": tuple(
            {"id": s.id, "role": s.role, "sanity": s.sanity, "recorded_at": s.provenance.recorded_at}
            for s in evidence.subjects
        ),
        "kinds": tuple(kind for kind in get_args(ProbeKind) if kind in kinds),
        "criteria": criteria,
        "chart": OVERVIEW if OVERVIEW in charts else "",
    }

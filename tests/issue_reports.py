"""Reports for issues: ordinary ones, hostile ones, huge ones."""

from __future__ import annotations

import itertools
from typing import Any

from msgspec.structs import replace
from render.report_builder import build_report

from generators.issue.budget import Fitted, fit_sections
from generators.model.claim import Verdict
from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.finding import Finding
from generators.model.identification import Candidate
from generators.model.issue import PublishedProject
from generators.render.issue_sections import issue_sections

SITE = "https://example.org/assay/"
REPOSITORY = "https://github.com/owner/project"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PUBLISHED = PublishedProject(
    site_url=SITE,
    repository=REPOSITORY,
    commit=COMMIT,
    committed_at="2026-11-22T18:30:00+00:00",
    is_clean=True,
)
UNKNOWN = PublishedProject()
COMMANDS = ("python3 run.py build", ".venv/bin/assay fetch", ".venv/bin/assay judge")


def write_issue(evidence: ReportEvidence, locale: str = "en", publication: PublishedProject = PUBLISHED) -> Fitted:
    """Return the text of an issue as it is posted."""
    attached = ("sizes.png", "evidence.zip")
    return fit_sections(issue_sections(evidence, locale, publication, commands=COMMANDS, attached=attached))


def attacking_report(text: str) -> ReportEvidence:
    """A report with the text wherever a file, a lock or a report's value can put one."""
    report = build_report()
    subjects = tuple(_attacking_subject(s, text) if s.role == "checkpoint" else s for s in report.subjects)
    verdicts = tuple(_attacking_verdict(verdict, text) for verdict in report.verdicts)
    build = replace(report.build, platform=text or "x", python=text or "x")
    return replace(report, subjects=subjects, verdicts=verdicts, build=build)


def huge_report(claims: int, tensors: int, length: int) -> ReportEvidence:
    """A report of so many claims, about files of so many tensors, whose names have so many characters."""
    report = attacking_report("`@someone|" * (length // 10))
    names = tuple(f"{number}{'<@x>' * (length // 4)}" for number in range(tensors))
    candidate = Candidate(architecture="convnextpose-s", score=0.1, missing=names, unexpected=names, reshaped=names)
    findings = tuple(Finding(code="findings-cut", severity="error", where=name, found=name) for name in names)
    subjects = tuple(
        replace(
            s,
            identification=replace(s.identification, candidates=(candidate,)),
            findings=findings if s.role == "checkpoint" else s.findings,
        )
        for s in report.subjects
    )
    numbered = zip(range(1, claims + 1), itertools.cycle(report.verdicts))
    verdicts = tuple(replace(v, claim=replace(v.claim, number=number)) for number, v in numbered)
    return replace(report, subjects=subjects, verdicts=verdicts)


def _attacking_subject(subject: SubjectEvidence, text: str) -> SubjectEvidence:
    def change(part: Any, /, **fields: Any) -> Any:
        return replace(part, **fields)

    finding = Finding(code="findings-cut", severity="error", where=text or "x", expected=text, found=text)
    fingerprint = subject.fingerprint
    if fingerprint:
        fingerprint = change(
            fingerprint,
            file=change(fingerprint.file, name=text, sha256=text),
            container=change(fingerprint.container, root=text or "x"),
            weights_digest=text or "x",
            findings=(finding,),
        )
    candidate = Candidate(
        architecture="convnextpose-s", score=0.1, unexpected=(text,), reshaped=(text,), missing=(text,)
    )
    return change(
        subject,
        title=text,
        variant=text or "x",
        fingerprint=fingerprint,
        identification=change(subject.identification, architecture=text or "x", candidates=(candidate,)),
        findings=(finding,),
    )


def _attacking_verdict(verdict: Verdict, text: str) -> Verdict:
    def change(result: Any) -> Any:
        check = replace(result.check, expected=(text, text), unit=text)
        return replace(result, check=check, found=(text,) * 20)

    claim = replace(verdict.claim, locator=text or "x")
    decisive, results = (tuple(map(change, part)) for part in (verdict.decisive, verdict.results))
    return replace(verdict, claim=claim, decisive=decisive, results=results)

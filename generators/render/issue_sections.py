"""The sections of an issue on GitHub in one language, each in full and in shorter forms.

What a section shows is the evidence of the pages, in their words. Which form is used decides
:mod:`generators.issue.budget`; nothing is shortened here without saying so in the text.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from generators.model.claim import Outcome, Verdict
from generators.model.evidence import ReportEvidence
from generators.model.issue import Forms, PublishedProject
from generators.render.catalog import load_catalog
from generators.render.github import render_github
from generators.render.issue_charts import charts_shown

VERDICT_ROWS: Final = (300, 150, 80, 40, 20, 8, 0)
"""Verdicts that are listed where not all of them fit."""
CHECKED_CLAIMS: Final = 40
FILE_ROWS: Final = (30, 8, 0)
NAMES: Final = (20, 4, 0)
"""Names and findings of a file that are listed; the last form only counts them."""
READ_FILES: Final = 12
_FIRST_SHOWN: Final[tuple[Outcome, ...]] = ("refuted", "supported", "untested", "cannot-tell")
_ABOUT_VERDICTS: Final = ("verdicts", "change", "checks")


class ChangeGroup(Struct, frozen=True, kw_only=True):
    """Claims whose verdict the same thing would change."""

    outcome: Outcome
    reason: str
    numbers: tuple[int, ...]


def issue_title(evidence: ReportEvidence, locale: str) -> str:
    """Return the title: the question of the report."""
    return load_catalog(locale).message("report", f"{evidence.report.id}.question")


def issue_sections(
    evidence: ReportEvidence,
    locale: str,
    publication: PublishedProject,
    *,
    commands: Sequence[str],
    attached: Sequence[str],
) -> dict[str, Forms]:
    """Return the sections in the order in which they are shown.

    Args:
        evidence: What is told.
        locale: The language.
        publication: Where it can be looked up.
        commands: That reproduce it, as lines of a shell.
        attached: Names of the files that go with the text where no site can be linked to.
    """
    checkpoints = tuple(s for s in evidence.subjects if s.role == "checkpoint")
    shows: dict[str, Any] = {
        "report_id": evidence.report.id,
        "source_titles": {source.key: source.title for source in evidence.report.sources},
        "verdicts": evidence.verdicts,
        "tally": evidence.tally,
        "comparison": evidence.comparison,
        "checkpoints": checkpoints,
        "controls": tuple(s for s in evidence.subjects if s.role == "control"),
        "control_ids": frozenset(s.id for s in evidence.subjects if s.role == "control"),
        "build": evidence.build,
        "attached": tuple(attached),
    }
    write = functools.partial(_form, locale, publication, shows)
    weighty = sorted(evidence.verdicts, key=lambda verdict: _FIRST_SHOWN.index(verdict.outcome))
    read = tuple(s for s in checkpoints if s.fingerprint is not None and s.lock_match != "contradicted")
    cloned = bool(commands) and commands[0].startswith("git clone ")
    sections = {
        "finding": (write("finding"),),
        "basis": (write("basis"),),
        "request": (write("request"),),
        "verdicts": (
            write("verdicts", shown=evidence.verdicts, with_questions=True),
            write("verdicts", shown=evidence.verdicts, with_questions=False),
            *(write("verdicts", shown=weighty[:rows], with_questions=False) for rows in VERDICT_ROWS),
        ),
        "files": (
            write("files", shown=checkpoints),
            *(write("files", shown=checkpoints[:rows]) for rows in FILE_ROWS),
        ),
        "charts": (write("charts", charts=tuple(charts_shown(evidence))), _nothing),
        "reproduce": (
            write(
                "reproduce",
                commands=tuple(commands),
                from_clone=cloned,
                from_copy=not cloned and any("run.py" in command for command in commands),
            ),
        ),
        "change": tuple(
            write("change", groups=tuple(change_groups(evidence.verdicts)), with_all=with_all)
            for with_all in (True, False)
        ),
        "checks": (
            write("checks", shown=evidence.verdicts, with_all=True),
            write("checks", shown=evidence.verdicts, with_all=False),
            write("checks", shown=weighty[:CHECKED_CLAIMS], with_all=False),
            _nothing,
        ),
        "files-read": (*(write("files-read", read=read[:READ_FILES], most=most) for most in NAMES), _nothing),
        "controls": (write("controls", with_table=True), write("controls", with_table=False)),
        "kinds": (write("kinds"), _nothing),
        "provenance": (write("provenance"),),
    }
    empty = (*(_ABOUT_VERDICTS if not evidence.verdicts else ()), *(("files",) if not checkpoints else ()))
    return {name: forms for name, forms in sections.items() if name not in empty}


def change_groups(verdicts: Sequence[Verdict]) -> Iterator[ChangeGroup]:
    """Yield what would change the verdicts, each with the claims that it is true of, in the order of the claims."""
    groups: dict[tuple[Outcome, str], list[int]] = {}
    for verdict in verdicts:
        for reason in dict.fromkeys(result.reason for result in verdict.decisive or verdict.results):
            groups.setdefault((verdict.outcome, reason), []).append(verdict.claim.number)
    for (outcome, reason), numbers in groups.items():
        yield ChangeGroup(outcome=outcome, reason=reason, numbers=tuple(numbers))


def _form(
    locale: str, publication: PublishedProject, shows: Mapping[str, Any], section: str, **further: object
) -> Callable[[], str]:
    return functools.partial(render_github, f"issue-{section}.md.j2", locale, publication, {**shows, **further})


def _nothing() -> str:
    return ""

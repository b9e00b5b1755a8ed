"""The text of an issue: as a person read it, in each language, and what a hostile report makes of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from github_markdown import OURS, render_as_github
from issue_reports import (
    COMMIT,
    PUBLISHED,
    REPOSITORY,
    SITE,
    UNKNOWN,
    attacking_report,
    huge_report,
    write_issue,
)
from msgspec.structs import replace
from render.hostile import HOSTILE
from render.report_builder import build_report
from render.test_github import MORE

from generators.errors import RenderError
from generators.issue.budget import BUDGET_BYTES
from generators.model.evidence import ReportEvidence
from generators.model.issue import PublishedProject
from generators.render.catalog import LOCALES, load_catalog
from generators.render.issue_sections import change_groups

GOLDEN = Path(__file__).parent / "golden-issue"
UPDATE = "ASSAY_UPDATE_GOLDEN"
"""Set this variable to write the golden files anew; then read what changed."""
HEADINGS = 9
"""Of a report with three charts' worth of data: two of them have none here."""


@pytest.mark.parametrize("locale", LOCALES)
def test_the_text_is_as_it_was_last_read_by_a_person(locale: str) -> None:
    path, text = GOLDEN / f"{locale}.md", write_issue(build_report(), locale).text
    if os.environ.get(UPDATE):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path}: set {UPDATE}=1 if this is meant"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_link_is_absolute_and_leads_to_the_site_or_the_project(locale: str) -> None:
    page = render_as_github(write_issue(build_report(), locale).text)
    root = SITE if locale == "en" else f"{SITE}{locale}/"
    assert page.links
    assert all(link.startswith((root, f"{SITE}evidence/", f"{REPOSITORY}/commit/{COMMIT}")) for link in page.links)
    assert all(COMMIT[:12] in link for link in page.links)
    assert [address for address, _ in page.images] == [
        f"{SITE}charts/{name}.png?commit={COMMIT[:12]}" for name in ("sizes", "matrix", "capacity")
    ]
    assert page.dark_images == [address.replace(".png", "-dark.png") for address, _ in page.images]
    assert all(len(alternative) > 20 for _, alternative in page.images)
    assert not page.unbalanced
    assert set(page.elements) <= OURS
    assert page.references == []
    assert not set("*|`[]<>\\") & set(page.text)  # a mark that is left marks nothing


@pytest.mark.parametrize("locale", LOCALES)
def test_without_a_site_there_is_no_link_and_the_text_says_what_is_attached(locale: str) -> None:
    page = render_as_github(write_issue(build_report(), locale, UNKNOWN).text)
    assert page.links == page.images == []
    assert {"sizes.png", "matrix.png", "capacity.png", "evidence.zip"} <= set(page.code)
    assert (
        load_catalog(locale).gettext(
            "The report is not published, so there are no links here; its charts and its evidence are attached."
        )
        in page.text
    )


def test_links_to_a_pinned_site_are_said_to_be_of_this_commit() -> None:
    pinned = PublishedProject(site_url=f"{SITE}at/{COMMIT}/", is_pinned=True, commit=COMMIT, is_clean=True)
    text = write_issue(build_report(), "en", pinned).text
    assert "as it was published from this commit" in text
    assert "may have been built anew" not in text
    assert all(COMMIT in link for link in render_as_github(text).links)


def test_changes_that_are_not_committed_are_told() -> None:
    assert "not committed" not in write_issue(build_report()).text
    assert "not committed" in write_issue(build_report(), "en", replace(PUBLISHED, is_clean=False)).text


@pytest.mark.parametrize("locale", LOCALES)
def test_what_rests_on_a_control_and_each_control_is_labelled_as_a_stand_in(locale: str) -> None:
    text = write_issue(build_report(), locale).text
    role = load_catalog(locale).message("role", "control")
    rows = [line for line in text.splitlines() if "`control-" in line and line.startswith("|")]
    dims = [line for line in text.splitlines() if "/subjects/control-xs/" in line]
    assert len(rows) == 2
    assert dims
    assert all(role in line for line in (*rows, *dims))


def test_every_verdict_has_what_would_change_it() -> None:
    report = build_report()
    told = {number for group in change_groups(report.verdicts) for number in group.numbers}
    assert told == {verdict.claim.number for verdict in report.verdicts}
    catalog = load_catalog("en")
    text = write_issue(report).text
    assert all(catalog.message("change", group.reason) in text for group in change_groups(report.verdicts))


@pytest.mark.parametrize("text", [*HOSTILE, *MORE])
def test_hostile_text_adds_no_element_no_link_and_no_reference(text: str) -> None:
    harmless = "w" * len(text)
    hostile, plain = (render_as_github(write_issue(attacking_report(word)).text) for word in (text, harmless))
    addresses = [link for link in hostile.links if not link.startswith((SITE, REPOSITORY))]
    assert addresses == []
    assert hostile.references == hostile.comments == hostile.unbalanced == []
    if text:  # an empty one leaves out what it would be
        assert hostile.elements == plain.elements
        assert hostile.links == plain.links


@pytest.mark.parametrize("locale", LOCALES)
def test_a_huge_report_fits_and_says_what_is_left_out(locale: str) -> None:
    fitted = write_issue(huge_report(claims=400, tensors=500, length=10_000), locale)
    page = render_as_github(fitted.text)
    assert len(fitted.text.encode()) <= BUDGET_BYTES
    assert {"verdicts", "checks", "files-read"} <= set(fitted.shortened)
    assert page.references == page.unbalanced == []
    left = load_catalog(locale).ngettext(
        "%(left)s further claim is left out here, so that this text stays within what GitHub takes.",
        "%(left)s further claims are left out here, so that this text stays within what GitHub takes.",
        250,
    )
    assert left.partition("%(left)s")[2] in page.text
    assert page.elements.count("h3") == HEADINGS
    assert page.elements.count("pre") == 1


def _many(role: str) -> ReportEvidence:
    report = build_report()
    like = tuple(s for s in report.subjects if s.role == role)
    further = tuple(replace(s, id=f"{s.id}-{number}") for number in range(500) for s in like)
    return replace(report, subjects=report.subjects + further)


def _many_checks() -> ReportEvidence:
    report = build_report()
    return replace(report, verdicts=tuple(replace(v, results=v.results * 100) for v in report.verdicts))


def _many_sources() -> ReportEvidence:
    report = build_report()
    sources = tuple(replace(report.report.sources[0], key=f"K{number}") for number in range(2000))
    return replace(report, report=replace(report.report, sources=sources))


@pytest.mark.parametrize(
    ("report", "shortened"),
    [
        (_many("checkpoint"), {"files"}),
        (_many("control"), {"controls"}),
        (_many_checks(), {"checks"}),
        (_many_sources(), {"checks"}),
    ],
    ids=["files", "controls", "checks", "sources"],
)
def test_a_section_that_is_too_long_alone_shortens_no_other(report: ReportEvidence, shortened: set[str]) -> None:
    fitted = write_issue(report, "ko")
    assert set(fitted.shortened) == shortened
    assert len(fitted.text.encode()) <= BUDGET_BYTES


def test_what_is_decided_comes_first_where_not_everything_fits() -> None:
    text = write_issue(huge_report(claims=300, tensors=1, length=10)).text
    table = text.partition("### The verdicts")[2].partition("### ")[0]
    words = [line.split(" | ")[2] for line in table.splitlines() if line.startswith("| ") and "](" in line]
    assert len(words) >= 15
    assert set(words) == {"**refuted**"}


@pytest.mark.parametrize("locale", LOCALES)
def test_a_file_that_was_recorded_is_never_said_to_be_known_from_others_alone(locale: str) -> None:
    report = build_report()
    catalog = load_catalog(locale)
    never = catalog.gettext(
        "Files that were not on the machine that computed this: %(absent)s of %(total)s. What is said about their "
        "contents comes from third parties or from the published designs, never from their bytes, and is marked so."
    ).rpartition("%(")[2]
    recorded = tuple(
        replace(s, provenance=replace(s.provenance, recorded_at="2026-01-02")) if s.role == "checkpoint" else s
        for s in report.subjects
    )
    assert never.partition(")s")[2] in write_issue(report, locale).text
    assert never.partition(")s")[2] not in write_issue(replace(report, subjects=recorded), locale).text


def test_a_report_without_claims_files_and_controls_has_no_empty_section() -> None:
    report = build_report()
    comparison = replace(report.comparison, checkpoints_total=0, checkpoints_missing=0, controls_total=0)
    text = write_issue(replace(report, verdicts=(), subjects=(), comparison=comparison)).text
    headings = [line for line in text.splitlines() if line.startswith("### ")]
    assert "No file is under investigation yet" in text
    assert "No control of a published design was built" in text
    assert {"### The verdicts", "### The files", "### What would change each verdict"} & set(headings) == set()


def test_a_mistake_in_a_template_says_which() -> None:
    report = build_report()
    with pytest.raises(RenderError, match=r"issue-verdicts\.md\.j2"):
        write_issue(replace(report, verdicts=(replace(report.verdicts[0], results=(), decisive=()),)))


@pytest.mark.parametrize(
    ("total", "identified", "said"),
    [
        (0, 0, "No control of a published design was built"),
        (2, 1, "of 2 controls, stand-in files made from the published designs, only 1 were recognised"),
        (2, 2, "all 2 controls, stand-in files made from the published designs, were recognised"),
    ],
)
def test_how_far_the_method_was_tested_is_told_as_it_was(total: int, identified: int, said: str) -> None:
    report = build_report()
    counted = replace(report.comparison, controls_total=total, controls_identified=identified)
    assert said in write_issue(replace(report, comparison=counted)).text

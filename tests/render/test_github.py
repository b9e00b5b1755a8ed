"""Names from a checkpoint in GitHub Markdown, through GitHub's own parser."""

from __future__ import annotations

from pathlib import Path

import pytest
from github_markdown import REFERENCES, Rendered, render_as_github
from hypothesis import given
from hypothesis import strategies as st
from issue_reports import write_issue
from msgspec.structs import replace
from render.hostile import HOSTILE
from render.report_builder import build_report
from report_texts import speaking

from generators.errors import CatalogError
from generators.model.issue import PublishedProject
from generators.render.catalog import LOCALES, load_catalog
from generators.render.github import GitHubCatalog, GitHubValues, page_address, table_cell
from generators.render.markup import github_code, show_invisible

MORE = (
    "closes #1",
    "fixes owner/repo#1",
    "GH-1",
    "0123456789abcdef0123456789abcdef01234567",
    "owner/repo@0123456",
    ":x:",
    "$\\frac{1}{2}$",
    "$`x`$",
    "```math\nx\n```",
    "<details><summary>x</summary>",
    "</details>",
    "<!-- assay: issue -->",
    "[!NOTE]",
    "[x]: https://example.org",
    "![x](https://example.org/x.png)",
    "@dependabot merge",
    "| --- |",
    "`|`@x`|`",
    "\\`@x\\`",
    "\\|",
    "\\\\|",
    "#0969DA",
    "\u202e#1",
    "\u2067@x\u2069",
)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
MARKED_TEXT = st.text(st.sampled_from("`|\\@#<>a1 \n*_~$:[]()!&-"), max_size=40)


def inert(page: Rendered) -> bool:
    return not (page.links or page.images or page.comments or page.references or page.unbalanced)


@pytest.mark.parametrize("text", [*HOSTILE, *MORE])
def test_a_name_in_a_sentence_is_code_and_nothing_else(text: str) -> None:
    page = render_as_github(f"Found: {github_code(text)}. Needed: x.")
    assert page.elements == ["p", "code"]
    assert page.code == [show_invisible(text) or "⟨⟩"]
    assert inert(page)


@pytest.mark.parametrize("text", [*HOSTILE, *MORE])
def test_a_name_in_a_table_is_one_cell_of_code(text: str) -> None:
    page = render_as_github(f"| a | b |\n| - | - |\n| {table_cell(github_code(text))} | {table_cell('x|y')} |")
    assert page.elements == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "code", "td"]
    assert page.code == [show_invisible(text) or "⟨⟩"]
    assert inert(page)
    assert page.text.split()[-1] == "x|y"


@pytest.mark.parametrize("text", [*HOSTILE, *MORE])
def test_a_name_in_a_link_in_a_list_in_a_fold_stays_there(text: str) -> None:
    fold = f"<details>\n<summary>x</summary>\n\n- [{github_code(text)}](https://example.org/assay/)\n\n</details>"
    page = render_as_github(fold)
    assert page.elements == ["details", "summary", "ul", "li", "a", "code"]
    assert page.links == ["https://example.org/assay/"]
    assert page.images == page.references == page.unbalanced == []


@given(ANY_TEXT | MARKED_TEXT)
def test_any_text_comes_back_out_of_a_table_as_it_was(text: str) -> None:
    page = render_as_github(
        f"| a | b |\n| - | - |\n| {table_cell(github_code(text))} | {table_cell(github_code(text))} |"
    )
    assert page.code == [show_invisible(text) or "⟨⟩"] * 2
    assert inert(page)


def test_the_patterns_of_references_find_what_they_are_for() -> None:
    text = "@a #1 GH-1 0123abc :x: $ www.x [!NOTE]"
    assert len(render_as_github(text).references) == len(REFERENCES)
    assert render_as_github(f"`{text}`").references == []


@pytest.mark.parametrize("locale", LOCALES)
def test_no_sentence_of_a_catalog_is_taken_for_markup(locale: str) -> None:
    plain = load_catalog(locale)
    for (context, code), forms in plain.forms.items():
        shown = GitHubCatalog(locale=locale, path="", forms={("", "x"): forms}, plural_expression="").gettext("x")
        page = render_as_github(f"- {shown}")
        assert page.elements == ["ul", "li"], (context, code)
        assert "".join(page.prose).strip() == " ".join(forms[0].split()), (context, code)
        assert page.references == [], (context, code)


def test_a_range_in_korean_is_not_struck_out() -> None:
    catalog = GitHubCatalog(locale="ko", path="", forms={("claim", "m"): ("128~1024, 340~360",)}, plural_expression="")
    assert render_as_github(catalog.message("claim", "m")).elements == ["p"]


def test_numbers_are_plain_text_in_the_languages_own_way() -> None:
    assert GitHubValues(load_catalog("es")).number(7_448_954) == "7.448.954"
    assert GitHubValues(load_catalog("en")).value((48, 96)) == "48, 96"
    assert GitHubValues(load_catalog("ko")).mebibytes(91_336_212) == "87.10\u00a0MiB"


def test_a_unit_that_is_no_word_is_code() -> None:
    assert GitHubValues(load_catalog("en")).number(1, "@x") == "1\u00a0`@x`"


def test_a_long_list_says_how_much_was_cut() -> None:
    shown = GitHubValues(load_catalog("en")).value(tuple(range(100)))
    assert shown.endswith("15, ⟨+84⟩")


def test_addresses_are_absolute_and_of_the_language() -> None:
    site = PublishedProject(site_url="https://example.org/assay/")
    assert page_address(site, "en", "claims.md", "claim-x") == "https://example.org/assay/claims/#claim-x"
    assert page_address(site, "ko", "index.md") == "https://example.org/assay/ko/"
    assert page_address(site, "ko", "evidence/report.json") == "https://example.org/assay/evidence/report.json"
    assert page_address(PublishedProject(site_url="https://example.org/", default_language="ko"), "ko", "a.md") == (
        "https://example.org/a/"
    )
    assert page_address(PublishedProject(), "en", "claims.md") == ""


def test_an_address_names_the_commit_unless_it_is_the_commits_own_or_files_differ_from_it() -> None:
    site = PublishedProject(site_url="https://example.org/", commit="0123456789abcdef" * 3, is_clean=True)
    assert page_address(site, "en", "a.md", "b") == "https://example.org/a/?commit=0123456789ab#b"
    assert page_address(replace(site, is_pinned=True), "en", "a.md") == "https://example.org/a/"
    assert page_address(replace(site, is_clean=False), "en", "a.md") == "https://example.org/a/"


def test_a_missing_sentence_of_a_report_is_missing_in_the_projects_own_file(tmp_path: Path) -> None:
    assert write_issue(build_report()).text
    with speaking(tmp_path) as path, pytest.raises(CatalogError) as missing:
        write_issue(build_report())
    assert missing.value.where == str(path)
    assert "assay texts" in missing.value.remedy

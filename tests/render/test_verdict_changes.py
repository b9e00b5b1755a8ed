"""What is posted on GitHub, read by GitHub's own renderer."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import cmarkgfm
import pytest
from github_markdown import render_as_github
from render.hostile import HOSTILE
from report_texts import speaking

from generators.judge.state_changes import compare_states
from generators.model.changes import VerdictChanges, VerdictState
from generators.model.history import CheckState, ClaimState
from generators.render.catalog import LOCALES
from generators.render.verdict_changes import MAX_MARKDOWN_BYTES, markdown_changes

GOLDEN = Path(__file__).parent / "golden-changes"
UPDATE = "ASSAY_UPDATE_GOLDEN"
ATTACKS = (
    *HOSTILE,
    "@octocat closes #1",
    "a\\|b @octocat",
    "https://evil.example",
    "$x$ :smile:",
    "GH-1",
    "\r\n\r\n# x",
)


def state(*claims: ClaimState, date: str = "2026-11-25T18:00:00Z", text: str = "0.1.0") -> VerdictState:
    return VerdictState(report="r", date=date, version=text, code_digest=text, lock_sha256=text, claims=claims)


def claim(name: str, outcome: str, found: object = 7, *, checks: int = 1) -> ClaimState:
    made = tuple(
        CheckState(id=f"{name}{number}", outcome=outcome, reason="holds", found=found, kinds=("live", "computed"))  # type: ignore[arg-type]
        for number in range(checks)
    )
    return ClaimState(claim=name, outcome=outcome, definition="d", subjects=("one",), checks=made)  # type: ignore[arg-type]


def known_flip() -> VerdictChanges:
    before = CheckState(id="m-not-listed", outcome="refuted", reason="contradicted", found=True, kinds=("reported",))
    after = CheckState(id="m-not-listed", outcome="supported", reason="holds", found=False, kinds=("live",))
    first = ClaimState(claim="m-l-missing", outcome="refuted", definition="d", subjects=("m",), checks=(before,))
    second = ClaimState(claim="m-l-missing", outcome="supported", definition="d", subjects=("m",), checks=(after,))
    moved = (claim("xs-dims", "refuted", (48, 96)), claim("xs-dims", "refuted", (48, 96, 192.5)))
    return compare_states(state(first, moved[0]), state(second, moved[1], text="0.2.0"))


@pytest.mark.parametrize("language", LOCALES)
def test_the_text_is_as_it_was_last_read_by_a_person(language: str) -> None:
    text = markdown_changes(known_flip(), language)
    path = GOLDEN / f"{language}.md"
    if os.environ.get(UPDATE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"set {UPDATE}=1 if this is meant"


class _Reader(HTMLParser):
    """What a reader sees outside code, and which elements there are."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.cells: list[int] = []
        self.prose = ""
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self._code += tag == "code"
        if tag == "tr":
            self.cells.append(0)
        if tag in {"td", "th"}:
            self.cells[-1] += 1

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        self.prose += "" if self._code else data


def read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(cmarkgfm.github_flavored_markdown_to_html(text))
    return reader


TAGS = {"h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "br", "sup"}


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_no_text_of_a_state_is_more_than_code(attack: str) -> None:
    claims = (
        claim(f"c{attack}", "supported"),
        claim("found", "supported", attack),
        claim("list", "refuted", (attack,)),
    )
    before = state(*claims, date=attack, text=attack)
    reader = read(
        markdown_changes(
            compare_states(before, state(claim("list", "refuted"), claim("new", "untested", (attack, 7)))), "en"
        )
    )
    assert reader.elements <= TAGS
    assert reader.attributes <= {"align"}
    assert not re.search(r"[@#$<>]|://|GH-|evil|octocat|:[a-z]+:", reader.prose)
    assert set(reader.cells) <= {4, 5}, "no cell was opened by a text"


@pytest.mark.parametrize("language", LOCALES)
def test_however_much_changed_the_text_fits_and_says_what_is_left_out(language: str) -> None:
    names = [f"{number:04}" + "\u202e" * 10_000 for number in range(300)]
    before = state(*(claim(name, "supported", "\U000e0001" * 10_000, checks=3) for name in names))
    after = state(*(claim(name, "refuted", "\u202e" * 10_000, checks=3) for name in names))
    text = markdown_changes(compare_states(before, after), language)
    assert len(text.encode()) <= MAX_MARKDOWN_BYTES
    assert "assay verdicts --json" in text
    assert "300" in text


@pytest.mark.parametrize("language", LOCALES)
def test_many_ordinary_flips_are_all_shown(language: str) -> None:
    names = [f"claim-{number}" for number in range(90)]
    before, after = (state(*(claim(name, outcome) for name in names)) for outcome in ("supported", "refuted"))
    text = markdown_changes(compare_states(before, after), language)
    assert all(f"`{name}`" in text for name in names)
    assert "--json" not in text


def test_that_nothing_changed_is_said_plainly() -> None:
    one = state(claim("c", "refuted"))
    assert "**No verdict changes.**" in markdown_changes(compare_states(one, one), "en")


def test_a_number_of_any_size_is_shown() -> None:
    one, other = state(claim("c", "refuted", 10**400)), state(claim("c", "supported", -(10**30)))
    text = markdown_changes(compare_states(one, other), "en")
    assert "1\u00a0×\u00a010<sup>400</sup>" in text
    assert "-1\u00a0×\u00a010<sup>30</sup>" in text


def test_no_mark_of_a_language_strikes_anything_out(tmp_path: Path) -> None:
    with speaking(tmp_path, ("claim-title", "m-l-missing", "128~1024, 340~360")):
        page = render_as_github(markdown_changes(known_flip(), "en"))
    assert "del" not in page.elements
    assert "128~1024, 340~360" in page.text


def test_a_claim_has_the_title_of_the_project_that_is_worked_on_now(tmp_path: Path) -> None:
    assert "A title of its own" not in markdown_changes(known_flip(), "en")
    with speaking(tmp_path, ("claim-title", "m-l-missing", "A title of its own")):
        assert "A title of its own" in markdown_changes(known_flip(), "en")

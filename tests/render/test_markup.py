from __future__ import annotations

import html
import re
import unicodedata

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st
from render.hostile import HOSTILE

from generators.render.markup import (
    MAX_SHOWN,
    escape_html,
    github_code,
    github_table_code,
    html_code,
    show_invisible,
    terminal_text,
)

SITE_EXTENSIONS = ["abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc"]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


def visible(text: str) -> bool:
    return all(unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for c in text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_code_element_in_markdown_shows_exactly_the_visible_text(text: str) -> None:
    page = markdown.markdown(f"Before {html_code(text)} after.", extensions=SITE_EXTENSIONS)
    match = re.fullmatch(r"<p>Before <code>(.*)</code> after\.</p>", page)
    assert match
    assert "<" not in match[1]
    assert html.unescape(match[1]) == (show_invisible(text) or "⟨⟩")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_code_element_in_a_raw_table_shows_exactly_the_visible_text(text: str) -> None:
    page = markdown.markdown(f"<table><tr><td>{html_code(text)}</td></tr></table>", extensions=SITE_EXTENSIONS)
    match = re.fullmatch(r"<table><tr><td><code>(.*)</code></td></tr></table>", page)
    assert match
    assert html.unescape(match[1]) == (show_invisible(text) or "⟨⟩")


@given(ANY_TEXT)
def test_escaped_text_has_no_character_that_html_or_markdown_reads(text: str) -> None:
    without_entities = re.sub(r"&#\d+;", "", escape_html(text))
    assert all(c in " ⟨⟩" or c.isalnum() for c in without_entities)


@given(ANY_TEXT)
def test_nothing_invisible_is_left(text: str) -> None:
    assert visible(show_invisible(text))


@given(st.text(st.characters(categories=["L", "N", "P"], max_codepoint=0x24F), max_size=60))
def test_visible_words_stay_as_they_are(text: str) -> None:
    assert show_invisible(text) == text


@given(ANY_TEXT, ANY_TEXT)
def test_two_texts_that_differ_look_different(left: str, right: str) -> None:
    if left != right and "⟨" not in left + right:
        assert show_invisible(left) != show_invisible(right)


@given(ANY_TEXT)
def test_a_github_code_span_is_one_line_and_closes_only_at_its_end(text: str) -> None:
    span = github_code(text)
    fence = re.match(r"`+", span)
    assert fence
    assert span.endswith(fence[0])
    assert "\n" not in span
    assert fence[0] not in re.findall(r"`+", span[len(fence[0]) : -len(fence[0])])


@given(ANY_TEXT)
def test_a_github_table_cell_has_no_bare_pipe(text: str) -> None:
    assert not re.search(r"(?<!\\)\|", github_table_code(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_terminal_gets_no_control_character(text: str) -> None:
    shown = terminal_text(text)
    assert visible(shown)
    assert "\x1b" not in shown


def test_a_direction_override_is_spelled_out() -> None:
    assert show_invisible("a\u202eb") == "a⟨U+202E⟩b"


@pytest.mark.parametrize("character", ["\u0351", "\u3164", "\u2800", "\u00a0", "\ue000"])
def test_what_python_calls_printable_but_fonts_draw_as_nothing_is_spelled_out(character: str) -> None:
    assert show_invisible(f"a{character}b") == f"a⟨U+{ord(character):04X}⟩b"


def test_a_long_name_says_how_much_was_cut() -> None:
    assert show_invisible("x" * (MAX_SHOWN + 7)).endswith("x⟨+7⟩")


def test_spaces_that_a_page_would_collapse_are_spelled_out() -> None:
    assert show_invisible("a  b c ") == "a⟨U+0020⟩⟨U+0020⟩b c⟨U+0020⟩"

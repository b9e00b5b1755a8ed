from __future__ import annotations

import re
from importlib.resources import files

import pytest
from render.report_builder import build_report

from generators.render.catalog import LOCALES
from generators.render.foot import make_foot
from generators.render.frame import WORDS, mend_frame, script_words
from generators.shipped import shipped

BUILD = build_report().build
PAGE = (
    '<input type="checkbox" id="__drawer" autocomplete="off"><div role="dialog"><label for="__toc">x</label>'
    '<input type="text" autocomplete="off"></div>'
)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_dialog_gets_a_name_and_what_html_forbids_goes(locale: str) -> None:
    mended = mend_frame(PAGE, locale)
    assert 'role="dialog" aria-label="' in mended
    assert 'id="__drawer">' in mended
    assert '<input type="text" autocomplete="off">' in mended
    assert "<label>x</label>" in mended


def test_a_label_keeps_its_control_where_there_is_one() -> None:
    page = PAGE + '<input type="checkbox" id="__toc">'
    assert '<label for="__toc">' in mend_frame(page, "en")


@pytest.mark.parametrize("locale", LOCALES)
def test_the_script_has_a_word_for_all_that_it_says(locale: str) -> None:
    words = script_words(locale)
    assert set(words) == set(WORDS)
    assert all(words.values())


@pytest.mark.parametrize("locale", LOCALES)
def test_the_foot_says_when_and_from_what_and_leaves_out_what_is_not_known(locale: str) -> None:
    known = make_foot(BUILD, "0123456789ab", ("live", "computed"), locale)
    text = " ".join(value for _, value in known.facts)
    assert "0123456789ab" in text
    assert BUILD.code_digest in text
    assert 'class="badge kind-computed"' in text
    assert len(make_foot(BUILD, "", (), locale).facts) == len(known.facts) - 2


def theme_keys(text: str) -> set[str]:
    return set(re.findall(r'^  "([\w.]+)": ', text, re.MULTILINE))


def test_the_korean_words_of_the_frame_lack_none_that_a_page_of_this_site_can_show() -> None:
    of_the_theme = theme_keys((files("material") / "templates/partials/languages/ko.html").read_text("utf-8"))
    ours = theme_keys((shipped("theme") / "partials/languages/ko.html").read_text("utf-8"))
    not_shown = re.compile(r"action\.(edit|view)|announce|blog|consent|meta|readtime|rss|source|tabs")
    assert {key for key in of_the_theme - ours if not not_shown.match(key)} == set()
    assert ours <= of_the_theme

"""Whether the pages are HTML as the standard has it."""

from __future__ import annotations

import re
from collections import Counter

import html5lib
import pytest
from published import Site, locales
from site_pages import one_of_each_kind

LOCALES = locales()
ROW = re.compile(r"<tr[ >].*?</tr>", re.DOTALL)
ROWS = 40
"""Of each page that are parsed: the others are made by the same template."""


@pytest.mark.parametrize("locale", LOCALES)
def test_the_parser_of_the_standard_finds_no_error(site: Site, locale: str) -> None:
    errors = {}
    folder = site.folder if locale == "en" else site.folder / locale
    for path in one_of_each_kind(site, locale):
        parser = html5lib.HTMLParser()
        parser.parse(_shortened((folder / path / "index.html").read_text(encoding="utf-8")))
        if parser.errors:
            errors[path] = parser.errors[:3]
    assert errors == {}


def test_the_parser_sees_an_error() -> None:
    parser = html5lib.HTMLParser()
    parser.parse("<!doctype html><title>x</title><p><table><tr><td><b>x</i></table>")
    assert parser.errors


def test_every_id_is_on_its_page_once(site: Site) -> None:
    for path, page in site.pages.items():
        assert [name for name, count in Counter(page.ids).items() if count > 1] == [], path


def test_every_label_has_its_control_and_every_dialog_its_name(site: Site) -> None:
    for path, page in site.pages.items():
        text = (site.folder / path / "index.html" if not path.endswith(".html") else site.folder / path).read_text(
            encoding="utf-8"
        )
        assert set(re.findall(r'<label[^>]* for="([^"]+)"', text)) <= set(page.ids), path
        assert 'role="dialog">' not in text, path
        assert not re.search(r'type="checkbox"[^>]* autocomplete=', text), path


def _shortened(text: str) -> str:
    rows = list(ROW.finditer(text))
    for row in reversed(rows[ROWS:]):
        text = text[: row.start()] + text[row.end() :]
    return text

"""The prose that people write: the same pages, with the same anchors, in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generators.render.catalog import LOCALES

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = sorted(path.name for path in (DOCS / "en").glob("*.md"))
TRANSLATED = [locale for locale in LOCALES if locale != "en"]
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} .*$", re.MULTILINE)
_GIVEN_ID = re.compile(r"\{: #([a-z0-9-]+) \}$")
_ANY_ID = re.compile(r"\{: #([a-z0-9-]+) \}|\bid=\"([a-z0-9-]+)\"")
_CODE_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def prose(locale: str, page: str) -> str:
    return (DOCS / locale / page).read_text(encoding="utf-8")


def anchors(text: str) -> list[str]:
    return [heading or other for heading, other in _ANY_ID.findall(_FENCED.sub("", text))]


def test_there_is_prose() -> None:
    assert PAGES == ["add-a-checkpoint.md", "glossary.md", "method.md"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("page", PAGES)
def test_every_heading_has_an_id_of_its_own(locale: str, page: str) -> None:
    headings = _HEADING.findall(_FENCED.sub("", prose(locale, page)))
    assert headings
    assert [heading for heading in headings if not _GIVEN_ID.search(heading)] == []
    assert len(set(anchors(prose(locale, page)))) == len(anchors(prose(locale, page)))


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_language_has_the_same_pages(locale: str) -> None:
    assert sorted(path.name for path in (DOCS / locale).glob("*.md")) == PAGES


@pytest.mark.parametrize("locale", TRANSLATED)
@pytest.mark.parametrize("page", PAGES)
def test_a_translation_has_the_anchors_of_the_original_in_its_order(locale: str, page: str) -> None:
    assert anchors(prose(locale, page)) == anchors(prose("en", page))


@pytest.mark.parametrize("locale", TRANSLATED)
@pytest.mark.parametrize("page", PAGES)
def test_a_translation_has_the_commands_of_the_original(locale: str, page: str) -> None:
    def commands(text: str) -> list[str]:
        return [line for block in _CODE_BLOCK.findall(text) for line in block.splitlines() if line.startswith("$")]

    assert commands(prose(locale, page)) == commands(prose("en", page))

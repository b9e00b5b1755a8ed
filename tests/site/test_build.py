"""What `mkdocs build --strict` writes, without a browser."""

from __future__ import annotations

import json
from collections import Counter
from urllib.parse import urljoin

import pytest
from published import ADDRESS, PROJECT, Site, locales

LOCALES = locales()
TRANSLATED = [locale for locale in LOCALES if locale != "en"]
AUTHORED = {path.stem for path in (PROJECT / "docs" / "en").glob("*.md")} | {"assay"}

NUMBERLESS = {"hypotheses/"}
"""Generated pages whose evidence may be words alone."""


def test_the_build_has_no_warning(site: Site) -> None:
    warnings = [line for line in site.output.splitlines() if line.startswith(("WARNING", "ERROR"))]
    assert warnings == []
    assert "Traceback" not in site.output


def test_the_build_shows_its_progress(site: Site) -> None:
    for locale in TRANSLATED:
        assert f"Building language: {locale}" in site.output
    assert "controls" in site.output or "control" in site.output


def test_the_build_advertises_nothing(site: Site) -> None:
    assert "ProperDocs" not in site.output
    assert "Zensical" not in site.output


def test_every_internal_link_and_anchor_resolves(site: Site) -> None:
    assert list(site.broken_links()) == []


def test_no_page_loads_anything_from_elsewhere(site: Site) -> None:
    loaded = [
        (page.path, element, urljoin(ADDRESS + page.path, written))
        for page in site.pages.values()
        for element, written in page.links
        if element in {"img", "script", "source", "iframe"}
    ]
    assert [item for item in loaded if not item[2].startswith((ADDRESS, "data:"))] == []


def test_no_page_has_an_id_twice(site: Site) -> None:
    twice = {page.path: [i for i, n in Counter(page.ids).items() if n > 1] for page in site.pages.values()}
    assert {path: ids for path, ids in twice.items() if ids} == {}


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_page_exists_in_every_language(site: Site, locale: str) -> None:
    assert set(site.of(locale)) == set(site.translated("en"))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_can_be_reached_from_the_start(site: Site, locale: str) -> None:
    pages = site.of(locale)
    start = ADDRESS if locale == "en" else f"{ADDRESS}{locale}/"
    reached, waiting = {""}, [""]
    while waiting:
        page = pages[waiting.pop()]
        for element, written in page.links:
            target = urljoin(ADDRESS + page.path, written).split("#")[0].removeprefix(start)
            if element == "a" and target in pages and target not in reached:
                reached.add(target)
                waiting.append(target)
    assert set(pages) - reached == set()


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_language_has_the_same_numbers(site: Site, locale: str) -> None:
    english, translated = site.translated("en"), site.of(locale)
    differing = {
        path: (page.numbers, translated[path].numbers)
        for path, page in english.items()
        if sorted(page.numbers) != sorted(translated[path].numbers)
    }
    assert differing == {}


def test_every_generated_page_shows_numbers(site: Site) -> None:
    generated = {path: page for path, page in site.translated("en").items() if path.strip("/") not in AUTHORED}
    assert generated
    assert {path for path, page in generated.items() if not page.numbers} <= NUMBERLESS


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_english_sentence_is_left_in_another_language(site: Site, locale: str) -> None:
    translated = site.of(locale)
    left = {path: page.sentences & translated[path].sentences for path, page in site.translated("en").items()}
    assert {path: sentences for path, sentences in left.items() if sentences} == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_says_its_language(site: Site, locale: str) -> None:
    assert {page.language for page in site.of(locale).values()} == {locale}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_names_itself_and_its_translations(site: Site, locale: str) -> None:
    addresses = {code: ADDRESS if code == "en" else f"{ADDRESS}{code}/" for code in LOCALES}
    for path, page in site.translated(locale).items():
        assert page.canonical == addresses[locale] + path
        assert page.alternates == {code: start + path for code, start in (*addresses.items(), ("x-default", ADDRESS))}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_has_one_heading_and_a_title(site: Site, locale: str) -> None:
    for path, page in site.of(locale).items():
        assert len(page.headings) == 1, path
        assert page.headings[0], path
        assert page.title, path


@pytest.mark.parametrize("locale", LOCALES)
def test_each_language_has_a_search_index_that_leads_to_its_own_pages(site: Site, locale: str) -> None:
    folder = site.folder if locale == "en" else site.folder / locale
    index = json.loads((folder / "search" / "search_index.json").read_text(encoding="utf-8"))
    pages = site.of(locale)
    for entry in index["docs"]:
        path, _, anchor = entry["location"].partition("#")
        assert path in pages, entry["location"]
        assert not anchor or anchor in pages[path].ids, entry["location"]


def test_the_evidence_of_the_report_can_be_downloaded(site: Site) -> None:
    files = sorted(site.folder.glob("evidence/**/*.json"))
    assert files
    for file in files:
        json.loads(file.read_text(encoding="utf-8"))

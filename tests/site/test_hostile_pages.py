"""The site of files of which every string attacks: in the browser, all of it is words."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from published import Site, locales
from site_attacks import ATTACKS, ELSEWHERE, MARK

LOCALES = locales()
ATTACKED = ("checkpoints/convnextpose-xs/", "checkpoints/convnextpose-s/")
PAGES = (*ATTACKED, "", "checkpoints/", "missing/", "expected/", "sources/", "scanners/")

INJECTED = """
() => {
  const article = document.querySelector("article")
  const forbidden = "script, style, iframe, object, embed, form, input, textarea, link, base, meta, svg, foreignObject"
  const own = ".assay-filter > label > input" // which the page's script puts before a long table
  const found = [...article.querySelectorAll(forbidden)].filter(e => !e.matches(own)).map(e => e.outerHTML.slice(0, 200))
  for (const element of document.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      if (attribute.name.startsWith("on")) found.push(element.outerHTML.slice(0, 200))
      const scripted = /^\\s*(javascript|data|vbscript):/i.test(attribute.value)
      if (["href", "src", "action"].includes(attribute.name) && scripted) found.push(attribute.value)
    }
  }
  const charts = [...article.querySelectorAll("img")].filter(e => !e.getAttribute("src").includes("charts/"))
  return found.concat(charts.map(e => e.outerHTML))
}
"""
"""Whatever in a page a reader's browser would act on and no template has written."""


def start(address: str, locale: str) -> str:
    return address if locale == "en" else f"{address}{locale}/"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("path", PAGES)
def test_nothing_runs_and_nothing_is_added(hostile_tab: Any, hostile_address: str, locale: str, path: str) -> None:
    dialogs: list[str] = []
    hostile_tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    hostile_tab.goto(start(hostile_address, locale) + path)
    hostile_tab.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    for element in hostile_tab.locator("article a, article [title]").all()[:40]:
        if element.is_visible():
            element.hover()
    assert hostile_tab.evaluate("window.pwned") is None
    assert hostile_tab.evaluate(INJECTED) == []
    assert hostile_tab.locator("html").get_attribute("lang") == locale
    assert hostile_tab.locator("article h1").count() == 1
    assert dialogs == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_attacks_are_shown_as_they_are_written(hostile_tab: Any, hostile_address: str, locale: str) -> None:
    hostile_tab.goto(start(hostile_address, locale) + ATTACKED[0])
    shown = hostile_tab.evaluate("document.querySelector('article').textContent")
    for text in ATTACKS:
        if "\n" not in text:
            assert text in shown
    hostile_tab.goto(start(hostile_address, locale) + ATTACKED[1])
    shown = hostile_tab.evaluate("document.querySelector('article').textContent")
    assert ATTACKS[0] in shown


@pytest.mark.parametrize("locale", LOCALES)
def test_the_title_is_that_of_an_ordinary_page(hostile_tab: Any, hostile_address: str, locale: str) -> None:
    hostile_tab.goto(start(hostile_address, locale) + ATTACKED[0])
    assert hostile_tab.title() == "convnextpose-xs - Assay"


@pytest.mark.parametrize("locale", LOCALES)
def test_searching_for_an_attack_shows_words(hostile_tab: Any, hostile_address: str, locale: str) -> None:
    hostile_tab.goto(start(hostile_address, locale))
    hostile_tab.keyboard.press("/")
    hostile_tab.locator("input.md-search__input").fill("autofocus")  # a word of an attack
    hostile_tab.keyboard.press("End")
    hostile_tab.wait_for_selector(".md-search-result__link")
    hostile_tab.wait_for_timeout(300)
    assert hostile_tab.evaluate("window.pwned") is None
    added = "script, iframe, img, svg, style, link, form, details[ontoggle], input"
    assert hostile_tab.locator(".md-search-result__list").locator(added).count() == 0


def test_no_attack_leaves_its_page_as_written(hostile_site: Site) -> None:
    dangerous = ("<script>window", f"src={ELSEWHERE}", f"onerror={MARK}", f'href="{ELSEWHERE}', "javascript:window")
    for file in sorted(hostile_site.folder.rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        assert [piece for piece in dangerous if piece in text] == [], file


def test_charts_hold_no_more_than_shapes_words_and_pictures_of_probes(hostile_site: Site) -> None:
    charts = sorted(hostile_site.folder.rglob("charts/*.svg"))
    assert charts
    for chart in charts:
        for element in ET.parse(chart).iter():  # noqa: S314 - our own chart
            name = element.tag.rpartition("}")[2].lower()
            assert name not in {"script", "foreignobject", "iframe", "a", "animate", "set"}, chart
            assert not [key for key in element.attrib if key.lower().startswith("on")], chart
            links = [value for key, value in element.attrib.items() if key.endswith("href")]
            # the pictures of the probes, which Assay drew or which come with a package, lie in the chart itself
            allowed = "data:image/png;base64," if name == "image" and chart.name.startswith("skeletons-") else "#"
            assert [link for link in links if not link.startswith(allowed)] == [], chart
            assert name != "image" or links, chart


def test_the_evidence_gives_every_string_back(hostile_site: Site) -> None:
    evidence = json.loads((hostile_site.folder / "evidence" / "convnextpose-xs.json").read_text(encoding="utf-8"))
    told = json.dumps(evidence, ensure_ascii=False)
    for text in ATTACKS:
        assert json.dumps(text, ensure_ascii=False)[1:-1] in told
    assert evidence["fingerprint"]["file"]["name"].endswith(".pt")


def test_the_search_index_is_json_of_words(hostile_site: Site) -> None:
    index = json.loads((Path(hostile_site.folder) / "search" / "search_index.json").read_text(encoding="utf-8"))
    texts = [entry["text"] + entry["title"] for entry in index["docs"]]
    assert any("pwned" in text for text in texts)
    assert [text for text in texts if "<script" in text or "<img" in text or "<iframe" in text] == []

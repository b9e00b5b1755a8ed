"""What the built site offers to take away, and what the heads of its pages tell machines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml
from lxml import etree, html
from site_pages import AUDIT
from published import ADDRESS, Site, locales

LOCALES = locales()
EXCERPT = """
() => {
  [...document.querySelectorAll("main > section")].slice(4).forEach(e => e.remove())
  for (const body of document.querySelectorAll("tbody")) [...body.rows].slice(8).forEach(row => row.remove())
  document.querySelectorAll("svg").forEach(e => e.replaceChildren())
}
"""
"""Leaves of the document what axe looks at in a second or two: the rest is made of the same pieces."""


def folder_of(site: Site, locale: str) -> Path:
    return site.folder if locale == "en" else site.folder / locale


def address_of(locale: str) -> str:
    return ADDRESS if locale == "en" else f"{ADDRESS}{locale}/"


def head_of(site: Site, locale: str, page: str) -> Any:
    text = (folder_of(site, locale) / page / "index.html").read_text(encoding="utf-8")
    return html.document_fromstring(text).find("head")


@pytest.mark.parametrize("locale", LOCALES)
def test_the_head_of_the_claims_tells_each_verdict_with_its_permalink(site: Site, locale: str) -> None:
    (script,) = head_of(site, locale, "claims").xpath("script[@type='application/ld+json']")
    reviews = json.loads(script.text)["@graph"]
    verdicts = json.loads((site.folder / "exports" / "verdicts.json").read_bytes())["claims"]
    told = [verdict for verdict in verdicts if verdict["outcome"] != "untested"]
    assert [review["url"] for review in reviews] == [address_of(locale) + verdict["page"] for verdict in told]
    ids = site.of(locale)["claims/"].ids
    assert all(review["url"].partition("#")[2] in ids for review in reviews)
    assert head_of(site, locale, "sources").xpath("script[@type='application/ld+json']") == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_names_the_feed_of_its_language(site: Site, locale: str) -> None:
    for page in ("", "claims", "checkpoints/control-xs"):
        (link,) = head_of(site, locale, page).xpath("link[@type='application/atom+xml']")
        assert link.get("rel").split() == ["alternate"]
        assert link.get("title")
    feed = etree.parse(folder_of(site, locale) / "feed.xml").getroot()
    selves = [link.get("href") for link in feed.iterfind("{*}link") if link.get("rel") == "self"]
    assert selves == [f"{address_of(locale)}feed.xml"]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_leads_to_the_downloads(site: Site, locale: str) -> None:
    pages = site.of(locale)
    for path, page in pages.items():
        up = "../" * path.count("/")
        assert ("a", f"{up}downloads/") in page.links or path == "downloads/", path


def test_our_own_report_passes_as_its_owner_expects(site: Site) -> None:
    report = JUnitXml.fromstring((site.folder / "exports" / "junit.xml").read_bytes())
    assert (report.tests, report.failures, report.skipped) == (12, 0, 0)


def test_without_a_published_file_nothing_is_attested(site: Site) -> None:
    evidence = json.loads((site.folder / "evidence" / "report.json").read_bytes())
    read = [s for s in evidence["subjects"] if s["role"] == "checkpoint" and s["fingerprint"]]
    assert (site.folder / "exports" / "statement.json").exists() == bool(read)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_document_opens_without_a_request_and_leads_to_the_published_site(
    site: Site, chromium: Any, locale: str
) -> None:
    file = folder_of(site, locale) / "exports" / "report.html"
    context = chromium.new_context(color_scheme="dark", offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="light")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    assert page.evaluate("document.querySelectorAll('svg[role=img]').length") > 0
    context.close()
    outside = set(re.findall(rf'href="({re.escape(ADDRESS)}[^"#]*)', file.read_text(encoding="utf-8")))
    assert f"{ADDRESS}evidence/report.json" in outside
    missing = [url for url in outside if not _is_published(site, url)]
    assert missing == []


def test_axe_finds_nothing_in_the_document_and_a_phone_shows_all_of_it(site: Site, chromium: Any, axe: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 800}, offline=True)
    page = context.new_page()
    page.goto((site.folder / "exports" / "report.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate(EXCERPT)
    page.evaluate(axe)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(AUDIT, {}) == []
    context.close()


def test_the_keyboard_scrolls_a_table_of_the_document_that_is_wider_than_a_phone(site: Site, chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 800}, offline=True)
    page = context.new_page()
    page.goto((site.folder / "exports" / "report.html").as_uri())
    wide = page.evaluate_handle("[...document.querySelectorAll('table')].find(e => e.scrollWidth > e.clientWidth)")
    wide.as_element().focus()
    for _ in range(40):  # a key pressed before the browser has laid out the long page is lost
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(250)
        if page.evaluate("document.activeElement.scrollLeft > 0"):
            break
    assert page.evaluate("document.activeElement.scrollLeft > 0")
    context.close()


def test_what_is_the_same_in_every_language_lies_in_the_site_once(site: Site) -> None:
    for path in ("charts/matrix-light.svg", "evidence/report.json", "exports/verdicts.json"):
        found = [file.relative_to(site.folder).as_posix() for file in site.folder.rglob(Path(path).name)]
        assert found == [path]


def _is_published(site: Site, url: str) -> bool:
    path = url.removeprefix(ADDRESS)
    return (site.folder / path / "index.html").is_file() if path.endswith("/") or not path else (
        site.folder / path
    ).is_file()


def test_hostile_names_stay_text_in_every_export(hostile_site: Site) -> None:
    exports = hostile_site.folder / "exports"
    document = html.document_fromstring((exports / "report.html").read_text(encoding="utf-8"))
    assert document.xpath("//script | //iframe | //object | //img | //@onerror | //@onload | //@onmouseover") == []
    assert all(one.startswith(("#", "https://")) for one in document.xpath("//a/@href"))
    etree.parse(exports / "junit.xml")
    etree.parse(hostile_site.folder / "feed.xml")
    for table in exports.glob("tensors-*.csv"):
        assert not re.search(r"^[=+@]", table.read_bytes().decode(), re.MULTILINE)

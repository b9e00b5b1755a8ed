"""The site in a real browser, as a reader meets it."""

from __future__ import annotations

from typing import Any

import pytest
from published import Site, locales

LOCALES = locales()
NARROW = {"width": 360, "height": 740}
"""Of a small phone, in CSS pixels."""
READABLE = 4.5
"""Contrast of text. Source: WCAG 2.2, success criterion 1.4.3."""

CONTRAST = """
element => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1})
  const brush = canvas.getContext("2d", {willReadFrequently: true})
  const behind = []
  for (let e = element; e; e = e.parentElement) behind.unshift(getComputedStyle(e).backgroundColor)
  const paint = colour => { brush.fillStyle = colour; brush.fillRect(0, 0, 1, 1) }
  const luminance = () => {
    const [r, g, b] = [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  paint("#fff"); behind.forEach(paint)
  const ground = luminance()
  paint(getComputedStyle(element).color)
  const ink = luminance()
  return (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05)
}
"""


def start(address: str, locale: str) -> str:
    return address if locale == "en" else f"{address}{locale}/"


def page_with(site: Site, locale: str, piece: str) -> str:
    """Return the address, below the language's start, of the first page whose HTML has ``piece``."""
    folder = site.folder if locale == "en" else site.folder / locale
    for path in sorted(site.of(locale)):
        if piece in (folder / path / "index.html").read_text(encoding="utf-8"):
            return path
    pytest.fail(f"no page of {locale} has {piece}")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_loads_whole_and_fits_a_phone(tab: Any, address: str, site: Site, locale: str) -> None:
    problems: list[str] = []
    tab.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on(
        "response", lambda answer: problems.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
    )
    tab.set_viewport_size(NARROW)
    for path in site.of(locale):
        tab.goto(start(address, locale) + path)
        width = tab.evaluate("document.documentElement.scrollWidth")
        if width > NARROW["width"]:
            problems.append(f"{path}: {width} px wide")
    assert problems == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_language_switcher_keeps_the_page(tab: Any, address: str, locale: str) -> None:
    for other in LOCALES:
        tab.goto(start(address, locale) + "claims/")
        tab.locator(".md-select > button").hover()
        tab.locator(f'.md-select__link[hreflang="{other}"]').click()
        tab.wait_for_url(start(address, other) + "claims/")
        assert tab.locator("html").get_attribute("lang") == other


def test_the_language_switcher_works_from_the_error_page(tab: Any, address: str) -> None:
    tab.goto(address + "404.html")
    tab.locator(".md-select > button").hover()
    tab.locator('.md-select__link[hreflang="ko"]').click()
    tab.wait_for_url(address + "ko/")


@pytest.mark.parametrize(("preferred", "scheme"), [("light", "default"), ("dark", "slate")])
def test_colours_follow_the_system(tab: Any, address: str, preferred: str, scheme: str) -> None:
    tab.emulate_media(color_scheme=preferred)
    tab.goto(address)
    tab.wait_for_selector(f'body[data-md-color-scheme="{scheme}"]')


def test_the_toggle_goes_from_system_to_light_to_dark_and_is_remembered(tab: Any, address: str) -> None:
    tab.goto(address)
    for choice, scheme in (("__palette_1", "default"), ("__palette_2", "slate")):
        tab.locator(f"form[data-md-component=palette] label[for={choice}]").click()
        tab.wait_for_function(f"document.querySelector('#{choice}').checked")
        tab.wait_for_selector(f'body[data-md-color-scheme="{scheme}"]')
    tab.goto(start(address, "es") + "claims/")
    tab.wait_for_selector('body[data-md-color-scheme="slate"]')


@pytest.mark.parametrize("locale", LOCALES)
def test_the_toggle_speaks_the_language_of_the_page(tab: Any, address: str, locale: str) -> None:
    tab.goto(address)
    english = tab.locator("form[data-md-component=palette] label:visible").get_attribute("title")
    tab.goto(start(address, locale))
    title = tab.locator("form[data-md-component=palette] label:visible").get_attribute("title")
    assert " " in title
    assert (title == english) is (locale == "en")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_badges_can_be_read(tab: Any, address: str, scheme: str) -> None:
    tab.emulate_media(color_scheme=scheme)
    tab.goto(address + "claims/")
    badges = tab.locator("article .badge")
    assert badges.count() > 0
    contrasts = {badges.nth(i).inner_text(): badges.nth(i).evaluate(CONTRAST) for i in range(min(badges.count(), 40))}
    assert {text: contrast for text, contrast in contrasts.items() if contrast < READABLE} == {}


def test_verdicts_differ_by_more_than_colour(tab: Any, address: str) -> None:
    tab.goto(address + "claims/")
    signs = tab.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("article [class*=' verdict-']")].map(
             e => [e.className, getComputedStyle(e, "::before").content + getComputedStyle(e).borderTopStyle]))"""
    )
    assert len(signs) == 4
    assert len(set(signs.values())) == 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_show_once_in_the_colours_of_the_page(tab: Any, address: str, site: Site, scheme: str) -> None:
    tab.emulate_media(color_scheme=scheme)
    tab.goto(address + page_with(site, "en", "assay-chart"))
    tab.wait_for_load_state("load")
    shown = tab.locator(".assay-chart img:visible")
    assert shown.count() == tab.locator(".assay-chart").count()
    for i in range(shown.count()):
        assert shown.nth(i).get_attribute("src").endswith(f"#only-{scheme}")
        assert shown.nth(i).evaluate("image => image.naturalWidth") > 0
        assert shown.nth(i).get_attribute("alt")


def test_the_first_key_press_offers_to_skip_to_the_content(tab: Any, address: str) -> None:
    tab.goto(address + "claims/")
    tab.keyboard.press("Tab")
    skip = tab.locator(".md-skip")
    assert skip.evaluate("e => e === document.activeElement")
    tab.wait_for_function("getComputedStyle(document.querySelector('.md-skip')).opacity === '1'")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/claims/#*")


def test_whatever_has_the_focus_shows_it(tab: Any, address: str) -> None:
    tab.goto(address + "claims/")
    unmarked = []
    for _ in range(40):
        tab.keyboard.press("Tab")
        focused = tab.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e)
                 return {name: e.outerHTML.slice(0, 200), input: e.matches("input"), body: e === document.body,
                         shown: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0} }"""
        )
        if not focused["shown"] and not focused["input"] and not focused["body"]:
            unmarked.append(focused["name"])
    assert unmarked == []


@pytest.mark.parametrize("locale", LOCALES)
def test_search_finds_a_page_of_the_language(tab: Any, address: str, site: Site, locale: str) -> None:
    word = max(site.of(locale)["glossary/"].headings[0].split(), key=len)
    tab.goto(start(address, locale))
    tab.keyboard.press("/")
    tab.locator("input.md-search__input").fill(word)
    tab.keyboard.press("End")  # the theme listens to keys, and an input method ends with one
    tab.wait_for_selector(".md-search-result__link")
    found = tab.evaluate("[...document.querySelectorAll('.md-search-result__link')].map(e => e.href)")
    assert any(link.startswith(start(address, locale) + "glossary/") for link in found)
    assert all(link.startswith(start(address, locale)) for link in found)


def test_korean_lines_break_between_words(tab: Any, address: str) -> None:
    broken = "e => getComputedStyle(e).wordBreak"
    tab.goto(start(address, "ko") + "method/")
    assert tab.locator("article p").first.evaluate(broken) == "keep-all"
    tab.goto(start(address, "ko"))
    assert tab.locator("#verdicts ~ * td a").first.evaluate(broken) == "keep-all"


def test_a_korean_column_is_never_narrower_than_a_word_on_a_phone(tab: Any, address: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto(start(address, "ko") + "speed/")
    cell = tab.locator("article table td").first
    assert cell.evaluate("e => e.clientWidth > 6 * parseFloat(getComputedStyle(e).fontSize)")


def test_print_leaves_the_report_alone_on_the_page(tab: Any, address: str) -> None:
    tab.goto(address)
    tab.emulate_media(media="print")
    assert not tab.locator(".md-header").is_visible()
    assert not tab.locator(".md-footer").is_visible()
    assert tab.locator("article h1").is_visible()
    assert tab.locator("article .assay-table").first.evaluate("e => getComputedStyle(e).overflowX") == "visible"

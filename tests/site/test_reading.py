"""What a reader does with a page: keyboard alone, no script, large type, a narrow screen, paper."""

from __future__ import annotations

from typing import Any

import pytest
from published import Site, locales
from site_pages import one_of_each_kind, start

LOCALES = locales()
SMALLEST = {"width": 320, "height": 640}
"""Also what is left of 640 pixels at 200 % zoom. Source: WCAG 2.2, success criterion 1.4.10, reflow."""
PAPER = {"width": 718, "height": 1047}
"""A4 within margins of a centimetre, in CSS pixels."""

CONTROLS = """
() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
  const reachable = all.filter(e => e.tabIndex >= 0 && !e.disabled && !e.hidden && e.checkVisibility({visibilityProperty: true})
    && e.getClientRects().length && (e.type !== "radio" || e.checked))
  reachable.forEach((e, i) => e.dataset.control = i)
  return reachable.map(e => e.outerHTML.slice(0, 120))
}
"""
FOCUSED = """
() => {
  const e = document.activeElement, style = getComputedStyle(e)
  const shown = e.matches("input") ? document.querySelector(`label[for='${e.id}']:not([hidden])`) ?? e : e
  const outlined = s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0
  const box = e.getBoundingClientRect()
  return {
    control: e.dataset.control ?? "", name: e.outerHTML.slice(0, 120), isBody: e === document.body,
    isMarked: outlined(style) || outlined(getComputedStyle(shown)) || e.matches("[type=text], [type=search]"),
    isInView: box.bottom > 0 && box.top < innerHeight,
  }
}
"""
UNREADABLE = """
() => {
  document.querySelectorAll("article details").forEach(e => e.open = true)
  return [...document.querySelectorAll("article *")]
    .filter(e => e.textContent.trim() && !e.matches("script, style, [class*=headerlink]"))
    .filter(e => !e.checkVisibility({visibilityProperty: true, opacityProperty: true}))
    .map(e => e.outerHTML.slice(0, 120)).slice(0, 5)
}
"""
LOST = """
() => [...document.querySelectorAll("article :is(h1, h2, h3, p, li, dt, dd, summary, figcaption, button, input, img)")]
  .filter(e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !e.closest("details:not([open])"))
  .filter(e => { const box = e.getBoundingClientRect()
    const scroller = e.closest(".assay-table, .md-typeset__scrollwrap, pre, .assay-chart")
    return box.width && !scroller && (box.right > innerWidth + 1 || box.left < -1) })
  .map(e => e.outerHTML.slice(0, 120))
"""
CUT_OFF = """
() => [...document.querySelectorAll("article table, article pre > code, article img")]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1 || e.scrollWidth > e.clientWidth + 2)
  .map(e => e.outerHTML.slice(0, 120))
"""


@pytest.mark.parametrize("path", ["claims/", "checkpoints/control-xs/", "method/"])
def test_every_control_is_reached_by_keyboard_and_shows_it(tab: Any, address: str, path: str) -> None:
    tab.goto(address + path)
    tab.wait_for_load_state("load")
    controls = tab.evaluate(CONTROLS)
    reached, unmarked = set(), []
    for _ in range(len(controls) + 20):
        tab.keyboard.press("Tab")
        focused = tab.evaluate(FOCUSED)
        if focused["isBody"]:  # the last one was left: there is no trap
            break
        reached.add(focused["control"])
        if not focused["isMarked"] or not focused["isInView"]:
            unmarked.append(focused["name"])
    else:
        pytest.fail("the focus never left the page")
    missed = [html for number, html in enumerate(controls) if str(number) not in reached]
    assert missed == []
    assert unmarked == []


def test_the_menu_of_a_narrow_screen_opens_and_closes_by_keyboard(tab: Any, address: str) -> None:
    tab.set_viewport_size(SMALLEST)
    tab.goto(address + "claims/")
    entry = tab.locator(".md-nav--primary a.md-nav__link").first
    assert not entry.is_visible()
    tab.locator(".md-header label[for=__drawer]").focus()
    for key in ("Enter", "Space"):
        tab.keyboard.press(key)
        entry.wait_for(state="visible")
        tab.keyboard.press(key)
        entry.wait_for(state="hidden")


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_lost_on_the_smallest_screen(tab: Any, address: str, site: Site, locale: str) -> None:
    tab.set_viewport_size(SMALLEST)
    lost = {}
    for path in one_of_each_kind(site, locale):
        tab.goto(start(address, locale) + path)
        width, outside = tab.evaluate("document.documentElement.scrollWidth"), tab.evaluate(LOST)
        if width > SMALLEST["width"] or outside:
            lost[path] = (width, outside[:3])
    assert lost == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_all_can_be_read_without_a_script(chromium: Any, address: str, site: Site, locale: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    try:
        for path in one_of_each_kind(site, locale):
            plain.goto(start(address, locale) + path)
            assert plain.locator("article h1").is_visible()
            assert plain.locator("article [hidden]").count() == 0
            assert plain.evaluate(UNREADABLE) == [], path
    finally:
        context.close()


def test_a_page_without_a_script_has_its_tables_whole(chromium: Any, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(address + "checkpoints/control-xs/")
        page.locator("details:has([id^='tensor-']) > summary").first.click()
        rows = page.locator("tr[id^='tensor-']")
        assert rows.count() > 150
        assert rows.first.is_visible()
        assert rows.last.is_visible()
    finally:
        context.close()


def test_paper_has_what_is_folded_and_the_addresses_of_links(tab: Any, address: str) -> None:
    tab.goto(address + "checkpoints/control-xs/")
    tab.emulate_media(media="print")
    row = tab.locator("tr[id^='tensor-']").last
    assert row.evaluate("e => e.checkVisibility() && e.getBoundingClientRect().height > 0")
    for hidden in (".md-header", ".md-sidebar--primary", ".assay-filter", ".assay-copy", "footer.md-footer"):
        assert not tab.locator(hidden).first.is_visible(), hidden
    tab.goto(address + "sources/")
    outside = tab.locator('article a[href^="https://"]').first
    assert outside.get_attribute("href") in outside.evaluate("e => getComputedStyle(e, '::after').content")


@pytest.mark.parametrize("path", ["", "sources/", "checkpoints/control-xs/"])
def test_nothing_is_cut_off_on_paper(tab: Any, address: str, path: str) -> None:
    tab.set_viewport_size(PAPER)
    tab.goto(address + path)
    tab.emulate_media(media="print")
    tab.wait_for_load_state("load")
    assert tab.locator("article table").count() > 0
    assert tab.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_ends_with_when_and_from_what_it_was_built(site: Site, locale: str) -> None:
    folder = site.folder if locale == "en" else site.folder / locale
    for path in site.of(locale):
        text = (folder / path / "index.html").read_text(encoding="utf-8")
        assert text.count('<aside class="assay-foot"') == 1, path
        foot = text.partition('<aside class="assay-foot"')[2].partition("</aside>")[0]
        assert 'data-value="2026&#45;01&#45;01' in foot, path
        assert "python3 run.py build" in foot.replace("&#46;", "."), path

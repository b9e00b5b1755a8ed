"""Tables that sort and filter, addresses of rows, values of charts, copying: with the page's own scripts."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from published import Site

CONTROL = "checkpoints/control-xs/"
TENSOR = "backbone.stages.0.0.dwconv.weight"
IN_ROWS = {"figure", "reported", "architecture"}
"""Evidence that stands in a row of a table; the rest has a section."""
READABLE = 4.5
"""Contrast of text. Source: WCAG 2.2, success criterion 1.4.3."""
GROUNDS = {"light": "#ffffff", "dark": "#1e2129"}


@pytest.fixture
def tensors(tab: Any, address: str) -> Any:
    tab.goto(address + CONTROL)
    folded = tab.locator("details:has([id^='tensor-'])").first
    folded.locator("> summary").click()
    return folded


def visible_names(tensors: Any) -> list[str]:
    return tensors.locator("tbody tr:visible td:first-child").all_inner_texts()


def test_a_filter_leaves_the_rows_that_have_every_word(tensors: Any) -> None:
    tensors.get_by_label("Filter rows").fill("stages.0 dwconv")
    names = visible_names(tensors)
    assert names
    assert all("stages.0" in name and "dwconv" in name for name in names)
    assert f"{len(names)} /" in tensors.locator("[role=status]").inner_text()
    tensors.get_by_label("Filter rows").fill("")
    assert len(visible_names(tensors)) > len(names)


def test_a_column_sorts_by_value_up_and_down_and_says_so(tensors: Any) -> None:
    heading = tensors.locator("thead th").nth(9)
    for direction in ("ascending", "descending"):
        heading.locator("button").click()
        assert heading.get_attribute("aria-sort") == direction
        values = [float(v) for v in tensors.locator("tbody tr td:nth-child(10) [data-value]").evaluate_all(
            "cells => cells.map(e => e.dataset.value)"
        )]
        assert values == sorted(values, reverse=direction == "descending")
    assert tensors.locator("[aria-sort]").count() == 1


def test_an_address_leads_to_a_folded_row_and_marks_it(tab: Any, address: str) -> None:
    tab.goto(f"{address}{CONTROL}#tensor-{TENSOR}")
    row = tab.locator(f"[id='tensor-{TENSOR}']")
    row.wait_for(state="visible")
    ground = row.evaluate("e => getComputedStyle(e).backgroundColor")
    other = tab.locator(".assay-tensors tbody tr:not(:target)").first
    assert ground != other.evaluate("e => getComputedStyle(e).backgroundColor")
    assert 0 < row.bounding_box()["y"] < 900


def test_a_row_links_to_itself(tab: Any, tensors: Any) -> None:
    tensors.get_by_text(TENSOR, exact=True).click()
    assert tab.url.endswith(f"#tensor-{TENSOR}")


def test_a_claim_leads_to_its_evidence_and_the_evidence_back(tab: Any, address: str) -> None:
    tab.goto(address + "claims/")
    check = tab.locator(".assay-check", has=tab.locator("a[href*='checkpoints/convnextpose-s/']")).first
    anchor = check.get_attribute("id")
    check.locator("a[href*='checkpoints/convnextpose-s/']").click()
    tab.wait_for_url("**/checkpoints/convnextpose-s/#*")
    tab.locator(f"a[href$='claims/#{anchor}']").first.click()
    tab.wait_for_url(f"**/claims/#{anchor}")


def test_a_verdict_leads_to_the_evidence_that_decides_it_and_the_evidence_back(tab: Any, address: str) -> None:
    tab.goto(address)
    verdict = tab.locator("tr[id^='verdict-']", has=tab.locator("a", has_text="See the evidence")).first
    title = verdict.locator("a").first.get_attribute("href").partition("#claim-")[2]
    verdict.locator("a", has_text="See the evidence").click()
    tab.wait_for_url("**/*#*")
    target = tab.locator(":target")
    assert target.is_visible()
    back = target.locator("xpath=descendant-or-self::*/following-sibling::div | descendant-or-self::*").locator("a")
    addresses = back.evaluate_all("links => links.map(e => e.hash)")
    assert any(place.startswith(f"#check-{title}.") for place in addresses)


def test_every_check_leads_to_evidence_that_leads_back_to_its_claim(site: Site) -> None:
    """Each direction counts: a check without its way back would be found only by those who read the whole page."""
    claims = site.pages["claims/"]
    evidence = {written for element, written in claims.links if element == "a" and "#" in written}
    for written in sorted(evidence):
        path, _, anchor = written.partition("#")
        if not path.startswith("../") or path == "../":
            continue
        text = (site.folder / path.removeprefix("../") / "index.html").read_text(encoding="utf-8")
        if "assay-resting" not in text or anchor.startswith(("source-", "protocol-")):
            continue
        after = text.partition(f'id="{anchor}"')[2]
        assert "assay-back" in after.partition("</tr>" if anchor.partition("-")[0] in IN_ROWS else "<h2")[0], written


def test_every_check_says_what_would_change_it_and_every_verdict_too(tab: Any, address: str) -> None:
    tab.goto(address + "claims/")
    checks = tab.locator(".assay-check")
    assert checks.count() == tab.locator(".assay-check dt", has_text="What would change this").count()
    assert tab.locator(".assay-change").count() == tab.locator("article h2").count()


def marks_of(figure: Any) -> list[tuple[float, float, int, int]]:
    """Return the marks of the chart that a figure shows."""
    text = figure.locator("img:visible").evaluate(
        "async e => new DOMParser().parseFromString(await (await fetch(e.src.split('#')[0])).text(), 'image/svg+xml')"
        ".getElementById('marks').textContent"
    )
    return [tuple(mark) for mark in json.loads(text)]


def point_at(tab: Any, figure: Any, mark: tuple[float, float, int, int]) -> None:
    box = figure.locator("img:visible").bounding_box()
    tab.mouse.move(box["x"] + mark[0] * box["width"], box["y"] + mark[1] * box["height"])


def test_a_value_of_a_chart_shows_under_the_pointer_and_by_the_keys(tab: Any, address: str) -> None:
    tab.goto(address)
    figure = tab.locator(".assay-chart", has=tab.locator("img[src*='charts/matrix-light']"))
    figure.scroll_into_view_if_needed()
    figure.focus()
    note = figure.locator(".assay-value")
    said = {}
    for key in ("ArrowRight", "PageDown", "End", "Home"):
        before = note.text_content()
        tab.keyboard.press(key)
        tab.wait_for_function("([e, before]) => e.textContent !== before", arg=[note.element_handle(), before])
        said[key] = note.inner_text()
    assert said["Home"] == said["ArrowRight"]
    assert len(set(said.values())) == 3
    assert figure.locator(".assay-ring").is_visible()
    tab.keyboard.press("Escape")
    note.wait_for(state="hidden")
    point_at(tab, figure, marks_of(figure)[0])
    note.wait_for(state="visible")
    assert note.inner_text() == said["Home"]


def test_a_chart_of_tensors_tells_the_value_of_the_right_tensor_after_the_table_was_sorted(
    tab: Any, tensors: Any
) -> None:
    row = tab.locator(f"[id='tensor-{TENSOR}']")
    place = row.evaluate("row => row.sectionRowIndex")
    largest = row.locator("td").nth(7).inner_text()
    tensors.locator("thead th").nth(9).locator("button").click()
    assert row.evaluate("row => row.sectionRowIndex") != place
    figure = tab.locator(".assay-chart[data-values=model-tensors]")
    figure.scroll_into_view_if_needed()
    columns = {column for _, _, at, column in marks_of(figure) if at == place}
    assert columns == {6, 7, 9}
    point_at(tab, figure, next(mark for mark in marks_of(figure) if mark[2:] == (place, 7)))
    note = figure.locator(".assay-value")
    note.wait_for(state="visible")
    assert note.inner_text() == f"{TENSOR} · Largest: {largest}"
    assert figure.bounding_box()["x"] - 1 <= note.bounding_box()["x"]


def test_the_value_of_a_mark_keeps_its_superscript(tab: Any, tensors: Any) -> None:
    place = tensors.locator("tbody tr", has=tab.locator("td:nth-child(10) sup")).first.evaluate("e => e.sectionRowIndex")
    figure = tab.locator(".assay-chart[data-values=model-tensors]")
    figure.scroll_into_view_if_needed()
    point_at(tab, figure, next(mark for mark in marks_of(figure) if mark[2:] == (place, 9)))
    note = figure.locator(".assay-value")
    note.wait_for(state="visible")
    assert note.locator("sup").count() == 1


@pytest.mark.parametrize("way", ["click", "Enter"])
def test_a_mark_leads_to_its_row_also_in_a_folded_table(tab: Any, address: str, way: str) -> None:
    tab.goto(address + CONTROL)
    figure = tab.locator(".assay-chart[data-values=model-tensors]")
    figure.scroll_into_view_if_needed()
    figure.focus()
    if way == "Enter":
        tab.keyboard.press("Home")
        figure.locator(".assay-value").wait_for(state="visible")
        tab.keyboard.press("Enter")
    else:
        point_at(tab, figure, marks_of(figure)[0])
        figure.locator(".assay-value").wait_for(state="visible")
        tab.mouse.down()
        tab.mouse.up()
    tab.wait_for_url("**/#tensor-*")
    tab.locator("tr:target").wait_for(state="visible")


def test_a_chart_has_its_numbers_as_a_table(tab: Any, address: str) -> None:
    tab.goto(address)
    for chart in tab.locator(".assay-chart").all():
        numbers = chart.locator("xpath=following-sibling::*[1]")
        assert "assay-numbers" in numbers.get_attribute("class")
        assert numbers.locator("tbody td [data-value]").count() > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_in_charts_can_be_read(site: Site, theme: str) -> None:
    from generators.render.contrast import contrast

    poor = {}
    for file in sorted(site.folder.glob(f"charts/*-{theme}.svg")):
        for group in ET.parse(file).iter("{http://www.w3.org/2000/svg}g"):  # noqa: S314 - our own chart
            if not group.get("id", "").startswith("text_"):
                continue
            fills = [part.get("style", "") for part in group.iter() if "fill: #" in part.get("style", "")]
            for fill in fills:
                colour = fill.partition("fill: ")[2][:7]
                if contrast(colour, GROUNDS[theme]) < READABLE and not file.name.startswith(("matrix", "kinship")):
                    poor[file.name] = colour
    assert poor == {}


def test_commands_are_copied_without_their_prompt_and_digests_whole(tab: Any, address: str) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.goto(address)
    tab.locator("pre .assay-copy").first.click()
    assert tab.evaluate("navigator.clipboard.readText()").splitlines()[0] == "assay fetch"
    tab.goto(address + CONTROL)
    digest = tab.locator(".assay-digest").first
    digest.locator("xpath=following-sibling::button").first.click()
    assert tab.evaluate("navigator.clipboard.readText()") == digest.inner_text()
    assert len(digest.inner_text()) == 64


def test_the_digest_of_a_tensor_is_copied_whole_with_the_pointer_or_by_keyboard(tab: Any, tensors: Any) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    rows = tensors.locator("tbody tr:visible")
    width = rows.first.evaluate("row => row.offsetWidth")
    rows.nth(2).hover()
    button = tensors.locator(".assay-copy")
    button.click()
    digests = [rows.nth(place).locator("[title]").get_attribute("title") for place in (2, 3)]
    assert len(set(digests)) == 2
    assert tab.evaluate("navigator.clipboard.readText()") == digests[0]
    rows.nth(3).locator("a").focus()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_function("async wanted => await navigator.clipboard.readText() === wanted", arg=digests[1])
    assert button.count() == 1
    assert rows.first.evaluate("row => row.offsetWidth") == width

"""Axe, the engine behind most accessibility audits, on every kind of page in every language, light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from published import Site, locales
from site_pages import AUDIT, one_of_each_kind, start

LOCALES = locales()
ROWS = 3
"""Of each table that axe looks at: the others are made by the same template, and each cell costs time."""

PREPARE = f"""
() => {{
  document.querySelectorAll("details").forEach(e => e.open = true)
  for (const body of document.querySelectorAll("tbody")) [...body.rows].slice({ROWS}).forEach(row => row.remove())
}}
"""
OF_COLOUR = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""What another colour scheme can change."""


@pytest.mark.parametrize("locale", LOCALES)
def test_axe_finds_nothing_on_any_kind_of_page(tab: Any, address: str, site: Site, axe: str, locale: str) -> None:
    found = {}
    for path in one_of_each_kind(site, locale):
        tab.emulate_media(color_scheme="light")
        tab.goto(start(address, locale) + path)
        tab.evaluate(PREPARE)
        tab.evaluate(axe)
        light = tab.evaluate(AUDIT, {})
        tab.emulate_media(color_scheme="dark")
        tab.wait_for_selector('body[data-md-color-scheme="slate"]')
        dark = tab.evaluate(AUDIT, OF_COLOUR)
        if light or dark:
            found[path] = (light[:4], dark[:4])
    assert found == {}


def test_axe_sees_what_is_wrong_with_a_page(tab: Any, address: str, axe: str) -> None:
    tab.goto(address)
    tab.evaluate("document.querySelector('article').insertAdjacentHTML('beforeend', '<img src=x><p style=color:#999>faint words</p>')")
    tab.evaluate(axe)
    found = " ".join(tab.evaluate(AUDIT, {}))
    assert "image-alt" in found
    assert "color-contrast" in found

"""Typing into the search: names of tensors, claims, Korean stems, Spanish with and without accents."""

from __future__ import annotations

from typing import Any

import pytest
from site_pages import start


def found(tab: Any, address: str, locale: str, typed: str) -> list[str]:
    """Return the addresses of the results, below the language's start, best first."""
    tab.goto(start(address, locale))
    tab.keyboard.press("/")
    tab.locator("input.md-search__input").fill(typed)
    tab.keyboard.press("End")  # the theme listens to keys
    tab.wait_for_selector(".md-search-result__link")
    links = tab.evaluate("[...document.querySelectorAll('.md-search-result__link')].map(e => e.href)")
    return [link.removeprefix(start(address, locale)).partition("?")[0] for link in links]


@pytest.mark.parametrize(
    "typed", ["backbone.stages.0", "backbone.stages.0.0.dwconv.weight", "dwconv", "deconv_layers_1", "running_var"]
)
def test_a_tensor_is_found_by_its_name_or_a_word_of_it(tab: Any, address: str, typed: str) -> None:
    assert any(path.startswith("checkpoints/control-") for path in found(tab, address, "en", typed))


def test_a_claim_is_found(tab: Any, address: str) -> None:
    assert found(tab, address, "en", "ultra-XS")[0].startswith("claims/")


@pytest.mark.parametrize(("typed", "same"), [("afirmación", "afirmacion"), ("número", "numero")])
def test_a_spanish_word_is_found_with_and_without_its_accent(tab: Any, address: str, typed: str, same: str) -> None:
    with_accent = found(tab, address, "es", typed)
    assert with_accent
    assert found(tab, address, "es", same) == with_accent


@pytest.mark.parametrize("typed", ["체크포인트", "가중치", "판정"])
def test_a_korean_stem_is_found_before_its_particles(tab: Any, address: str, typed: str) -> None:
    assert found(tab, address, "ko", typed)


def test_a_korean_stem_is_found_inside_a_longer_word(tab: Any, address: str) -> None:
    inside = found(tab, address, "ko", "포인트")  # only ever written as 체크포인트
    assert any(path.startswith(("", "glossary/")) for path in inside)

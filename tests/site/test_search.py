"""Typing into the search: names of tensors, claims, Korean stems, Spanish with and without accents."""

from __future__ import annotations

import re
from typing import Any

import pytest
from published import Site
from site_pages import start


def found(tab: Any, address: str, locale: str, typed: str) -> list[str]:
    """Return the addresses of the results, below the language's start, best first."""
    tab.goto(start(address, locale))
    tab.keyboard.press("/")
    tab.locator("input.md-search__input").fill(typed)
    tab.keyboard.press("End")  # the theme listens to keys
    tab.wait_for_selector(".md-search-result__link")
    links = tab.evaluate("[...document.querySelectorAll('.md-search-result__link')].map(e => e.href)")
    return [re.sub(r"\?[^#]*", "", link.removeprefix(start(address, locale))) for link in links]


@pytest.mark.parametrize(
    "typed", ["backbone.stages.0", "backbone.stages.0.0.dwconv.weight", "dwconv", "deconv_layers_1", "running_var"]
)
def test_a_tensor_is_found_by_its_name_or_a_word_of_it(tab: Any, address: str, typed: str) -> None:
    assert any(path.startswith("checkpoints/control-") for path in found(tab, address, "en", typed))


def test_a_claim_is_found_by_its_words(tab: Any, address: str) -> None:
    assert found(tab, address, "en", "ultra-XS")[0].startswith("claims/")


@pytest.mark.parametrize(("locale", "typed"), [("en", "claim 3"), ("es", "afirmación 3"), ("ko", "주장 3")])
def test_a_claim_is_found_by_its_number(tab: Any, address: str, site: Site, locale: str, typed: str) -> None:
    third = [name for name in site.of(locale)["claims/"].ids if name.startswith("claim-")][2]
    assert f"claims/#{third}" in found(tab, address, locale, typed)[:3]


@pytest.mark.parametrize(
    ("typed", "same"), [("afirmación", "afirmacion"), ("parámetros", "parametro"), ("épocas", "epoca")]
)
def test_a_spanish_word_is_found_with_and_without_accent_and_plural(
    tab: Any, address: str, typed: str, same: str
) -> None:
    as_written = found(tab, address, "es", typed)
    assert as_written
    assert found(tab, address, "es", same) == as_written


@pytest.mark.parametrize(("typed", "stem"), [("체크포인트를", "체크포인트"), ("판정에서는", "판정")])
def test_a_korean_word_is_found_with_and_without_its_particle(
    tab: Any, address: str, typed: str, stem: str
) -> None:
    with_particle = found(tab, address, "ko", typed)
    assert with_particle
    assert found(tab, address, "ko", stem) == with_particle


def test_a_korean_word_that_only_looks_like_stem_and_particle_stays_whole(tab: Any, address: str) -> None:
    assert found(tab, address, "ko", "평가")[0].startswith("method/")


def test_a_korean_stem_is_found_inside_a_longer_word(tab: Any, address: str) -> None:
    inside = found(tab, address, "ko", "포인트")  # only ever written as 체크포인트
    assert any(path.startswith(("", "glossary/")) for path in inside)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.errors import RenderError
from generators.issue.budget import fit_sections
from generators.model.issue import Forms


def forms(*texts: str) -> Forms:
    return tuple(lambda text=text: text for text in texts)


SECTIONS = {"a": forms("aaaa", "aa", ""), "b": forms("한국어", "b"), "c": forms("c")}
ORDER = (("b", 1), ("a", 1), ("unknown", 1), ("a", 5))


def test_what_fits_is_in_full_with_an_empty_line_between() -> None:
    fitted = fit_sections(SECTIONS, 100, ORDER)
    assert fitted.text == "aaaa\n\n한국어\n\nc\n"
    assert fitted.shortened == ()


@pytest.mark.parametrize(
    ("budget", "text", "shortened"),
    [
        (19, "aaaa\n\n한국어\n\nc\n", ()),
        (18, "aaaa\n\nb\n\nc\n", ("b",)),
        (10, "aa\n\nb\n\nc\n", ("b", "a")),
        (8, "b\n\nc\n", ("b", "a")),
        (5, "b\n\nc\n", ("b", "a")),
    ],
)
def test_sections_are_shortened_in_the_order_that_is_given_and_counted_in_bytes(
    budget: int, text: str, shortened: tuple[str, ...]
) -> None:
    fitted = fit_sections(SECTIONS, budget, ORDER)
    assert (fitted.text, fitted.shortened) == (text, shortened)


def test_where_one_section_alone_is_too_long_the_others_stay_whole() -> None:
    sections = {"a": forms("aaaa", "aa"), "b": forms("b" * 90, "b" * 80, "bb"), "c": forms("cccc", "c")}
    fitted = fit_sections(sections, 20, (("a", 1), ("b", 1), ("c", 1), ("b", 1)))
    assert fitted.text == "aaaa\n\nbb\n\ncccc\n"
    assert fitted.shortened == ("b",)


def test_room_that_is_left_goes_to_what_is_needed_most() -> None:
    sections = {"a": forms("aaaa", "a"), "b": forms("b" * 90, "b"), "c": forms("cccc", "c")}
    fitted = fit_sections(sections, 12, (("a", 1), ("c", 1), ("b", 1)))
    assert fitted.text == "a\n\nb\n\ncccc\n"
    assert fitted.shortened == ("a", "b")


def test_what_cannot_be_shortened_enough_is_an_error() -> None:
    with pytest.raises(RenderError, match="has 5 bytes; 4 are allowed"):
        fit_sections(SECTIONS, 4, ORDER)


def test_a_form_that_is_not_needed_is_not_written() -> None:
    def never() -> str:
        raise AssertionError

    assert fit_sections({"a": (lambda: "a", never)}, 10, (("a", 1),)).text == "a\n"


def test_more_than_one_empty_line_is_one() -> None:
    assert fit_sections({"a": forms("a\n\n \n\nb\n\n\n")}, 100, ()).text == "a\n\nb\n"


@given(st.lists(st.text("aé한\n ", max_size=40), min_size=1, max_size=5), st.integers(1, 60))
def test_no_text_is_longer_than_the_budget(texts: list[str], budget: int) -> None:
    sections = {str(number): forms(text, "") for number, text in enumerate(texts)}
    fitted = fit_sections(sections, budget, tuple((name, 1) for name in sections))
    assert len(fitted.text.encode()) <= budget

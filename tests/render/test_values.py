from __future__ import annotations

import html
import re

import pytest
from babel.core import Locale
from hypothesis import given
from hypothesis import strategies as st

from generators.render.catalog import Catalog, load_catalog
from generators.render.values import MAX_WRITTEN_OUT, TerminalValues, Values

ENGLISH = load_catalog("en")


def values(locale: str) -> Values:
    """Formats of a language with English words, so that numbers are tested before the words are translated."""
    catalog = Catalog(
        locale=locale, path=ENGLISH.path, forms=ENGLISH.forms, plural_expression=ENGLISH.plural_expression
    )
    assert Locale.parse(locale)
    return Values(catalog)


def shown(span: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", span)).replace("\u00a0", " ").replace("\u202f", " ")


def canonical(span: str) -> str:
    match = re.search(r'data-value="([^"]*)"', span)
    assert match
    return html.unescape(match[1])


@pytest.mark.parametrize(("locale", "expected"), [("en", "8,391,354"), ("es", "8.391.354"), ("ko", "8,391,354")])
def test_a_whole_number_is_grouped_as_the_language_does(locale: str, expected: str) -> None:
    assert shown(values(locale).number(8391354)) == expected


@pytest.mark.parametrize(("locale", "expected"), [("en", "51.05 mm"), ("es", "51,05 mm"), ("ko", "51.05 mm")])
def test_a_decimal_number_has_the_separator_of_the_language(locale: str, expected: str) -> None:
    assert shown(values(locale).number(51.05, "mm")) == expected


def test_a_number_with_thousands_of_digits_is_shown_as_a_power_of_ten() -> None:
    span = values("en").number(-3 * 10**5000 - 1)
    assert (shown(span), canonical(span)) == ("-3 × 105000", "-3.0e5000")


def test_a_tiny_number_is_written_as_a_power_of_ten() -> None:
    assert values("es").number(2.2e-18).endswith(">2,2\u00a0×\u00a010<sup>-18</sup></span>")


@pytest.mark.parametrize(("value", "expected"), [(float("nan"), "NaN"), (float("inf"), "∞"), (float("-inf"), "−∞")])
def test_a_number_that_is_not_finite_is_shown(value: float, expected: str) -> None:
    assert shown(values("en").number(value)) == expected


@given(st.one_of(st.integers(-MAX_WRITTEN_OUT + 1, MAX_WRITTEN_OUT - 1), st.floats(allow_nan=False)))
def test_the_value_for_machines_is_exact_and_the_same_in_every_language(value: float) -> None:
    found = {canonical(values(locale).number(value)) for locale in ("en", "es", "ko")}
    assert len(found) == 1
    text = found.pop()
    assert (int(text) if isinstance(value, int) else float(text)) == value


@pytest.mark.parametrize(("share", "expected"), [(1.0, "100%"), (0.99999, "99.9%"), (0.57, "57%"), (0.0, "0%")])
def test_only_a_whole_is_a_hundred_percent(share: float, expected: str) -> None:
    assert shown(values("en").percent(share)) == expected


def test_a_size_is_in_mebibytes_and_keeps_its_bytes() -> None:
    span = values("es").mebibytes(42_551_214)
    assert (shown(span), canonical(span)) == ("40,58 MiB", "42551214")


def test_multiply_accumulates_are_in_units_of_a_thousand_million() -> None:
    assert shown(values("en").macs(2_794_915_840)) == "2.795 G"


@pytest.mark.parametrize(
    ("locale", "expected"), [("en", "October 14, 2025"), ("es", "14 de octubre de 2025"), ("ko", "2025년 10월 14일")]
)
def test_a_date_is_written_out(locale: str, expected: str) -> None:
    assert shown(values(locale).date("2025-10-14")) == expected


@pytest.mark.parametrize(("locale", "expected"), [("en", "June 2026"), ("es", "junio de 2026"), ("ko", "2026년 6월")])
def test_a_month_is_written_out_and_keeps_its_number(locale: str, expected: str) -> None:
    span = values(locale).date("2026-06")
    assert (shown(span), canonical(span)) == (expected, "2026-06")
    assert canonical(values(locale).date("2026-12")) == "2026-12"
    assert "data-value" not in values(locale).date("2026-13")


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "November 22, 2026, 18:30 UTC"),
        ("es", "22 de noviembre de 2026, 18:30 UTC"),
        ("ko", "2026년 11월 22일 18:30 UTC"),
    ],
)
def test_a_moment_is_given_in_utc_with_a_comma_only_where_the_language_has_one(locale: str, expected: str) -> None:
    span = values(locale).date("2026-11-22T20:30:00+02:00")
    assert (shown(span), canonical(span)) == (expected, "2026-11-22T18:30:00+00:00")


@pytest.mark.parametrize(("locale", "expected"), [("en", "3.5 ms"), ("es", "3,5 ms"), ("ko", "3.5 ms")])
def test_a_duration_stands_apart_from_its_unit_like_every_other_measure(locale: str, expected: str) -> None:
    assert shown(values(locale).seconds(0.0035)) == expected


@pytest.mark.parametrize(("locale", "expected"), [("en", "0.5, 16.25"), ("es", "0,5; 16,25")])
def test_a_list_of_decimals_can_be_told_apart(locale: str, expected: str) -> None:
    assert shown(values(locale).numbers((0.5, 16.25))) == expected
    assert shown(values(locale).value((0.5, 16.25))) == expected


def test_a_date_that_is_none_is_shown_as_text() -> None:
    assert values("en").date("<b>soon</b>") == "<code>&#60;b&#62;soon&#60;&#47;b&#62;</code>"


def test_a_shape_has_its_sizes_and_a_scalar_has_a_word() -> None:
    assert shown(values("en").shape((48, 3, 4, 4))) == "48 × 3 × 4 × 4"
    assert shown(values("en").shape(())) == "a single number"


def test_members_of_a_list_are_not_grouped() -> None:
    assert shown(values("en").value((1152, 512))) == "1152, 512"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "none"), (True, "yes"), (False, "no"), ((), "an empty list"), (7, "7"), ("a_b", "a_b")],
)
def test_every_kind_of_value_has_words(value: bool | int | str | tuple[int, ...] | None, expected: str) -> None:
    assert shown(values("en").value(value)) == expected


def test_bytes_of_a_claim_read_as_a_size() -> None:
    assert shown(values("en").value(91_336_212, "bytes")) == "87.10 MiB"


@pytest.mark.parametrize(
    ("share", "english", "spanish"),
    [(0.0004, "+0.04%", "+0,04\u00a0%"), (-0.32249, "-32.25%", "-32,25\u00a0%"), (-0.00001, "+0.00%", "+0,00\u00a0%")],
)
def test_a_difference_has_a_sign_and_two_decimals(share: float, english: str, spanish: str) -> None:
    assert english in Values(load_catalog("en")).difference(share)
    assert spanish in Values(load_catalog("es")).difference(share)


def test_for_a_terminal_nothing_is_markup_and_a_long_list_is_cut() -> None:
    values = TerminalValues(load_catalog("es"))
    assert values.value((48, 96, 192.5)) == "48; 96; 192,5"
    assert values.value(10**400) == "1e400"
    assert values.value("a\x1b[2J<b>") == "a⟨U+001B⟩[2J<b>"
    assert values.value((7,) * 20).endswith("7, ⟨+4⟩")

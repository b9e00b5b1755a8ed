from __future__ import annotations

import pytest

from generators.render.decimals import decimal_text, list_text, percent_text, significant_text

NO_BREAK = "\u00a0"


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        (999, "999", "999"),
        (1152, "1,152", "1152"),
        (-9999, "-9,999", "-9999"),
        (10_000, "10,000", "10.000"),
        (3_528_008, "3,528,008", "3.528.008"),
    ],
)
def test_spanish_groups_digits_from_five_on(value: int, english: str, spanish: str) -> None:
    assert (decimal_text(value, "en"), decimal_text(value, "es")) == (english, spanish)
    assert decimal_text(value, "ko") == english


@pytest.mark.parametrize(("value", "expected"), [(9999.99, "9999,99"), (9999.999, "10.000,00"), (999.999, "1000,00")])
def test_what_is_grouped_follows_from_the_rounded_number(value: float, expected: str) -> None:
    assert decimal_text(value, "es", "#,##0.00") == expected


@pytest.mark.parametrize(("locale", "expected"), [("en", "1,234.5%"), ("es", f"1234,5{NO_BREAK}%"), ("ko", "1,234.5%")])
def test_a_percentage_is_set_as_the_language_does(locale: str, expected: str) -> None:
    assert percent_text(12.345, locale, ".#") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.049251, "0,04925"), (12_345.6, "12.346"), (-3.0, "-3"), (1.5e-9, "1,5e-9"), (2.5e12, "2,5e12")],
)
def test_significant_digits_have_the_decimal_sign_of_the_language(value: float, expected: str) -> None:
    assert significant_text(value, "es", 4) == expected


def test_a_number_that_is_not_finite_has_no_digits() -> None:
    assert significant_text(float("inf"), "es", 4) == "inf"


def test_semicolons_stand_between_numbers_with_a_decimal_comma() -> None:
    assert list_text(("0,5", "16"), "es", have_decimals=True) == "0,5; 16"
    assert list_text(("48", "96"), "es", have_decimals=False) == "48, 96"
    assert list_text(("0.5", "16"), "ko", have_decimals=True) == "0.5, 16"

"""Decimal numbers as a language writes them.

Babel knows the separators of a language, but not from how many digits on it
groups them: Spanish writes 1234 and 12.345.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from math import isfinite

from babel import Locale
from babel.numbers import format_decimal, get_decimal_symbol

MINIMUM_GROUPING_DIGITS = {"es": 2}
"""Digits that stand before the first separator, at least; 1 in other languages.

Source: CLDR, common/main/es.xml, numbers/minimumGroupingDigits; Ortografía de la lengua española (2010), VIII, 2.2.1.1.
"""
_GROUP = 3
_UNGROUPED_BELOW = 10 ** (_GROUP - 1)
"""No number below this is rounded to one that could be grouped."""
_PLAIN_EXPONENTS = range(-4, 6)
"""Powers of ten written out by :func:`significant_text`."""


def decimal_text(value: float, locale: str, pattern: str = "#,##0") -> str:
    """Return a number in a pattern of CLDR, which may be one of a percentage."""
    least = MINIMUM_GROUPING_DIGITS.get(locale, 1)
    known = _locale(locale)
    if least == 1 or (abs(value) < _UNGROUPED_BELOW and "%" not in pattern):
        return str(format_decimal(value, pattern, locale=known))
    plain = str(format_decimal(value, pattern, locale=known, group_separator=False))
    whole = sum(character.isdigit() for character in plain.partition(get_decimal_symbol(known))[0])
    if whole < _GROUP + least:
        return plain
    return str(format_decimal(value, pattern, locale=known))


def significant_text(value: float, locale: str, digits: int) -> str:
    """Return a number with so many significant digits, a very large or small one with its power of ten."""
    if not isfinite(value):
        return str(value)
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    exponent = int(power)
    if exponent in _PLAIN_EXPONENTS:
        return decimal_text(value, locale, f"#,##0.{'#' * max(digits - 1 - exponent, 0)}".rstrip("."))
    return f"{decimal_text(float(mantissa), locale, '0.' + '#' * (digits - 1))}e{exponent}"


def percent_text(share: float, locale: str, decimals: str = "") -> str:
    """Return a share (0 to 1) in percent, as the language sets the sign.

    Args:
        share: To write.
        locale: Of the text.
        decimals: Of the pattern, with its point: ``.#`` is one at most, ``.00`` are two.
    """
    pattern = str(_locale(locale).percent_formats[None].pattern)
    return decimal_text(share, locale, pattern.replace("0", f"0{decimals}", 1))


def list_text(members: Iterable[str], locale: str, *, have_decimals: bool) -> str:
    """Return numbers as a list; where a comma is the decimal sign, semicolons stand between those with decimals."""
    return ("; " if have_decimals and get_decimal_symbol(_locale(locale)) == "," else ", ").join(members)


@functools.cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)

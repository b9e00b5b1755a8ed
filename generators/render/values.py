"""Numbers, sizes, dates and lists as a language writes them.

Each goes into ``<span class="num" data-value="...">``, whose ``data-value`` is
the same in every language: that is how a test compares the languages.
"""

from __future__ import annotations

import html
import itertools
import math
import re
import shlex
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from babel import Locale
from babel.dates import format_datetime, format_skeleton

from generators.model.claim import Scalar, Value
from generators.render.catalog import Catalog
from generators.render.decimals import decimal_text, list_text, percent_text
from generators.render.markup import escape_html, html_code, html_digest, terminal_text

MIB = 1024 * 1024
GIGA = 10**9
SIGNIFICANT_DIGITS = 5
"""Of numbers that aren't whole. Enough to tell apart what the report compares."""
MAX_WRITTEN_OUT = 10**18
"""Whole numbers from here on are written as powers of ten: a checkpoint may hold one of any length."""
MAX_ITEMS = 16
"""Members of a list that are shown outside of pages; the evidence has them all."""
MAX_LIST_CHARACTERS = 160
"""Members of a list are shown there until they have so many characters, and at least one: a row has to stay a row."""
_PLAIN_EXPONENTS = range(-3, 6)
"""Powers of ten written out; others as a power."""
_NO_BREAK = "\u00a0"
_MONTH = re.compile(r"[1-9]\d{3}-(?:0[1-9]|1[0-2])", re.ASCII)


def numeric_span(canonical: str, shown: str) -> str:
    """Return a number for a page: ``canonical`` for machines, ``shown`` for readers (HTML)."""
    return f'<span class="num" data-value="{escape_html(canonical)}">{shown}</span>'


class Values:
    """The formats of one language; every method returns HTML that is safe in a page.

    How numbers, names and units are written can be another's: see :mod:`generators.render.github`.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._locale = Locale.parse(catalog.locale)

    def number(self, value: float, unit: str = "") -> str:
        """Return a whole number with grouping, another one with five significant digits."""
        tail = f"{_NO_BREAK}{self._unit(unit)}" if unit else ""
        return self._numeric(canonical_number(value), self._digits(value) + tail)

    def plain(self, value: int) -> str:
        """Return a whole number that is a name rather than an amount, without grouping."""
        return self._numeric(str(value), str(value))

    def percent(self, share: float) -> str:
        """Return a share (0 to 1) as a percentage with at most one decimal; only a whole is 100."""
        shown = min(round(share, 3), 0.999) if share < 1 else share
        return self._numeric(canonical_number(share), percent_text(shown, self._catalog.locale, ".#"))

    def difference(self, share: float) -> str:
        """Return a relative difference as a percentage with sign and two decimals."""
        rounded = round(share, 4)
        sign = "-" if rounded < 0 else "+"
        return self._numeric(canonical_number(share), sign + percent_text(abs(rounded), self._catalog.locale, ".00"))

    def mebibytes(self, size_bytes: int) -> str:
        """Return a size in bytes as MiB with two decimals."""
        return self._numeric(str(size_bytes), f"{self._written(size_bytes / MIB, '#,##0.00')}{_NO_BREAK}MiB")

    def macs(self, count: int) -> str:
        """Return a count of multiply-accumulates in units of 10^9 with three decimals."""
        return self._numeric(str(count), f"{self._written(count / GIGA, '#,##0.000')}{_NO_BREAK}G")

    def seconds(self, seconds: float) -> str:
        """Return a duration in milliseconds."""
        shown = self._written(seconds * 1000, "#,##0.0")
        return self._numeric(canonical_number(seconds), f"{shown}{_NO_BREAK}ms")

    def date(self, iso: str) -> str:
        """Return an ISO 8601 month, date, or date and time in UTC, as the language writes it; other text as it is."""
        if _MONTH.fullmatch(iso):
            month = datetime.fromisoformat(f"{iso}-01")
            return self._numeric(iso, format_skeleton("yMMMM", month, locale=self._locale))
        try:
            moment = datetime.fromisoformat(iso)
        except ValueError:
            return self._name(iso)
        if len(iso) <= len("2025-10-14"):
            shown = format_datetime(moment, _date_pattern(self._locale), locale=self._locale)
            return self._numeric(iso, shown)
        moment = in_utc(moment)
        return self._numeric(moment.isoformat(), written_moment(moment, self._locale))

    def shape(self, sizes: tuple[int, ...]) -> str:
        """Return the sizes of a tensor, separated by multiplication signs; a 0-dim tensor is a scalar."""
        if not sizes:
            return self._numeric("scalar", self._catalog.message("value", "scalar"))
        return self._numeric(",".join(map(str, sizes)), f"{_NO_BREAK}×{_NO_BREAK}".join(map(str, sizes)))

    def numbers(self, values: tuple[int | float, ...]) -> str:
        """Return a list of numbers, each in its own span."""
        return self._list(map(self.number, values), values)

    def value(self, value: Value | None, unit: str = "") -> str:
        """Return any value of a claim or of the evidence; None reads as nothing found."""
        match value:
            case None:
                return self._catalog.message("value", "nothing")
            case tuple():
                shown = self._list((self._item(item, unit) for item in value), value)
                return shown or self._catalog.message("value", "empty")
            case _:
                return self._scalar(value, unit)

    def _numeric(self, canonical: str, shown: str) -> str:
        return numeric_span(canonical, shown)

    def _name(self, text: str) -> str:
        return html_code(text)

    def _unit(self, unit: str) -> str:
        return escape_html(unit)

    def _item(self, value: Scalar, unit: str) -> str:
        """Return a member of a list; whole numbers without grouping, which would look like more members."""
        if isinstance(value, int) and not isinstance(value, bool):
            return self._numeric(str(value), str(value))
        return self._scalar(value, unit)

    def _scalar(self, value: Scalar, unit: str) -> str:
        match value:
            case bool():
                return self._catalog.message("value", "yes" if value else "no")
            case str():
                return self._name(value)
            case int() if unit == "bytes":
                return self.mebibytes(value)
            case int() | float():
                return self.number(value, unit)

    def _digits(self, value: float) -> str:
        if isinstance(value, int):
            return self._whole(value)
        if not math.isfinite(value):
            return {"nan": "NaN", "inf": "∞", "-inf": "−∞"}[str(value)]
        if value.is_integer() and abs(value) < MAX_WRITTEN_OUT:
            return self._whole(int(value))
        # rounded first: 9.9999 in front of a power would round to 10 afterwards
        mantissa, _, power = f"{value:.{SIGNIFICANT_DIGITS - 1}e}".partition("e")
        exponent = int(power)
        if exponent in _PLAIN_EXPONENTS:
            return self._decimal(value, max(SIGNIFICANT_DIGITS - 1 - exponent, 0))
        return self._power(float(mantissa), exponent, SIGNIFICANT_DIGITS - 1)

    def _whole(self, value: int) -> str:
        if abs(value) < MAX_WRITTEN_OUT:
            return self._written(value, "#,##0")
        return self._power(*_split_power(value), 2)

    def _power(self, mantissa: float, exponent: int, decimals: int) -> str:
        return f"{self._decimal(mantissa, decimals)}{_NO_BREAK}×{_NO_BREAK}10<sup>{exponent}</sup>"

    def _decimal(self, value: float, decimals: int) -> str:
        return self._written(value, f"#,##0.{'#' * decimals}" if decimals else "#,##0")

    def _written(self, value: float, pattern: str) -> str:
        return decimal_text(value, self._catalog.locale, pattern)

    def _list(self, shown: Iterable[str], members: tuple[Scalar, ...]) -> str:
        have_decimals = any(isinstance(member, float) for member in members)
        return list_text(shown, self._catalog.locale, have_decimals=have_decimals)


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC, which one without a zone is in."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def written_moment(moment: datetime, locale: Locale) -> str:
    """Return date and time of a moment in UTC, put together as the language does: not everywhere with a comma."""
    pattern = str(locale.datetime_formats["long"]).format("HH:mm 'UTC'", _date_pattern(locale))
    return str(format_datetime(moment, pattern, locale=locale))


class BriefValues(Values):
    """The formats of one language outside of pages: nothing there is for machines, and a long list is cut."""

    def value(self, value: Value | None, unit: str = "") -> str:
        """Return any value of a claim or of the evidence; a list that is cut says by how many."""
        if not isinstance(value, tuple):
            return super().value(value, unit)
        lengths = itertools.accumulate(len(str(item)) for item in value[:MAX_ITEMS])
        shown = max(sum(length <= MAX_LIST_CHARACTERS for length in lengths), 1)
        rest = len(value) - shown
        return super().value(value[:shown], unit) + (f", ⟨+{rest}⟩" if rest > 0 else "")

    def _numeric(self, canonical: str, shown: str) -> str:  # noqa: ARG002 - for machines
        return shown


class TerminalValues(BriefValues):
    """The formats of one language as text for a terminal."""

    def _name(self, text: str) -> str:
        return terminal_text(text)

    def _unit(self, unit: str) -> str:
        return terminal_text(unit)

    def _power(self, mantissa: float, exponent: int, decimals: int) -> str:
        return f"{self._decimal(mantissa, decimals)}e{exponent}"


def canonical_number(value: float) -> str:
    """Return a number as every language's ``data-value`` has it: exact, unless it has more digits than are shown."""
    if not isinstance(value, int):
        return repr(value)
    if abs(value) < MAX_WRITTEN_OUT:
        return str(value)
    mantissa, exponent = _split_power(value)
    return f"{mantissa}e{exponent}"


def _split_power(value: int) -> tuple[float, int]:
    """Return a large whole number as mantissa, cut after two decimals, and power of ten."""
    exponent = math.floor(math.log10(abs(value)))
    mantissa = abs(value) * 100 // 10**exponent / 100
    return (mantissa if value > 0 else -mantissa), exponent


def template_filters(values: Values) -> dict[str, Callable[..., Any]]:
    """Return the filters that templates use, by name."""
    return {
        "num": values.number,
        "plain": values.plain,
        "percent": values.percent,
        "difference": values.difference,
        "mib": values.mebibytes,
        "macs": values.macs,
        "seconds": values.seconds,
        "date": values.date,
        "shape": values.shape,
        "numbers": values.numbers,
        "value": values.value,
        "code": html_code,
        "digest": html_digest,
        "attr": escape_html,
        "alt": html.escape,
        "shell": shlex.quote,
    }


def _date_pattern(locale: Locale) -> str:
    return str(locale.date_formats["long"].pattern)

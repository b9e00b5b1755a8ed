"""The page that compares Assay with other scanners."""

from __future__ import annotations

import pytest
from render.hostile import HOSTILE
from render.page_check import ParsedPage, parse_page
from render.report_builder import build_report
from render.scanner_record import scanner_record

from generators.model.measurements import Measurements
from generators.model.scanners import ScannerRecord
from generators.pipeline.measurements.scanners import count_outcomes
from generators.render.catalog import LOCALES
from generators.render.pages import plan_pages, render_page


def page_of(record: ScannerRecord | None, locale: str = "en") -> ParsedPage:
    comparison = count_outcomes(record) if record else None
    page = next(
        page for page in plan_pages(build_report(), Measurements(scanners=comparison)) if page.path == "scanners.md"
    )
    return parse_page(render_page(page, locale))


def words(page: ParsedPage) -> str:
    return " ".join("".join(page.text).split())


def test_totals_say_flagged_of_asked_and_name_what_failed() -> None:
    text = words(page_of(scanner_record()))
    assert "Ways to make a call 2 of 2 1 of 2failed: 1" in text
    assert "0 of 1 0 of 1undecided: 1" in text
    assert "Ordinary checkpoints 0 of 1 —" in text


def test_every_file_is_listed_with_what_each_tool_said() -> None:
    text = words(page_of(scanner_record()))
    for expected in (
        "calls-reduce CVE-2025-1716 flagged flagged",
        "calls-obj",
        "crashed",
        "not asked",
        "could not read",
    ):
        assert expected in text


def test_a_copy_without_a_record_says_so() -> None:
    text = words(page_of(None))
    assert "not recorded" in text
    assert "Totals" not in text


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_has_the_same_numbers(locale: str) -> None:
    assert sorted(page_of(scanner_record(), locale).numbers) == sorted(page_of(scanner_record()).numbers)


def test_no_name_of_a_record_becomes_markup() -> None:
    plain = page_of(scanner_record())
    for text in HOSTILE:
        hostile = page_of(scanner_record(name=text, version=text))
        assert hostile.elements == plain.elements, text
        assert hostile.links == plain.links, text

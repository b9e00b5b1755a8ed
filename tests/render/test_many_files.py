"""The part of the speed's page that is about many files."""

from __future__ import annotations

import html
import re

import pytest
from many_files_record import A_RECORD
from render.report_builder import build_report

from generators.model.measurements import Measurements
from generators.pipeline.measurements.many_files import PRICES, follow
from generators.render.catalog import LOCALES
from generators.render.pages import plan_pages, render_page

MEASURED = Measurements(many_files=follow(A_RECORD, PRICES))


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    (page,) = (page for page in plan_pages(build_report(), MEASURED) if page.path == "speed.md")
    return {locale: html.unescape(render_page(page, locale).decode()) for locale in LOCALES}


def test_each_run_and_each_projection_is_a_row_with_its_figures(pages: dict[str, str]) -> None:
    tables = re.findall(r"<tbody>(.*?)</tbody>", pages["en"], re.DOTALL)
    assert [table.count("<tr>") for table in tables] == [len(A_RECORD.runs), 6]
    assert [re.findall(r'data-value="([^"]+)"', row)[-4:] for row in tables[0].splitlines() if "<tr>" in row] == [
        ["2.0", "1.0", "2.0", "0.1"],
        ["3.0", "1.5", "2.5", "0.1"],
        ["1.5", "0.75", "3.0", "0.1"],
    ]


def test_the_kinds_of_evidence_stand_beside_both_parts(pages: dict[str, str]) -> None:
    measured, worked_out = pages["en"].partition('id="scaling"')[::2]
    assert "kind-recorded" in measured
    assert "kind-computed" in worked_out


def test_every_language_has_the_same_figures_and_none_has_english_words(pages: dict[str, str]) -> None:
    values = {locale: sorted(re.findall(r'data-value="([^"]+)"', page)) for locale, page in pages.items()}
    assert values["es"] == values["ko"] == values["en"]
    assert "Workers" not in pages["es"] + pages["ko"]

from __future__ import annotations

import html

import pytest
from msgspec.structs import replace
from render.accuracy_builder import P1, P2, figure, measured, measured_checkpoint, run, untested
from render.page_check import parse_page
from render.report_builder import MemoryCache, absent_checkpoint, build_report, control, whole_site

from generators.model.evidence import SubjectEvidence
from generators.render.accuracy_chart import joints_chart
from generators.render.catalog import LOCALES
from generators.render.charts import THEMES, draw_chart
from generators.render.pages import render_page, subject_page


def page(subject: SubjectEvidence, locale: str = "en") -> str:
    name = f"joints-{subject.id}"
    drawn = (name,) if subject.accuracy and subject.accuracy.runs else ()
    return render_page(subject_page(subject, drawn), locale).decode()


def section(subject: SubjectEvidence, locale: str = "en") -> str:
    return html.unescape(raw_section(subject, locale))


def raw_section(subject: SubjectEvidence, locale: str = "en") -> str:
    text = page(subject, locale)
    start = text.find("{: #accuracy }")
    return text[start : text.index("{: #tensors }")] if start >= 0 else ""


FIGURES = (figure(51.05), figure(34.5, P1.id))
WHOLE = measured_checkpoint(measured(figures=FIGURES))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_measurement_is_shown_beside_what_was_published(locale: str) -> None:
    shown = section(WHOLE, locale)
    for value in ("51.05", "51.2", "34.5", "34.6", "48.7", "53.95", "8695", "3683", "10000", "60"):
        assert f'data-value="{value}"' in shown, value
    assert shown.count("verdict-supported") == 2
    for action in ("Directions", "SittingDown", "WalkTogether"):
        assert action in shown
    assert "charts/joints-convnextpose-m-light.svg" in shown
    parse_page(page(WHOLE, locale).encode())


@pytest.mark.parametrize("locale", LOCALES)
def test_without_a_measurement_the_page_says_what_it_takes(locale: str) -> None:
    for reason in ("no-file", "no-data-set", "not-measured", "other-code", "weights-incomplete"):
        subject = replace(absent_checkpoint(), accuracy=untested(reason, *FIGURES, detail="11"))
        shown = section(subject, locale)
        assert shown.count("verdict-untested") == 2
        assert "assay accuracy convnextpose-m" in shown
        assert "ASSAY_HUMAN36M" in shown
        assert "verdict-refuted" not in shown


@pytest.mark.parametrize("locale", LOCALES)
def test_data_that_only_look_like_the_data_set_are_never_shown_under_its_name(locale: str) -> None:
    other = run(recognised=False, whole=False, images=48, images_total=48, takes=12)
    accuracy = measured(other, recognised=False, figures=FIGURES[:1])
    shown = section(measured_checkpoint(accuracy), locale)
    assert "here-no" in shown
    assert shown.count("verdict-cannot-tell") == 1
    # the protocol's name, with that of the data set, stands at the published figure only
    assert shown.count(page_words("protocol", P2.id, locale)) == 1


def page_words(context: str, code: str, locale: str) -> str:
    from generators.render.catalog import load_catalog

    return load_catalog(locale).message(context, code)


def test_a_comparison_of_different_protocols_names_the_fields() -> None:
    unlike = run(measured_as=replace(P2, flip_test=False, subjects="S11", assumed=()))
    accuracy = measured(unlike, figures=FIGURES[:1])
    shown = section(measured_checkpoint(accuracy))
    assert "Test subjects, Mirrored image averaged in" in shown


def test_a_control_is_labelled_and_compared_with_nothing() -> None:
    subject = replace(control("control-s", "convnextpose-s"), accuracy=measured(run()))
    shown = section(subject)
    assert "random weights" in shown
    assert "verdict-" not in shown
    assert section(control("control-s", "convnextpose-s")) == ""


def test_a_network_without_published_errors_says_so() -> None:
    subject = replace(absent_checkpoint(), accuracy=untested("no-pose-network"))
    shown = section(subject)
    assert "No error figure of this architecture" in shown
    assert "A measurement needs" not in shown


def test_the_chart_has_a_bar_for_each_joint_and_protocol() -> None:
    chart = joints_chart(WHOLE)
    assert (len(chart.joints), [len(row.errors_mm) for row in chart.rows]) == (17, [17, 17])
    for theme in THEMES:
        drawing = draw_chart(chart, theme)
        assert drawing == draw_chart(chart, theme)
        assert drawing.startswith(b"<?xml")


def test_a_report_draws_the_chart_of_what_was_measured_and_no_other() -> None:
    report = replace(build_report(), subjects=(WHOLE, control("control-s", "convnextpose-s")))
    paths = list(whole_site(report, MemoryCache()))
    assert [path for path in paths if "joints" in path] == [
        "charts/joints-convnextpose-m-light.svg",
        "charts/joints-convnextpose-m-dark.svg",
    ]


def test_the_overview_and_the_comparison_show_what_was_measured_and_leave_the_rest_untested() -> None:
    report = replace(build_report(), subjects=(WHOLE, control("control-m", "convnextpose-m")))
    pages = whole_site(report, MemoryCache())
    row = next(line for line in pages["index.md"].decode().splitlines() if "assay-name" in line)
    assert "convnextpose-m/#accuracy-measured" in row
    assert "untested" not in row.rpartition("<td>")[2]
    compared = html.unescape(pages["expected.md"].decode())
    assert 'data-value="51.2"' in compared
    assert 'data-value="34.6"' in compared

    report = replace(report, subjects=(replace(WHOLE, lock_match="contradicted"), *report.subjects[1:]))
    pages = whole_site(report, MemoryCache())
    row = next(line for line in pages["index.md"].decode().splitlines() if "assay-name" in line)
    assert "untested" in row.rpartition("<td>")[2]
    assert 'data-value="51.2"' not in pages["expected.md"].decode()


def test_a_hostile_detail_stays_text() -> None:
    subject = replace(
        absent_checkpoint(), accuracy=untested("load-refused", *FIGURES, detail="<script>alert(1)</script>")
    )
    assert "<script>" not in raw_section(subject)


def test_every_outcome_of_a_comparison_has_its_words() -> None:
    shown = [
        section(measured_checkpoint(measured(made, figures=(figure(51.05),))))
        for made in (
            run(error_mm=52.0),
            run(error_mm=45.0),
            run(error_mm=90.0),
            run(whole=False, interval_low_mm=51.0, interval_high_mm=51.1),
            run(whole=False),
        )
    ]
    reasons = ["assumed fields", "which subjects", "no unknown field", "whole interval", "interval lies partly"]
    for text, words in zip(shown, reasons, strict=True):
        assert words in text

"""What pages and charts show of weights alone and of kinship."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from render.page_check import parse_page
from render.report_builder import build_report, control, damaged_checkpoint, lineage, training

from generators.model.lineage import PairEvidence, Relation
from generators.render.catalog import LOCALES
from generators.render.chart_inputs import kinship_chart
from generators.render.pages import lineage_page, render_page, subject_page
from generators.render.weights_chart_inputs import distances_chart, likeness_share


def text_of(content: bytes) -> str:
    return " ".join("".join(parse_page(content).text).split())


def test_a_trained_file_says_so_with_the_measures_and_the_rule() -> None:
    page = text_of(render_page(subject_page(damaged_checkpoint(), ()), "en"))
    assert "The weights are those of a network that was trained for dozens of iterations at least." in page
    assert "624,353 to 624,384 samples an epoch" in page
    assert "It is no proof" in page
    assert "4, 1070, …" in page


def test_consistent_is_all_that_is_said_of_a_training_set() -> None:
    counters = replace(training().counters, consistent_with=())
    subject = replace(damaged_checkpoint(), training=replace(training(), counters=counters))
    page = text_of(render_page(subject_page(subject, ()), "en"))
    assert "is consistent with Human3.6M" not in page
    assert "No training set whose size is published for this design has as many." in page


def test_a_control_is_labelled_where_its_weights_are_judged() -> None:
    subject = replace(control("control-xs", "convnextpose-xs"), training=replace(training(), state="barely"))
    page = parse_page(render_page(subject_page(subject, ()), "en"))
    section = "".join(page.text).partition("What weights alone say")[2]
    assert "stand-in" in section[: section.index("Measure")]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_file_that_was_never_measured_shows_no_measure(locale: str) -> None:
    page = render_page(subject_page(replace(damaged_checkpoint(), training=None), ()), locale)
    assert b"weights-alone" in page
    assert b"training-" not in page.partition(b"weights-alone")[2].partition(b"{: #findings")[0]


def test_the_page_of_kinship_names_each_pair_and_what_was_drawn_anew() -> None:
    page = text_of(render_page(lineage_page(build_report(), ("kinship",)), "en"))
    assert "partly drawn anew" in page
    assert "head.weight" in page
    assert "No tensors of the same shape correspond." in page
    assert "convnextpose-m" in page.partition("Not compared")[2]


def test_without_files_the_page_says_that_there_are_none() -> None:
    for found in (None, replace(lineage(), subjects=(), pairs=())):
        page = text_of(render_page(lineage_page(replace(build_report(), lineage=found), ()), "en"))
        assert "No file is here whose weights could be compared." in page


@pytest.mark.parametrize(
    ("relation", "share"),
    [("same-file", 1.0), ("same-weights", 1.0), ("not-comparable", None), ("fine-tuned", 0.75), ("strangers", 0.75)],
)
def test_a_cell_has_the_share_of_tensors_that_are_the_same_or_close(relation: Relation, share: float | None) -> None:
    pair = PairEvidence(
        first="a", second="b", relation=relation, reason="rounded", compared=8, identical=1, rounded=2, close=3
    )
    assert likeness_share(pair) == share


def test_the_matrix_is_the_same_from_both_sides_and_outlines_kin() -> None:
    chart = kinship_chart(build_report())
    shares = [row.shares for row in chart.rows]
    assert shares == [tuple(column) for column in zip(*shares, strict=True)]
    assert [row.same_first_layer for row in chart.rows] == [
        (False, True, False),
        (True, False, False),
        (False, False, False),
    ]


def test_the_chart_of_distances_has_layers_that_are_drawn_at_random() -> None:
    (mark,) = distances_chart(training()).marks
    assert (mark.distance, mark.chance, mark.edge_ratio, mark.structured) == (0.34, 0.017, 2.79, True)

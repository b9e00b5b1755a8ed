from __future__ import annotations

import pytest
from msgspec.structs import replace
from render.accuracy_builder import P1, P2, PROTOCOLS, figure, run

from generators.judge import compare_figures
from generators.judge.figures import DOUBT_MM, TOLERANCE_MM
from generators.model.accuracy import Accuracy, AccuracyRun, FigureComparison, PixelRange
from generators.model.metric import Figure, Protocol


def compare(published: Figure, *runs: AccuracyRun, protocols: tuple[Protocol, ...] = PROTOCOLS) -> FigureComparison:
    (comparison,) = compare_figures([published], protocols, Accuracy(status="measured", runs=runs))
    return comparison


def in_sample(low: float, high: float) -> AccuracyRun:
    return run(error_mm=(low + high) / 2, interval_low_mm=low, interval_high_mm=high, whole=False)


@pytest.mark.parametrize(
    ("measured", "outcome", "reason"),
    [
        (run(error_mm=51.05), "supported", "reproduced"),
        (run(error_mm=51.05 + TOLERANCE_MM - 0.01), "supported", "reproduced"),
        (run(error_mm=51.05 + TOLERANCE_MM + 0.01), "cannot-tell", "within-assumptions"),
        (run(error_mm=51.05 - DOUBT_MM + 0.01), "cannot-tell", "within-assumptions"),
        (run(error_mm=60.0), "refuted", "not-reproduced"),
        # less error than published: it may have been trained on S9, which is tested here
        (run(error_mm=45.0), "cannot-tell", "training-unknown"),
        (in_sample(50.9, 51.2), "supported", "reproduced-in-sample"),
        (in_sample(48.0, 54.0), "cannot-tell", "interval-too-wide"),
        (in_sample(51.3, 58.0), "cannot-tell", "interval-too-wide"),
        (in_sample(52.0, 58.0), "cannot-tell", "within-assumptions"),
        (in_sample(56.0, 64.0), "refuted", "not-reproduced"),
        (run(interval_low_mm=None, interval_high_mm=None, whole=False), "cannot-tell", "interval-too-wide"),
        (run(recognised=False, whole=False), "cannot-tell", "data-set-unrecognised"),
    ],
)
def test_a_figure_is_judged_by_error_and_interval(measured: AccuracyRun, outcome: str, reason: str) -> None:
    comparison = compare(figure(51.05), measured)
    assert (comparison.outcome, comparison.reason) == (outcome, reason)
    assert comparison.measured_mm == measured.error_mm


def test_no_measurement_leaves_a_figure_untested() -> None:
    comparison = compare(figure())
    assert (comparison.outcome, comparison.reason, comparison.measured_mm) == ("untested", "not-measured", None)


def test_figures_of_different_protocols_are_never_compared_and_the_fields_are_named() -> None:
    measured = run(P1, 34.5)
    scaled = replace(measured, measured_as=replace(measured.measured_as, alignment="rigid-with-scale", flip_test=False))
    comparison = compare(figure(34.5, P1.id), scaled)
    assert (comparison.outcome, comparison.reason) == ("cannot-tell", "protocols-differ")
    assert comparison.fields == ("alignment", "flip_test")


def test_another_metric_is_no_measurement_of_a_figure() -> None:
    assert compare(figure(34.5, P1.id), run(P2, 34.5)).reason == "not-measured"


def test_the_run_of_the_same_protocol_is_taken_among_several() -> None:
    scaled = run(P1, 30.0, id="scaled", measured_as=replace(P1, alignment="rigid-with-scale", assumed=()))
    comparison = compare(figure(34.5, P1.id), scaled, run(P1, 34.6))
    assert (comparison.measured_as, comparison.outcome) == (P1.id, "supported")


def test_a_second_hand_figure_decides_nothing() -> None:
    comparison = compare(figure(second_hand=True), run(error_mm=51.05))
    assert (comparison.outcome, comparison.reason) == ("cannot-tell", "second-hand")


def test_a_network_that_was_perhaps_trained_without_s9_does_not_refute_protocol_1() -> None:
    assert compare(figure(34.5, P1.id), run(P1, 41.0)).reason == "training-unknown"
    assert compare(figure(34.5, P1.id), run(P1, 28.0)).reason == "not-reproduced"


def test_without_assumed_fields_any_difference_beyond_the_tolerance_refutes() -> None:
    stated = tuple(replace(protocol, assumed=(), locator="") for protocol in PROTOCOLS)
    assert compare(figure(51.05), run(error_mm=52.0), protocols=stated).outcome == "refuted"


def test_figures_that_are_no_errors_are_left_out() -> None:
    assert (
        compare_figures([figure(protocol="", quantity="macs")], PROTOCOLS, Accuracy(status="measured", runs=(run(),)))
        == ()
    )


def test_weights_that_do_better_on_other_inputs_refute_nothing() -> None:
    right = PixelRange(images=16, published_error_mm=60.0, unit_error_mm=400.0)
    wrong = PixelRange(images=16, published_error_mm=400.0, unit_error_mm=60.0)
    outcomes = [
        compare_figures(
            [figure(51.05)], PROTOCOLS, Accuracy(status="measured", runs=(run(error_mm=90.0),), pixel_range=r)
        )
        for r in (right, wrong)
    ]
    assert [(c.outcome, c.reason) for (c,) in outcomes] == [
        ("refuted", "not-reproduced"),
        ("cannot-tell", "input-doubtful"),
    ]

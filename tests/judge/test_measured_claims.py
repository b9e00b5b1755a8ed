"""Claims about an error that can be measured: decided by the measurement once there is one, and untested until then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from render.accuracy_builder import measured, measured_checkpoint, run, untested
from render.report_builder import absent_checkpoint, build_report

from generators.judge import judge_claims, read_report
from generators.model.accuracy import AccuracyRun
from generators.model.claim import CheckResult
from generators.model.evidence import SubjectEvidence
from generators.store import to_document

REPORT = read_report(Path(__file__).resolve().parents[2] / "docs" / "reports" / "convnextpose.toml")


def judged(subject: SubjectEvidence, claim_id: str, **changes: Any) -> CheckResult:
    """Return what the evidence does to the check ``measured`` of a claim of the first report."""
    evidence = replace(build_report(), report=REPORT, subjects=(subject,))
    claim = next(claim for claim in REPORT.claims if claim.id == claim_id)
    checks = tuple(replace(check, **changes) for check in claim.checks if check.id == "measured")
    (verdict,) = judge_claims([replace(claim, checks=checks)], to_document(evidence))
    return verdict.results[0]


def of_run(measured_run: AccuracyRun, **changes: Any) -> tuple[str, str]:
    result = judged(measured_checkpoint(measured(measured_run)), "m-figures", **changes)
    return result.outcome, result.reason


def test_a_measured_error_decides_a_claim_that_names_its_protocol() -> None:
    assert of_run(run(error_mm=51.05)) == ("refuted", "contradicted")
    assert of_run(run(error_mm=44.8)) == ("supported", "holds")
    result = judged(measured_checkpoint(measured(run(error_mm=44.8))), "m-figures")
    assert (result.found, result.kinds) == (44.8, ("recorded",))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (44.4, 44.8, ("supported", "holds-in-sample")),
        (43.0, 46.0, ("cannot-tell", "interval-too-wide")),
        (44.8, 52.0, ("cannot-tell", "interval-too-wide")),
        (49.0, 53.0, ("refuted", "contradicted-in-sample")),
    ],
)
def test_a_sample_decides_only_by_its_interval(low: float, high: float, expected: tuple[str, str]) -> None:
    sample = run(error_mm=(low + high) / 2, interval_low_mm=low, interval_high_mm=high, whole=False)
    assert of_run(sample) == expected


def test_a_sample_without_an_interval_decides_nothing() -> None:
    sample = run(interval_low_mm=None, interval_high_mm=None, whole=False)
    assert of_run(sample) == ("cannot-tell", "interval-too-wide")


def test_other_data_in_the_same_layout_decide_nothing() -> None:
    assert of_run(run(error_mm=44.6, recognised=False, whole=False)) == ("cannot-tell", "data-set-unrecognised")


def test_a_claim_that_names_no_protocol_is_not_decided_by_any_measurement() -> None:
    assert of_run(run(error_mm=44.6), protocol="") == ("cannot-tell", "protocol-unstated")
    absent = judged(absent_checkpoint(), "xs-accuracy")
    assert (absent.outcome, absent.reason) == ("cannot-tell", "protocol-unstated")


def test_without_a_measurement_the_check_is_untested() -> None:
    here = measured_checkpoint(untested("no-data-set"))
    result = judged(here, "m-figures")
    assert (result.outcome, result.reason, result.found) == ("untested", "not-measured", None)
    result = judged(absent_checkpoint(), "m-figures")
    assert (result.outcome, result.reason) == ("untested", "no-file")


def test_the_protocols_of_the_first_report_differ_in_what_they_should() -> None:
    from generators.model.metric import differing_fields

    known = {protocol.id: protocol for protocol in REPORT.protocols}
    p1, scaled = known["h36m-p1-pa-mpjpe"], known["h36m-p1-pa-mpjpe-scaled"]
    assert differing_fields(p1, scaled) == ("alignment",)
    assert differing_fields(p1, known["h36m-p2-mpjpe"]) == ("metric", "subjects", "alignment", "training_subjects")


def test_once_an_error_is_measured_the_step_to_measure_it_is_not_needed() -> None:
    (step,) = [step for step in REPORT.steps if step.id == "measure-accuracy"]
    evidence = replace(build_report(), report=REPORT)
    for accuracy, outcome, kinds in (
        (untested("no-data-set"), "supported", ()),
        (measured(run()), "refuted", ("recorded",)),
    ):
        subject = replace(measured_checkpoint(accuracy), id="convnextpose-xs")
        (verdict,) = judge_claims([step], to_document(replace(evidence, subjects=(subject,))))
        result = verdict.results[1]
        assert (result.outcome, result.kinds) == (outcome, kinds)

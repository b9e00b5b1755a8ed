"""What is recorded of a file that was read, and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pipeline.recorded_builder import (
    MakeProject,
    S,
    later,
    live_checkpoint,
    project_of,
    with_device,
    with_evaluation,
    with_file,
)
from render.accuracy_builder import measured
from render.report_builder import control

from generators.cli import main
from generators.errors import StoreError
from generators.model.accuracy import Accuracy
from generators.model.evaluation import Evaluation
from generators.model.evidence import SubjectEvidence
from generators.model.finding import Finding
from generators.model.recorded import RecordOutcome
from generators.pipeline.evidence.accuracy import with_accuracy
from generators.pipeline.evidence.comparison import _is_recognised
from generators.pipeline.evidence.records import find_record, find_strays, record_path
from generators.pipeline.locking.sweeping import SweepRequest, sweep
from generators.pipeline.project import Project
from generators.pipeline.recording import conditions
from generators.pipeline.recording.record_text import encode_rows
from generators.pipeline.recording.writing import record_entries


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    return project_of(make_project)


def record(subject: SubjectEvidence, project: Project, **options: Any) -> RecordOutcome:
    (outcome,) = record_entries([subject], project, named=True, **options)
    return outcome


def text(project: Project) -> str:
    return record_path(project, S).read_text("utf-8")


def test_what_was_read_is_recorded_with_date_and_conditions(project: Project) -> None:
    outcome = record(live_checkpoint(), project)
    assert (outcome.state, outcome.path, outcome.size_bytes) == (
        "new",
        f"docs/evidence/{S}.json",
        len(text(project).encode()),
    )
    kept = find_record(S, project)
    assert kept is not None
    assert kept.recorded_at == "2026-01-01T00:00:00+00:00"
    assert kept.conditions.device == live_checkpoint().evaluation.device  # type: ignore[union-attr]
    assert [part.name for part in kept.conditions.code] == [
        "reading",
        "identifying",
        "weights",
        "evaluating",
        "judging",
    ]
    assert kept.subject.fingerprint == live_checkpoint().fingerprint
    assert kept.subject.training == live_checkpoint().training


def test_what_follows_from_lock_and_report_is_not_recorded(project: Project) -> None:
    record(live_checkpoint(), project)
    kept = find_record(S, project)
    assert kept is not None
    assert (kept.subject.reported, kept.subject.size, kept.subject.accuracy) == ((), None, None)
    assert kept.subject.provenance.addresses == ()
    assert len(kept.subject.identification.candidates) == 1


def test_pictures_that_assay_did_not_draw_are_not_recorded(project: Project) -> None:
    record(live_checkpoint(), project)
    assert "/9j/4AAQ" not in text(project)


def test_a_tensor_stands_on_one_line(project: Project) -> None:
    record(live_checkpoint(), project)
    lines = [line for line in text(project).splitlines() if '"strides"' in line]
    fingerprint = live_checkpoint().fingerprint
    assert fingerprint is not None
    assert len(lines) == len(fingerprint.tensors)
    assert all(line.strip().rstrip(",").startswith("{") and json.loads(line.strip().rstrip(",")) for line in lines)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_rows_are_the_same_json(value: Any) -> None:
    assert json.loads(encode_rows(value)) == value


@pytest.mark.parametrize(
    "again",
    [
        live_checkpoint(),
        with_evaluation(live_checkpoint(), latency_seconds=9.0, timed_passes=3, peak_memory_bytes=1, speed=None),
        with_device(live_checkpoint(), memory_bytes=1),
        replace(live_checkpoint(), sanity=replace(live_checkpoint().sanity, seconds=99.0)),  # type: ignore[type-var]
        with_file(live_checkpoint(), name="renamed.tar"),
        replace(live_checkpoint(), reported=(), sources=("UP",)),
    ],
    ids=["nothing", "latency", "memory", "seconds", "name", "report"],
)
def test_what_moves_from_run_to_run_makes_no_new_record(project: Project, again: SubjectEvidence) -> None:
    record(live_checkpoint(), project)
    before = text(project)
    assert record(again, later(project), check=True).state == "unchanged"
    assert record(again, later(project)).state == "unchanged"
    assert text(project) == before


def test_another_value_makes_a_new_record_that_names_it(project: Project) -> None:
    record(live_checkpoint(), project)
    before = text(project)
    other = with_evaluation(live_checkpoint(), output_mean=7.5)
    outcome = record(other, later(project), check=True)
    assert (outcome.state, outcome.changed, outcome.causes) == ("changed", ("/evaluation/output_mean",), ())
    assert text(project) == before
    assert record(other, later(project)).state == "changed"
    assert "2026-01-02" in text(project)
    different = [a for a, b in zip(text(project).splitlines(), before.splitlines(), strict=True) if a != b]
    assert len(different) == 2  # the value, and the date


def test_another_library_makes_a_new_record_and_is_its_cause(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    record(live_checkpoint(), project)
    monkeypatch.setattr(conditions, "package_version", lambda name: "99" if name == "torch" else "1")
    outcome = record(live_checkpoint(), later(project))
    assert (outcome.state, outcome.causes, outcome.changed) == ("changed", ("library",), ())


def finding(code: str) -> tuple[Finding, ...]:
    return (Finding(code=code, severity="error"),)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"available": False, "fingerprint": None}, "not-here"),
        ({"lock_match": "contradicted", "findings": finding("size-not-as-locked")}, "another-file"),
        ({"lock_match": "contradicted", "findings": finding("is-a-control")}, "a-control"),
        ({"available": False, "findings": finding("unreadable")}, "unreadable"),
    ],
)
def test_what_is_not_the_entrys_own_file_is_refused(project: Project, changes: dict[str, Any], reason: str) -> None:
    outcome = record(live_checkpoint(**changes), project)
    assert (outcome.state, outcome.reason) == ("refused", reason)
    assert not record_path(project, S).exists()


def damaged(subject: SubjectEvidence) -> SubjectEvidence:
    assert subject.fingerprint is not None
    return replace(subject, fingerprint=replace(subject.fingerprint, findings=finding("storage-short")))


def test_a_damaged_file_is_refused_unless_the_lock_pins_it_as_it_is(project: Project) -> None:
    outcome = record(damaged(live_checkpoint(lock_match="size")), project)
    assert (outcome.state, outcome.reason) == ("refused", "damaged")
    assert record(damaged(live_checkpoint(lock_match="digest")), project).state == "new"


def test_a_file_that_is_not_here_is_refused_only_where_it_was_asked_for(project: Project) -> None:
    (outcome,) = record_entries([live_checkpoint(available=False)], project, named=False)
    assert outcome.state == "not-here"


def test_a_machine_that_cannot_run_the_network_does_not_overwrite_what_it_did(project: Project) -> None:
    without = live_checkpoint(evaluation=Evaluation(status="not-run", reason="torch-missing"))
    assert record(live_checkpoint(), project).state == "new"
    assert record(without, later(project)).reason == "would-lose"
    record_path(project, S).unlink()
    assert record(without, project).state == "new"


def test_a_measured_accuracy_is_recorded_and_stays_where_nothing_was_measured_later(project: Project) -> None:
    measured = Accuracy(status="measured", architecture=S, measured_at="2025-12-31", code_digest="abc", seconds=5.0)
    record(live_checkpoint(accuracy=measured), project)
    kept = find_record(S, project)
    assert kept is not None
    assert kept.subject.accuracy == measured
    assert record(live_checkpoint(), later(project)).state == "unchanged"
    again = replace(measured, measured_at="2026-01-02", seconds=6.0)
    assert record(live_checkpoint(accuracy=again), later(project)).state == "unchanged"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda _: b"{", "can't be read"),
        (lambda data: data.replace(b'"record_version": 1', b'"record_version": 2'), "of version 2"),
        (lambda data: data.replace(b'"id": "convnextpose-s"', b'"id": "other"', 1), "not of 'convnextpose-s'"),
        (lambda data: data.replace(b"2026-01-01T", b"yesterday"), "no date"),
        (lambda data: data.replace(b'"size_bytes": 42550000', b'"size_bytes": "many"'), "fingerprint"),
    ],
)
def test_a_malformed_record_stops_the_build_and_says_what_to_do(project: Project, change: Any, told: str) -> None:
    record(live_checkpoint(), project)
    path = record_path(project, S)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(StoreError) as raised:
        find_record(S, project)
    assert told in raised.value.diagnostics()
    assert str(path) in raised.value.diagnostics()
    assert "what to do: take it back from version control" in raised.value.diagnostics()


def test_a_record_of_no_entry_is_found_by_builds_and_by_the_sweep_alike(project: Project) -> None:
    pytest.importorskip("filelock", reason="needs the extra `fetch`")
    record(live_checkpoint(), project)
    data = record_path(project, S).read_bytes()
    folder = record_path(project, S).parent
    (folder / "gone.json").write_bytes(data)
    (folder / "older.json").write_bytes(b'{"record_version": 0, "subject": {"id": "older"}}')
    (folder / "own.json").write_bytes(b'{"somebody": "put it there"}')
    (folder / "cut.json").write_bytes(data[:100])
    (folder / "listings").mkdir()
    strays = [f"docs/evidence/{name}.json" for name in ("gone", "older")]
    assert [path.relative_to(project.root).as_posix() for path in find_strays(project)] == strays
    swept = sweep(project, SweepRequest(older_than_seconds=1e9, dry_run=True))
    assert [file.name for file in swept.files if file.kind == "record"] == strays


def test_nothing_is_left_beside_a_record(project: Project) -> None:
    record(live_checkpoint(), project)
    assert [path.name for path in Path(record_path(project, S)).parent.iterdir()] == [f"{S}.json"]


def test_a_recorded_control_tests_nothing_in_the_build_that_shows_it() -> None:
    made = control(S, S)
    assert _is_recognised(made)
    assert not _is_recognised(replace(made, kinds=("recorded",), available=False))


def test_what_is_on_record_was_not_run_by_the_command_that_evaluates(
    project: Project, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    record(live_checkpoint(), project)
    assert main(["evaluate", S, "-C", str(project.root), "--json"]) == 1
    assert json.loads(capsysbinary.readouterr().out)["reason"] == "no-file"


def test_a_measurement_on_record_is_shown_of_the_same_weights_where_nobody_measured(project: Project) -> None:
    live = live_checkpoint(lock_match="unnamed")
    record(replace(live, accuracy=measured()), project)
    found = with_accuracy(replace(live, accuracy=None), project).accuracy
    assert found is not None
    assert (found.status, found.measured_at) == ("measured", measured().measured_at)
    assert live.fingerprint is not None
    other = replace(live, fingerprint=replace(live.fingerprint, weights_digest="99" * 32), accuracy=None)
    untested = with_accuracy(other, project).accuracy
    assert untested is not None
    assert untested.status == "untested"

"""A file held against its record: what counts, as what, and because of what."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from pipeline.recorded_builder import (
    MakeProject,
    S,
    live_checkpoint,
    project_of,
    with_device,
    with_evaluation,
    with_file,
)
from render.accuracy_builder import measured, run

from generators.model.accuracy import Accuracy
from generators.model.evaluation import Evaluation
from generators.model.evidence import SubjectEvidence
from generators.model.lock import Resolved
from generators.model.recorded import Drift
from generators.pipeline.project import Project
from generators.pipeline.recording import conditions
from generators.pipeline.recording.drift import compare_with_record, drift_warning
from generators.pipeline.recording.writing import record_entries


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    made = project_of(make_project)
    list(record_entries([live_checkpoint()], made, named=True))
    return made


def told(drifts: tuple[Drift, ...]) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {drift.pointer: (drift.severity, drift.causes) for drift in drifts}


def with_tensor(subject: SubjectEvidence, **changes: Any) -> SubjectEvidence:
    assert subject.fingerprint is not None
    first, *others = subject.fingerprint.tensors
    return replace(subject, fingerprint=replace(subject.fingerprint, tensors=(replace(first, **changes), *others)))


def identified(subject: SubjectEvidence, architecture: str) -> SubjectEvidence:
    return replace(subject, identification=replace(subject.identification, architecture=architecture))


def use_other_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "digest_code", lambda *_: "changed")


def use_other_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "package_version", lambda _: "99.0")


def test_the_same_evidence_is_no_drift(project: Project) -> None:
    assert compare_with_record(live_checkpoint(), project) == ()


def test_without_a_record_or_a_file_there_is_no_drift(project: Project) -> None:
    assert compare_with_record(live_checkpoint(id="control-xs"), project) == ()
    assert compare_with_record(live_checkpoint(available=False, fingerprint=None), project) == ()


def test_times_memory_and_names_are_no_drift(project: Project) -> None:
    other = with_evaluation(live_checkpoint(), latency_seconds=9.0, peak_memory_bytes=1, speed=None)
    assert compare_with_record(with_file(with_device(other, memory_bytes=3), name="other.tar"), project) == ()


def test_another_file_is_an_error_whose_cause_is_the_file(project: Project) -> None:
    other = with_file(live_checkpoint(), sha256="99" * 32)
    (drift,) = compare_with_record(other, project)
    assert (drift.pointer, drift.recorded, drift.found) == ("/fingerprint/file/sha256", "12" * 32, "99" * 32)
    assert (drift.severity, drift.causes) == ("error", ("file",))


def test_of_another_file_only_the_headlines_are_told(project: Project) -> None:
    other = with_tensor(with_file(live_checkpoint(), sha256="99" * 32), digest="77" * 32)
    assert set(told(compare_with_record(other, project))) == {"/fingerprint/file/sha256"}
    found = told(compare_with_record(identified(other, "convnextpose-m"), project))
    assert found["/identification/architecture"] == ("error", ("file",))


def test_a_lock_that_now_names_another_file_is_a_cause(make_project: MakeProject, project: Project) -> None:
    entry = replace(project.lock.checkpoints[0], sha256="99" * 32)
    renewed = replace(project, lock=replace(project.lock, checkpoints=(entry,)))
    other = with_file(live_checkpoint(lock_match="digest"), sha256="99" * 32)
    assert told(compare_with_record(other, renewed)) == {"/fingerprint/file/sha256": ("error", ("file", "lock"))}


def test_a_pin_that_assay_wrote_and_that_now_names_another_file_is_a_cause(project: Project) -> None:
    known = project.lock.checkpoints[0]
    written = Resolved(
        asked=tuple(source.address for source in known.sources),
        source=None,
        size_bytes=None,
        sha256="99" * 32,
        weights_digest=None,
        resolved_at="2026-01-02T00:00:00+00:00",
    )
    assert (known.sha256, replace(known, resolved=written).pin.sha256) == (None, "99" * 32)
    renewed = replace(project, lock=replace(project.lock, checkpoints=(replace(known, resolved=written),)))
    other = with_file(live_checkpoint(lock_match="digest"), sha256="99" * 32)
    assert told(compare_with_record(other, renewed)) == {"/fingerprint/file/sha256": ("error", ("file", "lock"))}


def test_a_control_that_another_torch_made_is_a_note(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    control = live_checkpoint(id="control-xs", role="control", accuracy=None)
    list(record_entries([control], project, named=True))
    other = with_file(control, sha256="99" * 32)
    assert told(compare_with_record(other, project)) == {"/fingerprint/file/sha256": ("error", ("file",))}
    use_other_torch(monkeypatch)
    assert told(compare_with_record(other, project)) == {"/fingerprint/file/sha256": ("note", ("file", "library"))}


def test_another_digest_of_the_same_file_is_an_error_even_where_nothing_known_differs(project: Project) -> None:
    (drift,) = compare_with_record(with_tensor(live_checkpoint(), digest="77" * 32), project)
    assert drift.pointer.endswith("/digest")
    assert "network.module." in drift.pointer
    assert (drift.severity, drift.causes) == ("error", ())


@pytest.mark.parametrize("use_other", [use_other_code, use_other_torch])
def test_another_identification_of_the_same_file_is_an_error_whoever_changed(
    project: Project, monkeypatch: pytest.MonkeyPatch, use_other: Any
) -> None:
    use_other(monkeypatch)
    found = told(compare_with_record(identified(live_checkpoint(), "convnextpose-m"), project))
    causes = ("code",) if use_other is use_other_code else ()
    assert found == {"/identification/architecture": ("error", causes)}


def test_a_figure_within_the_tolerance_is_no_drift(project: Project) -> None:
    mean = live_checkpoint().evaluation.output_mean  # type: ignore[union-attr]
    assert mean is not None
    assert compare_with_record(with_evaluation(live_checkpoint(), output_mean=mean * 1.0005), project) == ()
    assert len(compare_with_record(with_evaluation(live_checkpoint(), output_mean=mean * 1.01), project)) == 1


def test_a_figure_of_the_same_device_and_libraries_is_an_error_and_names_the_code(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = with_evaluation(live_checkpoint(), output_mean=7.5)
    assert told(compare_with_record(other, project)) == {"/evaluation/output_mean": ("error", ())}
    use_other_code(monkeypatch)
    assert told(compare_with_record(other, project)) == {"/evaluation/output_mean": ("error", ("code",))}


def test_a_figure_of_another_torch_is_a_note(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    use_other_torch(monkeypatch)
    other = with_evaluation(live_checkpoint(), output_mean=7.5)
    assert told(compare_with_record(other, project)) == {"/evaluation/output_mean": ("note", ("library",))}


def test_a_figure_of_another_device_is_a_note(project: Project) -> None:
    other = with_device(with_evaluation(live_checkpoint(), output_mean=7.5), name="Another CPU")
    assert told(compare_with_record(other, project)) == {"/evaluation/output_mean": ("note", ("device",))}


def test_values_that_are_not_finite_and_statements_are_errors_on_any_device(project: Project) -> None:
    other = with_device(with_evaluation(live_checkpoint(), all_finite=False), name="Another CPU")
    sanity = other.sanity
    assert sanity is not None
    found = told(compare_with_record(replace(other, sanity=replace(sanity, statement="trained")), project))
    assert found == {
        "/evaluation/all_finite": ("error", ("device",)),
        "/sanity/statement": ("error", ("device",)),
    }


def test_an_answer_of_another_device_is_a_note(project: Project) -> None:
    live = with_device(live_checkpoint(), name="Another CPU")
    assert live.sanity is not None
    probe = live.sanity.probes[0]
    changed = replace(probe, criteria=(replace(probe.criteria[0], answer="yes"), *probe.criteria[1:]))
    found = compare_with_record(replace(live, sanity=replace(live.sanity, probes=(changed,))), project)
    assert told(found) == {"/sanity/probes/drawn/criteria/articulated/answer": ("note", ("device",))}


def test_what_did_not_run_here_is_no_drift(project: Project) -> None:
    without = live_checkpoint(evaluation=Evaluation(status="not-run", reason="torch-missing"), sanity=None)
    assert compare_with_record(without, project) == ()


def sanity_with(subject: SubjectEvidence, **changes: Any) -> SubjectEvidence:
    assert subject.sanity is not None
    return replace(subject, sanity=replace(subject.sanity, **changes))


def test_a_statement_on_other_probes_is_no_drift(project: Project) -> None:
    live = live_checkpoint()
    assert live.sanity is not None
    photographs = (*live.sanity.probes, replace(live.sanity.probes[0], kind="photograph"))
    assert compare_with_record(sanity_with(live, statement="trained", probes=photographs), project) == ()
    assert len(compare_with_record(sanity_with(live, statement="trained"), project)) == 1


def test_a_readers_own_images_are_not_held_against_anothers(project: Project) -> None:
    live = live_checkpoint()
    assert live.sanity is not None
    probe = replace(live.sanity.probes[0], kind="own")
    list(record_entries([sanity_with(live, probes=(*live.sanity.probes, probe))], project, named=True))
    other = replace(probe, images=7, statement="trained")
    assert compare_with_record(sanity_with(live, probes=(*live.sanity.probes, other)), project) == ()


def accuracy(error_mm: float, **changes: Any) -> Accuracy:
    return measured(replace(run(), error_mm=error_mm), **changes)


def test_a_measured_error_is_compared_only_with_one_of_the_same_images(project: Project) -> None:
    list(record_entries([live_checkpoint(accuracy=accuracy(50.0))], project, named=True))
    assert compare_with_record(live_checkpoint(accuracy=accuracy(50.01)), project) == ()
    (drift,) = compare_with_record(live_checkpoint(accuracy=accuracy(51.0)), project)
    assert (drift.pointer.rpartition("/")[2], drift.severity) == ("error_mm", "error")
    assert compare_with_record(live_checkpoint(accuracy=accuracy(51.0, subset=500)), project) == ()
    older = accuracy(50.0, code_digest="older", measured_at="2020-01-01", seconds=1.0)
    assert compare_with_record(live_checkpoint(accuracy=older), project) == ()


def test_a_figure_from_weights_is_a_note_only_with_another_library(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = live_checkpoint()
    assert live.training is not None
    layers = (replace(live.training.layers[0], std_ratio=1.9), *live.training.layers[1:])
    other = replace(live, training=replace(live.training, layers=layers))
    ((pointer, (severity, causes)),) = told(compare_with_record(other, project)).items()
    assert (pointer.rpartition("/")[2], severity, causes) == ("std_ratio", "error", ())
    use_other_torch(monkeypatch)
    assert compare_with_record(other, project)[0].severity == "note"


def test_of_a_file_that_is_not_here_another_identification_by_this_code_is_a_note(project: Project) -> None:
    absent = live_checkpoint(available=False, kinds=("recorded",))
    assert compare_with_record(absent, project) == ()
    assert told(compare_with_record(identified(absent, "convnextpose-m"), project)) == {
        "/identification/architecture": ("note", ())
    }


def test_a_warning_names_the_value_the_cause_and_the_remedy(project: Project) -> None:
    other = with_file(live_checkpoint(), sha256="99" * 32, size_bytes=1)
    warning = drift_warning(compare_with_record(other, project), project)
    assert f"docs/evidence/{S}.json says otherwise than the file" in warning
    assert f"/fingerprint/file/sha256 was {'12' * 32}, is {'99' * 32}" in warning
    assert "What changed: file." in warning
    assert f"`assay record {S}`" in warning
    refused = drift_warning(compare_with_record(other, project), project, is_locks_file=False)
    assert "assay record" not in refused
    assert "Put the recorded file back" in refused


def test_a_warning_writes_no_control_characters_of_a_tensors_name(project: Project) -> None:
    drift = Drift(subject=S, pointer="/fingerprint/tensors/\x1b[31m", recorded="\x07", found="", causes=())
    warning = drift_warning([drift] * 9, project)
    assert "\x1b" not in warning
    assert "\x07" not in warning
    assert "and 6 more" in warning

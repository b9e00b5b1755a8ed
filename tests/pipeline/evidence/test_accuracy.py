"""Measurements are started by hand, kept, and taken up by the next build; a build never measures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from human36m_layout import people, write_data_set
from msgspec.structs import replace
from render.accuracy_builder import P2, measured, run

from generators.errors import EvaluationError
from generators.model.accuracy import Accuracy
from generators.model.evidence import SubjectEvidence
from generators.model.lock import ControlEntry
from generators.pipeline.evidence.accuracy import DATA_VARIABLE, code_digest, hindrance, keep_accuracy, with_accuracy
from generators.pipeline.evidence.measuring import Request, choose_protocols, measure_accuracy
from generators.pipeline.evidence.report import collect_evidence
from generators.pipeline.evidence.subjects import collect_subject
from generators.pipeline.project import Project, open_project

PROJECT = Path(__file__).resolve().parents[3]
MakeProject = Callable[..., Path]


@pytest.fixture
def project(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Yield a project whose controls nobody measured; what a test keeps is forgotten after it."""
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    project = open_project(make_project())
    yield project
    for entry in project.lock.controls:
        project.cache._path(_key_of(collect_subject(entry, project, evaluate=False))).unlink(missing_ok=True)


@pytest.fixture
def control(project: Project) -> ControlEntry:
    return project.lock.controls[0]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Accuracy]:
    """Return the list of what the next measurements give, instead of running a network."""
    waiting: list[Accuracy] = []
    monkeypatch.setattr("generators.evaluate.human36m.measuring.evaluate_accuracy", lambda *_, **__: waiting.pop(0))
    return waiting


def of_images(images: int, subset: int | None = None) -> Accuracy:
    return measured(run(images=images, images_total=100, whole=subset is None), subset=subset)


def images_shown(project: Project, entry: ControlEntry) -> list[int]:
    accuracy = collect_subject(entry, project, evaluate=False).accuracy
    return [made.images for made in accuracy.runs] if accuracy else []


def test_a_measurement_is_kept_and_taken_up_by_the_next_build(
    project: Project, control: ControlEntry, answers: list[Accuracy], tmp_path: Path
) -> None:
    before = collect_subject(control, project, evaluate=False)
    assert before.accuracy is None
    answers.append(of_images(100))
    subject = measure_accuracy(control, project, Request(folder=tmp_path))
    assert subject.accuracy is not None
    assert (subject.accuracy.code_digest, bool(subject.accuracy.measured_at)) == (code_digest(), True)
    assert collect_subject(control, project, evaluate=False).accuracy == subject.accuracy


def test_a_smaller_measurement_does_not_take_the_place_of_a_larger_one(
    project: Project, control: ControlEntry, answers: list[Accuracy], tmp_path: Path
) -> None:
    answers += [of_images(100), of_images(10, subset=10), of_images(100)]
    for expected in ([100], [100], [100]):
        measure_accuracy(control, project, Request(folder=tmp_path))
        assert images_shown(project, control) == expected


def test_what_other_code_measured_is_not_shown(
    project: Project, control: ControlEntry, answers: list[Accuracy], tmp_path: Path
) -> None:
    answers.append(of_images(100))
    subject = measure_accuracy(control, project, Request(folder=tmp_path))
    assert subject.accuracy is not None
    stale = replace(subject.accuracy, code_digest="older")
    project.cache.keep(_key_of(subject), stale)
    assert collect_subject(control, project, evaluate=False).accuracy is None
    checkpoint = with_accuracy(replace(subject, role="checkpoint", variant="convnextpose-m"), project)
    assert checkpoint.accuracy is not None
    assert (checkpoint.accuracy.status, checkpoint.accuracy.reason) == ("untested", "other-code")
    assert {c.outcome for c in checkpoint.accuracy.comparisons} == {"untested"}
    assert keep_accuracy(subject.accuracy, subject, project)


def _key_of(subject: SubjectEvidence) -> str:
    assert subject.fingerprint is not None
    return f"accuracy {subject.fingerprint.weights_digest} {subject.identification.architecture}"


def test_a_checkpoint_says_why_it_was_not_measured(project: Project, control: ControlEntry) -> None:
    here = replace(collect_subject(control, project, evaluate=False), role="checkpoint", variant="convnextpose-m")
    fingerprint = here.fingerprint
    assert fingerprint is not None
    cut = replace(fingerprint, tensors=tuple(replace(t, digest=None) for t in fingerprint.tensors))
    unlike = replace(here.identification, status="PARTIAL")
    with_data = replace(project, environment={DATA_VARIABLE: "/data"})
    for subject, where, reason in (
        (here, project, "no-data-set"),
        (here, with_data, "not-measured"),
        (replace(here, lock_match="contradicted"), project, "another-file"),
        (replace(here, available=False, fingerprint=None), project, "no-file"),
        (replace(here, fingerprint=cut), project, "weights-incomplete"),
        (replace(here, identification=unlike), project, "not-identified"),
    ):
        found = with_accuracy(subject, where).accuracy
        assert found is not None
        assert (found.status, found.reason) == ("untested", reason)
        assert [c.outcome for c in found.comparisons] == ["untested", "untested"]
    assert hindrance(here) is None


def test_a_recorded_measurement_is_shown_and_compared(project: Project, control: ControlEntry) -> None:
    here = collect_subject(control, project, evaluate=False)
    recorded = replace(
        here, role="checkpoint", variant="convnextpose-m", available=False, accuracy=measured(run(P2, 51.1))
    )
    found = with_accuracy(recorded, project).accuracy
    assert found is not None
    assert [(c.figure.value, c.outcome) for c in found.comparisons] == [(51.05, "supported"), (34.5, "untested")]


def test_without_the_data_set_nothing_is_measured(project: Project, control: ControlEntry) -> None:
    accuracy = measure_accuracy(control, project, Request()).accuracy
    assert accuracy is not None
    assert (accuracy.status, accuracy.reason) == ("untested", "no-data-set")


def test_the_absent_checkpoints_of_a_report_are_untested_and_never_refuted(project: Project) -> None:
    evidence = collect_evidence(project.root, evaluate=False)
    (subject,) = [s for s in evidence.subjects if s.role == "checkpoint"]
    assert subject.accuracy is not None
    assert (subject.accuracy.status, subject.accuracy.reason) == ("untested", "no-file")
    outcomes = {verdict.claim.id: verdict.outcome for verdict in evidence.verdicts}
    assert outcomes["xs-accuracy"] == "cannot-tell"


def test_protocols_are_chosen_by_their_ids(project: Project) -> None:
    known = project.report.protocols
    assert choose_protocols(known, ()) == known
    assert [p.id for p in choose_protocols(known, ("h36m-p2-mpjpe",))] == ["h36m-p2-mpjpe"]
    with pytest.raises(EvaluationError) as caught:
        choose_protocols(known, ("h36m-p3",))
    assert caught.value.code == "unknown-protocol"
    assert "h36m-p2-mpjpe" in caught.value.remedy


def test_the_command_measures_a_control_on_made_up_data(project: Project, tmp_path: Path) -> None:
    everyone = people(subjects=(11,), actions=(2,))
    data = write_data_set(tmp_path / "data", everyone)
    command = [sys.executable, "-m", "generators.cli", "accuracy", "control-xs", "-C", str(project.root), "--json"]
    command += ["--data", str(data), "--protocol", "h36m-p1-pa-mpjpe", "--subset", "3", "--seed", "4"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    (made,) = told["runs"]
    assert (told["status"], told["subset"], told["subset_seed"], made["images"]) == ("measured", 3, 4, 3)
    assert (told["data_set"]["recognised"], told["data_set"]["images"], told["comparisons"]) == (False, 8, [])
    assert 0 < made["error_mm"] < 2000

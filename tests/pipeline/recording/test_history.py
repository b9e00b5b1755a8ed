"""The verdicts over time: what makes a new state, and what a flip is told to come from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace
from pipeline.recorded_builder import MakeProject, S, later, live_checkpoint, project_of
from render.report_builder import build_report

from generators.errors import StoreError
from generators.model.claim import Verdict
from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.history import VerdictRecord
from generators.pipeline.project import Project
from generators.pipeline.recording import conditions
from generators.pipeline.recording.history import history_path, read_history, record_verdicts, unflipped_record


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    return project_of(make_project)


def report(*subjects: SubjectEvidence, lock: str = "ab" * 32, **changes: Any) -> ReportEvidence:
    """A build with these checkpoints; the first claim is about the first of them."""
    evidence = build_report()
    return replace(
        evidence,
        build=replace(evidence.build, lock_sha256=lock),
        subjects=subjects or (live_checkpoint(available=False, kinds=("reported",), fingerprint=None),),
        **changes,
    )


def flipped(verdict: Verdict, outcome: Any) -> Verdict:
    results = (replace(verdict.results[0], outcome=outcome), *verdict.results[1:])
    return replace(verdict, outcome=outcome, results=results)


def with_flip(evidence: ReportEvidence, outcome: str = "supported") -> ReportEvidence:
    first, *others = evidence.verdicts
    assert first.outcome != outcome
    return replace(evidence, verdicts=(flipped(first, outcome), *others))


def last(project: Project) -> VerdictRecord:
    history = read_history(project)
    assert history is not None
    return history.records[-1]


def test_the_first_record_has_every_verdict_and_no_flip(project: Project) -> None:
    outcome = record_verdicts(report(), project)
    assert (outcome.state, outcome.path) == ("new", "docs/evidence/history/convnextpose.json")
    assert [state.claim for state in last(project).claims] == [v.claim.id for v in report().verdicts]
    assert last(project).flips == ()
    assert last(project).recorded_at == report().build.date


def test_the_same_verdicts_are_not_recorded_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    record_verdicts(report(), project)
    before = history_path(project).read_bytes()
    monkeypatch.setattr(conditions, "package_version", lambda _: "99")
    monkeypatch.setattr(conditions, "digest_code", lambda *_: "changed")
    assert record_verdicts(report(lock="cd" * 32), later(project)).state == "unchanged"
    assert history_path(project).read_bytes() == before


def test_a_file_on_record_is_the_same_evidence_as_the_file(project: Project) -> None:
    record_verdicts(report(live_checkpoint()), project)
    recorded = live_checkpoint(kinds=("recorded",), available=False)
    assert record_verdicts(report(recorded), project).state == "unchanged"


def test_a_check_writes_nothing(project: Project) -> None:
    assert record_verdicts(report(), project, check=True).state == "new"
    assert not history_path(project).exists()


@pytest.mark.parametrize("cause", ["file", "code", "library", "device", "lock", "claim"])
def test_a_flip_names_what_changed_with_it(project: Project, monkeypatch: pytest.MonkeyPatch, cause: str) -> None:
    subject = live_checkpoint()
    assert subject.fingerprint is not None
    assert subject.evaluation is not None
    assert subject.evaluation.device is not None
    record_verdicts(report(subject), project)
    after = with_flip(report(subject))
    claim = after.verdicts[0]
    match cause:
        case "file":
            file = replace(subject.fingerprint.file, sha256="99" * 32)
            subject = replace(subject, fingerprint=replace(subject.fingerprint, file=file))
            after = with_flip(report(subject))
        case "device":
            device = replace(subject.evaluation.device, name="Another CPU")
            subject = replace(subject, evaluation=replace(subject.evaluation, device=device))
            after = with_flip(report(subject))
        case "code":
            monkeypatch.setattr(conditions, "digest_code", lambda *_: "changed")
        case "library":
            monkeypatch.setattr(conditions, "package_version", lambda _: "99")
        case "lock":
            after = with_flip(report(subject, lock="cd" * 32))
        case "claim":
            check = replace(claim.claim.checks[0], expected="other")
            claim = replace(claim, claim=replace(claim.claim, checks=(check, *claim.claim.checks[1:])))
            after = replace(after, verdicts=(claim, *after.verdicts[1:]))
    outcome = record_verdicts(after, later(project))
    assert outcome.state == "changed"
    (flip,) = last(project).flips
    before = report().verdicts[0].outcome
    assert (flip.claim, flip.before, flip.after) == (claim.claim.id, before, "supported")
    assert flip.causes == (cause,)
    assert outcome.changed == (claim.claim.id,)


def test_a_file_that_appears_is_the_nearest_cause(project: Project) -> None:
    absent = live_checkpoint(available=False, kinds=("reported",), fingerprint=None, evaluation=None, sanity=None)
    record_verdicts(report(absent), project)
    record_verdicts(with_flip(report(live_checkpoint(), lock="cd" * 32)), project)
    assert last(project).flips[0].causes == ("file", "lock")


def test_another_reason_with_the_same_verdict_is_a_state_without_a_flip(project: Project) -> None:
    record_verdicts(report(), project)
    first, *others = report().verdicts
    reason = replace(first, results=(replace(first.results[0], reason="not-comparable"), *first.results[1:]))
    assert record_verdicts(replace(report(), verdicts=(reason, *others)), project).state == "changed"
    assert last(project).flips == ()


def test_another_value_for_the_same_verdict_is_no_new_state(project: Project) -> None:
    record_verdicts(report(), project)
    first, *others = report().verdicts
    value = replace(first, results=(replace(first.results[0], found="other"), *first.results[1:]))
    assert record_verdicts(replace(report(), verdicts=(value, *others)), project).state == "unchanged"


def test_claims_that_come_and_go_are_flips(project: Project) -> None:
    record_verdicts(report(), project)
    kept = replace(report(), verdicts=report().verdicts[1:])
    record_verdicts(kept, project)
    (gone,) = last(project).flips
    assert (gone.after, gone.causes) == (None, ("claim",))
    record_verdicts(report(), project)
    assert last(project).flips[0].before is None
    history = read_history(project)
    assert history is not None
    assert len(history.records) == 3


def test_a_wrong_file_in_an_entrys_place_keeps_the_verdicts_off_the_record(project: Project) -> None:
    outcome = record_verdicts(report(live_checkpoint(lock_match="contradicted")), project)
    assert (outcome.state, outcome.reason, outcome.changed) == ("refused", "file-refused", (S,))
    assert not history_path(project).exists()


def test_a_check_has_a_line_of_its_claim(project: Project) -> None:
    record_verdicts(report(), project)
    lines = history_path(project).read_text("utf-8").splitlines()
    claims = [line.strip().rstrip(",") for line in lines if line.strip().startswith('{"claim"')]
    assert [json.loads(line)["claim"] for line in claims] == [v.claim.id for v in report().verdicts]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text[:-9], "can't be read"),
        (lambda text: text.replace('"record_version": 1', '"record_version": 7'), "version 7"),
        (lambda text: text.replace('"report": "convnextpose"', '"report": "other"'), "of the report 'other'"),
    ],
)
def test_a_malformed_history_stops_with_file_and_remedy(project: Project, change: Any, told: str) -> None:
    record_verdicts(report(), project)
    path = history_path(project)
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    with pytest.raises(StoreError, match="take it back from version control") as raised:
        read_history(project)
    assert told in str(raised.value)
    assert str(path) in str(raised.value)


def test_the_state_has_no_controls(project: Project) -> None:
    assert [file.subject for file in unflipped_record(build_report()).files] == ["convnextpose-m", "convnextpose-xs"]

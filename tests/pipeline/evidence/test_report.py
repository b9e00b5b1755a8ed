"""The whole road on a small project: what the verdicts rest on, and what moves them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from generators.architectures import find_architecture
from generators.errors import ClaimError, LockError, StoreError
from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.fingerprint import Fingerprint
from generators.pipeline.evidence import subjects
from generators.pipeline.evidence.report import collect_evidence
from generators.pipeline.project import build_command, open_project
from generators.pipeline.recording.writing import record_entries
from generators.pipeline.site import begin_build
from generators.store import encode, json_schema

torch = pytest.importorskip("torch", reason="controls are written by torch")


def _subject(evidence: ReportEvidence, subject_id: str) -> SubjectEvidence:
    return next(s for s in evidence.subjects if s.id == subject_id)


def _result(evidence: ReportEvidence, claim: str, check: str) -> tuple[str, str]:
    verdict = next(v for v in evidence.verdicts if v.claim.id == claim)
    result = next(r for r in verdict.results if r.check.id == check)
    return result.outcome, result.reason


def _record(subject: SubjectEvidence, root: Path) -> None:
    (outcome,) = record_entries([subject], open_project(root), named=True)
    assert outcome.state == "new"


def _save_weights(architecture_id: str, path: Path) -> None:
    architecture = find_architecture(architecture_id)
    assert architecture is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {f"module.{t.name}": torch.zeros(t.shape, dtype=getattr(torch, t.dtype)) for t in architecture.tensors}
    torch.save({"epoch": 3, "network": tensors}, path)


@pytest.fixture(autouse=True)
def _fresh_build() -> Iterator[None]:
    begin_build()
    yield
    begin_build()


def test_a_control_is_read_live_identified_exactly_and_evaluated(make_project: Callable[..., Path]) -> None:
    evidence = collect_evidence(make_project())
    control = _subject(evidence, "control-xs")
    assert control.kinds == ("live",)
    assert (control.identification.status, control.identification.architecture) == ("EXACT", "convnextpose-xs")
    assert control.fingerprint is not None
    assert control.fingerprint.parameters == 3_528_008
    assert control.fingerprint.odometer.agree is True
    assert control.evaluation is not None
    assert (control.evaluation.status, control.evaluation.all_finite) == ("run", True)
    assert {m.upsampling_blocks: m.conv_macs for m in control.evaluation.macs}[2] == 815_214_592
    assert evidence.comparison.controls_identified == evidence.comparison.controls_total == 1


def test_measured_and_computed_macs_agree(make_project: Callable[..., Path]) -> None:
    evidence = collect_evidence(make_project())
    computed = next(a for a in evidence.architectures if a.id == "convnextpose-xs")
    measured = _subject(evidence, "control-xs").evaluation
    assert measured is not None
    assert [(m.upsampling_blocks, m.conv_macs) for m in measured.macs] == [
        (m.upsampling_blocks, m.conv_macs) for m in computed.macs
    ]


def test_without_the_file_a_claim_rests_on_reported_and_computed_evidence(make_project: Callable[..., Path]) -> None:
    evidence = collect_evidence(make_project(), evaluate=False)
    subject = _subject(evidence, "convnextpose-s")
    assert (subject.available, subject.unavailable_reason) == (False, "not-fetched")
    assert subject.kinds == ("reported", "computed")
    assert subject.evaluation is None
    assert _result(evidence, "s-is-xs", "file-is-xs") == ("refuted", "contradicted")


def test_without_file_or_report_a_claim_is_untested(make_project: Callable[..., Path]) -> None:
    root = make_project(known="")
    report = root / "docs" / "reports" / "convnextpose.toml"
    report.write_text(report.read_text("utf-8").replace('quantity = "elements"', 'quantity = "records"'), "utf-8")
    evidence = collect_evidence(root, evaluate=False)
    assert _result(evidence, "s-is-xs", "file-is-xs") == ("untested", "no-file")
    assert _result(evidence, "s-is-xs", "size-is-xs") == ("untested", "no-file")


def test_the_bytes_of_the_file_decide_the_verdict(make_project: Callable[..., Path]) -> None:
    root = make_project(known="")
    _save_weights("convnextpose-xs", root / "checkpoints" / "convnextpose-s" / "ConvNeXtPose_S.tar")
    evidence = collect_evidence(root, evaluate=False)
    assert _subject(evidence, "convnextpose-s").kinds == ("live",)
    assert _result(evidence, "s-is-xs", "file-is-xs") == ("supported", "holds")
    _save_weights("convnextpose-s", root / "checkpoints" / "convnextpose-s" / "ConvNeXtPose_S.tar")
    assert _result(collect_evidence(root, evaluate=False), "s-is-xs", "file-is-xs") == ("refuted", "contradicted")


def test_a_file_of_another_size_than_the_lock_says_proves_nothing_about_the_official_one(
    make_project: Callable[..., Path],
) -> None:
    root = make_project()
    _save_weights("convnextpose-xs", root / "checkpoints" / "convnextpose-s" / "ConvNeXtPose_S.tar")
    evidence = collect_evidence(root, evaluate=False)
    subject = _subject(evidence, "convnextpose-s")
    assert subject.lock_match == "contradicted"
    assert [f.code for f in subject.findings] == ["size-not-as-locked"]
    assert _result(evidence, "s-is-xs", "file-is-xs") == ("cannot-tell", "not-the-listed-file")


def test_another_file_leaves_what_was_listed_of_the_official_one(make_project: Callable[..., Path]) -> None:
    root = make_project()
    before = collect_evidence(root, evaluate=False)
    _save_weights("convnextpose-xs", root / "checkpoints" / "convnextpose-s" / "ConvNeXtPose_S.tar")
    after = collect_evidence(root, evaluate=False)
    assert _subject(after, "convnextpose-s").size == _subject(before, "convnextpose-s").size
    assert _result(after, "s-is-xs", "size-is-xs") == ("refuted", "contradicted")
    assert after.comparison.checkpoints_missing == before.comparison.checkpoints_missing == 1


def test_a_control_in_the_place_of_the_official_file_is_unmasked(make_project: Callable[..., Path]) -> None:
    root = make_project(known="")
    collect_evidence(root, evaluate=False)
    (control,) = (Path(_cache(root)) / "controls" / "control-xs").rglob("*.tar")
    slot = root / "checkpoints" / "convnextpose-s" / "ConvNeXtPose_S.tar"
    slot.parent.mkdir(parents=True)
    slot.write_bytes(control.read_bytes())
    evidence = collect_evidence(root, evaluate=False)
    subject = _subject(evidence, "convnextpose-s")
    assert subject.lock_match == "contradicted"
    assert [(f.code, f.found) for f in subject.findings] == [("is-a-control", "control-xs")]
    assert _result(evidence, "s-is-xs", "file-is-xs") == ("cannot-tell", "not-the-listed-file")


def test_a_damaged_control_does_not_count_as_recognised(make_project: Callable[..., Path]) -> None:
    root = make_project()
    assert collect_evidence(root, evaluate=False).comparison.controls_identified == 1
    (control,) = (Path(_cache(root)) / "controls" / "control-xs").rglob("*.tar")
    original = control.read_bytes()
    try:
        middle = len(original) // 2
        control.write_bytes(original[:middle] + bytes([original[middle] ^ 1]) + original[middle + 1 :])
        assert collect_evidence(root, evaluate=False).comparison.controls_identified == 0
    finally:
        control.write_bytes(original)


def test_a_pinned_digest_that_differs_is_a_finding(make_project: Callable[..., Path]) -> None:
    root = make_project(known=f'sha256 = "{"0" * 64}"\nweights_digest = "{"1" * 64}"')
    _save_weights("convnextpose-s", root / "checkpoints" / "convnextpose-s" / "ConvNeXtPose_S.tar")
    codes = [f.code for f in _subject(collect_evidence(root, evaluate=False), "convnextpose-s").findings]
    assert codes == ["sha256-not-as-locked", "weights-not-as-locked"]


def test_changing_a_controls_bytes_changes_what_rests_on_it(make_project: Callable[..., Path]) -> None:
    root = make_project()
    before = collect_evidence(root, evaluate=False)
    assert _result(before, "xs-dims", "control-dims") == ("refuted", "contradicted")
    cache = Path(_cache(root))
    (control,) = (cache / "controls" / "control-xs").rglob("*.tar")
    original = control.read_bytes()
    try:
        _save_weights("convnextpose-s", control)
        after = collect_evidence(root, evaluate=False)
        assert _result(after, "xs-dims", "control-dims") == ("supported", "holds")
        assert after.comparison.controls_identified == 0
    finally:
        control.write_bytes(original)


def test_recorded_evidence_stands_in_for_an_absent_file_and_says_so(make_project: Callable[..., Path]) -> None:
    root = make_project(known="")
    slot = root / "checkpoints" / "convnextpose-s"
    _save_weights("convnextpose-s", slot / "ConvNeXtPose_S.tar")
    live = _subject(collect_evidence(root, evaluate=False), "convnextpose-s")
    _record(live, root)
    (slot / "ConvNeXtPose_S.tar").unlink()
    subject = _subject(collect_evidence(root, evaluate=False), "convnextpose-s")
    assert subject.kinds == ("recorded",)
    assert subject.available is False
    assert subject.fingerprint == live.fingerprint


def test_recorded_evidence_of_another_file_than_the_lock_now_names_decides_nothing(
    make_project: Callable[..., Path],
) -> None:
    root = make_project(known="")
    slot = root / "checkpoints" / "convnextpose-s"
    _save_weights("convnextpose-xs", slot / "ConvNeXtPose_S.tar")
    live = _subject(collect_evidence(root, evaluate=False), "convnextpose-s")
    assert live.lock_match == "unnamed"
    _record(live, root)
    (slot / "ConvNeXtPose_S.tar").unlink()
    evidence = collect_evidence(make_project(known=f'sha256 = "{"0" * 64}"'), evaluate=False)
    subject = _subject(evidence, "convnextpose-s")
    assert (subject.kinds, subject.lock_match) == (("recorded",), "contradicted")
    assert [f.code for f in subject.findings] == ["sha256-not-as-locked"]
    assert _result(evidence, "s-is-xs", "file-is-xs") == ("cannot-tell", "not-the-listed-file")


def test_only_a_file_that_fits_and_is_the_locks_counts_as_what_it_is_said_to_be(
    make_project: Callable[..., Path],
) -> None:
    root = make_project()
    assert collect_evidence(root, evaluate=False).comparison.checkpoints_as_said == 1
    _save_weights("convnextpose-s", root / "checkpoints" / "convnextpose-s" / "ConvNeXtPose_S.tar")
    # of another file in its place nothing counts, but the listed size of the official one still does
    assert collect_evidence(root, evaluate=False).comparison.checkpoints_as_said == 1
    pinned = make_project(known=f'sha256 = "{"0" * 64}"')
    assert collect_evidence(pinned, evaluate=False).comparison.checkpoints_as_said == 0
    assert collect_evidence(make_project(known=""), evaluate=False).comparison.checkpoints_as_said == 1


def test_recorded_evidence_that_cannot_be_read_stops_the_build(make_project: Callable[..., Path]) -> None:
    root = make_project()
    recorded = root / "docs" / "evidence" / "convnextpose-s.json"
    recorded.parent.mkdir()
    recorded.write_text("{}", "utf-8")
    with pytest.raises(StoreError, match=r"convnextpose-s\.json"):
        collect_evidence(root, evaluate=False)


def test_a_file_that_cannot_be_read_leaves_what_is_reported_of_it(make_project: Callable[..., Path]) -> None:
    root = make_project()
    slot = root / "checkpoints" / "convnextpose-s" / "ConvNeXtPose_S.tar"
    slot.parent.mkdir(parents=True)
    slot.write_bytes(b"x")
    real = subjects.read_fingerprint

    def refuse(path: Path, *others: Any) -> Fingerprint:
        if path == slot:
            raise PermissionError(13, "Permission denied")
        return real(path, *others)

    with patch.object(subjects, "read_fingerprint", refuse):
        subject = _subject(collect_evidence(root, evaluate=False), "convnextpose-s")
    assert (subject.available, subject.unavailable_reason) == (False, "unreadable")
    assert subject.kinds == ("reported", "computed")
    assert [f.code for f in subject.findings] == ["unreadable"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/subjects/convnextpose-s/identification/architecture", "/subjects/convnextpose-s/identity/architecture"),
        ("/architectures/convnextpose-m/parameters", "/architectures/convnextpose-xm/parameters"),
        ("/tally/refuted", "/tallies/refuted"),
        ("/report/figures/paper-m-mpjpe/value", "/report/figures/paper-m/value"),
    ],
)
def test_a_check_that_points_nowhere_stops_the_build_with_its_line(
    make_project: Callable[..., Path], old: str, new: str
) -> None:
    root = make_project()
    report = root / "docs" / "reports" / "convnextpose.toml"
    report.write_text(report.read_text("utf-8").replace(f'"{old}"', f'"{new}"'), "utf-8")
    with pytest.raises(ClaimError, match="dangling-quantity") as caught:
        collect_evidence(root, evaluate=False)
    assert caught.value.where.startswith(f"{report}:")


@pytest.mark.parametrize(
    "content", [b"", b"<!DOCTYPE html><title>Google Drive - Quota exceeded</title>", b"PK\x03\x04" * 9]
)
def test_a_bad_file_is_a_finding_not_a_crash(make_project: Callable[..., Path], content: bytes) -> None:
    root = make_project(known="")
    slot = root / "checkpoints" / "convnextpose-s" / "ConvNeXtPose_S.tar"
    slot.parent.mkdir(parents=True)
    slot.write_bytes(content)
    subject = _subject(collect_evidence(root, evaluate=True), "convnextpose-s")
    assert subject.available
    assert subject.identification.status == "UNKNOWN"
    assert subject.fingerprint is not None
    assert subject.fingerprint.findings
    assert subject.evaluation is not None
    assert subject.evaluation.status == "not-run"


def test_evidence_follows_the_published_schema(make_project: Callable[..., Path]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    evidence = collect_evidence(make_project(), evaluate=False)
    validator = jsonschema.Draft202012Validator(json.loads(json_schema()))
    validator.validate(json.loads(encode(evidence)))
    validator.validate(json.loads(encode(evidence.subjects[0])))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"schema_version": 1})


def test_a_lock_whose_report_is_missing_is_told(make_project: Callable[..., Path]) -> None:
    root = make_project()
    (root / "docs" / "reports" / "convnextpose.toml").unlink()
    with pytest.raises(ClaimError, match="no-report"):
        collect_evidence(root)


def test_a_recipe_of_no_known_architecture_is_told(make_project: Callable[..., Path]) -> None:
    root = make_project()
    lock = root / "checkpoints.lock"
    lock.write_text(
        lock.read_text("utf-8").replace('recipe = "convnextpose-xs"', 'recipe = "convnextpose-xxl"'), "utf-8"
    )
    with pytest.raises(LockError, match="unknown-recipe"):
        collect_evidence(root)


def _cache(root: Path) -> str:
    import os

    return os.environ["ASSAY_CACHE"]


def test_a_project_with_a_setup_of_its_own_is_rebuilt_by_it_and_another_by_mkdocs(tmp_path: Path) -> None:
    assert build_command(tmp_path) == "mkdocs build --strict"
    (tmp_path / "run.py").touch()
    assert build_command(tmp_path) == "python3 run.py build"

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from file_projects import assay
from lock_projects import place, project_of, record, tiny

from generators.model.claim import Verdict
from generators.model.evidence import ReportEvidence
from generators.pipeline.evidence.report import collect_evidence
from generators.store import encode


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("ASSAY_CHECKPOINTS", raising=False)


def values(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(8, 16)).astype("float32")


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def diff(*names: object, exit_code: int = 1) -> dict[str, Any]:
    ended = assay("diff", *names, "--json")
    assert ended.exit_code == exit_code, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def difference_of(tmp_path: Path, first: bytes, second: bytes) -> dict[str, Any]:
    one, two = write(tmp_path / "one.safetensors", first), write(tmp_path / "two.safetensors", second)
    (found,) = diff(one, two)["checkpoints"]
    assert not found["same"]
    return dict(found)


def test_the_same_bytes_under_another_name_are_the_same(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one.safetensors", tiny(1)), write(tmp_path / "two.safetensors", tiny(1))
    assert diff(one, two, exit_code=0)["same"] is True
    assert "The same." in assay("diff", one, two).stdout


@pytest.mark.parametrize(("language", "whole"), [("en", "100%"), ("es", "100\u00a0%"), ("ko", "100%")])
def test_eighty_columns_have_room_for_every_figure(tmp_path: Path, language: str, whole: str) -> None:
    one, two = write(tmp_path / "one.safetensors", tiny(1)), write(tmp_path / "two.safetensors", tiny(2))
    rows = [line for line in assay("diff", one, two, "-l", language).stdout.splitlines() if line.startswith("layer.")]
    assert len(rows) == 3
    assert all(row.endswith(f" {whole}") and len(row) <= 80 for row in rows)


def test_added_removed_reshaped_and_changed_are_told_apart(tmp_path: Path) -> None:
    base = {"kept": values(3), "gone": values(4), "moved": values(5)}
    changed = values(3).copy()
    changed[0, 0] += 1
    second = tiny(1, kept=changed, new=values(6)[:2, :3], moved=values(5)[:4])
    found = difference_of(tmp_path, tiny(1, **base), second)
    assert found["identical"] == 3
    assert [t["name"] for t in found["removed"]] == ["gone"]
    assert [(t["name"], t["shape"]) for t in found["added"]] == [("new", [2, 3])]
    assert [(t["shape"], t["other_shape"]) for t in found["reshaped"]] == [([8, 16], [4, 16])]
    (one,) = found["changed"]
    assert (one["name"], one["magnitude"]["changed"], one["magnitude"]["elements"]) == ("kept", 1, 128)
    assert one["magnitude"]["maximum"] == pytest.approx(1, rel=1e-6)
    assert one["magnitude"]["relative_distance"] == pytest.approx(1 / np.linalg.norm(values(3)), rel=1e-5)
    assert {fact["fact"] for fact in found["facts"]} >= {"sha256", "weights-digest", "layout-digest"}


def test_a_renamed_tensor_is_found_by_its_content_and_by_its_place(tmp_path: Path) -> None:
    found = difference_of(tmp_path, tiny(1, old=values(7)), tiny(1, new=values(7)))
    assert [(t["name"], t["other_name"], t["magnitude"]) for t in found["renamed"]] == [("old", "new", None)]
    assert (found["added"], found["removed"]) == ([], [])
    found = difference_of(tmp_path, tiny(1, old=values(7)[:3]), tiny(1, new=values(8)[:3]))
    assert [(t["name"], t["other_name"]) for t in found["renamed"]] == [("old", "new")]
    assert found["renamed"][0]["magnitude"]["relative_distance"] > 0.5


def test_another_number_format_is_told_with_what_rounding_did(tmp_path: Path) -> None:
    found = difference_of(tmp_path, tiny(1, a=values(2)), tiny(1, a=values(2).astype("float16")))
    (one,) = found["changed"]
    assert (one["dtype"], one["other_dtype"]) == ("float32", "float16")
    assert 0 < one["magnitude"]["relative_distance"] < 1e-3


def test_counters_keys_and_optimizer_are_told(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")

    def save(name: str, epoch: int, step: float) -> Path:
        weight = torch.arange(12.0).reshape(3, 4)
        state = {0: {"step": torch.tensor(step), "exp_avg": weight * 0, "exp_avg_sq": weight * 0}}
        groups = [{"lr": 0.1 / (1 + epoch), "params": [0]}]
        path = tmp_path / name
        torch.save(
            {
                "epoch": epoch,
                "network": {"module.a.weight": weight},
                "optimizer": {"state": state, "param_groups": groups},
            },
            path,
        )
        return path

    first, second = save("one.pth", 3, 40.0), save("two.pth", 7, 80.0)
    (found,) = diff(first, second)["checkpoints"]
    facts = {fact["fact"]: (fact["before"], fact["after"]) for fact in found["facts"]}
    assert facts["epoch"] == ("3", "7")
    assert facts["optimizer-steps"] == ("40", "80")
    assert "weights-digest" not in facts
    assert {value["path"] for value in found["values"]} >= {"epoch", "optimizer.param_groups.0.lr"}
    (one,) = found["changed"]
    assert (one["role"], one["magnitude"]["maximum"]) == ("optimizer", 40)
    assert found["relation"] == "same-weights"


def test_an_entry_alone_is_its_record_against_its_file(tmp_path: Path) -> None:
    project = project_of(tmp_path, "one")
    place(project, "one", tiny(1, a=values(2)))
    ended = assay("diff", "one", "-C", project)
    assert ended.exit_code == 2
    assert "store.nothing-recorded" in ended.stderr
    path = record(project, "one")
    assert diff("one", "-C", project, exit_code=0)["same"] is True
    place(project, "one", tiny(1, a=values(2) * 2 + 1))
    (found,) = diff("one", "-C", project)["checkpoints"]
    assert (found["subject"], found["first"]["kind"], found["second"]["kind"]) == ("one", "record", "file")
    (one,) = found["changed"]
    assert one["magnitude"]["basis"] == "statistics"
    least = np.linalg.norm(values(2) + 1) / np.linalg.norm(values(2))
    assert one["magnitude"]["relative_distance"] == pytest.approx(least, rel=1e-5)
    shown = assay("diff", path, "one", "-C", project).stdout
    assert "2026-11-25T10:00:00Z" in shown
    assert "≥" in shown


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_record_of_a_git_revision_is_read_without_a_checkout(tmp_path: Path) -> None:
    project = project_of(tmp_path, "one")
    place(project, "one", tiny(1))
    record(project, "one")
    git = ["git", "-C", str(project), "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "main"], ["add", "docs"], ["commit", "-qm", "1"], ["tag", "v1"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    place(project, "one", tiny(2))
    record(project, "one")
    (found,) = diff("one@v1", "one", "-C", project)["checkpoints"]
    assert (found["first"]["label"], len(found["changed"])) == ("one@v1", 3)
    assert diff("one@v1", "one@HEAD", "-C", project, exit_code=0)["same"] is True
    for name in ("one@nothing", "one@--help", "two@v1"):
        ended = assay("diff", name, "one", "-C", project)
        assert ended.exit_code == 2
        assert "what to do" in ended.stderr
        assert "Traceback" not in ended.stderr


def flipped(report: ReportEvidence) -> ReportEvidence:
    first, *rest = report.verdicts
    other = msgspec.structs.replace(first, outcome="refuted" if first.outcome != "refuted" else "supported")
    verdicts: tuple[Verdict, ...] = (other, *rest)
    return msgspec.structs.replace(report, verdicts=verdicts)


def test_two_reports_are_compared_subject_by_subject_with_their_verdicts(tmp_path: Path) -> None:
    project = project_of(tmp_path, "one", "two")
    place(project, "one", tiny(1))
    before = collect_evidence(project, evaluate=False)
    place(project, "one", tiny(2))
    place(project, "two", tiny(1))
    after = flipped(collect_evidence(project, evaluate=False))
    first, second = write(tmp_path / "1.json", encode(before)), write(tmp_path / "2.json", encode(after))
    found = diff(first, second)
    assert [one["subject"] for one in found["checkpoints"]] == ["one"]
    assert (found["first_alone"], found["second_alone"]) == ([], ["two"])
    claim = before.verdicts[0].claim.id
    assert [(flip["claim"], flip["before"] != flip["after"]) for flip in found["flips"]] == [(claim, True)]
    assert diff(first, first, exit_code=0)["same"] is True
    assert "Verdicts that change: 1" in assay("diff", first, second).stdout
    ended = assay("diff", first, write(tmp_path / "one.safetensors", tiny(1)))
    assert (ended.exit_code, "The same." in ended.stdout) == (0, True), "it knows one checkpoint"
    ended = assay("diff", second, tmp_path / "one.safetensors")
    assert (ended.exit_code, "store.several-checkpoints" in ended.stderr) == (2, True)
    assert assay("diff", first, second, "-l", "es").exit_code == 1


def test_names_of_a_file_can_not_speak_to_the_terminal(tmp_path: Path) -> None:
    hostile = {"\x1b[31mred\u202e": values(2), "[bold]b[/bold]": values(4)}
    one = write(tmp_path / "one.safetensors", tiny(1))
    two = write(tmp_path / "two.safetensors", tiny(1, **hostile))
    shown = assay("diff", one, two).stdout
    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown
    assert "[bold]b[/bold]" in shown


def test_a_record_that_somebody_tampered_with_can_not_either(tmp_path: Path) -> None:
    project = project_of(tmp_path, "one")
    place(project, "one", tiny(1))
    path = record(project, "one")
    found = json.loads(path.read_bytes())
    evil = "\x1b[31mevil\u202e"
    found["recorded_at"] = found["subject"]["id"] = evil
    fingerprint = found["subject"]["fingerprint"]
    fingerprint["findings"] = [{"code": evil, "severity": "error", "where": evil}]
    fingerprint["tensors"][0] |= {"dtype": evil, "digest": "0"}
    fingerprint["tensors"].append({**fingerprint["tensors"][1], "name": evil, "model_name": evil, "dtype": evil})
    fingerprint["objects"] = [{"path": evil, "type": "str", "text": evil}]
    fingerprint["globals"] = [evil]
    path.write_bytes(json.dumps(found).encode())
    for names in ((path, "one"), ("one", path)):
        ended = assay("diff", *names, "-C", project)
        assert ended.exit_code == 1, ended.stderr
        assert "evil" in ended.stdout
        assert "\x1b[31m" not in ended.stdout
        assert "\u202e" not in ended.stdout


def test_what_can_not_be_compared_is_told(tmp_path: Path) -> None:
    one = write(tmp_path / "one.safetensors", tiny(1))
    for name in (tmp_path / "missing", tmp_path, "nobody", "../../etc/passwd@HEAD"):
        ended = assay("diff", one, name, "-C", project_of(tmp_path, "x"))
        assert ended.exit_code == 2, name
        assert "Traceback" not in ended.stderr
    ended = assay("diff", one, "n" * 5000)
    assert ended.exit_code == 3
    assert "can't be written" not in ended.stderr


@pytest.mark.parametrize(
    ("name", "data"),
    [("other.json", b'{"a": 1}'), ("nested.json", b'{"x":' * 100_000), ("text.txt", b"no checkpoint"), ("none", b"")],
)
def test_a_file_that_is_neither_checkpoint_nor_evidence_is_no_side_of_a_comparison(
    tmp_path: Path, name: str, data: bytes
) -> None:
    one, other = write(tmp_path / "one.safetensors", tiny(1)), write(tmp_path / name, data)
    for names in ((other, other), (one, other), (other, one)):
        ended = assay("diff", *names)
        assert (ended.exit_code, ended.stdout) == (3, ""), names
        assert "container.unknown-format" in ended.stderr
        assert "what to do" in ended.stderr


def test_an_entrys_file_of_no_known_format_is_no_side_either(tmp_path: Path) -> None:
    project = project_of(tmp_path, "one")
    place(project, "one", b"<html>not found</html>")
    ended = assay("diff", "one", "one", "-C", project)
    assert (ended.exit_code, "container.unknown-format" in ended.stderr) == (3, True)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [(b'"record_version": 1', b'"record_version": 99', "of version 99"), (b'"id": "one"', b'"id": "two"', "of 'two'")],
)
def test_a_record_that_a_build_refuses_is_not_compared(tmp_path: Path, old: bytes, new: bytes, told: str) -> None:
    project = project_of(tmp_path, "one")
    place(project, "one", tiny(1))
    path = record(project, "one")
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    git = ["git", "-C", str(project), "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "docs"], ["commit", "-qm", "1"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    for names in (("one",), ("one@HEAD", "one")):
        ended = assay("diff", *names, "-C", project)
        assert (ended.exit_code, "store.malformed" in ended.stderr) == (2, True), names
        assert told in ended.stderr

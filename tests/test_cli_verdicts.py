"""``assay verdicts``, on reports as a build writes them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from github_server import make_certificate, serve_github
from render.report_builder import build_report
from test_cli import run
from tools import require_tools

from generators.model.changes import VerdictChanges
from generators.model.history import VerdictHistory
from generators.store import encode

PROJECT = Path(__file__).resolve().parents[1]


def report(path: Path, **outcomes: str) -> Path:
    """Write a built report in which some claims came to other verdicts."""
    document = msgspec.to_builtins(build_report())
    for verdict in document["verdicts"]:
        verdict["outcome"] = outcomes.get(verdict["claim"]["id"].replace("-", "_"), verdict["outcome"])
    path.write_bytes(encode(document))
    return path


def first_claim(path: Path) -> tuple[str, str]:
    verdict = json.loads(path.read_bytes())["verdicts"][0]
    return verdict["claim"]["id"], verdict["outcome"]


def flipped(folder: Path) -> tuple[Path, Path, str]:
    """Return a report, the same with its first verdict another one, and that claim."""
    now = report(folder / "now.json")
    name, outcome = first_claim(now)
    other = "supported" if outcome != "supported" else "refuted"
    return now, report(folder / "before.json", **{name.replace("-", "_"): other}), name


def test_flips_are_told_in_the_three_forms_and_with_exit_code_1_where_that_is_asked_for(tmp_path: Path) -> None:
    now, before, name = flipped(tmp_path)
    told = run("verdicts", "--from", now, "--against", before)
    assert told.exit_code == 0
    assert name in told.stdout
    markdown = run("verdicts", "--from", now, "--against", before, "--markdown", "--exit-code")
    assert markdown.exit_code == 1
    assert "**1 verdict changes.**" in markdown.stdout
    data = run("verdicts", "--from", now, "--against", before, "--json")
    changes = msgspec.json.decode(data.stdout, type=VerdictChanges)
    assert [flip.claim for flip in changes.flips] == [name]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "No verdict changes."), ("es", "No cambia ningún veredicto."), ("ko", "바뀌는 판정이 없습니다.")],
)
def test_no_change_is_said_plainly_in_each_language(tmp_path: Path, language: str, said: str) -> None:
    now = report(tmp_path / "now.json")
    told = run("verdicts", "--from", now, "--against", now, "--exit-code", "--lang", language)
    assert (told.exit_code, told.stdout.splitlines()[0]) == (0, said)


def test_a_report_of_an_earlier_version_without_newer_fields_is_read(tmp_path: Path) -> None:
    now = report(tmp_path / "now.json")
    document = json.loads(now.read_bytes())
    kept = {key: document[key] for key in ("build", "report", "verdicts")} | {"from-the-future": 1}
    older = tmp_path / "older.json"
    older.write_text(json.dumps(kept))
    assert run("verdicts", "--from", now, "--against", older, "--exit-code").exit_code == 0


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "can't be read"),
        (b"{", "is no report"),
        (b"{}", "is no report"),
        (b"[" * 100_000, "is no report"),
        (b"\xff", "is no report"),
    ],
)
def test_what_is_no_report_ends_with_2_and_a_remedy(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], content: bytes | None, what: str
) -> None:
    path = tmp_path / "report.json"
    if content is not None:
        path.write_bytes(content)
    assert run("verdicts", "--from", path, "--against", path).exit_code == 2
    told = " ".join(capfd.readouterr().err.split())
    assert what in told
    assert "what to do: give the evidence/report.json" in told


def test_a_report_that_is_too_large_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from generators.pipeline.recording import verdict_states

    monkeypatch.setattr(verdict_states, "MAX_REPORT_BYTES", 1000)
    now = report(tmp_path / "now.json")
    assert run("verdicts", "--from", now, "--against", now).exit_code == 2
    assert "more than 1000 bytes" in capfd.readouterr().err


def test_without_another_report_the_last_record_is_what_counts(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(PROJECT / "docs" / "reports", project / "docs" / "reports")
    shutil.copy(PROJECT / "checkpoints.lock", project)
    now, before, name = flipped(tmp_path)
    changes = json.loads(run("verdicts", "--from", now, "--against", before, "--json").stdout)
    alone = json.loads(run("verdicts", "-C", project, "--from", now, "--json").stdout)
    assert alone["before"] is None
    write_record(project, changes["before"])
    told = json.loads(run("verdicts", "-C", project, "--from", now, "--json").stdout)
    assert [flip["claim"] for flip in told["flips"]] == [name]


def write_record(project: Path, state: dict[str, Any]) -> None:
    conditions = {"version": "0.1.0", "code": [], "libraries": [], "device": None, "python": "", "platform": ""}
    record = {
        "recorded_at": "2026-11-01T00:00:00Z",
        "conditions": conditions,
        "lock_sha256": state["lock_sha256"],
        "files": state["files"],
        "claims": state["claims"],
        "flips": [],
    }
    history = msgspec.convert({"report": "convnextpose", "records": [record]}, type=VerdictHistory)
    path = project / "docs" / "evidence" / "history" / "convnextpose.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(encode(history))


def test_the_comment_is_kept_on_the_pull_request_whose_newest_commit_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    require_tools("gh", "openssl")
    now, before, _ = flipped(tmp_path)
    commit, moved_on = "a" * 40, "b" * 40
    with serve_github(make_certificate(tmp_path), login="", pulls=dict.fromkeys(range(200, 330), "c" * 40)) as github:
        github.pulls |= {7: commit, 8: moved_on}
        for number in range(101):
            github.add(7, f"remark {number}")
        monkeypatch.setenv("GH_HOST", github.host)
        monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "of-a-test")
        monkeypatch.setenv("GH_CONFIG_DIR", str(tmp_path / "gh"))
        monkeypatch.setenv("SSL_CERT_FILE", github.certificate)
        told = []
        for against in (before, before, now):
            place = f"owner/name@{commit}"
            assert run("verdicts", "--from", now, "--against", against, "--comment", place).exit_code == 0
            told.append(capfd.readouterr().err.strip())
        assert told == ["owner/name#7: created", "owner/name#7: unchanged", "owner/name#7: updated"]
        assert github.written == ["POST", "PATCH"]
        assert "No verdict changes." in github.comments[7][-1]["body"]
        gone = run("verdicts", "--from", now, "--against", now, "--comment", f"owner/name@{'d' * 40}")
        assert gone.exit_code == 0
        assert "no open pull request" in capfd.readouterr().err
        github.fails["POST"] = (403, "Resource not accessible by integration")
        assert run("verdicts", "--from", now, "--against", now, "--comment", "owner/name#9").exit_code == 6


def test_a_place_that_is_none_is_refused_before_anything_is_asked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    now = report(tmp_path / "now.json")
    assert run("verdicts", "--from", now, "--against", now, "--comment", "owner/name@main").exit_code == 6
    assert "OWNER/REPO#N" in capfd.readouterr().err

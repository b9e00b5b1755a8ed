"""``assay record`` as a person or a workflow runs it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from builders import float32_bytes, safetensors_bytes
from file_projects import PROJECT, assay, entry_text, start_assay, write_project
from msgspec.structs import replace

from generators.architectures import ARCHITECTURES
from generators.model.recorded import RecordedSubject
from generators.pipeline.evidence.report import collect_evidence
from generators.pipeline.site import begin_build, site_files, site_warnings
from generators.sources.exclusive import RECORDERS, exclusively

MODEL = {"layer.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}


def model(*values: float) -> bytes:
    """A file of no published architecture: reading it is all that a build does with it."""
    return safetensors_bytes(MODEL, float32_bytes(*values))


DATA = model(1, 2, 3, 4)
PIN = f'sha256 = "{hashlib.sha256(DATA).hexdigest()}"'


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    monkeypatch.delenv("ASSAY_CHECKPOINTS", raising=False)


def put(project: Path, entry: str, data: bytes = DATA) -> Path:
    path = project / "checkpoints" / entry / "Model.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    entries = [entry_text(name, f"https://example.org/{name}") for name in ("one", "two")]
    made = write_project(tmp_path / "project", entries)
    put(made, "one")
    return made


def evidence(project: Path) -> dict[str, bytes]:
    folder = project / "docs" / "evidence"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.json")}


def test_what_is_here_is_recorded_and_what_is_not_is_told(project: Path) -> None:
    ended = assay("record", "-C", project)
    assert ended.exit_code == 0
    assert set(evidence(project)) == {"one.json", "history/convnextpose.json"}
    assert "one: recorded; docs/evidence/one.json" in ended.stdout
    assert "two: not here, nothing recorded" in ended.stdout


def test_recording_again_says_unchanged_and_writes_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assay("record", "-C", project)
    before = evidence(project)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    again = assay("record", "-C", project, "--json")
    assert [(line["id"], line["state"]) for line in again.lines] == [
        ("one", "unchanged"),
        ("two", "not-here"),
        ("convnextpose", "unchanged"),
    ]
    assert evidence(project) == before


def test_check_writes_nothing_and_exits_with_1_where_something_would_change(project: Path) -> None:
    ended = assay("record", "--check", "-C", project)
    assert (ended.exit_code, evidence(project)) == (1, {})
    assert "one: not recorded yet" in ended.stdout
    assay("record", "-C", project)
    assert assay("record", "--check", "-C", project).exit_code == 0
    put(project, "one", model(1, 2, 3, 5))
    changed = assay("record", "--check", "-C", project, "--json")
    assert changed.exit_code == 1
    assert changed.lines[0]["state"] == "changed"
    assert changed.lines[0]["causes"] == ["file"]
    assert "/fingerprint/file/sha256" in changed.lines[0]["changed"]


def test_an_entry_that_was_named_and_is_not_here_is_refused(project: Path) -> None:
    ended = assay("record", "two", "-C", project)
    assert ended.exit_code == 1
    assert "two: its file is not here [record.not-here]" in ended.stderr
    assert "assay fetch two" in ended.stderr


def test_another_file_than_the_locks_is_refused_and_so_are_the_verdicts(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    project = write_project(tmp_path / "p", [entry_text("one", "https://example.org/one", known=PIN)])
    put(project, "one", model(1, 2, 3, 5))
    ended = assay("record", "-C", project)
    assert (ended.exit_code, evidence(project)) == (1, {})
    assert "[record.another-file]" in ended.stderr
    assert "[record.file-refused]" in ended.stderr
    put(project, "one")
    assert assay("record", "-C", project).exit_code == 0


def test_an_unknown_entry_is_told_with_those_that_there_are(project: Path) -> None:
    ended = assay("record", "three", "-C", project)
    assert ended.exit_code == 2
    assert "there are one, two" in ended.stderr


def test_a_record_that_cannot_be_read_is_not_overwritten(project: Path) -> None:
    assay("record", "-C", project)
    (project / "docs" / "evidence" / "one.json").write_text("{", "utf-8")
    ended = assay("record", "-C", project)
    assert ended.exit_code == 2
    assert "one.json" in ended.stderr
    assert evidence(project)["one.json"] == b"{"


@pytest.mark.parametrize(("language", "word"), [("es", "registrado"), ("ko", "기록했습니다")])
def test_every_language_tells_it(project: Path, language: str, word: str) -> None:
    assert f"one: {word}" in assay("record", "-C", project, "-l", language).stdout


def test_the_help_teaches() -> None:
    told = assay("record", "--help").stdout
    assert "Exit codes:\n  0    recorded" in told
    assert "assay record --check" in told
    assert "record" in assay("--help").stdout


def test_records_are_the_same_bytes_in_any_order_locale_time_zone_and_hash_seed(project: Path) -> None:
    put(project, "two", model(5, 6, 7, 8))
    surroundings = (
        ("one two", {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"}),
        ("two one", {"LC_ALL": "ko_KR.UTF-8", "LANG": "ko_KR.UTF-8", "TZ": "Asia/Seoul", "PYTHONHASHSEED": "2"}),
    )
    found = []
    for number, (ids, environment) in enumerate(surroundings):
        copy = project.with_name(f"copy-{number}")
        shutil.copytree(project, copy)
        cache = str(project.with_name(f"cache-{number}"))
        process = start_assay("record", *ids.split(), "-C", copy, ASSAY_CACHE=cache, **environment)
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 0, stderr
        found.append(evidence(copy))
    assert set(found[0]) == {"one.json", "two.json", "history/convnextpose.json"}
    assert found[0] == found[1]


def build_strictly(project: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "NO_MKDOCS_2_WARNING": "1",
        "DISABLE_MKDOCS_2_WARNING": "true",
    }
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(project / "site")]
    return subprocess.run(
        command, cwd=project, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )


def test_without_the_file_its_page_is_full_and_marked_as_recorded(project: Path) -> None:
    path = put(project, "one")
    assay("record", "-C", project)
    path.unlink()
    begin_build()
    for locale, day in (("en", "January 1, 2026"), ("es", "1 de enero de 2026"), ("ko", "2026년 1월 1일")):
        files = dict(site_files(project, locale))
        page = files["checkpoints/one.md"].decode()
        assert "kind-recorded" in page
        assert day in page
        assert hashlib.sha256(DATA).hexdigest() in page
        assert "layer&#46;weight" in page
        assert json.loads(files["evidence/one.json"])["kinds"] == ["recorded"]
    assert site_warnings(project) == ()


def test_a_build_with_the_recorded_file_warns_of_nothing(project: Path) -> None:
    assay("record", "-C", project)
    begin_build()
    assert b"agrees with what was recorded" in dict(site_files(project, "en"))["checkpoints/one.md"]
    assert site_warnings(project) == ()


def test_a_forged_record_changes_nothing_of_what_the_file_itself_is_identified_as(project: Path) -> None:
    path = put(project, "one")
    assay("record", "-C", project)
    record = project / "docs" / "evidence" / "one.json"
    forged = msgspec.json.decode(record.read_bytes(), type=RecordedSubject)
    fingerprint = forged.subject.fingerprint
    assert fingerprint is not None
    architecture = next(a for a in ARCHITECTURES if a.id == "convnextpose-xs")
    tensors = tuple(
        replace(fingerprint.tensors[0], name=t.name, model_name=t.name, dtype=t.dtype, shape=t.shape)
        for t in architecture.tensors
    )
    forged = replace(forged, subject=replace(forged.subject, fingerprint=replace(fingerprint, tensors=tensors)))
    record.write_bytes(msgspec.json.encode(forged))
    path.unlink()
    recorded = collect_evidence(project).subjects[0]
    assert (recorded.kinds, recorded.identification.architecture) == (("recorded",), "convnextpose-xs")
    put(project, "one")
    live = collect_evidence(project).subjects[0]
    assert (live.kinds, live.identification.status) == (("live",), "UNKNOWN")


@pytest.mark.site
def test_a_strict_build_fails_on_another_file_than_the_recorded_one_and_says_what_changed(project: Path) -> None:
    pytest.importorskip("mkdocs")
    for name in ("en", "es", "ko", "theme"):
        shutil.copytree(PROJECT / "docs" / name, project / "docs" / name)
    shutil.copytree(PROJECT / "generators", project / "generators", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "mkdocs.yml", project)
    assay("record", "-C", project)
    put(project, "one", model(1, 2, 3, 5))
    folder = project / "docs" / "evidence"
    (folder / "gone.json").write_bytes((folder / "one.json").read_bytes())
    ended = build_strictly(project)
    assert ended.returncode == 1
    assert "one: docs/evidence/one.json says otherwise than the file" in ended.stdout
    assert "What changed: file." in ended.stdout
    assert "assay record one" in ended.stdout
    assert "docs/evidence/gone.json: checkpoints.lock has no such entry" in ended.stdout
    assert "2 warnings in strict mode" in ended.stdout
    assert ended.stdout.count("WARNING") == 2


def test_a_record_is_not_written_while_another_process_writes_one(project: Path) -> None:
    with exclusively(project / "checkpoints", RECORDERS):
        process = start_assay("record", "-C", project)
        assert process.stderr is not None
        assert any("another process is at it; waiting" in line for line in process.stderr)
        assert not evidence(project)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert "one.json" in evidence(project)


def test_everybody_may_read_what_was_recorded(project: Path) -> None:
    assay("record", "-C", project)
    known = os.umask(0o022)
    os.umask(known)
    path = project / "docs" / "evidence" / "one.json"
    assert path.stat().st_mode & 0o777 == 0o666 & ~known

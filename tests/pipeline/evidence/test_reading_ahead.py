from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from builders import safetensors_bytes
from file_projects import PROJECT, entry_text, write_project
from poison import POISON, write_hook

from generators.errors import ExecutorError
from generators.pipeline.evidence import reading_ahead
from generators.pipeline.evidence.reading_ahead import read_ahead
from generators.pipeline.evidence.subjects import collect_subject
from generators.pipeline.files import reading
from generators.pipeline.project import Project, open_project

HEADER = {"layer.weight": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Write a project of three entries, one of them poisoned for workers, none of which was ever read."""
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(write_hook(tmp_path / "hook")), str(PROJECT)]))
    entries = [("one", "Model.safetensors"), ("bad", f"{POISON}.safetensors"), ("two", "Model.safetensors")]
    root = tmp_path / "project"
    root.mkdir()
    write_project(root, [entry_text(name, "https://example.org/a", title=title) for name, title in entries])
    for number, (name, title) in enumerate(entries):
        path = root / "checkpoints" / name / title
        path.parent.mkdir(parents=True)
        # of different sizes, so that none could be another's copy
        path.write_bytes(safetensors_bytes(HEADER, bytes([number]) * 16) + bytes(number))
    return open_project(root)


def refuse_reading(*_: Any) -> None:
    raise AssertionError("it was read again")


def test_what_workers_read_is_not_read_again_and_what_ends_them_neither(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadly = read_ahead(project.lock.entries, project, "processes:2")
    assert deadly == {"bad"}
    monkeypatch.setattr(reading, "read_file", refuse_reading)
    subjects = {
        entry.id: collect_subject(entry, project, evaluate=False, deadly=entry.id in deadly)
        for entry in project.lock.entries
    }
    assert {name: subject.kinds for name, subject in subjects.items() if name != "bad"} == {
        "one": ("live",),
        "two": ("live",),
    }
    assert [finding.code for finding in subjects["bad"].findings] == ["worker-died"]
    assert (subjects["bad"].available, subjects["bad"].unavailable_reason) == (False, "unreadable")


def test_the_evidence_is_the_same_as_without_workers(project: Project, tmp_path: Path) -> None:
    entries = [entry for entry in project.lock.entries if entry.id != "bad"]
    read_ahead(entries, project, "processes:2")
    there = [collect_subject(entry, project, evaluate=False) for entry in entries]
    (tmp_path / "cache").rename(tmp_path / "other")
    assert [collect_subject(entry, project, evaluate=False) for entry in entries] == there


def test_a_warm_cache_starts_no_worker(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [entry for entry in project.lock.entries if entry.id != "bad"]
    for entry in entries:
        collect_subject(entry, project, evaluate=False)
    monkeypatch.setattr("generators.pipeline.executing.processes.ProcessCrew.__init__", refuse_reading)
    assert read_ahead(entries, project, "processes:2") == frozenset()


def test_a_few_short_files_are_left_to_their_turn(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSAY_EXECUTOR", raising=False)
    monkeypatch.setattr(reading_ahead, "keep_reading", refuse_reading)
    assert read_ahead(project.lock.entries, project) == frozenset()


def test_the_variable_names_the_place_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_EXECUTOR", "nowhere")
    with pytest.raises(ExecutorError):
        read_ahead(project.lock.entries, project)

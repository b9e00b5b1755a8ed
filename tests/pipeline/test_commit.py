from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from generators.pipeline.commit import read_commit

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git isn't installed")


def _git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    _git(project, "init")
    _git(project, "commit", "--allow-empty", "-m", "first")
    return project


def test_the_commit_is_the_one_that_git_names(repository: Path) -> None:
    assert read_commit(repository) == _git(repository, "rev-parse", "HEAD")[:12]


def test_packed_references_detached_heads_and_worktrees_are_read(repository: Path) -> None:
    head = _git(repository, "rev-parse", "HEAD")[:12]
    _git(repository, "worktree", "add", "-b", "other", "../other")
    assert read_commit(repository.parent / "other") == head
    _git(repository, "pack-refs", "--all")
    assert read_commit(repository) == head
    assert read_commit(repository.parent / "other") == head
    _git(repository, "checkout", "--detach")
    assert read_commit(repository) == head


def test_without_a_repository_or_with_a_broken_one_there_is_none(tmp_path: Path, repository: Path) -> None:
    assert read_commit(tmp_path) == ""
    (repository / ".git" / "HEAD").write_text("ref: refs/heads/nowhere", encoding="utf-8")
    assert read_commit(repository) == ""
    (repository / ".git" / "HEAD").write_bytes(b"\xff\xfe")
    assert read_commit(repository) == ""

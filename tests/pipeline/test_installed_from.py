"""What a new investigation installs Assay from: told only where it is certain."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from file_projects import assay
from tools import require_tools

from generators.pipeline import installed_from
from generators.pipeline.installed_from import _of_clone, _of_record

COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("record", "origin"),
    [
        (
            {"url": "https://me:secret@example.org/a/b.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"git+https://example.org/a/b@{COMMIT}",
        ),
        (
            {"url": "ssh://git@github.com/a/b.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"git+https://github.com/a/b@{COMMIT}",
        ),
        (
            {"url": "https://example.org/assay.whl", "archive_info": {"hashes": {"sha256": DIGEST}}},
            f"https://example.org/assay.whl#sha256={DIGEST}",
        ),
        ({"url": "https://example.org/assay.whl?key=1", "archive_info": {"hashes": {"sha256": DIGEST}}}, ""),
        ({"url": "file:///tmp/assay.whl", "archive_info": {"hashes": {"sha256": DIGEST}}}, ""),
        ({"url": "https://example.org/assay.whl", "archive_info": {}}, ""),
        ({"url": "file:///no/such/folder", "dir_info": {}}, ""),
        ({}, ""),
        (["odd"], ""),
    ],
)
def test_what_pip_keeps_of_an_installation_is_told_without_secrets_and_paths(record: Any, origin: str) -> None:
    assert _of_record(record) == origin


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_clone_is_told_by_its_commit_once_that_is_published_and_nothing_was_changed(tmp_path: Path) -> None:
    require_tools("git")
    clone = tmp_path / "clone"
    clone.mkdir()
    git(clone, "init", "--quiet")
    (clone / "file").write_text("one", encoding="utf-8")
    git(clone, "add", "file")
    git(clone, "commit", "--quiet", "--message", "one")
    assert _of_clone(clone) == "", "without an origin"

    git(clone, "remote", "add", "origin", "git@github.com:a/b.git")
    assert _of_clone(clone) == "", "not pushed, as far as is known"

    git(clone, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert _of_clone(clone) == f"git+https://github.com/a/b@{git(clone, 'rev-parse', 'HEAD')}"

    (clone / "file").write_text("two", encoding="utf-8")
    assert _of_clone(clone) == "", "changed since"


def test_a_folder_that_was_installed_from_and_changed_since_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed_from, "_of_clone", lambda clone: f"git+file of {clone.name}")
    installed = tmp_path / "site-packages" / "generators"
    installed.mkdir(parents=True)
    (installed / "module.py").write_text("one", encoding="utf-8")
    monkeypatch.setattr(installed_from, "PACKAGE", installed)
    clone = Path(shutil.copytree(installed.parent, tmp_path / "my clone"))
    record = {"url": clone.as_uri(), "dir_info": {}}

    assert _of_record(record) == "git+file of my clone"
    (clone / "generators" / "module.py").write_text("two", encoding="utf-8")
    assert _of_record(record) == ""


@pytest.mark.parametrize("origin", ["", f"git+https://github.com/a/b@{COMMIT}"])
def test_the_requirements_name_the_origin_or_an_address_that_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    monkeypatch.setattr("generators.pipeline.starting.find_origin", lambda: origin)

    ended = assay("init", tmp_path, "--languages", "en", "--yes")

    lines = (tmp_path / "requirements.txt").read_text(encoding="utf-8").splitlines()
    needed = [line for line in lines if not line.startswith("#")]
    assert needed[0] == "-c constraints.txt"
    assert needed[1].startswith(f"checkpoint-assay[site,evaluate,fetch] @ {origin or 'git+https://'}")
    assert (".invalid/" in needed[1]) == (not origin) == ("say in requirements.txt" in ended.stdout)
    assert "torch==" in (tmp_path / "constraints.txt").read_text(encoding="utf-8")

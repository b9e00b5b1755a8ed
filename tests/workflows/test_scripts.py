"""The steps of the workflows, run here: real git with a bare clone, the real ``gh``, GitHub's API on this machine."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_projects import entry_text, write_project
from file_server import FileServer, Resource, serving, tagged
from github_server import GitHub, make_certificate, serve_github
from test_cli_verdicts import flipped
from tools import require_tools

PROJECT = Path(__file__).resolve().parents[2]
COMMIT = "a" * 40
NOBODY = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "init.defaultBranch=main")


@pytest.fixture(autouse=True)
def _programs() -> None:
    require_tools("gh", "git", "jq", "openssl", "unzip")


@pytest.fixture
def assay_command(tmp_path: Path) -> Path:
    path = tmp_path / "assay"
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{PROJECT}" exec "{sys.executable}" -m generators.cli "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assay_command: Path) -> Iterator[GitHub]:
    with serve_github(make_certificate(tmp_path), login="") as github:
        github.pulls[7] = COMMIT
        variables = {
            "ASSAY": str(assay_command),
            "GH_CONFIG_DIR": str(tmp_path / "gh"),
            "GH_ENTERPRISE_TOKEN": "of-a-test",
            "GH_HOST": github.host,
            "GITHUB_REPOSITORY": "owner/name",
            "SSL_CERT_FILE": github.certificate,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield github


def run(script: str, *arguments: object, folder: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    command = [str(folder / ".ci" / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *NOBODY, *arguments], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S607
    return done.stdout


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return stream.getvalue()


def test_the_comment_is_made_found_among_over_100_others_and_left_alone_when_nothing_changed(
    github: GitHub, tmp_path: Path
) -> None:
    now, before, name = flipped(tmp_path)
    github.add_artifact(zipped(head__json=now.read_bytes(), base__json=before.read_bytes()))
    for number in range(130):
        github.add(7, f"remark {number}")
    for done in ("created", "unchanged"):
        ended = run("comment-verdicts", 42, COMMIT)
        assert (ended.returncode, ended.stderr) == (0, f"owner/name#7: {done}\n")
    github.artifacts.clear()
    github.add_artifact(zipped(head__json=now.read_bytes(), base__json=now.read_bytes()))
    assert run("comment-verdicts", 42, COMMIT).stderr == "owner/name#7: updated\n"
    assert github.written == ["POST", "PATCH"]
    assert len(github.comments[7]) == 131
    assert name not in github.comments[7][-1]["body"]


def test_an_artifact_that_unpacks_to_more_than_is_read_ends_without_a_comment(github: GitHub) -> None:
    github.add_artifact(zipped(head__json=b"{}", base__json=bytes(70 << 20)))
    ended = run("comment-verdicts", 42, COMMIT)
    assert ended.returncode == 2
    assert f"more than {64 << 20} bytes" in ended.stderr
    assert github.written == []


def test_an_artifact_that_is_too_large_is_not_fetched(github: GitHub) -> None:
    github.add_artifact(b"", size_bytes=(64 << 20) + 1)
    assert run("comment-verdicts", 42, COMMIT).returncode == 1
    assert not [path for _, path in github.requests if path.endswith("/zip")]


@pytest.mark.parametrize(
    "data", [b"no zip", zipped(head__json=b"{}"), zipped(head__json=b"$(id)", base__json=b"x")], ids=range(3)
)
def test_what_holds_no_reports_ends_with_2_and_writes_nothing(github: GitHub, data: bytes) -> None:
    github.add_artifact(data)
    assert run("comment-verdicts", 42, COMMIT).returncode == 2
    assert github.written == []


def test_a_member_that_leads_elsewhere_is_never_unpacked(github: GitHub, tmp_path: Path) -> None:
    now, before, _ = flipped(tmp_path)
    escape = "../" * 12 + str(tmp_path / "escaped").lstrip("/")
    members = {escape: b"x", "head.json": now.read_bytes(), "base.json": before.read_bytes()}
    github.add_artifact(zipped(**members))
    assert run("comment-verdicts", 42, COMMIT).returncode == 0
    assert not (tmp_path / "escaped").exists()


def test_a_pull_request_that_moved_on_gets_no_comment_of_an_older_state(github: GitHub, tmp_path: Path) -> None:
    now, before, _ = flipped(tmp_path)
    github.add_artifact(zipped(head__json=now.read_bytes(), base__json=before.read_bytes()))
    ended = run("comment-verdicts", 42, "b" * 40)
    assert ended.returncode == 0
    assert "no open pull request" in ended.stderr
    assert github.written == []


def test_a_run_that_left_nothing_is_no_failure(github: GitHub) -> None:
    ended = run("comment-verdicts", 42, COMMIT)
    assert (ended.returncode, ended.stdout) == (0, "this run left no verdicts\n")


def test_head_and_base_are_each_judged_by_their_own_code_and_date_and_the_base_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin, clone = tmp_path / "origin.git", tmp_path / "clone"
    work = tmp_path / "work"
    (work / "generators").mkdir(parents=True)
    shutil.copytree(PROJECT / ".ci", work / ".ci")
    (work / ".gitignore").write_text(".venv\nout\n__pycache__\n")
    cli = work / "generators" / "cli.py"
    git(tmp_path, "init", "-q", "--bare", str(origin))
    git(work, "init", "-q")
    names = ("ASSAY_CHECKPOINTS", "SOURCE_DATE_EPOCH")
    dates = {"base": "1700000000", "head": "1700000001"}
    for state, date in dates.items():
        cli.write_text(f"import os, sys\nprint('{state}', *sys.argv[1:], *map(os.environ.get, {names}))\n")
        git(work, "add", ".")
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{date} +0000")
        git(work, "commit", "-qm", state)
    git(work, "push", "-q", str(origin), "HEAD:main")
    git(tmp_path, "clone", "-q", "--depth", "2", "--branch", "main", f"file://{origin}", str(clone))
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin" / "python").symlink_to(sys.executable)
    ended = run("verdicts", "out", folder=clone)
    assert ended.returncode == 0, ended.stderr
    told = {path.name: path.read_text() for path in (clone / "out").iterdir()}
    assert told == {
        f"{state}.json": f"{state} judge --json {clone}/checkpoints {date}\n" for state, date in dates.items()
    }
    assert len(git(clone, "worktree", "list").splitlines()) == 1


@pytest.fixture
def upstream() -> Iterator[FileServer]:
    with serving({"/Model.safetensors": tagged(b"x" * 100)}) as server:
        yield server


@pytest.fixture
def watching(tmp_path: Path, upstream: FileServer, github: GitHub, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of a project that keeps a listing of a file on a server of this machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    origin, clone = tmp_path / "origin.git", tmp_path / "clone"
    git(tmp_path, "init", "-q", "--bare", str(origin))
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    write_project(clone, [entry_text("one", f"{upstream.url}/Model.safetensors")])
    report = clone / "docs" / "reports" / "convnextpose.toml"
    text = report.read_text().replace("https://drive.google.com/drive/folders/", "https://example.org/")
    report.write_text(text)
    shutil.copytree(PROJECT / ".ci", clone / ".ci")
    address = f"{upstream.url}/Model.safetensors"
    listing = [os.environ["ASSAY"], "list", address, "--record", "-C", str(clone)]
    subprocess.run(listing, check=True, capture_output=True)
    git(clone, "add", ".")
    git(clone, "commit", "-qm", "first")
    git(clone, "push", "-q", "origin", "HEAD:main")
    return clone


def test_a_place_that_is_as_it_was_is_no_news(watching: Path) -> None:
    ended = run("list-upstream", folder=watching)
    assert (ended.returncode, ended.stdout) == (0, "changed=false\n"), ended.stderr
    assert "seen_again_at" in git(watching, "diff")


def test_a_file_that_changed_is_proposed_once_on_a_branch_of_its_own(
    watching: Path, upstream: FileServer, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.resources["/Model.safetensors"] = tagged(b"y" * 120)
    ended = run("list-upstream", folder=watching)
    assert (ended.returncode, ended.stdout) == (0, "changed=true\n"), ended.stderr
    monkeypatch.setenv("GITHUB_REF_NAME", "main")
    ended = run("propose-listings", folder=watching)
    assert ended.returncode == 0, ended.stderr
    assert github.branches == {8: "upstream-listings"}
    origin = watching.parent / "origin.git"
    assert "120" in git(origin, "show", "upstream-listings", "--", "docs/evidence/listings")
    git(watching, "switch", "-q", "-")
    git(watching, "branch", "-qD", "upstream-listings")
    upstream.resources["/Model.safetensors"] = tagged(b"z" * 130)
    assert run("list-upstream", folder=watching).stdout == "changed=true\n"
    ended = run("propose-listings", folder=watching)
    assert (ended.returncode, len(github.branches)) == (0, 1), ended.stderr
    assert "130" in git(origin, "show", "upstream-listings", "--", "docs/evidence/listings")


def test_a_place_that_is_gone_is_told_and_fails_nothing(watching: Path, upstream: FileServer) -> None:
    upstream.resources.clear()
    ended = run("list-upstream", folder=watching)
    assert (ended.returncode, ended.stdout) == (0, "changed=false\n")
    assert "source.not-found" in ended.stderr


def test_a_pinned_file_that_upstream_may_have_passes_and_another_fails(watching: Path, upstream: FileServer) -> None:
    lock = watching / "checkpoints.lock"
    pin = hashlib.sha256(b"x" * 100).hexdigest()
    lock.write_text(lock.read_text().replace("sources =", f'sha256 = "{pin}"\nsize_bytes = 100\nsources =', 1))
    ended = run("check-pins", folder=watching)
    assert (ended.returncode, ended.stdout) == (0, "one: cannot-tell\n"), ended.stderr
    upstream.resources["/Model.safetensors"] = tagged(b"y" * 120)
    ended = run("check-pins", folder=watching)
    assert ended.returncode == 1
    assert ended.stdout.startswith("one: different\n::error::one:")


def test_without_a_pin_nothing_is_asked(watching: Path, upstream: FileServer) -> None:
    upstream.resources.clear()
    ended = run("check-pins", folder=watching)
    assert (ended.returncode, ended.stdout) == (0, "")


def publish(served: FileServer, site: Path) -> None:
    """Let the server have a folder, and nothing that an earlier one had."""
    files = (path for path in site.rglob("*") if path.is_file())
    served.resources = {f"/x/{path.relative_to(site).as_posix()}": Resource(data=path.read_bytes()) for path in files}


def test_the_newest_sites_and_those_with_a_tag_stay_at_addresses_of_their_own(tmp_path: Path) -> None:
    commits = [digit * 40 for digit in "abcd"]
    tagged = tmp_path / "tagged"
    tagged.write_text(f"{commits[0]}\n{'f' * 40}\n")
    with serving({}) as served:
        for commit in commits:
            site = tmp_path / commit
            site.mkdir()
            (site / "index.html").write_text(commit)
            ended = run("pin-site", site, commit, f"{served.url}/x/", tagged, 2)
            assert ended.returncode == 0, ended.stderr
            publish(served, site)
        again = run("pin-site", site, commits[3], f"{served.url}/x", tagged, 2)
        assert again.returncode == 0, again.stderr
    pinned = tmp_path / commits[3] / "at"
    stays = [commits[3], commits[2], commits[0]]
    assert (pinned / "commits.txt").read_text().split() == stays
    assert sorted(path.name for path in pinned.iterdir() if path.is_dir()) == sorted(stays)
    assert [(pinned / commit / "index.html").read_text() for commit in stays] == stays
    assert not [path for commit in stays[1:] for path in (pinned / commit).iterdir() if path.name == "at"]


def test_earlier_sites_are_not_lost_because_a_server_fails_today(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    with serving({"/at/commits.txt": Resource(statuses=[403])}) as served:
        ended = run("pin-site", site, COMMIT, served.url)
    assert ended.returncode == 1
    assert "answers 403" in ended.stderr
    assert run("pin-site", site, "../out", "http://localhost:1").returncode == 2
    assert list(site.iterdir()) == []

"""``assay issue`` from the command line to GitHub's API, through the real ``gh``."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_projects import assay
from file_server import FileServer, serving
from github_login import logged_in, require_gh
from github_server import GitHub
from issue_projects import publish, write_issue_project

from generators.pipeline.issue import make_bundle


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path.parent / "charts"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.delenv("ASSAY_SITE_URL", raising=False)
    root, evidence = write_issue_project(tmp_path)
    return ("-C", root, "--from", evidence)


@pytest.fixture
def published(
    project: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[object, ...]]:
    pytest.importorskip("requests", reason="needs the extra `fetch`")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with serving({}) as site:
        monkeypatch.setenv("ASSAY_SITE_URL", f"{site.url}/")
        _publish(site, tmp_path)
        yield project


def _publish(site: FileServer, folder: Path) -> None:
    publish(site, make_bundle(folder / "project", "en", "", folder / "report.json"))


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    require_gh()
    with logged_in(tmp_path, monkeypatch) as github:
        yield github


class _Answering(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_text_is_printed_and_its_files_are_named(project: tuple[object, ...], tmp_path: Path) -> None:
    ended = assay("issue", *project, "--lang", "ko", "--out", tmp_path / "out")
    assert ended.exit_code == 0
    assert (tmp_path / "out" / "issue.md").read_text(encoding="utf-8").endswith(f"\n{ended.stdout}")
    told = ended.stderr.splitlines()
    assert told[0].startswith("title: ")
    assert [line for line in told if line.startswith(f"{tmp_path / 'out' / 'evidence.zip'} (")]
    assert "ASSAY_SITE_URL" in told[-1]


def test_without_a_folder_the_files_lie_in_the_project(project: tuple[object, ...], tmp_path: Path) -> None:
    assert assay("issue", *project).exit_code == 0
    assert (tmp_path / "project" / "issue" / "en" / "issue.md").is_file()


def test_without_a_browser_a_pdf_is_refused_before_the_evidence_is_read(
    project: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "report.json").unlink()
    ended = assay("issue", *project, "--pdf")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "[render.no-browser]" in ended.stderr


def test_another_report_is_wrong_usage(project: tuple[object, ...]) -> None:
    ended = assay("issue", *project, "--report", "other")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "what to do" in ended.stderr


def test_it_is_posted_with_yes_and_not_twice(published: tuple[object, ...], github: GitHub) -> None:
    first = assay("issue", *published, "--post", "owner/name", "--yes")
    assert (first.exit_code, github.written) == (0, ["POST"])
    assert "to write: a new issue" in first.stderr
    assert f"where: https://{github.host}/owner/name" in first.stderr
    assert "as: me" in first.stderr
    assert first.stderr.splitlines()[-1] == f"posted: https://{github.host}/owner/name/issues/1"
    assert github.issues[1]["body"].endswith(first.stdout)
    again = assay("issue", *published, "--post", "owner/name", "--yes")
    assert (again.exit_code, github.written) == (0, ["POST"])
    assert "nothing: it is there already" in again.stderr


@pytest.mark.parametrize(("answer", "exit_code", "written"), [("y\n", 0, ["POST"]), ("n\n", 1, []), ("", 1, [])])
def test_it_asks_before_it_posts(
    published: tuple[object, ...],
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    exit_code: int,
    written: list[str],
) -> None:
    github.open_issue(title="Where are M and L?\u202e")
    monkeypatch.setattr(sys, "stdin", _Answering(answer))
    ended = assay("issue", *published, "--post", "owner/name#1")
    assert (ended.exit_code, github.written) == (exit_code, written)
    assert "to write: a comment on #1" in ended.stderr
    assert "its title there: Where are M and L?⟨U+202E⟩" in ended.stderr


def test_where_nobody_can_be_asked_nothing_is_posted(
    published: tuple[object, ...], github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    ended = assay("issue", *published, "--post", "owner/name")
    assert (ended.exit_code, github.written) == (1, [])
    assert "--yes" in ended.stderr


def test_what_somebody_changed_there_is_overwritten_by_a_person_alone(
    published: tuple[object, ...], github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assay("issue", *published, "--post", "owner/name", "--yes")
    github.issues[1]["body"] += "\n\nEdit: M and L moved to another folder."
    github.issues[1]["title"] = "Moved\x1b[2J"
    refused = assay("issue", *published, "--post", "owner/name", "--yes")
    assert (refused.exit_code, github.written) == (1, ["POST"])
    assert "somebody has changed the text there" in refused.stderr
    assert "\x1b" not in refused.stderr
    monkeypatch.setattr(sys, "stdin", _Answering("y\n"))
    ended = assay("issue", *published, "--post", "owner/name")
    assert (ended.exit_code, github.written) == (0, ["POST", "PATCH"])
    assert "Edit:" not in github.issues[1]["body"]
    assert github.issues[1]["title"] == "Moved\x1b[2J"


def test_what_github_refuses_ends_with_the_reasons_exit_code(published: tuple[object, ...], github: GitHub) -> None:
    github.open_issue(locked=True)
    ended = assay("issue", *published, "--post", "owner/name#1", "--yes")
    assert ended.exit_code == 6
    assert "[source.locked]" in ended.stderr


def test_who_cannot_post_is_told_before_the_evidence_is_collected(
    published: tuple[object, ...], github: GitHub
) -> None:
    github.fails["GET"] = (401, "Bad credentials")
    ended = assay("issue", *published, "--post", "owner/name", "--yes")
    assert (ended.exit_code, ended.stdout) == (6, "")
    assert "[source.no-login]" in ended.stderr


def test_without_a_site_it_is_not_posted(project: tuple[object, ...], github: GitHub) -> None:
    ended = assay("issue", *project, "--post", "owner/name", "--yes")
    assert (ended.exit_code, github.written) == (6, [])
    assert "[source.unpublished]" in ended.stderr


def test_a_place_that_is_none_is_refused(project: tuple[object, ...]) -> None:
    ended = assay("issue", *project, "--post", "https://github.com/owner/name")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "give OWNER/NAME or OWNER/NAME#7" in ended.stderr


def test_the_help_shows_what_people_write() -> None:
    ended = assay("issue", "--help")
    assert ended.exit_code == 0
    assert "assay issue --post OWNER/REPO#7 --yes" in ended.stdout

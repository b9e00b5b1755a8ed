"""What follows from Assay's version is brought up to date, and what a person changed stays theirs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from file_projects import assay
from tools import require_tools

from generators.pipeline import renewing
from generators.pipeline.renewing import RECORD_OF_FRAME, renew_frame
from generators.pipeline.starting_files import frame_files

PAGES = ".github/workflows/pages.yml"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("begun") / "here"
    assert assay("init", folder, "--title", "자세: 1", "--languages", "es", "--yes").exit_code == 0
    return folder


@pytest.fixture
def project(begun: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(begun, tmp_path / "project"))


def newer_assay(monkeypatch: pytest.MonkeyPatch, **changed: str) -> None:
    """Let Assay write other files: by name, with ``_`` for ``.``."""

    def frame(title: str, language: str) -> list[tuple[str, str]]:
        files = dict(frame_files(title, language))
        for name, text in changed.items():
            files[PAGES if name == "pages" else f".ci/{name}"] = text
        return list(files.items())

    monkeypatch.setattr(renewing, "frame_files", frame)


def test_with_the_same_assay_nothing_changes(project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}

    ended = assay("init", project, "--renew")

    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "", "")
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_the_record_is_one_that_sha256sum_checks(project: Path) -> None:
    require_tools("sha256sum")
    command = ["sha256sum", "--check", "--strict", "--quiet", RECORD_OF_FRAME]
    subprocess.run(command, cwd=project, check=True)


def test_what_is_as_assay_wrote_it_is_replaced_and_what_is_new_comes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer_assay(monkeypatch, pages="name: pages of tomorrow\n", fresh="#!/bin/sh\n")

    ended = assay("init", project, "--renew")

    assert (ended.exit_code, ended.stdout) == (0, f"{PAGES}: renewed\n.ci/fresh: new\n")
    assert (project / PAGES).read_text(encoding="utf-8") == "name: pages of tomorrow\n"
    assert (project / ".ci" / "fresh").stat().st_mode & 0o111
    assert renew_frame(project) == ()


def test_what_a_person_changed_or_took_away_stays(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / PAGES).write_text("name: mine\n", encoding="utf-8")
    (project / ".ci" / "verdicts").unlink()
    assert renew_frame(project) == ()

    newer_assay(monkeypatch, pages="name: pages of tomorrow\n", verdicts="#!/bin/bash\n")
    ended = assay("init", project, "--renew")

    assert ended.exit_code == 1
    assert ended.stdout == (
        f"{PAGES}: differs\n--- a/{PAGES}\n+++ b/{PAGES}\n@@ -1 +1 @@\n-name: mine\n+name: pages of tomorrow\n"
    )
    assert (project / PAGES).read_text(encoding="utf-8") == "name: mine\n"
    assert not (project / ".ci" / "verdicts").exists()
    assert renew_frame(project) == (), "a difference is shown once"


def test_title_and_language_of_the_site_are_kept(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project / "mkdocs.yml"
    now = path.read_text(encoding="utf-8")
    older = now.replace("font: false", "font: true")
    path.write_text(older, encoding="utf-8")
    record = project / RECORD_OF_FRAME
    digest = {text: renewing._digest(text.encode()) for text in (now, older)}
    record.write_text(record.read_text(encoding="utf-8").replace(digest[now], digest[older]), encoding="utf-8")

    assert [(change.path, change.change) for change in renew_frame(project)] == [("mkdocs.yml", "renewed")]
    assert path.read_text(encoding="utf-8") == now
    assert 'site_name: "자세: 1"' in now


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--renew",), "not-started-here"), (("--renew", "--title", "More"), "not-new")],
)
def test_renewing_what_is_no_investigation_is_refused(tmp_path: Path, arguments: tuple[str, ...], code: str) -> None:
    ended = assay("init", tmp_path, *arguments)

    assert (ended.exit_code, f"init.{code}" in ended.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_frame_without_title_is_told_with_its_file(project: Path) -> None:
    (project / "mkdocs.yml").write_text("docs_dir: docs/fr\n", encoding="utf-8")

    ended = assay("init", project, "--renew")

    assert (ended.exit_code, "init.unfit-frame" in ended.stderr, "mkdocs.yml" in ended.stderr) == (2, True, True)

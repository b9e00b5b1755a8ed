"""The bundle of a report: its text, its files, the same each time."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from github_markdown import render_as_github
from issue_projects import write_issue_project
from issue_reports import attacking_report, huge_report
from msgspec.structs import replace
from render.report_builder import build_report

from generators.errors import ClaimError, SourceError, StoreError
from generators.git import run_git
from generators.issue.budget import BUDGET_BYTES
from generators.model.issue import IssueBundle, IssueFile, PublishedProject
from generators.pipeline.issue import commands, dated, make_bundle, write_bundle
from generators.provenance import digest_code
from generators.render.catalog import LOCALES
from generators.render.links import is_shared
from generators.sources.hidden_line import read_hidden_line
from generators.store import encode

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path_factory.getbasetemp() / "charts"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path_factory.getbasetemp()))
    monkeypatch.setenv("ASSAY_SITE_URL", "https://example.org/assay/")
    monkeypatch.delenv("ASSAY_PINNED_URL", raising=False)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def bundle(folder: Path, language: str = "en", report: str = "") -> IssueBundle:
    root, evidence = write_issue_project(folder)
    return make_bundle(root, language, report, evidence)


def test_a_bundle_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = bundle(tmp_path / "a"), bundle(tmp_path / "b")
    assert first == second
    names = ("issue.md", "title.txt", "sizes.png", "matrix.png", "capacity.png", "verdicts.json", "evidence.zip")
    for name, folder in ((name, tmp_path / name) for name in ("c", "d")):
        assert [path.name for path in write_bundle(first, folder)] == list(names), name
    assert [(tmp_path / "c" / name).read_bytes() for name in names] == [
        (tmp_path / "d" / name).read_bytes() for name in names
    ]


def test_the_written_text_begins_with_the_hidden_line_by_which_it_is_found_again(tmp_path: Path) -> None:
    made = bundle(tmp_path, "ko")
    text = write_bundle(made, tmp_path / "out")[0].read_text(encoding="utf-8")
    found = read_hidden_line(text)
    assert found is not None
    assert (found[0].marker, found[1]) == ("issue-convnextpose-ko", f"\n{made.body}")
    assert [comment.split()[:2] for comment in render_as_github(text).comments] == [["assay:", found[0].marker]]


def test_the_report_on_paper_is_among_the_files_and_the_text_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("lxml", reason="needs the site's packages")
    printed: list[bytes] = []
    monkeypatch.setattr("generators.render.pdf.print_document", lambda page, _: printed.append(page) or b"%PDF-1.7")
    monkeypatch.delenv("ASSAY_SITE_URL")
    root, evidence = write_issue_project(tmp_path)
    made = make_bundle(root, "ko", "", evidence, has_pdf=True)
    assert made.attachments[-1] == IssueFile(name="report-ko.pdf", data=b"%PDF-1.7")
    assert made.title in printed[0].decode()
    assert "report-ko.pdf" in render_as_github(made.body).code


def test_the_archive_holds_what_a_reader_needs_to_check_it(tmp_path: Path) -> None:
    files = {file.name: file.data for file in bundle(tmp_path).attachments}
    with zipfile.ZipFile(io.BytesIO(files["evidence.zip"])) as archive:
        names = set(archive.namelist())
        report = json.loads(archive.read("evidence/report.json"))
        lock = archive.read("checkpoints.lock")
    assert {"docs/reports/convnextpose.toml", "evidence/schema.json", "evidence/control-xs.json"} <= names
    assert report["verdicts"] == json.loads(files["verdicts.json"])
    assert lock == (tmp_path / "project" / "checkpoints.lock").read_bytes()


def test_pictures_are_opaque_and_wide_enough(tmp_path: Path) -> None:
    images = pytest.importorskip("PIL.Image", reason="needs the extra `evaluate`")
    pictures = [file.data for file in bundle(tmp_path).attachments if file.name.endswith(".png")]
    assert len(pictures) == 3
    for data in pictures:
        assert data.startswith(PNG)
        with images.open(io.BytesIO(data)) as picture:
            assert picture.width == 1425
            assert picture.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


@pytest.mark.parametrize("language", LOCALES)
def test_links_are_listed_once_and_without_anchors(tmp_path: Path, language: str) -> None:
    made = bundle(tmp_path, language)
    assert len(set(made.links)) == len(made.links) > 10
    assert not any("#" in link for link in made.links)
    start = made.site_url.removesuffix(f"{language}/")
    elsewhere = [link.removeprefix(start) for link in made.links if not link.startswith(made.site_url)]
    assert all(is_shared(path) for path in elsewhere)
    linked = {link.partition("#")[0] for link in render_as_github(made.body).links}
    assert linked <= set(made.links)


@pytest.mark.parametrize("fence", ["", "`", "``x`", "|`", "\\"])
@pytest.mark.parametrize("address", ["https://attacker.example/beacon", "https://example.org/assay/nowhere"])
def test_a_link_in_the_name_of_a_tensor_is_not_among_the_links(tmp_path: Path, fence: str, address: str) -> None:
    root, evidence = write_issue_project(tmp_path, attacking_report(f"{fence}a]({address}"))
    made = make_bundle(root, "en", "", evidence)
    assert f"a]({address}" in made.body
    page = render_as_github(made.body)
    shown = (*page.links, *(at for at, _ in page.images), *page.dark_images)
    assert set(made.links) == {link.partition("#")[0] for link in shown}
    assert address not in made.links


def test_a_huge_report_fits_with_its_hidden_line(tmp_path: Path) -> None:
    root, evidence = write_issue_project(tmp_path, huge_report(claims=300, tensors=50, length=500))
    made = make_bundle(root, "ko", "", evidence)
    written = write_bundle(made, tmp_path / "out")[0].read_bytes()
    assert BUDGET_BYTES // 2 < len(written) <= BUDGET_BYTES
    assert made.shortened


def test_another_report_than_the_projects_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match="is 'convnextpose', not 'other'"):
        bundle(tmp_path, report="other")


def test_evidence_that_is_not_there_or_none_is_refused(tmp_path: Path) -> None:
    root, evidence = write_issue_project(tmp_path)
    with pytest.raises(ClaimError, match="isn't there"):
        make_bundle(root, "en", "", tmp_path / "none.json")
    evidence.write_bytes(b'{"schema_version": 1}')
    with pytest.raises(StoreError, match="can't be read"):
        make_bundle(root, "en", "", evidence)


def test_evidence_of_another_state_is_not_told_under_the_name_of_a_commit(tmp_path: Path) -> None:
    root, path = write_issue_project(tmp_path)
    identity = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    for command in (("init", "-q"), ("add", "."), (*identity, "commit", "-qm", "x")):
        assert run_git(root, *command).returncode == 0
    with pytest.raises(SourceError) as refused:
        make_bundle(root, "en", "", path)
    assert (refused.value.code, refused.value.where) == ("other-state", str(path))
    lock = hashlib.sha256((root / "checkpoints.lock").read_bytes()).hexdigest()
    build = replace(build_report().build, code_digest=digest_code(), lock_sha256=lock)
    path.write_bytes(encode(replace(build_report(), build=build)))
    assert "Commit of the project" in make_bundle(root, "en", "", path).body


def test_the_date_is_the_commits_where_the_files_are_the_commits() -> None:
    evidence = build_report()
    clean = PublishedProject(commit="1" * 40, committed_at="2026-01-02T03:04:05+00:00", is_clean=True)
    assert dated(evidence, clean, {}).build.date == clean.committed_at
    assert dated(evidence, replace(clean, is_clean=False), {}) == evidence
    assert dated(evidence, clean, {"SOURCE_DATE_EPOCH": "1"}) == evidence


def test_there_are_three_commands_and_the_first_gets_the_code_where_that_is_known() -> None:
    known = PublishedProject(repository="https://github.com/owner/project", commit="1" * 40)
    cloned = list(commands(known, has_setup=True, language="es"))
    assert cloned[0] == f"git clone https://github.com/owner/project && cd project && git checkout {'1' * 40}"
    assert cloned[2] == ".venv/bin/assay fetch && .venv/bin/assay judge --language es"
    copied = list(commands(PublishedProject(), has_setup=True, language="en"))
    assert copied == ["python3 run.py build", ".venv/bin/assay fetch", ".venv/bin/assay judge --language en"]
    assert next(iter(commands(known, has_setup=False, language="en"))) == "assay fetch"


def test_a_folder_that_cannot_be_written_to_is_told_without_a_word_of_the_cache(tmp_path: Path) -> None:
    made = bundle(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="unwritable") as caught:
        write_bundle(made, tmp_path / "file")
    assert caught.value.remedy == "make room or give permission"

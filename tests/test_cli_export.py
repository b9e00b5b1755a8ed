from __future__ import annotations

import contextlib
import csv
import io
import json
import posixpath
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import NamedTuple

import pytest
from junitparser import JUnitXml
from lxml import etree, html
from render.report_builder import build_report

from generators import cli_export
from generators.cli import main
from generators.pipeline import site
from generators.render import pdf
from generators.render.links import is_shared

PROJECT = Path(__file__).resolve().parents[1]


class Result(NamedTuple):
    exit_code: int
    stdout: bytes


def run(*arguments: object) -> Result:
    """Call the command as a shell would, with its standard output in memory."""
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(stdout):
        try:
            code = main(["export", *map(str, arguments)])
        except SystemExit as end:
            code = int(end.code or 0)
    return Result(code, stdout.buffer.getvalue())


@pytest.fixture
def project(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose evidence is at hand at once: the small report of the pages' tests."""
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path_factory.getbasetemp() / "cache-of-exports"))
    monkeypatch.setattr(site, "collect_project", lambda _: build_report())
    for variable in ("ASSAY_SITE_URL", "ASSAY_PINNED_URL", "ASSAY_PDF"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    site.begin_build()
    for path in ("checkpoints.lock", "docs/reports/convnextpose.toml"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((PROJECT / path).read_bytes())
    return tmp_path


@pytest.mark.parametrize("name", ["verdicts", "evidence", "schema", "badge", "statement"])
def test_what_is_json_is_printed_as_json(project: Path, name: str) -> None:
    code, out = run(name, "-C", project)
    assert code == 0
    assert json.loads(out)


def test_a_test_report_is_written_in_the_language_asked_for(project: Path) -> None:
    out = project / "out" / "verdicts.xml"
    assert run("junit", "-C", project, "--language", "es", "--out", out) == (0, b"")
    (suite,) = JUnitXml.fromstring(out.read_bytes())
    assert next(iter(suite)).result[0].message.startswith("refutada: ")
    assert sorted(path.name for path in out.parent.iterdir()) == ["verdicts.xml"]


def test_the_tensors_of_one_entry_are_a_table(project: Path) -> None:
    code, out = run("tensors", "control-xs", "-C", project)
    assert code == 0
    assert len(list(csv.reader(io.StringIO(out.decode())))) > 1


def test_the_feed_and_the_statement_know_where_the_site_is(project: Path) -> None:
    code, out = run("feed", "-C", project, "--address", "https://example.org/assay")
    assert code == 0
    assert b'href="https://example.org/assay/feed.xml"' in out
    etree.fromstring(out)
    statement = json.loads(run("statement", "-C", project, "--address", "https://example.org/assay").stdout)
    assert statement["predicate"]["url"] == "https://example.org/assay/"


def test_without_an_address_the_site_is_where_the_environment_or_the_settings_say(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "mkdocs.yml").write_text("docs_dir: docs/en\nsite_url: https://example.org/a/\n", encoding="utf-8")
    assert b'href="https://example.org/a/feed.xml"' in run("feed", "-C", project).stdout
    monkeypatch.setenv("ASSAY_SITE_URL", "https://example.org/b")
    assert b'href="https://example.org/b/ko/feed.xml"' in run("feed", "-C", project, "--language", "ko").stdout
    statement = json.loads(run("statement", "-C", project).stdout)
    assert statement["predicate"]["url"] == "https://example.org/b/"


@pytest.mark.parametrize("address", ["example.org", "javascript:alert(1)", "https://x/?a=b", "https://x y/"])
def test_an_address_that_is_none_is_refused(project: Path, capsys: pytest.CaptureFixture[str], address: str) -> None:
    assert run("feed", "-C", project, "--address", address) == (2, b"")
    told = capsys.readouterr().err
    assert "--address" in told
    assert "what to do: give an address" in told


@pytest.mark.parametrize(
    ("arguments", "missing", "told"),
    [
        (("tensors", "nobody"), {}, "'nobody' is no entry of the lock"),
        (("pdf", "--out", "report.pdf"), {"BROWSERS": ("no-such-browser",)}, "there is no Chromium"),
        (("pdf", "--out", "report.pdf"), {"BROWSERS": ("sh",), "PACKAGES": ("no_such_package",)}, "isn't installed"),
    ],
)
def test_what_no_evidence_can_change_is_told_before_it_is_collected(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    missing: dict[str, tuple[str, ...]],
    told: str,
) -> None:
    monkeypatch.setattr(site, "collect_project", lambda _: pytest.fail("was collected"))
    for name, value in missing.items():
        monkeypatch.setattr(pdf, name, value)
    assert run(*arguments, "-C", project).exit_code == 2
    assert told in capsys.readouterr().err


def test_what_is_the_same_in_every_language_lies_at_the_sites_start_and_others_lead_there(project: Path) -> None:
    start = dict(site.site_files(project, "en"))
    below = dict(site.site_files(project, "es", "https://example.org/es/", "../"))
    assert {path.partition("/")[0] for path in start if is_shared(path)} == {"charts", "evidence", "exports"}
    assert [path for path in below if is_shared(path)] == []
    addresses = re.findall(r'(?:href|src)="((?:\.\./)+(?:charts|evidence)/[^"#]+)', below["expected.md"].decode())
    assert addresses
    led_to = {posixpath.normpath(f"es/expected/{address}") for address in addresses}
    assert led_to <= start.keys()
    assert b'href="https://example.org/evidence/report.json"' in below["exports/report.html"]
    assert b"<svg" in below["exports/report.html"]


def test_the_downloads_offer_a_pdf_where_one_was_printed_with_the_site(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "print_document", lambda document, date: f"{date} {len(document)}".encode())
    assert "exports/report.pdf" not in dict(site.site_files(project, "en"))
    monkeypatch.setenv("ASSAY_PDF", "1")
    files = dict(site.site_files(project, "en"))
    assert files["exports/report.pdf"].decode() == f"{build_report().build.date} {len(files['exports/report.html'])}"
    assert b'href="../exports/report.pdf"' in files["downloads.md"]


def test_where_nothing_prints_the_site_is_built_without_a_pdf_and_leads_to_none(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("ASSAY_PDF", "1")
    monkeypatch.setattr(pdf, "BROWSERS", ("no-such-browser",))
    with caplog.at_level("WARNING", logger="generators.pipeline"):
        files = dict(site.site_files(project, "en"))
    assert "exports/report.pdf" not in files
    assert b"exports/report.pdf" not in files["downloads.md"]
    assert "there is no Chromium here" in caplog.text


def test_the_badge_of_a_readme_is_asked_for_by_an_address_in_one_piece(project: Path) -> None:
    page = dict(site.site_files(project, "en", "https://example.org/a/"))["downloads.md"].decode()
    assert "(https://img.shields.io/endpoint?url=https%3A//example.org/a/exports/badge.json)" in unescape(page)


def test_the_document_is_written_in_the_language_asked_for(project: Path) -> None:
    code, out = run("html", "-C", project, "--language", "ko")
    assert code == 0
    assert html.document_fromstring(out.decode()).get("lang") == "ko"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("tensors",), "needs the ID"),
        (("junit", "control-xs"), "takes no ID"),
        (("pdf",), "--out"),
        (("tensors", "nobody"), "no entry of the lock"),
        (("tensors", "convnextpose-m"), "no file was read"),
        (("excel",), "invalid choice"),
    ],
)
def test_a_mistake_is_told_in_plain_words_with_exit_code_2(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert run(*arguments, "-C", project).exit_code == 2
    assert told in capsys.readouterr().err


def test_a_wrong_expectation_is_told_with_file_and_line_before_evidence_is_collected(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(site, "collect_project", lambda _: pytest.fail("was collected"))
    path = project / "docs" / "expectations" / "convnextpose.toml"
    path.parent.mkdir()
    path.write_text(
        'expectations-version = 1\n\n[[expect]]\nclaim = "nobody"\noutcome = "refuted"\nreason = "x"\n',
        encoding="utf-8",
    )
    assert run("junit", "-C", project).exit_code == 2
    told = capsys.readouterr().err
    assert f"{path}:4" in told
    assert "claim.unknown-claim" in told


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "folder").write_bytes(b"")
    assert run("badge", "-C", project, "--out", project / "folder" / "badge.json").exit_code == 2
    told = capsys.readouterr().err
    assert "store.unwritable" in told
    assert "ASSAY_CACHE" not in told


def test_the_help_explains_every_format() -> None:
    explained = cli_export._EXPORT.split()
    assert [name for name in (*cli_export._WRITERS, "html", "pdf") if name not in explained] == []


def test_asking_for_help_imports_no_format() -> None:
    code = (
        "import sys; sys.argv = ['assay', 'export', '--help']\n"
        "from generators.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'jinja2', 'lxml', 'babel', 'msgspec', 'numpy', 'xml.etree.ElementTree', 'playwright'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stderr.strip() == "[]"

"""The documentation of Assay itself: its commands are run or understood, its references are whole."""

from __future__ import annotations

import functools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import safetensors_bytes
from console import Command, assay_arguments, blocks, commands, matches
from file_projects import assay, xs_checkpoint
from file_server import serving, tagged

from generators.cli import command_parser
from generators.pipeline.evidence import report
from generators.pipeline.evidence.report import collect_evidence
from generators.reference import pages
from generators.reference.command_line import command_line_reference
from generators.reference.docstrings import INTERFACE, evidence_reference, python_reference
from generators.reference.files import DESCRIPTIONS, files_reference, known_keys
from generators.render.catalog import use_report_texts
from generators.render.pages import DOCUMENTATION_PAGES

PROJECT = Path(__file__).resolve().parents[2]
DOCS = PROJECT / "docs" / "en" / "assay"
WRITTEN = (*sorted(DOCS.glob("*.md")), PROJECT / "README.md", PROJECT / "CONTRIBUTING.md")
PUBLISHED = "https://models.example.org"
"""The made-up address of the tutorial; a server of this machine plays its part."""
NETWORKS_AT_REST = """
import functools
import sys

import generators.pipeline.site as site
from mkdocs.__main__ import cli

site.collect_project = functools.partial(site.collect_project, evaluate=False)
cli(sys.argv[1:])
"""
"""MkDocs as it is, but no network is run: that takes minutes, and the tutorial says nothing of it."""


@pytest.fixture(autouse=True)
def _own_sentences(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    shared = tmp_path_factory.getbasetemp() / "cache-of-new-investigations"
    monkeypatch.setenv("ASSAY_CACHE", str(shared))
    monkeypatch.setenv("ASSAY_DEVICE", "cpu")
    yield
    use_report_texts("")


def shown_calls() -> Iterator[tuple[str, list[str]]]:
    for path in WRITTEN:
        for block in blocks(path):
            if block.language == "console":
                for command in commands(block.text):
                    yield from ((f"{path.name}: {command.line}", call) for call in assay_arguments(command.line))


def test_every_command_that_is_shown_is_one_that_assay_understands() -> None:
    wrong: list[str] = []
    for where, call in shown_calls():
        try:
            command_parser().parse_args(call)
        except SystemExit as end:
            wrong += [where] if end.code else []  # help ends well
    assert wrong == []


def test_the_pages_of_the_navigation_are_those_that_there_are() -> None:
    assert sorted(DOCUMENTATION_PAGES) == sorted(path.name for path in DOCS.glob("*.md"))


def fill_sentences(path: Path, block: str) -> None:
    """Write the texts of a block into the places that a catalog has for them."""
    text = path.read_text(encoding="utf-8")
    for head, sentence in re.findall(r'(msgctxt "[^"]*"\nmsgid "[^"]*"\n)(msgstr "[^"]*")', block):
        assert f'{head}msgstr ""' in text
        text = text.replace(f'{head}msgstr ""', head + sentence)
    path.write_text(text, encoding="utf-8")


def run_command(command: Command, folder: Path, address: str) -> tuple[Path, str]:
    """Run a command of the tutorial and return the folder that it ends in, and what it printed."""
    words = shlex.split(command.line.replace(PUBLISHED, address), comments=True)
    if words[0] == "cd":
        return folder / words[1], ""
    if words[0] == "mkdocs":
        quiet = {"DISABLE_MKDOCS_2_WARNING": "true", "NO_MKDOCS_2_WARNING": "1"}
        environment = {**os.environ, **quiet, "PYTHONPATH": str(PROJECT)}
        ended = subprocess.run(
            [sys.executable, "-c", NETWORKS_AT_REST, *words[1:]],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == command.exit_code, ended.stdout + ended.stderr
        return folder, ""
    assert words[0] == "assay"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(report, "collect_evidence", functools.partial(collect_evidence, evaluate=False))
        result = assay(*words[1:])
    assert result.exit_code == command.exit_code, f"{command.line}\n{result.stdout}{result.stderr}"
    return folder, result.stdout.replace(address, PUBLISHED)


@pytest.mark.site
def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    folder, ran = tmp_path, 0
    with serving({"/pose/pose_m_final.safetensors": tagged(xs_checkpoint())}) as server:
        for block in blocks(DOCS / "tutorial.md"):
            kind, _, name = block.note.partition(": ")
            if kind == "append to":
                with (folder / name).open("a", encoding="utf-8") as file:
                    file.write("\n" + block.text)
            elif kind == "sentences for":
                fill_sentences(folder / name, block.text)
            elif kind != "not run":
                for command in commands(block.text):
                    folder, printed = run_command(command, folder, server.url)
                    ran += 1
                    # without output shown, only how it ends is told
                    assert not command.output or matches(command.output, printed.splitlines()), printed
    assert ran > 10
    page = (folder / "site" / "claims" / "index.html").read_text(encoding="utf-8")
    assert "The file is ConvNeXtPose-M, with 7.6 million parameters." in page
    assert "verdict-refuted" in page


def test_every_command_has_its_place_in_the_reference_with_every_option() -> None:
    text = command_line_reference()
    for name in ("add", "fetch", "init", "inspect", "judge", "list", "lock", "status", "texts", "verify"):
        assert f"## `assay {name}` {{: #{name} }}" in text
    assert "`--allow-host HOST`" in text
    assert "`--statistics`, `--no-statistics`" in text
    assert "%(" not in text


def test_every_key_of_lock_and_report_is_described() -> None:
    keys = set(known_keys())
    assert {"checkpoint.sha256", "check.quantity", "reportsource.address"} <= keys
    assert sorted(keys - set(DESCRIPTIONS)) == []
    text = files_reference()
    assert "| `sha256` | no |" in text
    assert "| `tolerance` | no | number from 0, to 1 |" in text


def test_every_type_of_the_evidence_is_described_and_every_link_leads_to_one() -> None:
    text = evidence_reference()
    anchors = set(re.findall(r"\{: #([a-z0-9-]+) \}", text))
    assert {"reportevidence", "fingerprint", "recordedsubject", "verdicthistory"} <= anchors
    assert set(re.findall(r"\]\(#([a-z0-9-]+)\)", text)) - anchors == set()
    assert "| `sha256` | `str` | Lower-case hexadecimal; empty where only the index was read. |" in text


def test_the_python_reference_has_every_function_with_what_it_raises() -> None:
    text = python_reference()
    for path in INTERFACE:
        assert f"## `{path.removeprefix('generators.')}`" in text
    assert "| `ContainerError` | The path can't be opened as a file" in text


def test_the_example_of_the_python_page_runs(tmp_path: Path) -> None:
    data = safetensors_bytes({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(8))
    (tmp_path / "model.safetensors").write_bytes(data)
    (example,) = (block.text for block in blocks(DOCS / "python.md") if block.note == "run")

    ended = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("UNKNOWN None\n2 ")


def test_a_warm_build_makes_no_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path))
    makers = {name: lambda name=name: made.append(name) or name.encode() for name in pages.PAGES}
    monkeypatch.setattr(pages, "PAGES", makers)

    first = dict(pages.reference_files(PROJECT, "en"))
    second = dict(pages.reference_files(PROJECT, "en"))

    assert first == second
    assert made == ["command-line", "files", "evidence", "python"]
    assert b"\n\nfiles\n" in first["assay/files.md"]
    assert b"reference:" not in b"".join(first.values())


def test_only_a_project_with_the_documentation_has_its_references_and_only_in_english(tmp_path: Path) -> None:
    assert list(pages.reference_files(tmp_path, "en")) == []
    assert list(pages.reference_files(PROJECT, "es")) == []


def test_what_a_docstring_says_cannot_be_taken_for_markup() -> None:
    from generators.reference.markdown import cell

    assert cell("a <b> | ``x < y`` and *c*") == r"a &lt;b&gt; \| `x < y` and \*c\*"
    assert cell("with --no-digest, ASSAY_DEVICE=cpu") == "with `--no-digest`, `ASSAY_DEVICE=cpu`"
    assert cell(":class:`~generators.model.finding.Finding` of it") == "`Finding` of it"

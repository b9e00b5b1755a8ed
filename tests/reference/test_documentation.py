"""The documentation of Assay itself: its commands are run or understood, its references are whole."""

from __future__ import annotations

import argparse
import functools
import io
import logging
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from builders import safetensors_bytes
from console import Block, Command, assay_arguments, blocks, commands, matches
from file_projects import assay, xs_checkpoint
from file_server import FileServer, serving, tagged
from github_login import logged_in, require_gh
from github_server import GitHub
from msgspec.structs import replace
from render.report_builder import build_report

from generators.cli import command_parser
from generators.errors import RenderError
from generators.exit_codes import ExitCode
from generators.pipeline import issue, starting
from generators.pipeline.evidence import report
from generators.pipeline.evidence.report import collect_evidence
from generators.reference import pages
from generators.reference.codes import all_errors, error_reference, finding_reference
from generators.reference.command_line import command_line_reference
from generators.reference.docstrings import (
    INTERFACE,
    OUTPUT,
    evidence_reference,
    output_reference,
    python_reference,
    undescribed_fields,
    undocumented_parts,
)
from generators.reference.environment import OTHERS, VARIABLES
from generators.reference.files import DESCRIPTIONS, files_reference, known_keys
from generators.reference.measured import scanner_table
from generators.reference.worked import NOTHING, claim_example, control_example, size_example
from generators.render.catalog import use_report_texts
from generators.render.pages import DOCUMENTATION_PAGES
from generators.sources.faults import fault_codes

PROJECT = Path(__file__).resolve().parents[2]
DOCS = PROJECT / "docs" / "en" / "assay"
WRITTEN = (*sorted(DOCS.glob("*.md")), PROJECT / "README.md", PROJECT / "CONTRIBUTING.md")
HERE = PROJECT / "generators" / "reference" / "environment.py"
PUBLISHED = "https://models.example.org"
SITE = "https://you.github.io/pose-files/"
"""The made-up addresses of the tutorial; a server of this machine plays their parts."""
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


@dataclass
class Learner:
    """Someone who follows the tutorial, with servers of this machine in the place of its made-up addresses.

    Attributes:
        folder: Where they are.
        server: Of the file that they investigate, and of the site that they publish.
        github: Where they post.
        patch: For what they set in their shell.
    """

    folder: Path
    server: FileServer
    github: GitHub
    patch: pytest.MonkeyPatch

    def follow(self, block: Block) -> int:
        """Do what a block says, hold what is printed against what is shown, and return how many commands it had."""
        kind, _, name = block.note.partition(": ")
        match kind:
            case "above the example of":
                add_claims(self.folder / name, block.text)
            case "sentences for":
                fill_sentences(self.folder / name, block.text)
            case "":
                shown = list(commands(block.text))
                for command in shown:
                    printed = self.run(command)
                    # without output shown, only how it ends is told
                    assert not command.output or matches(command.output, printed.splitlines()), printed
                return len(shown)
            case _:
                assert kind.startswith("not run"), kind
        return 0

    def run(self, command: Command) -> str:
        """Run a command as it stands and return what a terminal would have shown of it."""
        words = shlex.split(self._with_servers(command.line), comments=True)
        match words:
            case ["cd", name]:
                self.folder = self.folder / name
                return ""
            case ["export", setting]:
                self.patch.setenv(*setting.split("=", 1))
                return ""
            case ["mkdocs", *_]:
                printed = self._run_apart(command, [sys.executable, "-c", NETWORKS_AT_REST, *words[1:]])
                self._publish()
                return printed
            case ["git", *_]:
                return self._run_apart(command, words)
            case ["assay", *arguments]:
                return self._call_assay(command, arguments)
        raise AssertionError(command.line)

    def _run_apart(self, command: Command, words: list[str]) -> str:
        author = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org"}
        author |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in author.items()}
        quiet = {"DISABLE_MKDOCS_2_WARNING": "true", "NO_MKDOCS_2_WARNING": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        environment = {**os.environ, **author, **quiet, "PYTHONPATH": str(PROJECT)}
        ended = subprocess.run(words, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == command.exit_code, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    def _call_assay(self, command: Command, arguments: list[str]) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            patch.setattr(sys, "stdin", Agreeing("y\n"))
            patch.setattr(starting, "find_origin", lambda: "")  # an installation may tell; the page's tells nothing
            progress = logging.getLogger("generators")  # no page shows it
            patch.setattr(progress, "handlers", [])
            patch.setattr(progress, "addHandler", lambda _: None)
            for module in (report, issue):
                patch.setattr(module, "collect_evidence", functools.partial(collect_evidence, evaluate=False))
            ended = assay(*arguments)
        assert ended.exit_code == command.exit_code, f"{command.line}\n{ended.stdout}{ended.stderr}"
        printed = (ended.stdout + ended.stderr).replace("[y/N] ", "[y/N] y\n")  # a terminal shows what is typed
        return printed.replace(self.server.url, PUBLISHED).replace(self.github.host, "github.com")

    def _with_servers(self, line: str) -> str:
        return line.replace(PUBLISHED, self.server.url).replace(SITE, f"{self.server.url}/site/")

    def _publish(self) -> None:
        site = self.folder / "site"
        for path in site.rglob("*"):
            if path.is_file():
                place = f"/site/{path.relative_to(site).as_posix()}"
                self.server.resources[place.removesuffix("index.html")] = tagged(path.read_bytes())


class Agreeing(io.StringIO):
    """A terminal at which someone says yes."""

    def isatty(self) -> bool:
        return True


def add_claims(path: Path, claims: str) -> None:
    """Put claims above the worked example, and number the example behind them."""
    text = path.read_text(encoding="utf-8")
    mark, number = "# A worked example", 'id = "control-recognised"\nnumber = '
    assert (text.count(mark), text.count(f"{number}1\n")) == (1, 1)
    text = text.replace(f"{number}1\n", f"{number}{claims.count('[[claim]]') + 1}\n")
    path.write_text(text.replace(mark, f"{claims}\n{mark}"), encoding="utf-8")


@pytest.mark.site
def test_the_tutorial_does_what_it_says_and_ends_with_a_posted_issue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_gh()
    (tmp_path / "home").mkdir()
    with (
        serving({"/pose/pose_m_final.safetensors": tagged(xs_checkpoint())}) as server,
        logged_in(tmp_path / "home", monkeypatch) as github,
    ):
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        github.login, github.repository["full_name"] = "you", "owner/pose"
        learner = Learner(tmp_path, server, github, monkeypatch)
        ran = sum([learner.follow(block) for block in blocks(DOCS / "tutorial.md")])
    assert ran > 20
    page = (learner.folder / "site" / "claims" / "index.html").read_text(encoding="utf-8")
    assert "The file is ConvNeXtPose-M, with 7.6 million parameters." in page
    assert "verdict-refuted" in page
    assert github.written == ["POST"]
    assert "The file is ConvNeXtPose-M, with 7.6 million parameters." in github.issues[1]["body"]
    assert f"{server.url}/site/" in github.issues[1]["body"]


def test_the_quick_start_reads_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = 0
    for block in blocks(DOCS / "quick-start.md"):
        for command in commands(block.text) if block.language == "console" and not block.note else ():
            for call in assay_arguments(command.line):
                Path(call[1]).write_bytes(two_numbers())
                assert assay(*call).exit_code == 0, command.line
                ran += 1
    assert ran == 3


def test_every_command_has_its_place_in_the_reference_with_every_option_and_its_exit_codes() -> None:
    text = command_line_reference()
    parts = {part.split("`", 1)[0]: part for part in text.split("\n## `assay ")[1:]}
    assert sorted(parts) == sorted(command_help())
    for name, parser in command_help().items():
        for option in (option for action in parser._actions for option in action.option_strings):
            assert f"`{option}" in parts[name], (name, option)
        assert re.search(r"Exit codes?:\s", parts[name]), name
    assert "`--statistics`, `--no-statistics`" in text
    assert "%(" not in text


def command_help() -> dict[str, argparse.ArgumentParser]:
    for action in command_parser()._actions:
        if isinstance(action.choices, dict):
            return dict(action.choices)
    raise AssertionError


def test_every_variable_of_assay_is_described_and_every_one_described_is_read() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in (PROJECT / "generators").rglob("*.py") if path != HERE
    )
    assert set(re.findall(r"ASSAY_[A-Z0-9_]*[A-Z0-9]", code)) == set(VARIABLES)
    for name in re.findall(r"[A-Z][A-Z0-9_]+", " ".join(OTHERS)):
        assert name in code or name in {"GH_TOKEN", "HTTPS_PROXY", "NO_PROXY"}  # what gh and requests read themselves


def test_every_file_that_people_write_is_described_key_by_key() -> None:
    keys = set(known_keys())
    assert {"checkpoint.sha256", "check.quantity", "reportsource.address", "expected.reason"} <= keys
    assert sorted(keys ^ set(DESCRIPTIONS)) == []
    text = files_reference()
    assert "| `sha256` | no |" in text
    assert "| `tolerance` | no | number from 0, to 1 |" in text
    assert "| `outcome` | yes | `cannot-tell`, `refuted`, `supported`, `untested` |" in text


def test_every_field_of_the_evidence_is_described_and_every_link_leads_to_a_type() -> None:
    text = evidence_reference()
    anchors = set(re.findall(r"\{: #([a-z0-9-]+) \}", text))
    assert {"reportevidence", "fingerprint", "recordedsubject", "verdicthistory", "sweep"} <= anchors
    links = re.findall(r"\]\((?:evidence\.md)?#([a-z0-9-]+)\)", text + output_reference())
    assert set(links) - anchors == set()
    assert undescribed_fields() == ()
    assert "| `sha256` | `str` | Lower-case hexadecimal; empty where only the index was read. |" in text


def two_numbers() -> bytes:
    return safetensors_bytes({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(8))


def test_what_a_command_prints_as_json_is_what_the_reference_says(tmp_path: Path) -> None:
    with_json = {name for name, parser in command_help().items() if "--json" in parser.format_help()}
    assert with_json == {name.split()[0] for name in OUTPUT}
    (tmp_path / "model.safetensors").write_bytes(two_numbers())
    for name, arguments in {
        "inspect": ("inspect", tmp_path / "model.safetensors"),
        "status": ("status", "-C", PROJECT),
        "gc": ("gc", "--dry-run", "-C", PROJECT),
        "diff": ("diff", tmp_path / "model.safetensors", tmp_path / "model.safetensors"),
    }.items():
        printed = assay(*arguments, "--json").stdout
        for value in [printed] if name in {"gc", "diff"} else printed.splitlines():
            msgspec.json.decode(value, type=OUTPUT[name])


def test_the_python_reference_has_every_function_with_arguments_results_and_errors() -> None:
    text = python_reference()
    for path in INTERFACE:
        assert f"## `{path.removeprefix('generators.')}`" in text
    assert undocumented_parts() == ()
    assert "| `ContainerError` | The path can't be opened as a file" in text


def test_every_reason_why_a_file_cannot_be_had_has_an_exit_code_and_every_error_its_row() -> None:
    made = set(all_errors())
    assert {name for family, name, *_ in made if family == "source"} <= set(fault_codes())
    text = error_reference()
    assert "| `lock.wrong-form` |" in text
    assert "| `source.offline` |" in text
    assert f"| {ExitCode.UNREACHABLE:d} |" in text
    ended = assay("lock", "--check", "-C", "/nowhere")
    shown = re.search(r"\[([a-z]+\.[a-z-]+)\]", ended.stderr)
    assert ended.exit_code == 2
    assert shown is not None
    assert f"| `{shown[1]}` |" in text


def test_every_finding_of_the_catalog_has_its_row() -> None:
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| \S", finding_reference(), re.MULTILINE)
    assert len(rows) == len(set(rows)) > 100
    assert {"storage-missing", "is-a-control"} <= set(rows)


def test_the_worked_examples_have_the_figures_of_the_evidence() -> None:
    report = build_report()
    control = next(s for s in report.subjects if s.role == "control")
    best = control.identification.candidates[0]
    assert f"| `{control.id}` |" in control_example(report)
    assert f"`{best.architecture}` {best.score:.1%}" in control_example(report)
    nothing = replace(report, subjects=(), verdicts=())
    assert {control_example(nothing), size_example(nothing), claim_example(nothing)} == {NOTHING}


def test_the_comparison_with_scanners_is_counted_from_its_record() -> None:
    record = msgspec.json.decode((PROJECT / "docs" / "measurements" / "scanners.json").read_bytes())
    index = [tool["id"] for tool in record["tools"]].index("modelscan")
    fired = [case["outcomes"][index] for case in record["cases"] if case["fires"]]
    text = scanner_table(PROJECT)
    assert f"of {len(fired)} files that run code" in text
    assert f"| modelscan {record['tools'][index]['version']} | {fired.count('flagged')}; " in text


def test_a_project_without_the_record_says_so(tmp_path: Path) -> None:
    assert scanner_table(tmp_path) == "Nothing is recorded in `docs/measurements/scanners.json`.\n"


def test_the_example_of_the_python_page_runs(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(two_numbers())
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


def write_page(root: Path, text: str) -> None:
    folder = root / "docs" / "en" / "assay"
    folder.mkdir(parents=True)
    (folder / "page.md").write_text(text, encoding="utf-8")


def test_a_warm_build_makes_no_reference_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_page(tmp_path, "# Page\n\n<!-- reference: environment -->\n\n<!-- reference: scanners -->\n")
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
    first = dict(pages.reference_files(tmp_path, "en"))
    monkeypatch.setattr(pages, "_make", lambda _: pytest.fail("made anew"))
    assert dict(pages.reference_files(tmp_path, "en")) == first
    text = first["assay/page.md"].decode()
    assert "`ASSAY_CACHE`" in text
    assert "Nothing is recorded" in text
    assert "<!--" not in text


def test_a_mark_that_names_nothing_stops_the_build(tmp_path: Path) -> None:
    write_page(tmp_path, "<!-- reference: nonsense -->")
    with pytest.raises(RenderError, match=r"page\.md: nothing is called 'nonsense'.*\n.*use one of claim, "):
        list(pages.reference_files(tmp_path, "en"))


def test_everything_that_can_be_made_has_its_place_in_the_documentation() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    marks = re.findall(r"<!-- reference: ([a-z-]+) -->", text)
    assert sorted(marks) == sorted((*pages.FROM_CODE, *pages.FROM_PROJECT))


def test_only_a_project_with_the_documentation_has_its_references_and_only_in_english(tmp_path: Path) -> None:
    assert list(pages.reference_files(tmp_path, "en")) == []
    assert list(pages.reference_files(PROJECT, "es")) == []


def test_what_a_docstring_says_cannot_be_taken_for_markup() -> None:
    from generators.reference.markdown import cell

    assert cell("a <b> | ``x < y`` and *c*") == r"a &lt;b&gt; \| `x < y` and \*c\*"
    assert cell("with --no-digest, ASSAY_DEVICE=cpu") == "with `--no-digest`, `ASSAY_DEVICE=cpu`"
    assert cell(":class:`~generators.model.finding.Finding` of it") == "`Finding` of it"

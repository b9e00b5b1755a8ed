"""A new investigation: what is written, what is refused, and that nothing is ever overwritten."""

from __future__ import annotations

import functools
import html
import io
import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import safetensors_bytes
from file_projects import assay, xs_checkpoint
from file_server import Resource, serving, tagged
from render.report_builder import MemoryCache, whole_site

from generators.lock import read_lock
from generators.pipeline.evidence import report
from generators.pipeline.evidence.report import collect_evidence
from generators.pipeline.project import open_project
from generators.pipeline.starting_files import STEPS
from generators.render.catalog import load_catalog, use_report_texts
from generators.render.pages import plan_pages, render_page

UNHEARD_OF = safetensors_bytes({"layer.weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(8))


@pytest.fixture(autouse=True)
def _surroundings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let these tests share what was built, and those after them speak from Assay's own catalogs."""
    shared = tmp_path_factory.getbasetemp() / "cache-of-new-investigations"
    monkeypatch.setenv("ASSAY_CACHE", str(shared))
    monkeypatch.setenv("ASSAY_DEVICE", "cpu")
    yield
    use_report_texts("")


def state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("languages", ["en,es,ko", "es", "ko,en"])
def test_a_new_investigation_is_right_and_complete_in_its_languages(tmp_path: Path, languages: str) -> None:
    ended = assay("init", tmp_path / "new", "--languages", languages, "--yes")

    assert (ended.exit_code, ended.stderr) == (0, "")
    prose = {path.parent.name for path in (tmp_path / "new" / "docs").glob("*/investigation.md")}
    assert prose == set(languages.split(","))
    assert assay("lock", "--check", "-C", tmp_path / "new").exit_code == 0
    assert assay("texts", "-C", tmp_path / "new") == (0, "", "")
    assert f"docs_dir: docs/{languages[:2]}\n" in (tmp_path / "new" / "mkdocs.yml").read_text(encoding="utf-8")


def test_a_title_may_be_of_any_script(tmp_path: Path) -> None:
    assert assay("init", tmp_path, "--title", "자세 파일: v2", "--languages", "ko", "--yes").exit_code == 0
    assert assay("init", tmp_path / "more", "--title", "自", "--languages", "ko", "--yes").exit_code == 0

    assert 'site_name: "자세 파일: v2"' in (tmp_path / "mkdocs.yml").read_text(encoding="utf-8")
    assert (tmp_path / "docs" / "reports" / "v2.toml").is_file()
    assert (tmp_path / "more" / "docs" / "reports" / "report.toml").is_file()


def test_what_is_told_is_what_is_there(tmp_path: Path) -> None:
    told = assay("init", tmp_path / "new", "--yes").stdout.splitlines()

    listed = [line.strip() for line in told[1 : told.index("next:")]]
    assert listed == sorted(state(tmp_path / "new"))


def test_a_folder_with_a_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "notes.txt").write_text("mine", encoding="utf-8")

    ended = assay("init", tmp_path / "new", "--yes")

    assert ended.exit_code == 2
    assert "init.not-empty" in ended.stderr
    assert "what to do: name an empty or a new folder" in ended.stderr
    assert state(tmp_path) == {"new/notes.txt": b"mine"}


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    assay("init", tmp_path / "new", "--yes")
    before = state(tmp_path)

    ended = assay("init", tmp_path / "new", "--title", "Another", "--yes")

    assert (ended.exit_code, "init.already-started" in ended.stderr) == (2, True)
    assert state(tmp_path) == before


def test_what_a_host_puts_into_a_new_repository_stays_as_it_is(tmp_path: Path) -> None:
    there = {".git/HEAD": "ref: refs/heads/main\n", "README.md": "# Mine\n", "LICENSE": "MIT\n"}
    (tmp_path / ".git").mkdir()
    for name, text in {**there, ".gitignore": "*.log"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    ended = assay("init", tmp_path, "--yes")

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert "as they were: LICENSE, README.md\n" in ended.stdout
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in there} == there
    ignored = (tmp_path / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert (ignored[0], "/checkpoints/" in ignored) == ("*.log", True)
    assert (tmp_path / "checkpoints.lock").is_file()


@pytest.mark.parametrize(
    "source",
    [
        "owner/name",
        "https://github.com/owner/name",
        "https://github.com/owner/name.git",
        "https://github.com/owner/name/",
        "git@github.com:owner/name.git",
        "github:owner/name",
    ],
)
def test_a_repository_is_the_publisher_and_not_looked_at(tmp_path: Path, source: str) -> None:
    ended = assay("init", tmp_path / "new", "--source", source, "--languages", "en")

    assert (ended.exit_code, ended.stderr) == (0, "")
    sources = open_project(tmp_path / "new").report.sources
    assert [(s.title, s.address) for s in sources if s.key == "PUBLISHER"] == [
        ("owner/name", "https://github.com/owner/name")
    ]
    assert 'site_name: "name"' in (tmp_path / "new" / "mkdocs.yml").read_text(encoding="utf-8")


def test_what_a_place_lists_is_kept_and_the_first_page_says_how_each_file_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "it's <b>.pth"
    listed = {"files": [{"key": "net.pth", "size": 5}, {"key": hostile, "size": 6}]}
    with serving({}) as server:
        monkeypatch.setattr("generators.sources.listing.ZENODO", server.url)
        server.resources["/api/records/12"] = Resource(
            data=json.dumps(listed).encode(), content_type="application/json"
        )
        ended = assay("init", tmp_path / "new", "--source", "zenodo:12", "--languages", "en")

    assert (ended.exit_code, "listed there: 2 files" in ended.stdout) == (0, True)
    evidence = collect_evidence(tmp_path / "new", evaluate=False)
    first = next(planned for planned in plan_pages(evidence) if planned.path == "index.md")
    page = render_page(first, "en").decode()
    assert "<b>" not in page
    page = html.unescape(page)
    assert "https://zenodo.org/records/12" in page
    assert "assay add zenodo:12:net.pth" in page
    assert "$ assay fetch" not in page


def test_a_folder_with_a_space_is_told_as_a_shell_takes_it(tmp_path: Path) -> None:
    told = assay("init", tmp_path / "two words", "--languages", "en", "--yes").stdout.splitlines()

    assert shlex.split(next(line for line in told if line.startswith("  cd "))) == ["cd", str(tmp_path / "two words")]


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--title", "<script>", "unfit-title"),
        ("--title", "two\nlines", "unfit-title"),
        ("--title", 'a"b', "unfit-title"),
        ("--title", "   ", "unfit-title"),
        ("--title", "left\u202eto right", "unfit-title"),
        ("--repository", "https://gitlab.com/owner/name", "not-a-repository"),
        ("--languages", "en,fr", "unknown-language"),
        ("--languages", "en,en", "unknown-language"),
        ("--languages", "", "unknown-language"),
        ("--variant", "resnet-9000", "unknown-variant"),
        ("--source", "no/such/model.pth", "not-a-file"),
        ("--source", "owner/model.pth", "not-a-file"),
        ("--source", "/", "not-a-file"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_written(tmp_path: Path, option: str, value: str, code: str) -> None:
    ended = assay("init", tmp_path / "new", option, value, "--yes")

    assert ended.exit_code == 2
    assert f"init.{code}" in ended.stderr
    assert "what to do" in ended.stderr
    assert state(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_this_machine_is_pinned_and_the_claim_about_it_is_judged(tmp_path: Path) -> None:
    (tmp_path / "Model XS.safetensors").write_bytes(xs_checkpoint())

    file, said = tmp_path / "Model XS.safetensors", "convnextpose-xs"
    ended = assay("init", tmp_path / "new", "--source", file, "--repository", "owner/name", "--variant", said)

    assert ended.exit_code == 0
    assert "under investigation: model-xs\n  by its tensors: convnextpose-xs" in ended.stdout
    (entry,) = read_lock(tmp_path / "new" / "checkpoints.lock").checkpoints
    assert entry.sha256 is not None
    assert [(s.kind, s.address) for s in entry.sources] == [("page", "https://github.com/owner/name")]
    evidence = collect_evidence(tmp_path / "new", evaluate=False)
    verdict = next(v for v in evidence.verdicts if v.claim.id == "is-as-said")
    assert (verdict.outcome, verdict.claim.source, verdict.results[0].kinds) == ("supported", "PUBLISHER", ("live",))
    assert 'recipe = "convnextpose-xs"' in (tmp_path / "new" / "checkpoints.lock").read_text(encoding="utf-8")


@pytest.mark.parametrize("data", [UNHEARD_OF, xs_checkpoint()], ids=["unknown", "known"])
def test_what_nobody_said_of_a_file_is_not_claimed(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "other.safetensors").write_bytes(data)

    assert assay("init", tmp_path / "new", "--source", tmp_path / "other.safetensors").exit_code == 0

    (entry,) = read_lock(tmp_path / "new" / "checkpoints.lock").checkpoints
    assert (entry.id, entry.variant) == ("other", "unknown")
    evidence = collect_evidence(tmp_path / "new", evaluate=False)
    assert [v.claim.id for v in evidence.verdicts] == ["control-recognised"]
    pages = whole_site(evidence, MemoryCache())
    assert "Nobody says which networks they are." in pages["index.md"].decode()
    assert "No claim about a published file is under review yet." in pages["index.md"].decode()
    assert "Claims under review" not in pages["index.md"].decode()
    assert "#architecture-unknown" not in b"".join(pages.values()).decode(errors="replace")


def test_a_file_elsewhere_is_looked_at_and_not_downloaded(tmp_path: Path) -> None:
    with serving({"/xs.safetensors": tagged(xs_checkpoint())}) as server:
        ended = assay("init", tmp_path / "new", "--source", f"{server.url}/xs.safetensors", "--yes")

    assert ended.exit_code == 0, ended.stderr
    (entry,) = read_lock(tmp_path / "new" / "checkpoints.lock").checkpoints
    assert (entry.variant, entry.sources[0].kind, entry.sha256) == ("unknown", "https", None)
    assert server.sent < 3_000_000
    assert not list((tmp_path / "new").rglob("*.safetensors"))


def test_a_file_that_cannot_be_looked_at_leaves_nothing_behind(tmp_path: Path) -> None:
    with serving({}) as server:
        ended = assay("init", tmp_path / "new", "--source", f"{server.url}/gone.pth", "--yes")

    assert ended.exit_code == 6
    assert list(tmp_path.iterdir()) == []


def test_a_claim_without_a_sentence_is_told_with_file_and_remedy_and_update_adds_it(tmp_path: Path) -> None:
    assay("init", tmp_path, "--languages", "en,es", "--yes")
    report = next((tmp_path / "docs" / "reports").glob("*.toml"))
    claim = report.read_text(encoding="utf-8").partition("[[claim]]")[2]
    with report.open("a", encoding="utf-8") as file:
        file.write("\n[[claim]]" + claim.replace("control-recognised", "new-one").replace("number = 1", "number = 2"))

    missing = assay("texts", "-C", tmp_path)
    assert missing.exit_code == 1
    assert "docs/locales/es/report.po:0: claim/new-one is not there" in missing.stderr.replace("\n", " ")
    assert "what to do: Run `assay texts --update` and translate it." in missing.stderr

    updated = assay("texts", "--update", "-C", tmp_path)
    assert updated.exit_code == 1
    assert "claim/new-one has no text" in updated.stderr
    for path in (tmp_path / "docs" / "locales").glob("*/report.po"):
        text = path.read_text(encoding="utf-8")
        assert 'msgid "new-one"' in text
        path.write_text(re.sub(r'msgstr ""\n(?!")', 'msgstr "Written."\n', text), encoding="utf-8")
    assert assay("texts", "-C", tmp_path) == (0, "", "")


def test_when_another_claim_comes_first_only_a_headline_that_somebody_wrote_is_kept(tmp_path: Path) -> None:
    assay("init", tmp_path, "--languages", "en", "--yes")
    report = next((tmp_path / "docs" / "reports").glob("*.toml"))
    head, mark, claim = report.read_text(encoding="utf-8").partition("[[claim]]")
    first = (mark + claim).replace("control-recognised", "new-one")
    report.write_text(f"{head}{first}\n{mark}{claim.replace('number = 1', 'number = 2')}", encoding="utf-8")
    texts = tmp_path / "docs" / "locales" / "en" / "report.po"
    written = texts.read_text(encoding="utf-8").replace('"The evidence refutes the first claim."', '"Our own words."')
    texts.write_text(written, encoding="utf-8")

    updated = assay("texts", "--update", "-C", tmp_path)

    assert updated.stderr.count("is obsolete") == 1
    assert "headline/control-recognised.refuted is obsolete" in updated.stderr
    assert "Our own words." in texts.read_text(encoding="utf-8")


def test_the_example_of_a_claim_that_the_report_has_for_a_file_can_be_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "other.safetensors").write_bytes(UNHEARD_OF)
    assay("init", tmp_path / "new", "--source", tmp_path / "other.safetensors", "--languages", "en", "--yes")
    path = next((tmp_path / "new" / "docs" / "reports").glob("*.toml"))
    before, _, after = path.read_text(encoding="utf-8").partition("# [[claim]]\n")
    example, gap, rest = after.partition("\n\n")
    example = "\n".join(line.removeprefix("#").removeprefix(" ") for line in example.splitlines())
    path.write_text(f"{before}[[claim]]\n{example}{gap}{rest}", encoding="utf-8")

    updated = assay("texts", "--update", "-C", tmp_path / "new")

    wanted = re.findall(r"(\S+) has no text", updated.stderr)
    assert [name for name in wanted if name.startswith("check/")] == [
        "check/size-as-said.parameters",
        "check/size-as-said.holds-no-program",
    ]
    assert "is obsolete" not in updated.stderr


def test_a_sentence_of_assays_own_report_never_stands_in_for_a_missing_one(tmp_path: Path) -> None:
    assay("init", tmp_path, "--languages", "en", "--yes")
    own = load_catalog("en")

    assert ("claim", "control-recognised") in own.forms
    assert ("claim", "m-l-missing") not in own.forms
    assert own.message("outcome", "refuted") == "refuted"
    use_report_texts("")
    assert ("claim", "m-l-missing") in load_catalog("en").forms


def test_an_added_file_belongs_to_the_only_report_there_is(tmp_path: Path) -> None:
    assay("init", tmp_path, "--title", "My files", "--yes")
    with serving({"/xs.safetensors": tagged(xs_checkpoint())}) as server:
        ended = assay("add", f"{server.url}/xs.safetensors", "-C", tmp_path)

    assert ended.exit_code == 0, ended.stderr
    assert read_lock(tmp_path / "checkpoints.lock").checkpoints[0].report == "my-files"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_where_the_input_is_closed_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)

    assert assay("init", tmp_path / "new", "--languages", "en")[::2] == (0, "")


@pytest.mark.parametrize("answer", ["\n", ""])
def test_the_question_is_asked_where_a_person_can_answer_and_an_ended_input_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", _Terminal(answer))
    ended = assay("init", tmp_path / "new")
    assert (ended.exit_code, "What is to be investigated?" in ended.stderr) == (0, True)
    ended = assay("init", tmp_path / "another", "--yes")
    assert (ended.exit_code, "What is to be investigated?" in ended.stderr) == (0, False)


def test_the_texts_of_assays_own_repository_are_where_they_are() -> None:
    ended = assay("texts", "-C", Path(__file__).resolve().parents[2])

    assert (ended.exit_code, "catalog.own-catalogs" in ended.stderr) == (2, True)


def test_the_evidence_of_a_new_investigation_says_what_it_was_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assay("init", tmp_path, "--title", "Pose files", "--yes")
    monkeypatch.setattr(report, "collect_evidence", functools.partial(collect_evidence, evaluate=False))

    evidence = json.loads(assay("judge", "--json", "-C", tmp_path).stdout)

    assert evidence["report"]["id"] == "pose-files"
    assert [v["outcome"] for v in evidence["verdicts"]] == ["supported"]
    assert evidence["subjects"][0]["role"] == "control"


def test_the_scripts_of_the_workflows_can_be_run(tmp_path: Path) -> None:
    assay("init", tmp_path, "--title", "Pose files", "--yes")

    scripts = [path for path in (tmp_path / ".ci").iterdir() if not path.suffix]

    assert {path.name for path in scripts} == set(STEPS)
    assert all(os.access(path, os.X_OK) for path in scripts)

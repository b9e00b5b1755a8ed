"""A new investigation builds its site at once, from an installed Assay that isn't its repository."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from builders import safetensors_bytes
from published import ADDRESS, read_site

pytestmark = pytest.mark.site

PROJECT = Path(__file__).resolve().parents[2]
UNHEARD_OF = safetensors_bytes({"layer.weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(8))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the content of Assay's wheel, as an installation has it."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheels")]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    (wheel,) = (folder / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "packages")
    return folder / "packages"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")},
        "PYTHONPATH": str(installed),
        # the same code makes the same things: what other tests built is used
        "ASSAY_CACHE": str(installed.parents[1] / "cache-of-new-investigations"),
        "ASSAY_DEVICE": "cpu",
        "ASSAY_SITE_URL": ADDRESS,
        "DISABLE_MKDOCS_2_WARNING": "true",
        "NO_MKDOCS_2_WARNING": "1",
    }
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def investigation(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("investigation") / "here"
    folder.mkdir()
    (folder.parent / "other.safetensors").write_bytes(UNHEARD_OF)
    asked = ("--source", "../other.safetensors", "--title", "Pose files", "--languages", "es,ko", "--yes")
    ended = run(installed, folder, "generators.cli", "init", ".", *asked)
    assert ended.returncode == 0, ended.stderr
    built = run(installed, folder, "mkdocs", "build", "--strict")
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def page(investigation: Path, path: str) -> str:
    return html.unescape((investigation / "site" / path / "index.html").read_text(encoding="utf-8"))


def test_the_site_is_in_the_chosen_languages_alone_the_first_at_the_top(investigation: Path) -> None:
    assert '<html lang="es"' in page(investigation, ".")
    assert '<html lang="ko"' in page(investigation, "ko")
    assert not (investigation / "site" / "en").exists()
    assert re.findall(r'hreflang="(\w\w)" lang=', page(investigation, ".")) == ["es", "ko"]


def test_the_pages_speak_with_the_sentences_of_the_project(investigation: Path) -> None:
    assert "¿Qué contienen los archivos publicados de Pose files?" in page(investigation, ".")
    assert "Pose files의 공개 파일에는 무엇이 들어 있습니까?" in page(investigation, "ko")
    for text in (page(investigation, "."), page(investigation, "claims")):
        assert "ConvNeXtPose-M" not in text
        assert "informe anterior" not in text


def test_the_file_and_the_control_have_their_pages_and_the_control_is_labelled(investigation: Path) -> None:
    assert "other.safetensors" in page(investigation, "checkpoints/other")
    assert "role-control" in page(investigation, "checkpoints/control-micro")
    assert "verdict-supported" in page(investigation, "claims")


def test_the_prose_of_the_project_is_in_the_navigation_and_that_of_the_method_comes_with_it(
    investigation: Path,
) -> None:
    assert 'href="investigation/"' in page(investigation, ".")
    assert "Sobre esta investigación" in page(investigation, "investigation")
    for name in ("method", "glossary", "add-a-checkpoint"):
        assert page(investigation, name)
        assert not (investigation / "docs" / "es" / f"{name}.md").exists()


def test_every_internal_link_and_anchor_resolves(investigation: Path) -> None:
    assert list(read_site(investigation / "site", "").broken_links()) == []


def test_it_looks_as_assays_own_site_does(investigation: Path) -> None:
    own = PROJECT / "docs" / "theme" / "assets" / "stylesheets" / "assay.css"
    assert (investigation / "site" / "assets" / "stylesheets" / "assay.css").read_bytes() == own.read_bytes()
    assert "assets/stylesheets/assay.css" in page(investigation, ".")


def test_the_same_assay_renews_nothing(investigation: Path, installed: Path) -> None:
    ended = run(installed, investigation, "generators.cli", "init", "--renew")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert "torch==" in (investigation / "constraints.txt").read_text(encoding="utf-8")


def test_the_first_page_says_that_nothing_is_claimed_of_the_file_yet_and_how_it_goes_on(investigation: Path) -> None:
    first = page(investigation, ".")

    assert "Todavía no se examina ninguna afirmación sobre un archivo publicado." in first
    assert "docs/reports/pose-files.toml" in first
    assert "Afirmaciones examinadas" not in first
    assert "Human3.6M" not in first


def test_a_missing_sentence_stops_the_build_and_says_what_to_do(investigation: Path, installed: Path) -> None:
    path = investigation / "docs" / "locales" / "ko" / "report.po"
    whole = path.read_text(encoding="utf-8")
    try:
        path.write_text(whole.replace('msgid "pose-files.question"', 'msgid "another.question"'), encoding="utf-8")
        built = run(installed, investigation, "mkdocs", "build", "--strict", "-d", "site-broken")
    finally:
        path.write_text(whole, encoding="utf-8")

    assert built.returncode == 1
    said = re.sub(r"\s+", " ", built.stdout + built.stderr)
    assert "docs/locales/ko/report.po: the ko catalog lacks report/pose-files.question" in said
    assert "what to do: Run `assay texts --update`" in said
    assert "Traceback" not in said

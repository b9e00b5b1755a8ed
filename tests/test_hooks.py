"""The MkDocs hooks, and how a build ends when Assay refuses its input."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("mkdocs")

from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort

from generators import hooks
from generators.errors import LockError

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture
def copied_project(tmp_path: Path) -> Path:
    """A copy of what a build reads, which a test may break."""
    project = tmp_path / "a project"
    project.mkdir()
    for name in ("docs", "generators"):
        shutil.copytree(PROJECT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "checkpoints.lock"):
        shutil.copy(PROJECT / name, project)
    return project


def build(project: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(project), os.environ.get("PYTHONPATH", "")]),
        "NO_MKDOCS_2_WARNING": "1",
        "DISABLE_MKDOCS_2_WARNING": "true",
    }
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=project,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )


def test_a_broken_lock_ends_the_build_with_place_and_remedy_and_no_traceback(copied_project: Path) -> None:
    lock = copied_project / "checkpoints.lock"
    text = lock.read_text(encoding="utf-8")
    lock.write_text(text.replace("lock-version = 1", "lock-version = 99"), encoding="utf-8")
    line = next(n for n, found in enumerate(lock.read_text(encoding="utf-8").splitlines(), 1) if "= 99" in found)

    ended = build(copied_project)

    assert ended.returncode == 1
    assert "Traceback" not in ended.stdout + ended.stderr
    assert f"checkpoints.lock:{line}" in ended.stderr
    assert "what to do:" in ended.stderr
    assert not list((copied_project / "site").rglob("index.html"))


def test_a_missing_lock_ends_the_build_likewise(copied_project: Path) -> None:
    (copied_project / "checkpoints.lock").unlink()

    ended = build(copied_project)

    assert ended.returncode == 1
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "checkpoints.lock" in ended.stderr
    assert "what to do:" in ended.stderr


def test_only_assays_own_errors_lose_their_traceback() -> None:
    with pytest.raises(Abort):
        hooks.on_build_error(LockError("unknown-key", "what", where="checkpoints.lock:1"))
    hooks.on_build_error(ValueError("a defect keeps its traceback"))


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> MkDocsConfig:
    monkeypatch.setenv("ASSAY_SITE_URL", "https://example.org/assay/")
    return load_config(str(PROJECT / "mkdocs.yml"))


def links(config: MkDocsConfig, url: str, base_url: str) -> dict[str, str]:
    context = hooks._with_languages({"base_url": base_url}, config, url)  # type: ignore[typeddict-item]
    return {language["code"]: language["link"] for language in context["languages"]}  # type: ignore[typeddict-item]


def test_the_default_language_links_down_to_the_others(loaded: MkDocsConfig) -> None:
    assert links(loaded, "claims/", "..") == {"en": "../claims/", "es": "../es/claims/", "ko": "../ko/claims/"}
    assert links(loaded, "", ".") == {"en": "./", "es": "./es/", "ko": "./ko/"}


def test_another_language_links_up_to_the_default_one(loaded: MkDocsConfig) -> None:
    loaded.theme["language"] = "es"
    loaded.extra["default_locale"] = "en"
    loaded.site_url = "https://example.org/assay/es/"
    assert links(loaded, "claims/", "..") == {
        "en": "../../claims/",
        "es": "../../es/claims/",
        "ko": "../../ko/claims/",
    }


def test_the_error_page_has_absolute_links(loaded: MkDocsConfig) -> None:
    assert links(loaded, "", "/assay/") == {"en": "/assay/", "es": "/assay/es/", "ko": "/assay/ko/"}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "assay_of_a_test"
    (folder / "templates").mkdir(parents=True)
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "part.py").write_text("SAYS = 'before'\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield folder
    for name in [name for name in sys.modules if name.startswith("assay_of_a_test")]:
        del sys.modules[name]


def imported(package: Path) -> ModuleType:
    return importlib.import_module(f"{package.name}.part")


def test_modules_stay_in_memory_while_their_source_stays(package: Path) -> None:
    hooks._forget_changed_modules(package)
    first = imported(package)
    hooks._forget_changed_modules(package)
    assert imported(package) is first


def test_modules_are_imported_anew_once_their_source_changed(package: Path) -> None:
    hooks._forget_changed_modules(package)
    assert imported(package).SAYS == "before"
    (package / "part.py").write_text("SAYS = 'after the edit'\n", encoding="utf-8")
    hooks._forget_changed_modules(package)
    assert imported(package).SAYS == "after the edit"


def test_a_changed_template_or_catalog_counts_as_changed_source(package: Path) -> None:
    hooks._forget_changed_modules(package)
    first = imported(package)
    (package / "templates" / "page.md.j2").write_text("new", encoding="utf-8")
    hooks._forget_changed_modules(package)
    assert imported(package) is not first

"""``run.py`` on a machine that has nothing, acted out with an environment whose Python only takes notes."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).resolve().parents[1]
NOTES = """#!/bin/sh
printf '%s\\n' "$*" >> "{notes}"
case "$*" in *"{failing}"*) exit 3 ;; esac
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="acts the environment out as a shell script")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder with a space in its name, whose environment's Python writes down what it is asked."""
    folder = tmp_path / "with a space"
    (folder / ".venv" / "bin").mkdir(parents=True)
    for name in ("run.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(PROJECT / name, folder)
    make_python(folder)
    (folder / ".venv" / ".assay-place").write_text(load(folder)._place(), encoding="utf-8")
    return folder


def make_python(folder: Path, failing: str = "no such argument") -> None:
    python = folder / ".venv" / "bin" / "python"
    python.write_text(NOTES.format(notes=folder / "notes", failing=failing), encoding="utf-8")
    python.chmod(0o755)


def load(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_of_a_test", folder / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(folder / "run.py"), *arguments]
    return subprocess.run(command, text=True, capture_output=True, check=False, cwd=folder.parent)


def asked(folder: Path) -> list[str]:
    """Return what the environment's Python was asked since the last time, and forget it."""
    notes = folder / "notes"
    lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    notes.unlink(missing_ok=True)
    return lines


def test_serve_installs_once_and_passes_arguments_on(project: Path) -> None:
    assert run(project, "serve", "-a", "127.0.0.1:9").returncode == 0
    pip, install, serve = asked(project)
    assert "-m pip install" in pip
    assert "-c constraints.txt -e .[site,evaluate,fetch]" in install
    assert "--group" not in install
    assert serve == "-m mkdocs serve -a 127.0.0.1:9"

    assert run(project, "serve").returncode == 0
    assert asked(project) == ["-m mkdocs serve"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_requirement_is_installed_again(project: Path, name: str) -> None:
    run(project, "build")
    asked(project)
    with (project / name).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    run(project, "build")
    assert [line for line in asked(project) if "constraints.txt" in line]


def test_test_adds_what_developers_need_and_runs_every_check(project: Path) -> None:
    ended = run(project, "test", "-k", "lock")
    lines = asked(project)
    assert ended.returncode == 0
    assert "--group dev" in lines[1]
    assert lines[-1].startswith("-m pytest ")
    assert lines[-1].endswith(" -k lock")
    assert "-m mkdocs build --strict" in lines
    assert "-m ruff check ." in lines
    for name, _ in load(project).CHECKS:
        assert f"== {name}: passed in" in ended.stdout


def test_test_goes_on_after_a_failure_and_ends_with_it(project: Path) -> None:
    make_python(project, failing="-m mypy")
    ended = run(project, "test")
    assert ended.returncode == 1
    assert asked(project)[-1].startswith("-m pytest")
    assert "== types: FAILED in" in ended.stdout
    assert "== tests: passed in" in ended.stdout


def test_a_failed_installation_is_said_and_tried_again(project: Path) -> None:
    make_python(project, failing="constraints.txt")
    ended = run(project, "serve")
    assert ended.returncode == 1
    assert "pip could not install" in ended.stderr
    assert "Traceback" not in ended.stderr
    make_python(project)
    asked(project)
    run(project, "serve")
    assert [line for line in asked(project) if "constraints.txt" in line]


def test_a_failed_build_is_the_exit_code(project: Path) -> None:
    make_python(project, failing="mkdocs build")
    assert run(project, "build").returncode == 3


def test_the_site_needs_no_second_installation_after_the_tests(project: Path) -> None:
    run(project, "test")
    asked(project)
    run(project, "serve")
    assert asked(project) == ["-m mkdocs serve"]


def test_an_environment_that_was_moved_is_made_anew(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(project, "serve")
    moved = project.rename(project.with_name("elsewhere"))
    module = load(moved)
    made: list[bool] = []
    monkeypatch.setattr(module, "create_venv", lambda: made.append(True))
    monkeypatch.setattr(module, "install", lambda **_: None)
    module.prepare(developer=False)
    assert made == [True]


def test_an_old_python_is_told_what_is_needed(project: Path) -> None:
    module = load(project)
    with pytest.raises(module.SetupError, match=r"Python 3\.11 or newer; this is 3\.9"):
        module.check_python((3, 9))
    module.check_python((3, 11))


def test_a_python_without_venv_is_told_what_to_install(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load(project)
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(module.SetupError, match="apt install python3-venv"):
        module.create_venv()


def test_help_teaches(project: Path) -> None:
    ended = run(project, "--help")
    assert ended.returncode == 0
    for word in ("serve", "build", "test", "python3 run.py serve -a"):
        assert word in ended.stdout
    assert run(project, "no-such-command").returncode == 2
    assert asked(project) == []


def test_every_package_of_the_project_is_pinned() -> None:
    pins = (PROJECT / "constraints.txt").read_text(encoding="utf-8")
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in pins.splitlines() if "==" in line}
    for group in _requirements():
        assert group in pinned, group
    assert "+" not in "".join(line for line in pins.splitlines() if not line.startswith("#"))


def _requirements() -> list[str]:
    import re
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    for extra in ("site", "evaluate"):
        listed += project["project"]["optional-dependencies"][extra]
    return [re.split(r"[<>=!~\[; ]", requirement)[0].lower().replace("_", "-") for requirement in listed]


def test_setup_sets_up_and_runs_nothing(project: Path) -> None:
    assert run(project, "setup").returncode == 0
    assert [line for line in asked(project) if not line.startswith("-m pip")] == []

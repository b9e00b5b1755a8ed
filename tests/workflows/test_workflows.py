"""The workflows, as far as they can be judged without GitHub: their form, their pins, their rights."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools import require_tools

from generators.pipeline.starting_files import own_files, workflow_files

PROJECT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = sorted((PROJECT / ".ci").iterdir())
_VALUES = {"title": "T", "report": "t", "prose": "p"}
_PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)+$")
_HOSTILE = re.compile(r"\$\{\{[^}]*(github\.event|github\.head_ref|inputs\.)[^}]*\}\}")


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def test_actionlint_and_through_it_shellcheck_find_nothing() -> None:
    lint(*WORKFLOWS)


def test_a_new_investigation_has_the_same_workflows_without_what_only_this_repository_has(tmp_path: Path) -> None:
    written = dict(workflow_files())
    for name, text in written.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for only_here in ("run.py", "-e .", "pyproject.toml", "generators/"):
            assert only_here not in text, (name, only_here)
        for script in re.findall(r"\.ci/[a-z-]+", text):
            assert script in written, (name, script)
    lint(*(tmp_path / name for name in written if name.endswith(".yml")))


def test_a_new_investigation_installs_no_torch_where_no_network_is_run(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        dict(own_files(_VALUES, "git+https://example.org/a@b"))["requirements.txt"]
    )
    taken = {
        name: line.strip()
        for name, text in workflow_files()
        for line in text.splitlines()
        if line.strip().startswith("sed ")
    }
    shell, kept = ["bash", "-c"], {}
    for name, command in taken.items():
        subprocess.run([*shell, command], cwd=tmp_path, check=True)
        kept[Path(name).stem] = (tmp_path / "requirements-light.txt").read_text().splitlines()[-1]

    assert kept == {
        "upstream": "checkpoint-assay[fetch] @ git+https://example.org/a@b",
        "verdict-comment": "checkpoint-assay @ git+https://example.org/a@b",
    }


def lint(*workflows: Path) -> None:
    require_tools("actionlint", "shellcheck")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    command = ["actionlint", "-shellcheck", "shellcheck", *map(str, workflows)]
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_shellcheck_finds_nothing_in_the_scripts_that_they_call() -> None:
    require_tools("shellcheck")
    command = ["shellcheck", *map(str, SCRIPTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert all(os.access(script, os.X_OK) for script in SCRIPTS if script.name != "run")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_action_is_pinned_by_its_commit_with_the_version_beside_it(path: Path) -> None:
    used = [line.strip(" -") for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not _PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_workflow_runs_a_strangers_code_with_rights_or_puts_an_events_text_into_a_command(path: Path) -> None:
    workflow = read(path)
    events = workflow[True]  # YAML 1.1 reads `on` as true
    assert "pull_request_target" not in events
    for step in steps(path):
        assert not _HOSTILE.search(step.get("run", ""))
        if step.get("uses", "").startswith("actions/checkout@"):
            assert "ref" not in step.get("with", {}), "only what the event itself names is checked out"
    writes = [job for job in workflow["jobs"].values() if "write" in (job.get("permissions") or {}).values()]
    assert not writes or "pull_request" not in events


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_workflow_has_no_right_that_no_job_asks_for_and_each_job_has_a_time_limit(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    assert all(job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())


def test_credentials_stay_in_the_checkout_only_of_the_job_that_pushes() -> None:
    kept = [
        (path.name, name)
        for path in WORKFLOWS
        for name, job in read(path)["jobs"].items()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
        and step.get("with", {}).get("persist-credentials", True)
    ]
    assert kept == [("upstream.yml", "propose")]

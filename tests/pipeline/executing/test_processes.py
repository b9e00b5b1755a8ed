from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders import safetensors_bytes
from file_projects import PROJECT, assay, entry_text, write_project
from poison import POISON, write_hook
from worker_tasks import die_if_negative, die_once, double, double_backwards, refuse

from generators.errors import ContainerError, ExecutorError
from generators.pipeline.executing.choice import Inline, Processes
from generators.pipeline.executing.crew import gather_crew
from generators.pipeline.executing.each import WORKER_DIED, run_each
from generators.pipeline.executing.processes import ProcessCrew

HEADER = {"layer.weight": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}


def write_files(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.safetensors" for name in names]
    for number, path in enumerate(paths):
        path.write_bytes(safetensors_bytes(HEADER, bytes([number]) * 16))
    return paths


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_results_come_in_the_order_of_the_items_and_progress_is_told() -> None:
    told: list[int] = []
    with gather_crew(Processes(workers=2)) as crew:
        assert list(run_each(double_backwards, range(20), crew, told.append)) == [2 * n for n in range(20)]
    assert told == list(range(1, 21))


def test_without_workers_the_results_are_the_same() -> None:
    with gather_crew(Inline()) as crew:
        assert list(run_each(double, range(5), crew)) == [0, 2, 4, 6, 8]


def test_an_item_that_ends_its_workers_fails_alone() -> None:
    items = [1, 2, -3, 4, 5, 6, -7, 8]
    with gather_crew(Processes(workers=2)) as crew:
        found = list(run_each(die_if_negative, items, crew))
    assert found == [2, 4, WORKER_DIED, 8, 10, 12, WORKER_DIED, 16]


def test_a_worker_that_dies_once_costs_a_second_try_and_no_result(tmp_path: Path) -> None:
    marks = [str(tmp_path / name) for name in ("a", "b", "c")]
    with gather_crew(Processes(workers=2)) as crew:
        assert list(run_each(die_once, marks, crew)) == ["a", "b", "c"]
    assert len({path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}) == 3


def test_an_error_of_ours_comes_back_whole() -> None:
    with pytest.raises(ContainerError) as caught, gather_crew(Processes(workers=1)) as crew:
        list(run_each(refuse, [7], crew))
    assert caught.value.diagnostics() == "here: no 7 [container.no-such]\n  what to do: count"


def test_where_no_process_can_start_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from generators.pipeline.executing import processes

    monkeypatch.setattr(processes, "_begin", os.abort)
    with pytest.raises(ExecutorError) as caught:
        ProcessCrew(1)
    assert caught.value.code == "no-workers"


@pytest.fixture
def sleepers(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """Start a process whose two workers sleep, and give their numbers."""
    script = (
        "from worker_tasks import note_and_sleep\n"
        "from generators.pipeline.executing.choice import Processes\n"
        "from generators.pipeline.executing.crew import gather_crew\n"
        "from generators.pipeline.executing.each import run_each\n"
        "with gather_crew(Processes(workers=2)) as crew:\n"
        f"    list(run_each(note_and_sleep, [{str(tmp_path)!r}] * 2, crew))\n"
    )
    path = os.pathsep.join([str(PROJECT), str(PROJECT / "tests")])
    process = subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.DEVNULL
    )
    try:
        assert wait_until(lambda: len(list(tmp_path.iterdir())) == 2)
        yield process, [int(path.name) for path in tmp_path.iterdir()]
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_the_process_that_started_them(
    sleepers: tuple[subprocess.Popen[bytes], list[int]], number: signal.Signals
) -> None:
    process, workers = sleepers
    process.send_signal(number)
    assert process.wait(timeout=20) != 0
    assert wait_until(lambda: not any(is_running(worker) for worker in workers))


def test_inspect_says_the_same_of_many_files_wherever_they_are_read(tmp_path: Path) -> None:
    paths = write_files(tmp_path, *(f"m{n}" for n in range(6)))
    paths.insert(2, tmp_path / "missing.pt")
    here = assay("inspect", *paths, "--json", "--executor", "inline")
    there = assay("inspect", *paths, "--json", "--executor", "processes:2")
    assert (there.exit_code, there.stdout, there.stderr) == (here.exit_code, here.stdout, here.stderr)
    assert [line["file"]["name"] for line in there.lines] == [path.name for path in paths]
    assert (here.exit_code, len({line["weights_digest"] for line in here.lines})) == (3, 7)


def test_a_file_that_ends_every_process_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    paths = write_files(tmp_path / "files", "a", "b", POISON, "c")
    path = os.pathsep.join([str(write_hook(tmp_path / "hook")), str(PROJECT)])
    command = [sys.executable, "-m", "generators.cli", "inspect", *map(str, paths), "--json"]
    done = subprocess.run(
        [*command, "--executor", "processes:2"],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["file"]["size_bytes"] is not None for line in lines] == [True, True, False, True]
    assert (done.returncode, "worker-died" in lines[2]["findings"][0]["found"]) == (3, True)
    assert "Traceback" not in done.stderr


def test_verify_reads_on_workers_and_says_the_same(tmp_path: Path) -> None:
    root = write_project(tmp_path, [entry_text("one", "https://example.org/a"), entry_text("two", "https://e.org/b")])
    for name in ("one", "two"):
        write_files(root / "checkpoints" / name, "Model")
    here = assay("verify", "--json", "-C", root, "--executor", "inline")
    there = assay("verify", "--json", "-C", root, "--executor", "processes:2")
    assert [line["state"] for line in here.lines] == ["unpinned", "unpinned"]
    assert (there.exit_code, there.stdout) == (here.exit_code, here.stdout)


def test_a_place_that_is_no_place_is_wrong_usage(tmp_path: Path) -> None:
    ended = assay("inspect", *write_files(tmp_path, "a", "b"), "--executor", "proceses")
    assert (ended.exit_code, "executor.unknown-executor" in ended.stderr, ended.stdout) == (2, True, "")

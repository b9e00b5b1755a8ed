from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import safetensors_bytes
from dask_cluster import Cluster, cluster, end_session
from file_projects import assay
from file_server import serving, tagged
from object_server import IS_INSTALLED, REASON, serving_objects
from poison import POISON
from worker_tasks import die_once, double_backwards

from generators.errors import ExecutorError
from generators.pipeline.executing.choice import parse_executor
from generators.pipeline.executing.crew import gather_crew
from generators.pipeline.executing.each import run_each

pytest.importorskip("distributed", reason="needs the extra `dask`")
pytestmark = pytest.mark.filterwarnings("ignore")  # what Dask and its parts warn of isn't ours

HEADER = {"layer.weight": {"dtype": "F32", "shape": [1_500_000], "data_offsets": [0, 6_000_000]}}


def large_file(number: int) -> bytes:
    return safetensors_bytes(HEADER, bytes([number]) * 6_000_000)


@pytest.fixture(scope="module")
def objects() -> Iterator[dict[str, str]]:
    with contextlib.ExitStack() as stack:
        yield stack.enter_context(serving_objects()) if IS_INSTALLED else {}


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory, objects: dict[str, str]) -> Iterator[Cluster]:
    environment = {"NO_PROXY": "127.0.0.1", **objects}
    with cluster(tmp_path_factory.mktemp("cluster"), environment=environment) as running:
        yield running


def test_results_come_in_order_through_the_death_of_workers(two_workers: Cluster, tmp_path: Path) -> None:
    marks = [str(tmp_path / name) for name in ("a", "b", "c")]
    with gather_crew(parse_executor(two_workers.address)) as crew:
        assert crew.workers in {1, 2}
        assert list(run_each(double_backwards, range(12), crew)) == [2 * n for n in range(12)]
        assert list(run_each(die_once, marks, crew)) == ["a", "b", "c"]
    assert all(int(path.read_text(encoding="utf-8")) != os.getpid() for path in tmp_path.iterdir())


def test_a_file_that_ends_its_workers_fails_alone(two_workers: Cluster, tmp_path: Path) -> None:
    names = ("a", "b", POISON, "c", "d")
    paths = [tmp_path / f"{name}.safetensors" for name in names]
    for number, path in enumerate(paths):
        path.write_bytes(large_file(number))
    ended = assay("inspect", *paths, "--json", "--executor", two_workers.address)
    assert [line["file"]["sha256"] is not None for line in ended.lines] == [name != POISON for name in names]
    assert (ended.exit_code, "container.worker-died" in ended.stderr) == (3, True)


def test_files_of_a_server_are_read_to_their_end_by_workers_and_never_kept(two_workers: Cluster) -> None:
    files = {f"/m{n}.safetensors": tagged(large_file(n)) for n in range(4)}
    with serving(files) as server:
        urls = [f"{server.url}{path}" for path in files]
        looks = assay("inspect", *urls, "--json", "--executor", two_workers.address)
        looked = server.sent
        wholes = assay("inspect", *urls, "--json", "--whole", "--executor", two_workers.address)
        read = server.sent - looked
    assert [line["file"]["sha256"] for line in looks.lines] == [""] * 4
    expected = [tagged(resource.data).etag.strip('"') for resource in files.values()]
    assert [line["file"]["sha256"][:16] for line in wholes.lines] == expected
    assert (looked < 100_000, 1.0 <= read / (4 * len(large_file(0))) < 1.02) == (True, True)


@pytest.mark.skipif(not IS_INSTALLED, reason=REASON)
def test_objects_that_a_pattern_names_are_read_by_workers_through_fsspec(
    two_workers: Cluster, objects: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import fsspec

    for name, value in objects.items():
        monkeypatch.setenv(name, value)
    system: Any = fsspec.filesystem("s3", skip_instance_cache=True)
    system.mkdir("weights")
    data = [large_file(n) for n in range(3)]
    for number, content in enumerate(data):
        system.pipe_file(f"s3://weights/a/m{number}.pt", content)
        (tmp_path / f"m{number}.pt").write_bytes(content)
    system.pipe_file("s3://weights/a/readme.txt", b"no checkpoint")
    ended = assay("inspect", "s3://weights/a/*.pt", "--whole", "--json", "--executor", two_workers.address)
    here = assay("inspect", *sorted(tmp_path.iterdir()), "--json", "--executor", "inline")
    assert (ended.exit_code, ended.stdout) == (here.exit_code, here.stdout)
    nothing = assay("inspect", "s3://weights/b/*.pt", "--json", "--executor", two_workers.address)
    assert (nothing.exit_code, "source.not-found" in nothing.stderr) == (6, True)


def test_another_version_of_assay_on_a_worker_is_refused(two_workers: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    from generators.pipeline.executing import dask_cluster

    monkeypatch.setattr(dask_cluster, "digest_code", lambda *_: "of this one")
    with pytest.raises(ExecutorError) as caught, gather_crew(parse_executor(two_workers.address)):
        pass
    assert (caught.value.code, "of this one" in caught.value.what) == ("other-version", True)


def test_a_worker_that_joined_with_another_version_does_nothing() -> None:
    from generators.pipeline.executing import dask_cluster

    with pytest.raises(ExecutorError) as caught:
        dask_cluster._do(double_backwards, dask_cluster._Given(code="other", item=1))
    assert caught.value.code == "other-version"


def test_where_no_scheduler_answers_it_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    from generators.pipeline.executing import dask_cluster

    monkeypatch.setattr(dask_cluster, "CONNECT_SECONDS", 0.5)
    ended = assay("inspect", "a.pt", "b.pt", "--executor", "dask://127.0.0.1:9")
    assert (ended.exit_code, "executor.no-scheduler" in ended.stderr, ended.stdout) == (2, True, "")


def lose_cluster(running: Cluster) -> None:
    with gather_crew(parse_executor(running.address)) as crew:
        results = run_each(double_backwards, range(5000), crew)
        next(results)
        crew._client._timeout = 1  # type: ignore[attr-defined]  # it would try to come back for longer
        for process in running.processes:
            end_session(process)
        list(results)


def test_a_scheduler_that_goes_away_ends_the_command(tmp_path: Path) -> None:
    with cluster(tmp_path, workers=1) as running, pytest.raises(ExecutorError) as caught:
        lose_cluster(running)
    assert caught.value.code == "lost"

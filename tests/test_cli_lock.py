from __future__ import annotations

import hashlib
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_projects import assay, start_assay
from file_server import FileServer, Resource, serving, tagged
from lock_projects import place, project_of, tiny

from generators.lock import read_lock
from generators.model.lock import LockEntry
from generators.pipeline.evidence.subjects import collect_subject
from generators.pipeline.project import open_project
from generators.sources.addresses import pinned_sources

pytest.importorskip("requests", reason="needs the extra `fetch`")

ONE = tiny(1)
SHA256 = hashlib.sha256(ONE).hexdigest()


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ASSAY_OFFLINE", "ASSAY_CHECKPOINTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving({"/one": tagged(ONE)}) as served:
        yield served


def entry_of(project: Path, entry_id: str = "one") -> LockEntry:
    return next(e for e in read_lock(project / "checkpoints.lock").checkpoints if e.id == entry_id)


def test_lock_pins_what_is_there_and_does_it_once(tmp_path: Path) -> None:
    project = project_of(tmp_path, "one", "two")
    place(project, "one", ONE)
    ended = assay("lock", "-C", project, "--json")
    assert ended.exit_code == 0
    assert [(line["id"], line["state"]) for line in ended.lines] == [("one", "pinned"), ("two", "not-here")]
    found = entry_of(project).resolved
    assert found is not None
    assert (found.sha256, found.size_bytes, found.source) == (SHA256, len(ONE), None)
    assert found.weights_digest == ended.lines[0]["weights_digest"]
    assert found.asked == ("https://example.org/one",)
    before = (project / "checkpoints.lock").read_bytes()
    assert assay("lock", "-C", project, "--json").lines[0]["state"] == "unchanged"
    assert (project / "checkpoints.lock").read_bytes() == before
    assert assay("lock", "--check", "-C", project).exit_code == 0
    place(project, "one", tiny(2))
    assert assay("verify", "one", "-C", project).exit_code == 1


def test_what_was_fetched_is_locked_with_where_it_came_from(server: FileServer, tmp_path: Path) -> None:
    project = project_of(tmp_path, "one", url=server.url)
    lock = project / "checkpoints.lock"
    lock.write_text(lock.read_text().replace(f'"{server.url}/one"', f'"{server.url}/one", hosts = ["example.net"]'))
    assert assay("fetch", "-C", project).exit_code == 0
    assert assay("lock", "-C", project).exit_code == 0
    entry = entry_of(project)
    found = entry.resolved
    assert found is not None
    assert found.source is not None
    assert (found.source.address, found.source.hosts) == (f"{server.url}/one", ())
    assert pinned_sources(entry)[0].hosts == ("example.net",), "hosts are what a person allows"
    place(project, "one", tiny(2))
    assert assay("lock", "-C", project).exit_code == 0
    found = entry_of(project).resolved
    assert found is not None
    assert found.source is None, "another file came from somewhere else"


def test_a_pinned_file_is_what_fetch_wants(server: FileServer, tmp_path: Path) -> None:
    project = project_of(tmp_path, "one", url=server.url)
    place(project, "one", ONE)
    assay("lock", "-C", project)
    place(project, "one", b"").unlink()
    server.resources["/one"] = tagged(tiny(2))
    ended = assay("fetch", "-C", project)
    assert ended.exit_code == 5
    assert "sha256-mismatch" in ended.stderr


def test_a_revision_of_the_hub_is_locked_as_its_commit_and_fetched_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("huggingface_hub", reason="needs the extra `fetch`")
    commit = "0123456789" * 4
    with serving({}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_TOKEN", "t")
        hub.resources["/a/b/resolve/main/m.pt"] = Resource(data=ONE, headers={"X-Repo-Commit": commit})
        hub.resources[f"/a/b/resolve/{commit}/m.pt"] = tagged(ONE)
        project = project_of(tmp_path, "one")
        lock = project / "checkpoints.lock"
        hub_source = 'kind = "hub", address = "a/b@main:m.pt"'
        lock.write_text(lock.read_text().replace('kind = "https", address = "https://example.org/one"', hub_source))
        assert assay("fetch", "-C", project).exit_code == 0
        assert assay("lock", "-C", project).exit_code == 0
        entry = entry_of(project)
        assert entry.sources[0].address == "a/b@main:m.pt"
        assert entry.resolved is not None
        assert entry.resolved.source is not None
        assert entry.resolved.source.address == f"a/b@{commit}:m.pt"
        place(project, "one", b"").unlink()
        hub.resources["/a/b/resolve/main/m.pt"] = Resource(data=tiny(2), headers={"X-Repo-Commit": "1" * 40})
        assert assay("fetch", "-C", project).exit_code == 0
        assert hub.requests[-1][0] == f"/a/b/resolve/{commit}/m.pt"
        added = assay("add", "hf:a/b@main:m.pt", "-C", project, "--id", "two", "--variant", "convnextpose-xs")
        assert added.exit_code == 0, added.stderr
        two = entry_of(project, "two")
        assert two.sources[0].address == "a/b@main:m.pt"
        assert two.resolved is not None
        assert two.resolved.source is not None
        assert two.resolved.source.address == f"a/b@{'1' * 40}:m.pt"


def test_add_keeps_what_the_server_said_apart_from_what_was_asked(server: FileServer, tmp_path: Path) -> None:
    project = project_of(tmp_path, "zero")
    ended = assay("add", f"{server.url}/one", "-C", project, "--id", "one", "--variant", "convnextpose-xs")
    assert ended.exit_code == 0, ended.stderr
    entry = entry_of(project)
    assert (entry.size, entry.sha256) == (None, None)
    assert entry.resolved is not None
    assert (entry.resolved.size_bytes, entry.resolved.sha256) == (len(ONE), None)
    subject = collect_subject(entry, open_project(project), evaluate=False)
    assert subject.size is not None
    assert (subject.size.basis, subject.size.minimum_bytes) == ("listed", len(ONE))


def refusals(project: Path) -> dict[str, str]:
    ended = assay("lock", "-C", project, "--json")
    assert ended.exit_code == 1
    return {line["id"]: line["refusal"] for line in ended.lines if line["state"] == "refused"}


def test_what_is_not_whole_or_not_as_asked_is_not_pinned(tmp_path: Path) -> None:
    project = project_of(tmp_path, "cut", "page", "good")
    asked = project_of(tmp_path / "asked", "other", known=f'sha256 = "{"a" * 64}"')
    place(project, "cut", ONE[:-40])
    place(project, "page", b"<html>no</html>")
    place(project, "good", ONE)
    place(asked, "other", ONE)
    assert refusals(project) == {"cut": "incomplete", "page": "incomplete"}
    assert entry_of(project, "cut").resolved is None
    assert entry_of(project, "good").resolved is not None
    assert refusals(asked) == {"other": "not-as-asked"}


def test_a_controls_stand_in_is_not_pinned(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    project = project_of(tmp_path, "one")
    lock = project / "checkpoints.lock"
    lock.write_text(lock.read_text() + '\n[[control]]\nid = "control-xs"\nrecipe = "assay-micro"\nseed = 7\n')
    from generators.model.lock import Artifact
    from generators.pipeline.evidence.running import build_control

    opened = open_project(project)
    control = build_control(opened.lock.controls[0], opened)
    assert isinstance(control, Artifact)
    place(project, "one", control.path.read_bytes())
    assert refusals(project) == {"one": "is-a-control"}


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("example.org/one", "example.org/elsewhere", "sources-changed"),
        ("variant =", f'sha256 = "{"b" * 64}"\nvariant =', "sha256-contradicts"),
        ("variant =", "size_bytes = 3\nvariant =", "size-contradicts"),
        ("variant =", f'weights_digest = "{"b" * 64}"\nvariant =', "weights-contradict"),
    ],
)
def test_a_stale_lock_is_an_error_without_any_file(tmp_path: Path, before: str, after: str, code: str) -> None:
    project = project_of(tmp_path, "one")
    path = place(project, "one", ONE)
    assay("lock", "-C", project)
    path.unlink()
    assert assay("lock", "--check", "-C", project).exit_code == 0
    lock = project / "checkpoints.lock"
    lock.write_text(lock.read_text().replace(before, after, 1))
    ended = assay("lock", "--check", "-C", project)
    assert ended.exit_code == 1
    assert f"lock.{code}" in ended.stderr
    assert "what to do" in ended.stderr
    line = 1 + lock.read_text().splitlines().index(next(s for s in lock.read_text().splitlines() if "resolved]" in s))
    assert f"checkpoints.lock:{line}:" in ended.stderr.replace("\n", "")
    assert assay("lock", "--check", "-C", project, "--json").lines[0]["fault"] == code
    assert code.partition("-")[0] in str(assay("status", "-C", project, "--json").lines[0]["stale"])


def test_a_file_that_is_not_the_resolved_one_is_stale_and_one_never_pinned_is_told(tmp_path: Path) -> None:
    project = project_of(tmp_path, "one", "two")
    place(project, "one", ONE)
    assay("lock", "-C", project)
    place(project, "one", tiny(2))
    place(project, "two", ONE)
    ended = assay("lock", "--check", "-C", project, "--json")
    assert ended.exit_code == 1
    assert [(line["id"], line["fault"]) for line in ended.lines] == [("one", "file-differs"), ("two", "unpinned")]
    place(project, "one", ONE)
    assert assay("lock", "--check", "-C", project).exit_code == 0


def test_status_shows_what_was_asked_and_what_it_came_to(server: FileServer, tmp_path: Path) -> None:
    project = project_of(tmp_path, "one", url=server.url)
    assay("fetch", "-C", project)
    assay("lock", "-C", project)
    (line,) = assay("status", "-C", project, "--json").lines
    assert (line["pinned"], line["asked"], line["resolved"]) == (True, [f"{server.url}/one"], f"{server.url}/one")
    assert line["resolved_at"][:2] == "20"
    lock = project / "checkpoints.lock"
    lock.write_text(lock.read_text().replace("/one", "/two", 1))
    assert "출처가 변경됨" in "".join(assay("status", "-C", project, "-l", "ko").stdout.split("\n"))
    assert "stale: the sources were changed" in assay("fetch", "-C", project).stderr


def test_locking_and_adding_at_once_loses_nothing(server: FileServer, tmp_path: Path) -> None:
    ids = [f"entry-{n}" for n in range(3)]
    project = project_of(tmp_path, *ids)
    for number, name in enumerate(ids):
        place(project, name, tiny(number))
    processes = [start_assay("lock", name, "-C", project) for name in ids]
    processes += [
        start_assay("add", f"{server.url}/one", "-C", project, "--id", f"new-{n}", "--variant", "convnextpose-xs")
        for n in range(1)
    ]
    for process in processes:
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, told
    entries = read_lock(project / "checkpoints.lock").checkpoints
    assert sorted(e.id for e in entries) == [*ids, "new-0"]
    assert all(e.resolved is not None for e in entries)
    assert len({e.resolved.sha256 for e in entries if e.resolved and e.id in ids}) == 3


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_killed_at_any_point_the_lock_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    ids = [f"entry-{n}" for n in range(5)]
    project = project_of(tmp_path, *ids)
    for number, name in enumerate(ids):
        place(project, name, tiny(number))
    lock = project / "checkpoints.lock"
    old, chance = lock.read_bytes(), random.Random(3)
    started = time.monotonic()
    assert assay("lock", "-C", project).exit_code == 0
    new_ids = [e.id for e in read_lock(lock).checkpoints if e.resolved]
    assert new_ids == ids
    longest = max(0.8, 2 * (time.monotonic() - started))
    for _ in range(4):
        lock.write_bytes(old)
        process = start_assay("lock", "-C", project)
        time.sleep(chance.uniform(0.2, longest))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert lock.read_bytes() == old or [e.id for e in read_lock(lock).checkpoints if e.resolved] == ids
    lock.write_bytes(old)
    assert assay("lock", "-C", project).exit_code == 0


def test_a_lock_that_can_not_be_written_is_told_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = project_of(tmp_path, "one")
    place(project, "one", ONE)
    before = (project / "checkpoints.lock").read_bytes()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    ended = assay("lock", "-C", project)
    assert ended.exit_code == 2
    assert "lock.not-writable" in ended.stderr
    assert (project / "checkpoints.lock").read_bytes() == before
    assert [p.name for p in project.iterdir() if p.name.startswith(".checkpoints.lock")] == []


@pytest.mark.parametrize(
    ("command", "package"), [("lock", "filelock"), ("lock", "tomlkit"), ("gc", "filelock"), ("record", "filelock")]
)
def test_every_command_ends_alike_where_a_package_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, package: str
) -> None:
    project = project_of(tmp_path, "one")
    place(project, "one", tiny(1))
    monkeypatch.setitem(sys.modules, package, None)
    ended = assay(command, "-C", project)
    assert ended.exit_code == 7
    assert f"{package} is not installed [source.missing-package]" in ended.stderr
    assert "its extra `fetch`" in ended.stderr

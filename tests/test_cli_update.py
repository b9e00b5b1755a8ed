from __future__ import annotations

import hashlib
import io
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from file_projects import assay, start_assay
from file_server import FileServer, Resource, serving, tagged
from lock_projects import place, project_of, tiny

from generators.lock import read_lock
from generators.model.lock import Resolved

pytest.importorskip("requests", reason="needs the extra `fetch`")

OLD, NEW = tiny(1), tiny(2)
NAME = "Model.safetensors"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    from generators.sources import download

    monkeypatch.setattr(download, "FIRST_WAIT_SECONDS", 0.01)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ASSAY_OFFLINE", "ASSAY_CHECKPOINTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving({"/one": tagged(OLD)}) as served:
        yield served


@pytest.fixture
def project(server: FileServer, tmp_path: Path) -> Path:
    """A project whose file was fetched and locked."""
    project = project_of(tmp_path, "one", url=server.url)
    assert assay("fetch", "-C", project).exit_code == 0
    assert assay("lock", "-C", project).exit_code == 0
    return project


def resolved_of(project: Path) -> Resolved:
    found = read_lock(project / "checkpoints.lock").checkpoints[0].resolved
    assert found is not None
    return found


def held(project: Path) -> bytes:
    return (project / "checkpoints" / "one" / NAME).read_bytes()


def hidden(project: Path, folder: str) -> dict[str, bytes]:
    root = project / "checkpoints" / folder
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def update(project: Path, *options: str) -> tuple[int, dict[str, object]]:
    ended = assay("update", "one", "-C", project, "--no-verdicts", "--json", *options)
    assert len(ended.lines) == 1, ended.stderr
    return ended.exit_code, ended.lines[0]


def test_the_same_file_upstream_changes_nothing(server: FileServer, project: Path) -> None:
    before = (project / "checkpoints.lock").read_bytes()
    code, found = update(project, "--yes")
    assert (code, found["state"]) == (0, "same")
    assert (project / "checkpoints.lock").read_bytes() == before
    assert (hidden(project, ".incoming"), hidden(project, ".replaced")) == ({}, {})


def test_another_file_is_shown_and_taken_and_the_old_one_kept(server: FileServer, project: Path) -> None:
    server.resources["/one"] = tagged(NEW)
    code, found = update(project, "--yes")
    assert (code, found["state"], found["sha256"]) == (0, "replaced", sha(NEW))
    assert isinstance(found["difference"], dict)
    assert len(found["difference"]["changed"]) == 3
    assert held(project) == NEW
    assert hidden(project, ".replaced") == {f"one/{sha(OLD)[:12]}/{NAME}": OLD}
    assert found["kept"] == f"checkpoints/.replaced/one/{sha(OLD)[:12]}/{NAME}"
    assert hidden(project, ".incoming") == {}
    assert resolved_of(project).sha256 == sha(NEW)
    assert resolved_of(project).source is not None
    assert assay("lock", "--check", "-C", project).exit_code == 0
    assert assay("verify", "-C", project).exit_code == 0
    assert update(project)[1]["state"] == "same"


@pytest.mark.parametrize(("option", "state"), [("--check", "available"), ("--dry-run", "declined")])
def test_without_a_yes_nothing_is_replaced(server: FileServer, project: Path, option: str, state: str) -> None:
    lock = (project / "checkpoints.lock").read_bytes()
    server.resources["/one"] = tagged(tiny(2, more=np.zeros(2, dtype="float32")))
    sent = server.sent
    code, found = update(project, option)
    assert (code, found["state"]) == (1, state)
    assert (held(project), (project / "checkpoints.lock").read_bytes()) == (OLD, lock)
    assert hidden(project, ".replaced") == {}
    assert (server.sent - sent < 1000) == (option == "--check")


class _Answers(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "expected"), [("y\n", NEW), ("n\n", OLD), ("\n", OLD), ("", OLD)])
def test_a_person_is_asked(
    server: FileServer, project: Path, monkeypatch: pytest.MonkeyPatch, answer: str, expected: bytes
) -> None:
    server.resources["/one"] = tagged(NEW)
    monkeypatch.setattr(sys, "stdin", _Answers(answer))
    ended = assay("update", "one", "-C", project, "--no-verdicts")
    assert ended.exit_code == int(expected == OLD)
    assert held(project) == expected
    assert "Tensors changed: 3" in ended.stderr


CLAIM = """
[[claim]]
id = "has-384-parameters"
number = 99
source = "SEED"
locator = "nowhere"

  [[claim.check]]
  id = "parameters"
  subject = "one"
  quantity = "/subjects/one/fingerprint/parameters"
  comparator = "equals"
  expected = 384
"""


def test_verdicts_are_judged_with_the_new_file_in_its_place(server: FileServer, project: Path) -> None:
    with (project / "docs" / "reports" / "convnextpose.toml").open("a", encoding="utf-8") as report:
        report.write(CLAIM)
    server.resources["/one"] = tagged(tiny(1, more=np.zeros(2, dtype="float32")))
    ended = assay("update", "one", "-C", project, "--dry-run", "--json")
    (line,) = ended.lines
    flips = {flip["claim"]: (flip["before"], flip["after"]) for flip in line["flips"]}
    assert flips == {"has-384-parameters": ("supported", "refuted")}
    assert held(project) == OLD
    shown = assay("update", "one", "-C", project, "--yes").stdout
    assert "Verdicts that change: 1" in shown
    assert "has-384-parameters" in shown


def test_a_server_without_digest_is_asked_by_size_then_by_index(server: FileServer, project: Path) -> None:
    server.resources["/one"] = tagged(tiny(2))
    assert update(project, "--check")[1]["upstream"]["basis"] == "index"  # type: ignore[index]
    assert update(project, "--check")[1]["upstream"]["state"] == "cannot-tell"  # type: ignore[index]
    server.resources["/one"] = tagged(tiny(2, more=np.zeros(2, dtype="float32")))
    assert update(project, "--check")[1]["upstream"]["basis"] == "size"  # type: ignore[index]
    header = OLD.replace(b"layer.2", b"layer.9")
    server.resources["/one"] = tagged(header)
    found = update(project, "--check")[1]["upstream"]
    assert (found["basis"], found["state"]) == ("index", "different")  # type: ignore[index]


def test_a_release_is_asked_by_the_digest_of_its_listing(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    from generators.sources import listing, resolving

    monkeypatch.setattr(resolving, "GITHUB", server.url)
    monkeypatch.setattr(listing, "GITHUB_API", server.url)
    server.resources[f"/a/b/releases/download/v1/{NAME}"] = tagged(OLD)
    project = project_of(tmp_path, "one")
    lock = project / "checkpoints.lock"
    source = f'kind = "github", address = "a/b@v1:{NAME}"'
    lock.write_text(lock.read_text().replace('kind = "https", address = "https://example.org/one"', source))
    place(project, "one", OLD)
    for data, state in ((OLD, "same"), (NEW, "different")):
        assets = {"assets": [{"name": NAME, "size": len(OLD), "digest": f"sha256:{sha(data)}"}]}
        server.resources["/repos/a/b/releases/tags/v1"] = Resource(data=json.dumps(assets).encode())
        found = update(project, "--check")[1]["upstream"]
        assert (found["state"], found["basis"]) == (state, "digest")  # type: ignore[index]


def test_a_branch_of_the_hub_that_moved_is_taken_at_its_new_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("huggingface_hub", reason="needs the extra `fetch`")
    first, second = "1" * 40, "2" * 40
    with serving({}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_TOKEN", "t")
        path = "/a/b/resolve/main/m.pt"
        hub.resources[path] = Resource(data=OLD, headers={"X-Repo-Commit": first})
        project = project_of(tmp_path, "one")
        lock = project / "checkpoints.lock"
        hub_source = 'kind = "hub", address = "a/b@main:m.pt"'
        lock.write_text(lock.read_text().replace('kind = "https", address = "https://example.org/one"', hub_source))
        assay("fetch", "-C", project)
        assay("lock", "-C", project)
        assert update(project)[1]["upstream"]["basis"] == "commit"  # type: ignore[index]
        hub.resources[path] = Resource(data=NEW, headers={"X-Repo-Commit": second, "X-Linked-ETag": f'"{sha(NEW)}"'})
        code, found = update(project, "--yes")
        assert (code, found["state"]) == (0, "replaced")
        source = resolved_of(project).source
        assert source is not None
        assert source.address == f"a/b@{second}:m.pt"
        assert read_lock(lock).checkpoints[0].sources[0].address == "a/b@main:m.pt"


def test_what_a_person_demands_no_update_gets_around(server: FileServer, tmp_path: Path) -> None:
    project = project_of(tmp_path, "one", url=server.url, known=f'sha256 = "{sha(OLD)}"')
    place(project, "one", OLD)
    server.resources["/one"] = tagged(NEW)
    ended = assay("update", "one", "-C", project, "--yes", "--no-verdicts")
    assert ended.exit_code == 5
    assert "sha256-mismatch" in ended.stderr
    assert held(project) == OLD


def test_a_new_file_that_is_not_whole_is_not_taken(server: FileServer, project: Path) -> None:
    server.resources["/one"] = tagged(NEW[:-40])
    code, found = update(project, "--yes")
    assert (code, found["state"], found["refusal"]) == (1, "refused", "incomplete")
    assert held(project) == OLD


def test_without_a_file_or_an_answer_it_says_so(server: FileServer, project: Path) -> None:
    (project / "checkpoints" / "one" / NAME).unlink()
    assert update(project)[1]["state"] == "not-here"
    del server.resources["/one"]
    code, found = update(project)
    assert (code, found["state"]) == (6, "unreachable")


def test_a_file_that_changed_hands_before_the_lock_was_written_is_noticed_by_the_next_update(
    server: FileServer, project: Path
) -> None:
    server.resources["/one"] = tagged(NEW)
    place(project, "one", NEW)
    assert assay("lock", "--check", "-C", project).exit_code == 1
    code, found = update(project)
    assert (code, found["state"]) == (0, "pinned")
    assert assay("lock", "--check", "-C", project).exit_code == 0


class _CrashError(BaseException):
    """The process ends here."""


def crash_at(patch: pytest.MonkeyPatch, step: int) -> list[str]:
    """Let the nth change of a name on the disk end the process instead; return the changes that were begun."""
    begun: list[str] = []

    def wrap(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def wrapped(*arguments: Any, **options: Any) -> Any:
            begun.append(name)
            if len(begun) == step:
                raise _CrashError
            return real(*arguments, **options)

        patch.setattr(owner, name, wrapped)

    for owner, name in ((Path, "replace"), (Path, "unlink"), (os, "link"), (Path, "rmdir")):
        wrap(owner, name)
    return begun


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_wherever_it_ends_between_two_changes_of_the_disk_no_file_is_lost(
    server: FileServer, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.resources["/one"] = tagged(NEW)
    lock, saved = project / "checkpoints.lock", (project / "checkpoints.lock").read_bytes()
    seen = set()
    for step in range(1, 40):
        place(project, "one", OLD)
        lock.write_bytes(saved)
        shutil.rmtree(project / "checkpoints" / ".replaced", ignore_errors=True)
        with monkeypatch.context() as patch:
            begun = crash_at(patch, step)
            try:
                assay("update", "one", "-C", project, "--yes", "--no-verdicts")
            except _CrashError:
                seen.add(begun[step - 1])
            else:
                assert len(begun) < step
                break
        kept = hidden(project, ".replaced").values()
        assert held(project) in (OLD, NEW)
        assert held(project) == OLD or OLD in kept
        assert held(project) == NEW or resolved_of(project).sha256 == sha(OLD), "the lock is written last"
        code, _ = update(project, "--yes")
        assert (code, held(project), resolved_of(project).sha256) == (0, NEW, sha(NEW))
        assert OLD in hidden(project, ".replaced").values()
    assert seen >= {"replace", "link"}
    assert step > 5


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_killed_at_any_point_no_file_is_lost_and_the_next_update_ends_it(server: FileServer, project: Path) -> None:
    server.resources["/one"] = tagged(NEW)
    lock, chance = project / "checkpoints.lock", random.Random(4)
    for _ in range(4):
        process = start_assay("update", "one", "-C", project, "--yes", "--no-verdicts")
        time.sleep(chance.uniform(0.3, 2.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert held(project) in (OLD, NEW)
        assert held(project) == OLD or hidden(project, ".replaced") == {f"one/{sha(OLD)[:12]}/{NAME}": OLD}
        assert resolved_of(project).sha256 in (sha(OLD), sha(NEW))
        if held(project) == OLD:
            assert resolved_of(project).sha256 == sha(OLD), "the lock is written last"
    assert update(project, "--yes")[0] == 0
    assert held(project) == NEW
    assert read_lock(lock).checkpoints[0].pin.sha256 == sha(NEW)

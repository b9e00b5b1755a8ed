from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_projects import assay, entry_text, start_assay, write_project, xs_checkpoint
from file_server import FileServer, Resource, serving, tagged

pytest.importorskip("requests", reason="needs the extra `fetch`")

DATA = xs_checkpoint()
SHA256 = hashlib.sha256(DATA).hexdigest()
PIN = f'sha256 = "{SHA256}"'
PAGE = b"<!doctype html><html><head><title>Google Drive - Quota exceeded</title></head><body>uc-error-caption</body>"


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    from generators.sources import download

    monkeypatch.setattr(download, "FIRST_WAIT_SECONDS", 0.01)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ASSAY_OFFLINE", "ASSAY_CHECKPOINTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving({"/Model.safetensors": tagged(DATA)}) as served:
        yield served


def folder(project: Path, entry: str = "one") -> list[str]:
    path = project / "checkpoints" / entry
    return sorted(p.name for p in path.iterdir()) if path.exists() else []


def test_fetch_gets_what_the_lock_names_and_says_what_it_is(server: FileServer, tmp_path: Path) -> None:
    project = write_project(tmp_path, [entry_text("one", f"{server.url}/Model.safetensors", known=PIN)])
    ended = assay("fetch", "-C", project)
    assert (ended.exit_code, folder(project)) == (0, ["Model.safetensors"])
    assert SHA256 in ended.stdout
    assert "convnextpose-xs, as the lock says" in ended.stdout
    again = assay("fetch", "one", "-C", project, "--json")
    assert again.lines[0]["state"] == "already-here"
    assert len(server.requests) == 1
    assert assay("verify", "-C", project).exit_code == 0


def test_fetch_takes_the_next_source_when_one_fails(server: FileServer, tmp_path: Path) -> None:
    addresses = (f"{server.url}/gone", f"{server.url}/Model.safetensors")
    project = write_project(tmp_path, [entry_text("one", *addresses, known=PIN)])
    ended = assay("fetch", "-C", project, "--json")
    assert ended.exit_code == 0
    assert [fault["code"] for fault in ended.lines[0]["faults"]] == ["not-found"]
    assert "source.not-found" in ended.stderr


def test_one_entrys_trouble_is_not_anothers(server: FileServer, tmp_path: Path) -> None:
    entries = [entry_text("bad", f"{server.url}/gone"), entry_text("one", f"{server.url}/Model.safetensors")]
    project = write_project(tmp_path, entries)
    ended = assay("fetch", "-C", project, "--json")
    assert ended.exit_code == 6
    assert [line["state"] for line in ended.lines] == ["failed", "fetched"]


def test_drives_quota_page_is_told_as_that_and_not_kept(server: FileServer, tmp_path: Path) -> None:
    server.resources["/page"] = Resource(data=PAGE, content_type="text/html")
    project = write_project(tmp_path, [entry_text("one", f"{server.url}/page")])
    ended = assay("fetch", "-C", project)
    assert (ended.exit_code, folder(project)) == (4, [])
    assert "drive-quota" in ended.stderr


def test_a_page_that_is_called_a_file_is_still_recognised(server: FileServer, tmp_path: Path) -> None:
    server.resources["/page"] = Resource(
        data=b"<html><title>Welcome</title><p>Log in to the hotel's network</p></html>"
    )
    project = write_project(tmp_path, [entry_text("one", f"{server.url}/page", known=PIN)])
    ended = assay("fetch", "-C", project)
    assert (ended.exit_code, folder(project)) == (5, [])
    assert "Welcome" in ended.stderr


def test_a_file_of_another_kind_is_refused(server: FileServer, tmp_path: Path) -> None:
    server.resources["/pdf"] = Resource(data=b"%PDF-1.7 " + bytes(100))
    project = write_project(tmp_path, [entry_text("one", f"{server.url}/pdf")])
    ended = assay("fetch", "-C", project)
    assert (ended.exit_code, folder(project)) == (5, [])
    assert "pdf-file" in ended.stderr


def test_a_file_that_is_not_the_locks_is_not_touched(server: FileServer, tmp_path: Path) -> None:
    known = f"size_bytes = {len(DATA)}"
    project = write_project(tmp_path, [entry_text("one", f"{server.url}/Model.safetensors", known=known)])
    mine = project / "checkpoints" / "one" / "mine.pth"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    ended = assay("fetch", "-C", project)
    assert ended.exit_code == 5
    assert mine.read_bytes() == b"mine"
    assert server.requests == []


def test_a_page_is_left_to_a_person(tmp_path: Path) -> None:
    text = entry_text("one", "https://example.org/models").replace('kind = "https"', 'kind = "page"')
    ended = assay("fetch", "-C", write_project(tmp_path, [text]))
    assert ended.exit_code == 6
    assert "https://example.org/models" in ended.stderr


def test_offline_says_so_and_exits_with_4(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write_project(tmp_path, [entry_text("one", f"{server.url}/Model.safetensors")])
    monkeypatch.setenv("ASSAY_OFFLINE", "1")
    assert assay("fetch", "-C", project).exit_code == 4
    assert server.requests == []


def test_an_unknown_id_is_wrong_usage(tmp_path: Path) -> None:
    project = write_project(tmp_path, [entry_text("one", "https://example.org/f")])
    for command in ("fetch", "status", "verify"):
        ended = assay(command, "nobody", "-C", project)
        assert ended.exit_code == 2
        assert "there are one" in ended.stderr


def test_without_the_packages_the_command_that_installs_them_is_told(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_project(tmp_path, [entry_text("one", f"{server.url}/Model.safetensors")])
    for package in ("requests", "filelock"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, package, None)
            ended = assay("fetch", "-C", project)
        assert ended.exit_code == 7
        assert f"run `pip install {package}`" in ended.stderr


def test_two_processes_fetch_a_file_once(server: FileServer, tmp_path: Path) -> None:
    server.resources["/Model.safetensors"] = tagged(DATA, pause_seconds=0.005)
    project = write_project(tmp_path, [entry_text("one", f"{server.url}/Model.safetensors", known=PIN)])
    processes = [start_assay("fetch", "-C", project, "--json") for _ in range(2)]
    states = sorted(json.loads(process.communicate(timeout=60)[0])["state"] for process in processes)
    assert states == ["already-here", "fetched"]
    assert server.sent == len(DATA)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_killed_at_any_point_the_next_run_goes_on_and_nothing_half_written_is_taken_for_a_file(
    server: FileServer, tmp_path: Path
) -> None:
    server.resources["/Model.safetensors"] = tagged(DATA, pause_seconds=0.012, cut_chance=0.3)
    project = write_project(tmp_path, [entry_text("one", f"{server.url}/Model.safetensors", known=PIN)])
    chance, reached, kills = random.Random(5), 0, 0
    part = project / "checkpoints" / "one" / ".Model.safetensors.part"
    for _ in range(5):
        process = start_assay("fetch", "-C", project)
        deadline = time.monotonic() + 20
        while process.poll() is None and not part.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
        assert all(name.startswith(".") for name in folder(project)) or folder(project) == ["Model.safetensors"]
        now = part.stat().st_size if part.exists() else len(DATA)
        assert now >= reached, "what came stays"
        reached = now
    server.resources["/Model.safetensors"].pause_seconds = 0
    assert kills >= 2
    ended = assay("fetch", "-C", project, "--json")
    assert ended.lines[0]["state"] == "fetched"
    assert ended.lines[0]["sha256"] == SHA256
    assert folder(project) == ["Model.safetensors"]


def test_status_tells_absent_partial_here_and_other_files_apart(server: FileServer, tmp_path: Path) -> None:
    known = f"size_bytes = {len(DATA)}\n{PIN}"
    entries = [entry_text(name, f"{server.url}/{name}", known=known) for name in ("absent", "part", "here", "other")]
    project = write_project(tmp_path, entries)
    for name, file, data in (
        ("part", ".Model.safetensors.part", b"123"),
        ("here", "Model.safetensors", DATA),
        ("other", "Model.safetensors", b"1"),
    ):
        (project / "checkpoints" / name).mkdir(parents=True)
        (project / "checkpoints" / name / file).write_bytes(data)
    ended = assay("status", "-C", project, "--json")
    assert ended.exit_code == 0
    states = [(line["id"], line["state"], line["size_bytes"]) for line in ended.lines]
    assert states == [
        ("absent", "absent", None),
        ("part", "partial", 3),
        ("here", "here", len(DATA)),
        ("other", "other-size", 1),
    ]
    assert server.requests == []
    assert "부만" in assay("status", "-C", project, "--language", "ko").stdout


def test_verify_tells_mismatch_missing_unpinned_and_extra_apart(tmp_path: Path) -> None:
    entries = [entry_text(name, f"https://example.org/{name}", known=PIN) for name in ("match", "mismatch", "missing")]
    project = write_project(tmp_path, [*entries, entry_text("unpinned", "https://example.org/u")])
    for name, data in (("match", DATA), ("mismatch", DATA[:-1] + b"\1"), ("unpinned", DATA)):
        (project / "checkpoints" / name).mkdir(parents=True)
        (project / "checkpoints" / name / "Model.safetensors").write_bytes(data)
    (project / "checkpoints" / "match" / "notes.txt").write_bytes(b"x")
    ended = assay("verify", "-C", project, "--json")
    assert ended.exit_code == 1
    assert [(line["name"], line["state"]) for line in ended.lines] == [
        ("match/Model.safetensors", "match"),
        ("mismatch/Model.safetensors", "mismatch"),
        ("missing/Model.safetensors", "missing"),
        ("unpinned/Model.safetensors", "unpinned"),
        ("match/notes.txt", "extra"),
    ]
    assert assay("verify", "match", "unpinned", "-C", project).exit_code == 0
    assert "mismatch/Model.safetensors" in assay("verify", "-C", project).stdout


def test_inspect_of_an_address_reads_its_index_alone(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "Model.safetensors"
    path.write_bytes(DATA)
    here = assay("inspect", path, "--no-digest", "--json")
    there = assay("inspect", f"{server.url}/Model.safetensors", "--json")
    assert there.exit_code == 0
    assert there.stdout == here.stdout
    assert there.lines[0]["identification"]["architecture"] == "convnextpose-xs"
    assert server.sent < 100_000
    shown = assay("inspect", f"{server.url}/Model.safetensors", "--language", "es")
    assert "sin descargar" in shown.stderr
    assert "convnextpose-xs" in shown.stdout


def test_inspect_of_an_address_without_ranges_says_what_to_do(server: FileServer) -> None:
    server.resources["/whole"] = tagged(DATA, ranges=False)
    ended = assay("inspect", f"{server.url}/whole")
    assert ended.exit_code == 6
    assert "source.no-ranges" in ended.stderr
    assert "download it" in ended.stderr


def test_inspect_shows_no_secret_of_an_address(server: FileServer) -> None:
    host = server.url.removeprefix("http://")
    for path in ("Model.safetensors", "gone"):
        ended = assay("inspect", f"http://u:s3cret@{host}/{path}?token=s3cret")
        assert "s3cret" not in ended.stdout + ended.stderr
    for address in (f"http://u:s3cret@{host}", "ftp://u:s3cret@example.org"):
        ended = assay("inspect", address, "--json")
        assert ended.exit_code == 6
        assert "s3cret" not in ended.stdout + ended.stderr


def test_add_writes_what_the_server_says_and_keeps_comments(server: FileServer, tmp_path: Path) -> None:
    project = write_project(tmp_path, ["# before\n", entry_text("one", "https://example.org/f"), "\n# behind\n"])
    control = '\n[[control]]\nid = "control-xs"\nrecipe = "convnextpose-xs"\nseed = 7 # lucky\n'
    lock = project / "checkpoints.lock"
    lock.write_text(lock.read_text() + control)
    before = lock.read_text().splitlines()
    ended = assay("add", f"{server.url}/Model.safetensors", "-C", project, "--licence", "MIT")
    assert (ended.exit_code, ended.stdout) == (0, "model\n")
    after = lock.read_text().splitlines()
    rest = iter(after)
    assert all(line in rest for line in before), "every line is there, in its order"
    added = [line for line in after if line not in before]
    assert 'variant = "unknown"' in added, "what the file looks like is nobody's word"
    assert f"size_bytes = {len(DATA)}" in added
    assert assay("lock", "--check", "-C", project).exit_code == 0
    assert assay("fetch", "model", "-C", project).exit_code == 0


def test_add_refuses_what_the_lock_would_refuse_and_leaves_it_alone(server: FileServer, tmp_path: Path) -> None:
    project = write_project(tmp_path, [entry_text("model", "https://example.org/f")])
    before = (project / "checkpoints.lock").read_bytes()
    host = server.url.removeprefix("http://")
    for address in (f"{server.url}/Model.safetensors", f"http://u:s3cret@{host}/Model.safetensors"):
        ended = assay("add", address, "-C", project)
        assert ended.exit_code == 2
        assert "s3cret" not in ended.stderr
    assert (project / "checkpoints.lock").read_bytes() == before
    assert [p.name for p in project.iterdir() if p.name.startswith(".check")] == []


def test_two_writers_lose_no_entry(server: FileServer, tmp_path: Path) -> None:
    project = write_project(tmp_path, [entry_text("one", "https://example.org/f")])
    address = f"{server.url}/Model.safetensors"
    processes = [start_assay("add", address, "-C", project, "--id", f"new-{n}") for n in range(3)]
    for process in processes:
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, told
    ids = [line["id"] for line in assay("status", "-C", project, "--json").lines]
    assert sorted(ids) == ["new-0", "new-1", "new-2", "one"]


def test_what_may_be_absent_fails_nothing_and_another_file_in_its_place_still_does(
    server: FileServer, tmp_path: Path
) -> None:
    entries = [entry_text("gone", f"{server.url}/gone"), entry_text("one", f"{server.url}/Model.safetensors")]
    project = write_project(tmp_path, entries)
    assert assay("fetch", "-C", project, "--absent-ok").exit_code == 0
    assert assay("verify", "-C", project, "--absent-ok").exit_code == 0
    assert assay("verify", "-C", project).exit_code == 1
    server.resources["/other"] = tagged(DATA + b"x")
    # the last source's being gone doesn't hide what came from the one before
    wrong = entry_text("wrong", f"{server.url}/other", f"{server.url}/gone", known=PIN)
    project = write_project(tmp_path, [wrong])
    assert assay("fetch", "-C", project).exit_code == 6
    assert assay("fetch", "-C", project, "--absent-ok").exit_code == 5
    (project / "checkpoints" / "wrong").mkdir(parents=True, exist_ok=True)
    (project / "checkpoints" / "wrong" / "other.safetensors").write_bytes(b"other")
    assert assay("verify", "-C", project, "--absent-ok").exit_code == 1


def test_list_takes_a_place_or_lists_again_but_not_both_and_not_neither(tmp_path: Path) -> None:
    assert assay("list", "-C", tmp_path).exit_code == 2
    assert assay("list", "-C", tmp_path, "zenodo:1", "--again").exit_code == 2

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from file_projects import assay, start_assay
from file_server import serving, tagged
from lock_projects import place, project_of, record, tiny

from generators.store import USE_NOTED_SECONDS, CacheFolder

pytest.importorskip("filelock", reason="needs the extra `fetch`")

DAY = 86_400


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("ASSAY_CACHE", str(folder))
    monkeypatch.delenv("ASSAY_CHECKPOINTS", raising=False)
    return folder


@pytest.fixture
def project(cache: Path, tmp_path: Path) -> Path:
    return project_of(tmp_path, "one", "two")


def age(path: Path, days: float) -> Path:
    then = time.time() - days * DAY
    os.utime(path, (then, then))
    return path


def write(path: Path, data: bytes = b"12345", days: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return age(path, days)


def kept(cache: Path, key: str, days: float) -> Path:
    folder = CacheFolder(cache)
    before = set(cache.rglob("*"))
    folder.keep(key, [key])
    (path,) = (p for p in set(cache.rglob("*")) - before if p.is_file())
    return age(path, days)


def gc(project: Path, *options: str) -> dict[str, Any]:
    ended = assay("gc", "-C", project, "--json", *options)
    assert ended.exit_code == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def kinds(found: dict[str, Any]) -> list[str]:
    return [file["kind"] for file in found["files"]]


def test_what_was_not_used_for_long_goes_and_what_was_stays(project: Path, cache: Path) -> None:
    old, new = kept(cache, "old", 31), kept(cache, "new", 29)
    found = gc(project)
    assert (kinds(found), found["kept_files"]) == (["kept-result"], 1)
    assert found["freed_bytes"] == len('["old"]')
    assert (old.exists(), new.exists()) == (False, True)
    assert not old.parent.exists()
    assert kinds(gc(project, "--older-than", "28d")) == ["kept-result"]


def test_a_use_is_noted_so_that_what_a_build_needs_stays(project: Path, cache: Path) -> None:
    path = kept(cache, "key", 100)
    assert CacheFolder(cache).find("key", list) == ["key"]
    assert time.time() - path.stat().st_mtime < 60
    age(path, 0.5)
    before = path.stat().st_mtime
    assert CacheFolder(cache).get_or_make("key", lambda: b"") == b'["key"]'
    assert path.stat().st_mtime == before, "once a day is enough"
    assert USE_NOTED_SECONDS == DAY
    assert kinds(gc(project)) == []


def test_a_dry_run_says_the_same_and_removes_nothing(project: Path, cache: Path) -> None:
    path = kept(cache, "old", 31)
    found = gc(project, "--dry-run")
    assert (kinds(found), found["freed_bytes"], path.exists()) == (["kept-result"], len('["old"]'), True)
    assert found["files"][0]["removed"] is False
    shown = assay("gc", "--dry-run", "-C", project).stdout
    assert "7 bytes would be freed" in shown
    assert "no se ha eliminado nada" in assay("gc", "--dry-run", "-C", project, "-l", "es").stdout


def test_only_what_a_cache_wrote_is_removed_from_its_folder(project: Path, cache: Path) -> None:
    mine = [write(cache / name, days=100) for name in ("notes.txt", "ab/notes.txt", "photos/ab/cd", "ab/.profile")]
    torn = write(cache / "ab" / f".{'c' * 62}.x1y2", days=1)
    busy = write(cache / "ab" / f".{'d' * 62}.x1y2")
    assert kinds(gc(project, "--older-than", "0d")) == ["interrupted-write"]
    assert not torn.exists()
    assert all(path.exists() for path in (*mine, busy))


def test_controls_of_older_code_go_and_those_of_another_project_stay(project: Path, cache: Path) -> None:
    lock = project / "checkpoints.lock"
    lock.write_text(lock.read_text() + '\n[[control]]\nid = "control-xs"\nrecipe = "convnextpose-xs"\nseed = 7\n')
    from generators.pipeline.evidence.running import control_path
    from generators.pipeline.project import open_project

    opened = open_project(project)
    current = write(control_path(opened.lock.controls[0], opened))
    older = write(current.parents[1] / "convnextpose-xs-7-0123-2.0" / current.name)
    other = write(cache / "controls" / "control-of-another" / "key" / current.name)
    assert kinds(gc(project)) == ["control"]
    assert (current.exists(), older.exists(), older.parent.exists(), other.exists()) == (True, False, False, True)
    age(other.parent, 31)
    age(current.parent, 31)
    assert kinds(gc(project)) == ["control"]
    assert (current.exists(), other.exists()) == (True, False)


def test_an_entrys_file_and_its_unfinished_download_are_never_touched(project: Path) -> None:
    file = age(place(project, "one", tiny(1)), 1000)
    part = write(project / "checkpoints" / "two" / ".Model.safetensors.part", days=1000)
    state = write(project / "checkpoints" / "two" / ".Model.safetensors.part.json", days=1000)
    mine = write(project / "checkpoints" / "gone" / "mine.pth", days=1000)
    renamed = write(project / "checkpoints" / "two" / ".Other.safetensors.part")
    orphan = write(project / "checkpoints" / "gone" / ".x.pth.part")
    found = gc(project, "--older-than", "0d")
    assert [file["name"] for file in found["files"]] == [
        "checkpoints/gone/.x.pth.part",
        "checkpoints/two/.Other.safetensors.part",
    ]
    assert not renamed.exists()
    assert not orphan.exists()
    assert all(path.exists() for path in (file, part, state, mine))


def test_replaced_files_go_when_they_were_replaced_long_ago(project: Path) -> None:
    replaced = write(project / "checkpoints" / ".replaced" / "one" / "abc" / "m.pth", days=1000)
    incoming = write(project / "checkpoints" / ".incoming" / "one" / "m.pth", days=31)
    assert kinds(gc(project)) == ["incoming-file"]
    assert (replaced.exists(), incoming.exists()) == (True, False)
    assert kinds(gc(project, "--older-than", "0h")) == ["replaced-file"]
    assert not (project / "checkpoints" / ".replaced").exists()


def test_records_of_ids_that_the_lock_has_not_are_named_and_go_only_when_asked(project: Path) -> None:
    place(project, "one", tiny(1))
    stays = record(project, "one")
    goes = stays.with_name("gone.json")
    goes.write_bytes(stays.read_bytes())
    other = write(stays.with_name("notes.json"), b"{}")
    found = gc(project)
    assert ([file["name"] for file in found["files"]], found["freed_bytes"]) == (["docs/evidence/gone.json"], 0)
    assert goes.exists()
    assert "--records" in assay("gc", "-C", project).stdout
    assert gc(project, "--records")["freed_bytes"] == len(stays.read_bytes())
    assert (goes.exists(), stays.exists(), other.exists()) == (False, True, True)


def test_nothing_is_removed_while_a_fetch_is_at_it(project: Path, cache: Path) -> None:
    pytest.importorskip("requests", reason="needs the extra `fetch`")
    path = kept(cache, "old", 31)
    with serving({"/one": tagged(tiny(1) * 50, pause_seconds=0.5)}) as server:
        lock = project / "checkpoints.lock"
        lock.write_text(lock.read_text().replace("https://example.org", server.url))
        process = start_assay("fetch", "one", "-C", project)
        try:
            part = project / "checkpoints" / "one" / ".Model.safetensors.part"
            deadline = time.monotonic() + 30
            while not part.exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            ended = assay("gc", "-C", project, "--older-than", "0d")
            assert ended.exit_code == 4
            assert "source.busy" in ended.stderr
            assert path.exists()
        finally:
            process.kill()
            process.communicate()
    assert kinds(gc(project)) == ["kept-result"]


@pytest.mark.parametrize("text", ["30", "d", "-1d", "1w", "1.5d", "٣d", "9999999d", ""])
def test_an_age_is_a_number_with_a_unit(project: Path, text: str) -> None:
    assert assay("gc", "-C", project, f"--older-than={text}").exit_code == 2

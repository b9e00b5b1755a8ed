"""What a hostile file, name or output can't do to the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import pytest
from builders import Name, pickle_bytes, safetensors_bytes, write_torch_zip
from file_projects import assay, entry_text, write_project
from site_attacks import ATTACKS, write_attacking_checkpoints

PROJECT = Path(__file__).resolve().parents[1]


def inspect(*arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "generators.cli", "inspect", *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        check=False,
    )


def test_tags_that_form_across_two_names_are_text(tmp_path: Path) -> None:
    names = [Name("[/a", "b"), Name("c", "d]"), Name("[red", "b")]
    told = inspect(write_torch_zip(tmp_path / "x", pickle_bytes(names), {}))
    assert told.returncode == 1
    assert "[/a.b, [red.b, c.d]" in told.stdout.decode()


def test_a_name_shows_as_it_is_written(tmp_path: Path) -> None:
    entry = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    path = tmp_path / "[red]:bomb:"
    path.write_bytes(safetensors_bytes({":bomb: \\": entry}, bytes(4)))
    told = inspect(path).stdout.decode()
    assert "[red]:bomb:" in told
    assert ":bomb: \\ " in told
    assert "\\\\" not in told


def test_counts_of_any_length_are_told(tmp_path: Path) -> None:
    entry = {"dtype": "F32", "shape": [2**62] * 20, "data_offsets": [0, 4]}
    path = tmp_path / "x"
    path.write_bytes(safetensors_bytes({"w": entry}, bytes(4)))
    told = inspect(path)
    assert told.returncode == 1
    assert b"Traceback" not in told.stderr
    assert "e373" in told.stdout.decode()


@pytest.mark.parametrize("language", ["en", "es", "ko"])
def test_an_output_of_another_encoding_gets_escapes(tmp_path: Path, language: str) -> None:
    path = tmp_path / "\u202ename"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", b"N.")
    told = inspect(path, "--language", language, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert told.returncode == 0, told.stderr
    assert b"U+202E" in told.stdout


@pytest.mark.parametrize("language", ["en", "es", "ko"])
def test_no_string_of_an_attacking_file_moves_the_terminal(tmp_path: Path, language: str) -> None:
    folder = write_attacking_checkpoints(tmp_path)
    told = inspect(*sorted(path for path in folder.rglob("*") if path.is_file()), "--language", language)
    assert told.returncode == 3  # the one with types of no kind is unreadable
    text = told.stdout.decode()
    assert "window.pwned" in text
    odd = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}} - {"\n"}
    assert odd == set()
    assert b"\x1b" not in told.stderr


def test_the_json_of_an_attacking_file_gives_its_strings_back(tmp_path: Path) -> None:
    folder = write_attacking_checkpoints(tmp_path)
    told = inspect(*sorted(path for path in folder.rglob("*") if path.is_file()), "--json").stdout.decode()
    lines = [json.loads(line) for line in told.splitlines()]
    assert len(lines) == 2
    written = json.dumps(lines, ensure_ascii=False)
    assert all(json.dumps(text, ensure_ascii=False)[1:-1] in written for text in ATTACKS)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("form", [["--json"], []])
def test_a_full_disk_is_told_in_plain_words(tmp_path: Path, form: list[str]) -> None:
    path = tmp_path / "x"
    path.write_bytes(safetensors_bytes({}, b""))
    with Path("/dev/full").open("wb") as full:
        told = subprocess.run(
            [sys.executable, "-m", "generators.cli", "inspect", str(path), *form],
            cwd=PROJECT,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert told.returncode == 2
    assert b"can't be written" in told.stderr
    assert b"Traceback" not in told.stderr


def test_what_the_system_refuses_of_a_file_is_not_said_of_the_output(tmp_path: Path) -> None:
    project = write_project(tmp_path, [entry_text("one", "https://example.org/f")])
    (project / "docs" / "en").mkdir()
    (project / "docs" / "locales").write_bytes(b"")
    ended = assay("texts", "--update", "-C", project)
    assert ended.exit_code == 2
    assert str(project / "docs" / "locales") in ended.stderr.replace("\n", "")
    assert "output" not in ended.stderr
    assert "what to do" in ended.stderr


def test_a_folder_that_can_not_be_looked_at_is_told_as_one(tmp_path: Path) -> None:
    ended = assay("init", tmp_path / ("n" * 300), "--yes")
    assert (ended.exit_code, "output" in ended.stderr) == (2, False)
    assert "choose a folder that you may write to" in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-"])
def test_a_closed_output_is_told_in_plain_words(tmp_path: Path, closed: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(safetensors_bytes({}, b""))
    command = f'exec "$0" -m generators.cli inspect "$1" {closed}'
    told = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, str(path)], cwd=PROJECT, capture_output=True, check=False
    )
    assert told.returncode == 2
    assert (b"can't be written" in told.stderr) == (closed == ">&-")
    assert b"Traceback" not in told.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_the_progress_line_cannot_be_spoken_through(tmp_path: Path) -> None:
    import pty

    path = tmp_path / "\x1b]0;owned\x07[red]name"
    path.write_bytes(safetensors_bytes({}, b""))
    parent, child = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "generators.cli", "inspect", str(path)],
        cwd=PROJECT,
        env={**os.environ, "TERM": "xterm"},
        stdout=subprocess.DEVNULL,
        stderr=child,
        check=True,
    )
    os.close(child)
    shown = os.read(parent, 1 << 16)
    os.close(parent)
    assert b"reading" in shown
    assert b"]0;owned\x07" not in shown
    assert b"\x1b]0;" not in shown

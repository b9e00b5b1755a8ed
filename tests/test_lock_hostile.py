"""Locks that are TOML, and try to be more than a list."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import pytest

from generators.errors import LockError
from generators.lock import read_lock
from generators.model.lock import Unavailable
from generators.sources import find_artifact

CHECKPOINT = """\
lock-version = 1
[[checkpoint]]
id = "a"
title = "t"
variant = "v"
report = "r"
sources = []
"""


def refusal(tmp_path: Path, text: str) -> LockError:
    path = tmp_path / "checkpoints.lock"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LockError) as told:
        read_lock(path)
    return told.value


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('id = "a"', 'id = "a\\n"', 3),
        ('title = "t"', 'title = "t\\n"', 4),
        ("sources = []", f'sources = []\nsha256 = "{"0" * 64}\\n"', 8),
    ],
)
def test_a_newline_at_the_end_is_no_part_of_a_value(tmp_path: Path, old: str, new: str, line: int) -> None:
    error = refusal(tmp_path, CHECKPOINT.replace(old, new))
    assert (error.code, error.where) == ("wrong-value", f"{tmp_path / 'checkpoints.lock'}:{line}")


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_path_that_leads_to_itself_is_refused_or_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    path = tmp_path / "checkpoints.lock"
    path.write_text(CHECKPOINT.replace("[]", '[{ kind = "path", address = "loop" }]'), encoding="utf-8")
    found = None
    with contextlib.suppress(LockError):  # Python resolves such a link from 3.13 on, and refuses before
        found = find_artifact(read_lock(path).checkpoints[0], tmp_path, {})
    assert found in {None, Unavailable(reason="not-fetched", searched=("checkpoints/a",))}

from __future__ import annotations

from pathlib import Path

import pytest

from generators.errors import LockError
from generators.lock import read_lock

PROJECT = Path(__file__).resolve().parents[1]

HEAD = "lock-version = 1\n"
CHECKPOINT = """
[[checkpoint]]
id = "one"
title = "one.pth"
variant = "convnextpose-xs"
report = "r"
sources = [{ kind = "gdrive", address = "165D0rU2GImmRe7u7DNe6eKJG8voBIcGh" }]
"""


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "checkpoints.lock"
    path.write_text(text, encoding="utf-8")
    return path


def _error(tmp_path: Path, text: str) -> LockError:
    with pytest.raises(LockError) as caught:
        read_lock(_write(tmp_path, text))
    assert caught.value.remedy
    return caught.value


def test_the_projects_own_lock_lists_the_official_files_and_the_controls() -> None:
    lock = read_lock(PROJECT / "checkpoints.lock")
    assert [entry.id for entry in lock.checkpoints] == [
        "convnextpose-xs",
        "convnextpose-s",
        "convnextpose-m",
        "convnextpose-l",
        "rootnet-snapshot-18",
    ]
    assert [entry.recipe for entry in lock.controls] == [
        "convnextpose-xs",
        "convnextpose-s",
        "convnextpose-m",
        "convnextpose-l",
        "rootnet-resnet50",
        "assay-micro",
    ]
    assert [entry.id for entry in lock.controls if entry.training] == ["control-trained"]
    size = lock.checkpoints[0].size
    assert size is not None
    # every size that a listing to 0.01 MiB rounds to 40.58
    assert round(size.minimum_bytes / 2**20, 2) == round(size.maximum_bytes / 2**20, 2) == 40.58
    assert round((size.minimum_bytes - 1) / 2**20, 2) == 40.57 or round((size.maximum_bytes + 1) / 2**20, 2) == 40.59


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "unknown-version", 1),
        ("lock-version = 2\n", "unknown-version", 1),
        ("lock-version = true\n", "unknown-version", 1),
        (HEAD + CHECKPOINT + 'colour = "red"\n', "unknown-key", 9),
        (HEAD + CHECKPOINT + "sha256 = 5\n", "wrong-value", 9),
        (HEAD + CHECKPOINT + 'sha256 = "abc"\n', "wrong-value", 9),
        (HEAD + CHECKPOINT.replace('id = "one"', 'id = "a/b"'), "wrong-value", 4),
        (HEAD + CHECKPOINT.replace('id = "one"', 'id = ".."'), "path-leaves-project", 4),
        (HEAD + CHECKPOINT + CHECKPOINT, "duplicate-id", 11),
        (HEAD + CHECKPOINT + CHECKPOINT.replace('"one"', '"ONE"'), "duplicate-id", 11),
        (HEAD + CHECKPOINT + "size_bytes = { minimum = 9, maximum = 3 }\n", "empty-range", 9),
        (HEAD + CHECKPOINT + "size_bytes = -1\n", "wrong-value", 9),
        (
            HEAD
            + CHECKPOINT.replace(
                'kind = "gdrive", address = "165D0rU2GImmRe7u7DNe6eKJG8voBIcGh"', 'kind = "path", address = "../x"'
            ),
            "path-leaves-project",
            8,
        ),
        (
            HEAD
            + CHECKPOINT.replace(
                'kind = "gdrive", address = "165D0rU2GImmRe7u7DNe6eKJG8voBIcGh"', 'kind = "path", address = "C:\\\\x"'
            ),
            "path-leaves-project",
            8,
        ),
        (
            HEAD
            + CHECKPOINT.replace(
                'kind = "gdrive", address = "165D0rU2GImmRe7u7DNe6eKJG8voBIcGh"', 'kind = "https", address = "http://x"'
            ),
            "not-https",
            8,
        ),
        (HEAD + CHECKPOINT.replace("165D0rU2GImmRe7u7DNe6eKJG8voBIcGh", "a b"), "not-a-drive-id", 8),
        (HEAD + '[[control]]\nid = "c"\nrecipe = "x"\nseed = "1"\n', "wrong-value", 5),
        (HEAD + '[[control]]\nid = "c"\nseed = 1\n', "wrong-value", 2),
        (HEAD + '[[control]]\nid = "c"\nrecipe = "x"\nseed = 1\n', "unknown-recipe", 4),
        (HEAD + CHECKPOINT.replace('"one.pth"', '"one\\u0000.pth"'), "wrong-value", 5),
        (HEAD + CHECKPOINT.replace("165D0rU2GImmRe7u7DNe6eKJG8voBIcGh", "a\\u0000b"), "wrong-value", 8),
        (HEAD + "[[checkpoint\n", "not-toml", 2),
    ],
)
def test_each_mistake_is_told_with_its_line_and_a_remedy(tmp_path: Path, text: str, code: str, line: int) -> None:
    error = _error(tmp_path, text)
    assert error.code == code
    assert error.where.endswith(f"checkpoints.lock:{line}")
    assert "what to do: " in error.diagnostics()


def test_a_missing_lock_is_told(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="unreadable"):
        read_lock(tmp_path / "checkpoints.lock")


def test_a_lock_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.lock"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(LockError, match="not-utf8"):
        read_lock(path)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.lock"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + CHECKPOINT).encode())
    assert len(read_lock(path).checkpoints) == 1


def test_an_exact_size_is_a_range_of_one(tmp_path: Path) -> None:
    lock = read_lock(_write(tmp_path, HEAD + CHECKPOINT + "size_bytes = 7\n"))
    size = lock.checkpoints[0].size
    assert size is not None
    assert 7 in size
    assert 8 not in size
    assert lock.checkpoints[0].line == 3


@pytest.mark.parametrize("recipe", ["rootnet-resnet50"])
def test_a_control_without_a_volume_can_not_be_trained(tmp_path: Path, recipe: str) -> None:
    control = f'[[control]]\nid = "c"\nrecipe = "{recipe}"\nseed = 1\ntraining = "drawn-figures"\n'
    error = _error(tmp_path, HEAD + control)
    assert error.code == "not-trainable"
    assert error.where.endswith(":6")


def test_a_training_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    control = '[[control]]\nid = "c"\nrecipe = "assay-micro"\nseed = 1\ntraining = "moon-landings"\n'
    assert "moon-landings" in _error(tmp_path, HEAD + control).diagnostics()


def test_a_control_is_drawn_at_random_unless_it_says_otherwise(tmp_path: Path) -> None:
    control = '[[control]]\nid = "c"\nrecipe = "assay-micro"\nseed = 1\n'
    assert read_lock(_write(tmp_path, HEAD + control)).controls[0].training == ""

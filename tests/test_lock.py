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


ADDRESS = '{ kind = "gdrive", address = "165D0rU2GImmRe7u7DNe6eKJG8voBIcGh" }'


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("hub", "owner/name@0123abc:folder/model.safetensors"),
        ("hub", "owner/name@refs/pr/1:model.safetensors"),
        ("github", "owner/name@v1.0:model.pth"),
        ("zenodo", "1234567:my model.pth"),
        ("s3", "s3://bucket/key/model.pth"),
        ("gs", "gs://bucket/model.pth"),
        ("https", "https://example.org/model.pth?download=1"),
        ("https", "http://127.0.0.1:8000/model.pth"),
    ],
)
def test_every_kind_of_source_is_read(tmp_path: Path, kind: str, address: str) -> None:
    text = CHECKPOINT.replace(ADDRESS, f'{{ kind = "{kind}", address = "{address}" }}')
    (source,) = read_lock(_write(tmp_path, HEAD + text)).checkpoints[0].sources
    assert (source.kind, source.address, source.hosts) == (kind, address, ())


def test_sources_keep_their_order_and_the_hosts_that_are_allowed(tmp_path: Path) -> None:
    mirror = '{ kind = "https", address = "https://example.org/m.pth", hosts = ["cdn.example.net", "*.example.com"] }'
    entry = read_lock(_write(tmp_path, HEAD + CHECKPOINT.replace(ADDRESS, f"{mirror}, {ADDRESS}"))).checkpoints[0]
    assert [source.kind for source in entry.sources] == ["https", "gdrive"]
    assert entry.sources[0].hosts == ("cdn.example.net", "*.example.com")


@pytest.mark.parametrize(
    ("kind", "address", "code"),
    [
        ("hub", "owner/name:model.safetensors", "wrong-form"),
        ("hub", "owner/name@main", "wrong-form"),
        ("github", "owner/name@v1", "wrong-form"),
        ("zenodo", "https://zenodo.org/records/1", "wrong-form"),
        ("s3", "s3://bucket", "wrong-form"),
        ("gs", "s3://bucket/key", "wrong-form"),
        ("https", "http://example.org/model.pth", "not-https"),
        ("page", "http://127.0.0.1/page", "not-https"),
        ("ftp", "ftp://example.org/model.pth", "wrong-value"),
    ],
)
def test_an_address_of_another_form_than_its_kinds_is_refused(
    tmp_path: Path, kind: str, address: str, code: str
) -> None:
    text = CHECKPOINT.replace(ADDRESS, f'{{ kind = "{kind}", address = "{address}" }}')
    assert _error(tmp_path, HEAD + text).code == code


@pytest.mark.parametrize(
    "address",
    [
        "https://anna:s3cret@example.org/f",
        "https://s3cret@example.org/f",
        "https://example.org/f?X-Amz-Signature=s3cret",
        "https://example.org/f?id=1&token=s3cret",
        "https://example.org/f?sig=s3cret&se=2026",
    ],
)
def test_an_address_with_a_secret_is_refused_without_repeating_it(tmp_path: Path, address: str) -> None:
    text = CHECKPOINT.replace(ADDRESS, f'{{ kind = "https", address = "{address}" }}')
    error = _error(tmp_path, HEAD + text)
    assert error.code == "secret-in-address"
    assert "s3cret" not in error.diagnostics()


def test_a_source_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    text = CHECKPOINT.replace(ADDRESS, f"{ADDRESS}, {ADDRESS}")
    assert _error(tmp_path, HEAD + text).code == "duplicate-source"


@pytest.mark.parametrize("host", ["https://example.org", "example.org/x", "*", "*.*", ""])
def test_a_host_is_a_name_and_nothing_else(tmp_path: Path, host: str) -> None:
    text = CHECKPOINT.replace(ADDRESS, f'{{ kind = "https", address = "https://a.org/f", hosts = ["{host}"] }}')
    assert _error(tmp_path, HEAD + text).code == "wrong-value"

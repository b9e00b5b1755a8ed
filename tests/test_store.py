from __future__ import annotations

import os
from pathlib import Path

import pytest

from generators.errors import StoreError
from generators.model.fingerprint import Statistics
from generators.store import CacheFolder, decode, encode, write_atomically


def _statistics(mean: float) -> Statistics:
    return Statistics(count=1, nonfinite=0, zeros=0, minimum=1, maximum=2.5, mean=mean, std=0.0)


def test_what_is_encoded_is_decoded_again() -> None:
    value = _statistics(0.1)
    assert decode(encode(value), Statistics) == value


def test_data_of_another_shape_is_none() -> None:
    assert decode(b'{"count": "x"}', Statistics) is None
    assert decode(b"\xff", Statistics) is None


def test_nan_becomes_null() -> None:
    assert b'"mean": null' in encode(_statistics(float("nan")))


def test_a_kept_value_is_not_computed_again(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path)
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return b"x"

    assert [cache.get_or_make("k", make), cache.get_or_make("k", make), cache.get_or_make("other", make)] == [b"x"] * 3
    assert len(made) == 2


def test_a_damaged_kept_value_is_computed_anew(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path)
    assert cache.get_or_compute("k", Statistics, lambda: _statistics(1)) == _statistics(1)
    (kept,) = (p for p in tmp_path.rglob("*") if p.is_file())
    kept.write_bytes(kept.read_bytes()[:-9])
    assert cache.get_or_compute("k", Statistics, lambda: _statistics(2)) == _statistics(2)


def test_a_value_that_is_not_worth_keeping_is_computed_again(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path)
    for mean in (1.0, 2.0):
        value = cache.get_or_compute(
            "k", Statistics, lambda mean=mean: _statistics(mean), worth_keeping=lambda s: s.mean == 2.0
        )
        assert value == _statistics(mean)
    assert cache.get_or_compute("k", Statistics, lambda: _statistics(3)) == _statistics(2)


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail() -> None:
        with write_atomically(path) as file:
            file.write(b"new")
            raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_one_and_the_file_it_leads_to_is_written(tmp_path: Path) -> None:
    file, link = tmp_path / "there" / "file", tmp_path / "link"
    file.parent.mkdir()
    file.write_bytes(b"old")
    link.symlink_to(file)
    with write_atomically(link) as opened:
        opened.write(b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_a_pipe_is_written_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with write_atomically(pipe) as file:
        file.write(b"new")
    assert os.read(reader, 10) == b"new"
    os.close(reader)
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_place_that_cannot_be_written_is_told_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="unwritable") as caught:
        CacheFolder(tmp_path / "file" / "cache").get_or_make("k", lambda: b"x")
    assert "ASSAY_CACHE" in caught.value.remedy

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
import torch

from generators.containers import open_checkpoint
from generators.containers.ranged_bytes import RangedBytes
from generators.errors import ContainerError

SIZE = 40
"""Tensors of 100 KB each."""


class Elsewhere:
    """A file that is read by parts, and which parts those were."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        self.parts: list[tuple[int, int]] = []
        self.threads: set[int] = set()

    def read(self, start: int, size: int) -> bytes:
        self.parts.append((start, size))
        self.threads.add(threading.get_ident())
        return self.data[start : start + size]


def _save(path: Path, *, zipped: bool) -> Path:
    tensors = {f"layer.{n}.weight": torch.full((160, 160), float(n)) for n in range(SIZE)}
    torch.save({"epoch": 3, "network": tensors}, path, _use_new_zipfile_serialization=zipped)
    return path


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_elsewhere_is_read_as_it_would_be_here_from_a_small_part_of_it(tmp_path: Path, *, zipped: bool) -> None:
    path = _save(tmp_path / "m.pth", zipped=zipped)
    source = Elsewhere(path)
    ranged = RangedBytes(len(source.data), source.read)
    with open_checkpoint(path) as here, open_checkpoint(ranged) as there:
        assert there.container == here.container
        assert len(there.container.tensors) == SIZE
    assert ranged.read_bytes == sum(size for _, size in source.parts) < len(source.data) // 20
    assert ranged.requests == len(source.parts) < 3 * SIZE
    assert source.threads - {threading.get_ident()}, "what lies apart is asked for over several connections"


def test_what_is_announced_comes_over_several_connections_and_only_once() -> None:
    data = os.urandom(1 << 20)
    asked: list[tuple[int, int]] = []
    barrier = threading.Barrier(4, timeout=10)

    def read(start: int, size: int) -> bytes:
        asked.append((start, size))
        barrier.wait()  # passes only when four are asked for at a time
        return data[start : start + size]

    ranged = RangedBytes(len(data), read)
    places = [n << 17 for n in range(8)]
    ranged.announce((place, 8) for place in places)
    assert len(asked) == 8
    assert [ranged.read(place, 8) for place in places] == [data[place : place + 8] for place in places]
    assert len(asked) == 8


def test_more_than_the_budget_is_refused(tmp_path: Path) -> None:
    source = Elsewhere(_save(tmp_path / "m.pth", zipped=True))
    ranged = RangedBytes(len(source.data), source.read, budget_bytes=5000)
    with pytest.raises(ContainerError) as caught:
        open_checkpoint(ranged)
    assert caught.value.code == "over-budget"
    assert sum(size for _, size in source.parts) <= 5000


def test_a_file_that_became_shorter_is_changing() -> None:
    with pytest.raises(ContainerError) as caught:
        RangedBytes(1000, lambda _start, _size: b"").read(0, 10)
    assert caught.value.code == "changing"


def test_reading_on_takes_more_along_each_time() -> None:
    data = bytes(1 << 20)
    ranged = RangedBytes(len(data), lambda start, size: data[start : start + size])
    for position in range(0, len(data) // 4, 100):
        assert ranged.read(position, 100) == data[position : position + 100]
    assert ranged.requests < 12


@pytest.mark.parametrize(("start", "size"), [(0, 1), (255, 2), (990, 100), (1000, 1), (-1, 4), (5, 0)])
def test_every_run_is_the_files(start: int, size: int) -> None:
    data = os.urandom(1000)
    ranged = RangedBytes(len(data), lambda at, wanted: data[at : at + wanted])
    assert ranged.read(start, size) == (data[start : start + size] if start >= 0 else b"")

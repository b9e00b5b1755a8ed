"""A file elsewhere that is read whole: what is asked for, and what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import safetensors_bytes

from generators.containers.streamed_bytes import AT_ONCE_BYTES, KEPT_BYTES, StreamedBytes
from generators.errors import ContainerError
from generators.pipeline.files.reading import inspect_bytes, inspect_file


class Storage:
    """Holds a file, and notes what is asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.asked: list[tuple[int, int]] = []

    def read(self, start: int, size: int) -> bytes:
        self.asked.append((start, size))
        return self.data[start : start + size]


def a_file(size: int) -> bytes:
    header = {"w": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}
    return safetensors_bytes(header, bytes(range(256)) * (size // 256))


@pytest.mark.parametrize("size", [1 << 16, 20 << 20])
def test_it_says_what_a_file_of_this_machine_says(tmp_path: Path, size: int) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(a_file(size))
    storage = Storage(path.read_bytes())
    streamed = StreamedBytes(len(storage.data), storage.read)
    assert inspect_bytes(path.name, streamed, "digests-and-statistics") == inspect_file(path)
    assert streamed.read_bytes == sum(size for _, size in storage.asked)
    assert streamed.requests == len(storage.asked)


def test_a_small_file_is_asked_for_once() -> None:
    storage = Storage(a_file(1 << 16))
    inspect_bytes("m", StreamedBytes(len(storage.data), storage.read), "digests")
    assert storage.asked == [(0, len(storage.data))]


def test_a_large_file_comes_once_beside_its_index_and_none_of_it_is_kept() -> None:
    storage = Storage(a_file(5 * AT_ONCE_BYTES))
    streamed = StreamedBytes(len(storage.data), storage.read)
    inspect_bytes("m", streamed, "digests")
    assert len(storage.data) <= streamed.read_bytes < len(storage.data) + 200_000
    assert sum(len(block) for block in streamed._blocks.values()) < 200_000


def test_a_file_that_becomes_shorter_is_refused() -> None:
    storage = Storage(a_file(2 * AT_ONCE_BYTES))
    streamed = StreamedBytes(len(storage.data), storage.read)
    storage.data = storage.data[:-1000]
    with pytest.raises(ContainerError, match="changing"):
        inspect_bytes("m", streamed, "digests")


def test_what_has_to_be_kept_is_bounded() -> None:
    streamed = StreamedBytes(2 * KEPT_BYTES, lambda _, size: bytes(size))
    with pytest.raises(ContainerError, match="over-budget"):
        streamed.read(0, KEPT_BYTES + 1)


def test_beyond_its_ends_there_is_nothing() -> None:
    for size in (10, AT_ONCE_BYTES + 10):
        streamed = StreamedBytes(size, lambda _, wanted: bytes(wanted))
        assert (streamed.read(-1, 5), streamed.read(size, 5), streamed.read(size - 2, 5)) == (b"", b"", b"\0\0")
        assert (streamed.read_into(memoryview(bytearray(8)), size), streamed.read(0, 0)) == (0, b"")

"""One pass over a file, whoever listens."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest
from blake3 import blake3
from fingerprint.memory import MemoryReader

from generators.fingerprint import whole_digest
from generators.fingerprint.file_pass import WholeBlake3, digest_blake3, read_once
from generators.fingerprint.whole_digest import WholeDigest, begin_sha256
from generators.model.checkpoint import FileRun

SIZES = (0, 1, 999, 1000, 1001, 12_345)


class Note:
    """A run that keeps what it hears."""

    def __init__(self, start: int, stop: int, block_bytes: int = 0) -> None:
        self.start = start
        self.stop = stop
        self.block_bytes = block_bytes
        self.pieces: list[bytes] = []

    def add(self, data: memoryview) -> None:
        self.pieces.append(bytes(data))


def _read(file: MemoryReader, runs: Sequence[FileRun]) -> None:
    with begin_sha256(file) as sha256:
        read_once(sha256, runs)


@pytest.fixture(params=["one core", "two cores"], autouse=True)
def small_chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_digest, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(whole_digest, "BLOCK_BYTES", 700)
    monkeypatch.setattr(whole_digest, "AHEAD_CHUNK_BYTES", 300)
    monkeypatch.setattr(whole_digest, "AHEAD_BYTES", 5100)
    monkeypatch.setattr(whole_digest, "SMALL_FILE_BYTES", 10)
    monkeypatch.setattr(whole_digest, "cores", lambda: 1 if request.param == "one core" else 2)


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_is_digested(size: int) -> None:
    data = np.random.default_rng(size).bytes(size)
    file = MemoryReader({}, data)
    whole = WholeBlake3(file)
    with begin_sha256(file) as sha256:
        assert read_once(sha256, [whole]) == size
    assert sha256.hexdigest() == hashlib.sha256(data).hexdigest()
    assert whole.hexdigest() == blake3(data).hexdigest() == digest_blake3(file)


def test_each_run_gets_its_bytes_in_order_and_every_byte_is_read_once() -> None:
    dice = np.random.default_rng(5)
    data = dice.bytes(12_345)
    reader = MemoryReader({}, data)
    edges = np.sort(dice.integers(len(data) + 1, size=(200, 2))).tolist()
    runs = [Note(start, stop, int(dice.choice((0, 64, 300, 5000)))) for start, stop in edges]
    _read(reader, runs)
    assert [b"".join(run.pieces) for run in runs] == [data[run.start : run.stop] for run in runs]
    assert sum(size for _, size in reader.reads) == len(data)


def test_runs_that_like_blocks_get_whole_ones() -> None:
    data = bytes(10_000)
    runs = [Note(7, 3001, 300), Note(3001, 9988, 300)]
    # what was read ahead was cut before anybody knew of the blocks
    read_once(WholeDigest(MemoryReader({}, data), hashlib.sha256()), [*runs, Note(0, 10_000)])
    for run in runs:
        assert all(len(piece) % 300 == 0 for piece in run.pieces[:-1])


def test_a_run_beyond_the_end_gets_what_there_is() -> None:
    beyond, empty, half = Note(20_000, 20_010), Note(5, 5), Note(900, 3000)
    _read(MemoryReader({}, bytes(1200)), [beyond, empty, half])
    assert (beyond.pieces, empty.pieces, sum(map(len, half.pieces))) == ([], [], 300)


def test_a_file_that_ends_with_an_error_is_told() -> None:
    class Failing(MemoryReader):
        def read_into(self, buffer: memoryview, start: int) -> int:
            if start > 2000:
                raise OSError(5, "Input/output error")
            return super().read_into(buffer, start)

    with pytest.raises(OSError, match="Input/output"):
        _read(Failing({}, bytes(9000)), ())


def test_an_error_of_a_listener_ends_the_pass() -> None:
    class Failing(Note):
        def add(self, data: memoryview) -> None:  # noqa: ARG002
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        _read(MemoryReader({}, bytes(9000)), [Failing(0, 100)])


def test_the_digest_runs_ahead_until_the_chunks_are_asked_for() -> None:
    data = np.random.default_rng(7).bytes(12_345)
    reader = MemoryReader({}, data)
    with begin_sha256(reader) as sha256:
        deadline = time.monotonic() + 10
        while whole_digest.cores() > 1 and sum(size for _, size in reader.reads) < 5100:
            assert time.monotonic() < deadline
        everything = Note(0, len(data))
        read_once(sha256, [everything])
    assert b"".join(everything.pieces) == data
    assert sha256.hexdigest() == hashlib.sha256(data).hexdigest()
    assert sum(size for _, size in reader.reads) == len(data)


def test_what_was_begun_and_not_wanted_ends() -> None:
    reader = MemoryReader({}, bytes(100_000))
    with begin_sha256(reader):
        pass
    assert sum(size for _, size in reader.reads) <= 5100
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("digest")]

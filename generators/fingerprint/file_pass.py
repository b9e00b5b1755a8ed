"""One pass over a file: each run of it to whoever listens, from the buffers that the whole is digested from."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence

from blake3 import blake3

from generators.fingerprint.whole_digest import CHUNK_BYTES, WholeDigest, cores
from generators.model.checkpoint import FileRun, WholeFile

BLAKE3_THREADS = 2
"""Beside one that reads; with more, reading is the slower part. Given as a number, they are this hasher's own, and a
process that is forked meanwhile doesn't wait for them."""


class WholeBlake3:
    """Listens to a whole file for its BLAKE3, by which a known file is told in a fraction of SHA-256's time.

    Args:
        file: The file, of its present size.

    Attributes:
        start: 0.
        stop: The file's size.
    """

    block_bytes = 0
    __slots__ = ("_hasher", "start", "stop")

    def __init__(self, file: WholeFile) -> None:
        self.start = 0
        self.stop = file.size_bytes
        self._hasher = blake3()

    def add(self, data: memoryview) -> None:
        """Take in the next bytes."""
        self._hasher.update(data)

    def hexdigest(self) -> str:
        """Return the digest of what was heard."""
        return self._hasher.hexdigest()


def read_once(whole: WholeDigest, runs: Iterable[FileRun]) -> int:
    """Read a file from its beginning to its end, and give every run its bytes in order; return the file's size.

    Args:
        whole: The file, and who digests all of it.
        runs: Who listens; runs may overlap. A run beyond the file's end gets nothing.

    Raises:
        OSError: The file can't be read to its end.
    """
    runs = sorted((run for run in runs if run.stop > run.start), key=lambda run: run.start)
    listeners, cuts = _Listeners(runs), _Cuts(runs)
    position = 0
    for chunk in whole.chunks(cuts.next_cut):
        listeners.hear(chunk, position)
        position += len(chunk)
    return position


def digest_blake3(file: WholeFile) -> str:
    """Return the BLAKE3 of a file, in hexadecimal: the quick way to see that a known file is unchanged.

    Raises:
        OSError: The file can't be read to its end.
    """
    threads = min(cores(), BLAKE3_THREADS) if file.size_bytes > CHUNK_BYTES else 1
    with WholeDigest(file, blake3(max_threads=threads)) as whole:
        for _ in whole.chunks(lambda _, limit: limit):
            pass
        return whole.hexdigest()


class _Listeners:
    """Hands each run its part of every chunk.

    Args:
        runs: By their starts.
    """

    def __init__(self, runs: Sequence[FileRun]) -> None:
        self._waiting = deque(runs)
        self._open: list[FileRun] = []

    def hear(self, chunk: memoryview, position: int) -> None:
        end = position + len(chunk)
        while self._waiting and self._waiting[0].start < end:
            self._open.append(self._waiting.popleft())
        for run in self._open:
            run.add(chunk[max(0, run.start - position) : run.stop - position])
        self._open = [run for run in self._open if run.stop > end]


class _Cuts:
    """Where to cut a file, so that the runs that like blocks get whole ones.

    Args:
        runs: By their starts.
    """

    def __init__(self, runs: Sequence[FileRun]) -> None:
        self._runs = [run for run in runs if run.block_bytes]
        self._starts = [run.start for run in self._runs]

    def next_cut(self, position: int, limit: int) -> int:
        """Return the last good place after ``position`` and up to ``limit``."""
        number = bisect_left(self._starts, limit) - 1
        if number < 0 or self._runs[number].stop <= limit:
            return limit
        run = self._runs[number]
        cut = limit - (limit - run.start) % run.block_bytes
        return cut if cut > position else limit

"""One pass over a file: digests of the whole, and each run of it to whoever listens.

A thread of its own computes the SHA-256, which is slower than all the rest
together; the caller's thread reads, and does the rest from the same buffers, so
that no byte is read or copied twice.
"""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle

from blake3 import blake3
from msgspec import Struct

from generators.model.checkpoint import FileRun, WholeFile

BLOCK_BYTES = 256 * 1024
"""Small enough for a core's second-level cache together with its float64 copy of float32 data."""
CHUNK_BYTES = 1 << 22
"""Some milliseconds of SHA-256: handing over costs nothing beside it."""
CHUNKS = 2
"""One being hashed while the other is read and listened to. With more, reading runs ahead, and what it read has left
the caches when its turn comes."""
SMALL_FILE_BYTES = 1 << 18
"""A thread costs more than it saves for a file up to this size."""


class FileDigests(Struct, frozen=True, kw_only=True):
    """Of all bytes of a file; ``sha256`` is lower-case hexadecimal."""

    sha256: str
    size_bytes: int


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


def read_once(file: WholeFile, runs: Iterable[FileRun]) -> FileDigests:
    """Read a file from its beginning to its end, and give every run its bytes in order.

    Args:
        file: The file.
        runs: Who listens; runs may overlap. A run beyond the file's end gets nothing.

    Raises:
        OSError: The file can't be read to its end.
    """
    sha256 = hashlib.sha256()
    runs = sorted((run for run in runs if run.stop > run.start), key=lambda run: run.start)
    listeners, cuts = _Listeners(runs), _Cuts(runs)
    position = 0
    for chunk in _read_chunks(file, sha256.update, cuts.next_cut):
        listeners.hear(chunk, position)
        position += len(chunk)
    return FileDigests(sha256=sha256.hexdigest(), size_bytes=position)


def digest_blake3(file: WholeFile) -> str:
    """Return the BLAKE3 of a file, in hexadecimal: the quick way to see that a known file is unchanged.

    Raises:
        OSError: The file can't be read to its end.
    """
    whole = blake3()
    for _ in _read_chunks(file, whole.update, lambda _, limit: limit):
        pass
    return whole.hexdigest()


_Hear = Callable[[memoryview], object]
_NextCut = Callable[[int, int], int]


def _read_chunks(file: WholeFile, hear: _Hear, next_cut: _NextCut) -> Iterator[memoryview]:
    """Yield a file's bytes in order; ``hear`` gets them too, and has had all at the end.

    A chunk's memory is reused once the next is asked for.

    Args:
        file: The file.
        hear: Called on another thread where there is another core for it.
        next_cut: Where the chunk from the first position should end, at the second at the latest.
    """
    if file.size_bytes <= SMALL_FILE_BYTES or _cores() == 1:
        return _read_alone(file, hear, next_cut)
    return _read_together(file, hear, next_cut)


def _read_alone(file: WholeFile, hear: _Hear, next_cut: _NextCut) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(max(1, min(file.size_bytes, BLOCK_BYTES))))
    position = 0
    while size := file.read_into(buffer[: next_cut(position, position + len(buffer)) - position], position):
        hear(buffer[:size])
        yield buffer[:size]
        position += size


def _read_together(file: WholeFile, hear: _Hear, next_cut: _NextCut) -> Iterator[memoryview]:
    heard: deque[Future[object]] = deque()
    position = 0
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="digest") as pool:
        for buffer in cycle([memoryview(bytearray(CHUNK_BYTES)) for _ in range(CHUNKS)]):
            if len(heard) == CHUNKS:
                heard.popleft().result()
            size = file.read_into(buffer[: next_cut(position, position + CHUNK_BYTES) - position], position)
            if not size:
                break
            heard.append(pool.submit(hear, buffer[:size]))
            yield buffer[:size]
            position += size
        for future in heard:
            future.result()


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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

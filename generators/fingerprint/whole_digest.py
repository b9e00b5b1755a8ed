"""A file's digest on a thread of its own, and the file's bytes chunk by chunk for whoever needs them too.

SHA-256 is slower than all the rest together. So its thread never waits: it
begins before the file's index is read, and later gets each chunk as soon as it
is in memory.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, Self

from msgspec import Struct

from generators.model.checkpoint import WholeFile

BLOCK_BYTES = 256 * 1024
"""Small enough for a core's second-level cache together with its float64 copy of float32 data."""
CHUNK_BYTES = 1 << 22
"""Some milliseconds of SHA-256: handing over costs nothing beside it."""
CHUNKS = 2
"""One being digested while the other is read and listened to. With more, reading runs ahead, and what it read has left
the caches when its turn comes."""
AHEAD_CHUNK_BYTES = 1 << 24
"""Python lets the thread that reads the index go on for 5 ms whenever this one has finished a chunk
(``sys.getswitchinterval``): the fewer, the better."""
AHEAD_BYTES = 48 << 20
"""Read ahead of the pass at most: what is digested while the index of some hundred tensors is read."""
SMALL_FILE_BYTES = 1 << 18
"""A thread costs more than it saves for a file up to this size."""

NextCut = Callable[[int, int], int]
"""Where the chunk from the first position should end, at the second at the latest."""


class Hasher(Protocol):
    """Takes in bytes: one of hashlib's or BLAKE3's."""

    def update(self, data: memoryview, /) -> object:
        """Take in the next bytes."""

    def hexdigest(self) -> str:
        """Return the digest of what was taken in."""


class WholeDigest:
    """The digest of a whole file, and its chunks; a context manager.

    Args:
        file: The file.
        hasher: Gets every byte in order, on another thread where there is another core for it.
    """

    def __init__(self, file: WholeFile, hasher: Hasher) -> None:
        self._file = file
        self._hasher = hasher
        self._is_threaded = file.size_bytes > SMALL_FILE_BYTES and cores() > 1
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="digest") if self._is_threaded else None
        self._ahead: list[memoryview] = []
        self._running_ahead: Future[None] | None = None
        self._is_wanted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_wanted = True
        if self._pool is not None:
            self._pool.shutdown()

    def run_ahead(self) -> None:
        """Begin with the file's beginning, until the chunks are asked for; what was read is kept for them."""
        if self._pool is not None:
            self._running_ahead = self._pool.submit(self._run_ahead)

    def chunks(self, next_cut: NextCut) -> Iterator[memoryview]:
        """Yield the file's bytes in order; the hasher has had all of them at the end.

        A chunk's memory is reused once the next is asked for.

        Raises:
            OSError: The file can't be read to its end.
        """
        return self._read_alone(next_cut) if self._pool is None else self._read_together(next_cut, self._pool)

    def hexdigest(self) -> str:
        """Return the digest, once all chunks were taken."""
        return self._hasher.hexdigest()

    def _run_ahead(self) -> None:
        position = 0
        while not self._is_wanted and position < AHEAD_BYTES:
            buffer = memoryview(bytearray(AHEAD_CHUNK_BYTES))
            size = self._read_and_digest(buffer, position)
            self._ahead.append(buffer[:size])
            if size < len(buffer):
                return
            position += size

    def _read_and_digest(self, buffer: memoryview, position: int) -> int:
        return self._digest(buffer[: self._file.read_into(buffer, position)])

    def _digest(self, chunk: memoryview) -> int:
        self._hasher.update(chunk)
        return len(chunk)

    def _read_alone(self, next_cut: NextCut) -> Iterator[memoryview]:
        buffer = memoryview(bytearray(max(1, min(self._file.size_bytes, BLOCK_BYTES))))
        position = 0
        while size := self._read_and_digest(buffer[: next_cut(position, position + len(buffer)) - position], position):
            yield buffer[:size]
            position += size

    def _read_together(self, next_cut: NextCut, pool: ThreadPoolExecutor) -> Iterator[memoryview]:
        self._is_wanted = True
        if self._running_ahead is not None:
            self._running_ahead.result()
        waiting = _Waiting(self._ahead)
        position = waiting.held_bytes
        while True:
            while waiting.has_room():
                end = next_cut(position, position + CHUNK_BYTES)
                buffer = waiting.new_buffer()[: end - position]
                if waiting.held_bytes and waiting.is_digested:
                    # the other thread has nothing to do, this one has: the other reads
                    waiting.add(buffer, pool.submit(self._read_and_digest, buffer, position))
                else:
                    size = self._file.read_into(buffer, position)
                    waiting.add(buffer[:size], pool.submit(self._digest, buffer[:size]), is_read=True)
                position = end
            chunk = waiting.first()
            if not chunk:
                return
            yield chunk
            waiting.remove_first()


def begin_sha256(file: WholeFile) -> WholeDigest:
    """Return the SHA-256 of a file, for a ``with`` block; on another core, it runs ahead until the file is read."""
    whole = WholeDigest(file, hashlib.sha256())
    whole.run_ahead()
    return whole


class _Chunk(Struct):
    """Bytes of the file, or memory that they are being read into; ``digested`` gives their number."""

    buffer: memoryview
    digested: Future[int] | None
    is_read: bool


class _Waiting:
    """Chunks that still have to be listened to.

    Args:
        ahead: What was read ahead, and digested.
    """

    def __init__(self, ahead: Iterable[memoryview]) -> None:
        self._chunks = deque(_Chunk(chunk, None, is_read=True) for chunk in ahead)
        self._digesting: deque[Future[int]] = deque()
        self._spare: list[memoryview] = []
        self.held_bytes = sum(len(chunk.buffer) for chunk in self._chunks)
        self._limit_bytes = self.held_bytes + CHUNKS * CHUNK_BYTES

    @property
    def is_digested(self) -> bool:
        """Whether the hasher has had all chunks."""
        while self._digesting and self._digesting[0].done():
            self._digesting.popleft()
        return not self._digesting

    def has_room(self) -> bool:
        """Say whether the hasher will soon run out of chunks, and there may be another one."""
        few = self.is_digested or len(self._digesting) < CHUNKS
        return few and self.held_bytes + CHUNK_BYTES <= self._limit_bytes

    def new_buffer(self) -> memoryview:
        """Return memory for a chunk."""
        return self._spare.pop() if self._spare else memoryview(bytearray(CHUNK_BYTES))

    def add(self, buffer: memoryview, digested: Future[int], *, is_read: bool = False) -> None:
        """Take in a chunk."""
        self._chunks.append(_Chunk(buffer, digested, is_read))
        self._digesting.append(digested)
        self.held_bytes += len(buffer)

    def first(self) -> memoryview:
        """Return the chunk whose turn it is; an empty one at the file's end."""
        chunk = self._chunks[0]
        if chunk.is_read or chunk.digested is None:
            return chunk.buffer
        return chunk.buffer[: chunk.digested.result()]

    def remove_first(self) -> None:
        """Let go of it, once the hasher has had it too."""
        chunk = self._chunks.popleft()
        if chunk.digested is not None:
            chunk.digested.result()
            self._spare.append(_whole(chunk.buffer))
        self.held_bytes -= len(chunk.buffer)
        # what was read ahead is worked off, also where listening is the slower part
        self._limit_bytes = max(CHUNKS * CHUNK_BYTES, self._limit_bytes - len(chunk.buffer) // 2)


def _whole(part: memoryview) -> memoryview:
    buffer = part.obj
    return memoryview(buffer) if isinstance(buffer, bytearray) else part


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

"""One file through containers, fingerprint and identification, kept by its content.

What reads tensors, and numpy with it, is imported when a file has to be read: a
build in which nothing changed does without.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generators.containers import CheckpointReader, open_checkpoint
from generators.containers.file_bytes import FileBytes
from generators.containers.shard_index import find_neighbours
from generators.errors import ContainerError
from generators.fingerprint.compose import Depth
from generators.fingerprint.whole_digest import WholeDigest, begin_sha256
from generators.model.checkpoint import FileRun
from generators.model.fingerprint import Fingerprint
from generators.model.inspection import Inspection
from generators.pipeline.files.heading import identified, shown_name
from generators.provenance import digest_code
from generators.store import CacheFolder

log = logging.getLogger("generators.pipeline")

READING_CODE = ("containers", "fingerprint", "model")
"""Parts of the package whose change makes kept fingerprints stale."""
SETTLED_NANOSECONDS = 1_000_000_000
"""Age from which a file's size and times are believed. Many times a clock's tick, also that of a network's server."""
KNOWN_FILES = 16
"""Files of one size whose digests are remembered; the oldest are forgotten first."""


class Look(Struct, frozen=True, kw_only=True):
    """What a file is from outside.

    Attributes:
        key: Of its path, size and times.
        neighbours: Files that are read with it.
        beside: Their sizes and times.
    """

    key: str
    neighbours: tuple[str, ...]
    beside: str


class Reading(Struct, frozen=True, kw_only=True):
    """What reading a file to its end gave.

    Attributes:
        fingerprint: With statistics.
        blake3: Of the whole file.
    """

    fingerprint: Fingerprint
    blake3: str


class _FileState(Struct, frozen=True, kw_only=True):
    """The digest that a file had when its size and times, and those of the files read with it, were last these."""

    sha256: str
    neighbours: tuple[str, ...] = ()
    beside: str = ""


class _KnownFiles(Struct, frozen=True, kw_only=True):
    """Digests of the files of one size that were read before: (BLAKE3, SHA-256)."""

    digests: tuple[tuple[str, str], ...] = ()


def inspect_file(path: Path, depth: Depth = "digests-and-statistics") -> Inspection:
    """Read a file and identify what it holds, without lock or cache.

    Every byte is read once, in blocks: the memory that it takes doesn't grow with the file. torch isn't imported.

    Args:
        path: Of one checkpoint file.
        depth: Whether each tensor gets its digest alone, or its statistics as well.

    Returns:
        Container, tensors with digests and statistics, training counters, findings, identification. What is wrong
        inside of the file is among its findings, never an exception.

    Raises:
        ContainerError: The path can't be opened as a file, or the file changes while it is read.
        OSError: The file goes away or can't be read to its end.
    """
    with _open(path) as (reader, begun):
        return identified(_fingerprint(shown_name(path), reader, begun, depth))


def inspect_bytes(name: str, file: FileBytes, depth: Depth) -> Inspection:
    """Read a file that lies elsewhere to its end, and identify what it holds.

    Raises:
        ContainerError: It can't be read as a file.
        OSError: It can't be read to its end.
    """
    # the digest is the longest part: it begins before the index is read
    with begin_sha256(file) as begun, open_checkpoint(file) as reader:
        return identified(_fingerprint(name, reader, begun, depth))


def read_fingerprint(path: Path, cache: CacheFolder, label: str) -> Fingerprint:
    """Read a file's full fingerprint, or take the one kept for the same bytes and the same code.

    A file whose size and times are unchanged is not read again. One that was copied, moved or touched is read for its
    BLAKE3 alone, which takes a fraction of the time of SHA-256.

    Args:
        path: The file.
        cache: Where fingerprints are kept.
        label: What progress messages call it.

    Raises:
        ContainerError: The path can't be opened as a file, or the file changes while it is read.
        OSError: The file goes away while it is read.
    """
    state = _find_state(path, cache)
    before = _look(path, find_neighbours(path) if state is None else state.neighbours)
    sha256 = state.sha256 if state else _recognise(path, cache)
    kept = cache.find(_fingerprint_key(sha256, before.beside), Fingerprint) if sha256 else None
    if kept is None:
        log.info("%s: reading %.0f MB", label, path.stat().st_size / 1e6)
        kept = keep_reading(path, before, read_file(path), cache)
    elif state is None:
        _keep_state(path, before, kept, cache)
    return replace(kept, file=replace(kept.file, name=shown_name(path)))


def read_file(path: Path) -> Reading:
    """Read a file to its end, and keep nothing.

    Raises:
        ContainerError: The path can't be opened as a file, or the file changes while it is read.
        OSError: The file goes away or can't be read to its end.
    """
    from generators.fingerprint.file_pass import WholeBlake3

    with _open(path) as (reader, begun):
        whole = WholeBlake3(reader)
        fingerprint = _fingerprint(shown_name(path), reader, begun, "digests-and-statistics", whole)
    return Reading(fingerprint=fingerprint, blake3=whole.hexdigest())


def look_at(path: Path) -> Look:
    """Return what a file is from outside, before it is read."""
    return _look(path, find_neighbours(path))


def _look(path: Path, neighbours: tuple[str, ...]) -> Look:
    return Look(key=_state_key(path), neighbours=neighbours, beside=_states(path, neighbours))


def keep_reading(path: Path, before: Look, reading: Reading, cache: CacheFolder) -> Fingerprint:
    """Keep what was read, by the file's content and the state of the files that were read with it."""
    kept = reading.fingerprint
    cache.keep(_fingerprint_key(kept.file.sha256, before.beside), kept)
    _remember(kept, reading.blake3, cache)
    _keep_state(path, before, kept, cache)
    return kept


def _keep_state(path: Path, before: Look, kept: Fingerprint, cache: CacheFolder) -> None:
    if not _just_written(path):
        state = _FileState(sha256=kept.file.sha256, neighbours=before.neighbours, beside=before.beside)
        cache.keep(before.key, state)


def needs_reading(path: Path, cache: CacheFolder) -> bool:
    """Whether :func:`read_fingerprint` would surely read the file with all that takes time.

    Of one whose size was seen before it won't, if it is a copy.

    Raises:
        OSError: The file went away.
    """
    state = _find_state(path, cache)
    if state is not None:
        return not cache.holds(_fingerprint_key(state.sha256, state.beside))
    return not cache.holds(_known_key(path.stat().st_size))


def _find_state(path: Path, cache: CacheFolder) -> _FileState | None:
    state = cache.find(_state_key(path), _FileState)
    return state if state is not None and state.beside == _states(path, state.neighbours) else None


def _fingerprint_key(sha256: str, beside: str) -> str:
    return f"fingerprint {sha256} {digest_code(*READING_CODE)}{beside}"


def _known_key(size_bytes: int) -> str:
    return f"files of {size_bytes} bytes"


def _recognise(path: Path, cache: CacheFolder) -> str | None:
    """Return the SHA-256 of a file whose bytes were read before, by their BLAKE3.

    Raises:
        ContainerError: The path can't be opened as a file, or the file changes while it is read.
        OSError: The file goes away while it is read.
    """
    from generators.fingerprint.file_pass import digest_blake3

    with FileBytes(path) as file:
        known = cache.find(_known_key(file.size_bytes), _KnownFiles)
        if known is None:
            return None
        with _unchanging(path):
            digest = digest_blake3(file)
    return dict(known.digests).get(digest)


def _remember(fingerprint: Fingerprint, blake3_digest: str, cache: CacheFolder) -> None:
    file = fingerprint.file
    key = _known_key(file.size_bytes)
    known = (cache.find(key, _KnownFiles) or _KnownFiles()).digests
    digests = tuple(dict((*known, (blake3_digest, file.sha256))).items())
    cache.keep(key, _KnownFiles(digests=digests[-KNOWN_FILES:]))


def _state_key(path: Path) -> str:
    status = path.stat()
    times = f"{status.st_mtime_ns} {status.st_ctime_ns}"
    return f"file {os.fsencode(path.resolve()).hex()} {status.st_size} {times} {status.st_ino}"


def _states(path: Path, neighbours: tuple[str, ...]) -> str:
    """Return the state of the files that are read with a file: they change, come and go without it."""
    return "".join(f" {os.fsencode(name).hex()} {_state(path.with_name(name))}" for name in neighbours)


def _state(path: Path) -> str:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return "missing"
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


def _just_written(path: Path) -> bool:
    """Whether a file may change again without its times telling: a clock's tick is some milliseconds."""
    status = path.stat()
    return time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) < SETTLED_NANOSECONDS


def changing(path: Path) -> ContainerError:
    """Return the error for a file that isn't any more what it was when it was read first."""
    return ContainerError(
        "changing",
        "the file changed while it was read",
        where=str(path),
        remedy="wait until it is written completely, then try again",
    )


@contextmanager
def _open(path: Path) -> Iterator[tuple[CheckpointReader, WholeDigest]]:
    # the digest is the longest part: it begins before the index is read
    with _unchanging(path), FileBytes(path) as file, begin_sha256(file) as begun, open_checkpoint(path) as reader:
        yield reader, begun


def _fingerprint(name: str, reader: CheckpointReader, begun: WholeDigest, depth: Depth, *runs: FileRun) -> Fingerprint:
    from generators.fingerprint.checkpoint import fingerprint_checkpoint

    heard = (*reader.listen_to_records(), *runs)
    fingerprint = fingerprint_checkpoint(name, reader.container, reader, depth=depth, runs=heard, sha256=begun)
    return replace(fingerprint, findings=(*fingerprint.findings, *reader.check_records()))


@contextmanager
def _unchanging(path: Path) -> Iterator[None]:
    """Refuse a file that changes meanwhile: of one that is being written, its parts tell different things.

    Raises:
        ContainerError: It changed.
        OSError: It went away.
    """
    try:
        before = _state_key(path)
    except (OSError, ValueError):
        before = ""  # opening it says what is wrong
    neighbours = find_neighbours(path)
    beside = _states(path, neighbours)
    yield
    if _state_key(path) != before or _states(path, neighbours) != beside:
        raise changing(path)

"""One file from one place: resumed, retried, and verified before it has its name."""

from __future__ import annotations

import hashlib
import logging
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from generators.errors import SourceError
from generators.model.lock import SizeRange
from generators.sources.faults import BusyError, is_transient, storage_fault
from generators.sources.part_file import PartFile, PartState
from generators.sources.remote import Declared, Remote, Reply

log = logging.getLogger("generators.sources")

FRUITLESS_ATTEMPTS = 5
"""Attempts in a row that bring no new byte; one that brings some begins the count anew, so that a line which breaks
every few seconds still ends with the file. That is why neither urllib3's nor tenacity's counter is used."""
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 20.0
LONGEST_ASKED_SECONDS = 120.0
"""A server that asks to be left alone for longer is obeyed by ending: the command says when to run it again."""
MAX_PAGE_BYTES = 1 << 20
"""Of a web page in a file's place: enough to tell what it says."""


class Progress(Protocol):
    """Who is told how far a download is."""

    def __call__(self, done_bytes: int, total_bytes: int | None) -> None:
        """Take in that so many bytes are here."""


Recognise = Callable[[Path], SourceError | None]
"""Says why a file is none that anybody would publish as a checkpoint; None where it may be one."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What the file has to be.

    Attributes:
        size: As the lock says; None when it doesn't.
        sha256: Likewise.
    """

    size: SizeRange | None = None
    sha256: str | None = None


class Fetched(Struct, frozen=True, kw_only=True):
    """A file that came.

    Attributes:
        size_bytes: Its size.
        sha256: Its digest.
        resumed_bytes: Bytes that were here already from an earlier run.
        commit: That the address led to; empty when its server didn't say.
    """

    size_bytes: int
    sha256: str
    resumed_bytes: int
    commit: str = ""


def download(remote: Remote, target: Path, wanted: Wanted, recognise: Recognise, progress: Progress) -> Fetched:
    """Fetch a file to ``target``, which exists afterwards as a whole or not at all.

    The caller holds the lock on ``target``.

    Raises:
        SourceError: It can't be had, or isn't what was wanted. What came stays for the next attempt when it is good.
    """
    part = PartFile(target)
    try:
        resumed = _resumable_bytes(part, remote)
        declared = _transfer(remote, part, wanted, recognise, progress)
        try:
            fetched = _verify(part, wanted, declared, recognise, resumed, remote.shown)
        except SourceError as error:
            if not resumed or error.code not in {"sha256-mismatch", "digest-mismatch"}:
                raise
            # two halves that don't fit: the part was older than it said, or a power cut left holes in it
            log.warning("%s: the resumed file has another digest; it is fetched anew", remote.shown)
            declared = _transfer(remote, part, wanted, recognise, progress)
            fetched = _verify(part, wanted, declared, recognise, 0, remote.shown)
        part.finish()
    except OSError as problem:
        raise storage_fault(problem, f"{target.parent.name}/{target.name}") from problem
    return fetched


def _resumable_bytes(part: PartFile, remote: Remote) -> int:
    state = part.state
    if state is None or state.source != remote.shown or not state.validator:
        return 0
    return part.size_bytes


def _transfer(remote: Remote, part: PartFile, wanted: Wanted, recognise: Recognise, progress: Progress) -> Declared:
    """Fetch bytes until the file is complete, with patience."""
    fruitless, best = 0, _resumable_bytes(part, remote)
    while True:
        try:
            return _attempt(remote, part, wanted, recognise, progress)
        except SourceError as error:
            if not is_transient(error):
                raise
            reached = part.size_bytes
            fruitless = 0 if reached > best else fruitless + 1
            best = max(best, reached)
            asked = _asked_seconds(error)
            if fruitless >= FRUITLESS_ATTEMPTS or asked > LONGEST_ASKED_SECONDS:
                raise
            wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**fruitless) * random.uniform(0.5, 1)  # noqa: S311
            wait = max(wait, asked)
            log.info("%s; again in %.1f s", error.what, wait)
            time.sleep(wait)


def _asked_seconds(error: SourceError) -> float:
    """Return how long the server asks to be left alone."""
    return error.wait_seconds or 0.0 if isinstance(error, BusyError) else 0.0


def _attempt(remote: Remote, part: PartFile, wanted: Wanted, recognise: Recognise, progress: Progress) -> Declared:
    start, state = _resumable_bytes(part, remote), part.state
    if state is not None and start and start == state.total_bytes:
        # killed between the last byte and the name
        return Declared()
    validator = state.validator if state is not None and start else ""
    with remote.open(start, validator) as reply:
        if reply.is_page:
            _refuse_page(reply, part, recognise, remote.shown)
        total = reply.total_bytes if reply.total_bytes is not None else reply.declared.size_bytes
        _check_announced(total, wanted, remote.shown)
        _check_space(part, total, reply.start)
        if reply.start and state is not None and total != state.total_bytes:
            part.discard()
            raise _cut_off(reply.start, total, remote.shown)
        _write(part, remote.shown, reply, validator, progress)
        if total is not None and part.size_bytes < total:
            raise _cut_off(part.size_bytes, total, remote.shown)
        return reply.declared


def _cut_off(have: int, total: int | None, where: str) -> SourceError:
    return SourceError(
        "cut-off",
        f"the connection ended after {have} of {total} bytes",
        where=where,
        remedy="run the command again: it goes on where it stopped",
    )


def _write(part: PartFile, source: str, reply: Reply, asked: str, progress: Progress) -> None:
    # a part needn't repeat the validator that it was asked for with
    validator = reply.validator or (asked if reply.start else "")
    state = PartState(source=source, validator=validator, total_bytes=reply.total_bytes)
    done = reply.start
    with part.begin(state, reply.start) as stream:
        for chunk in reply.chunks:
            view = memoryview(chunk)
            while view:
                view = view[stream.write(view) :]
            done += len(chunk)
            progress(done, reply.total_bytes)


def _check_announced(total: int | None, wanted: Wanted, where: str) -> None:
    """Refuse a file of another size before it is fetched."""
    if total is not None and wanted.size is not None and total not in wanted.size:
        raise _wrong_size(total, wanted.size, where)


def _wrong_size(found: int, size: SizeRange, where: str) -> SourceError:
    low, high = size.minimum_bytes, size.maximum_bytes
    expected = str(low) if low == high else f"{low} to {high}"
    return SourceError(
        "wrong-size",
        f"the file has {found} bytes; the lock says {expected}",
        where=where,
        remedy="the publisher has another file there by now, or the lock is wrong: look before you change the lock",
    )


def _check_space(part: PartFile, total: int | None, start: int) -> None:
    part.target.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(part.target.parent).free
    have = part.size_bytes
    if total is not None and total - max(start, have) > free:
        raise SourceError(
            "disk-full",
            f"{total - start} more bytes are needed, {free} are free",
            where=f"{part.target.parent.name}/{part.target.name}",
            remedy="make space and run the command again: it goes on where it stopped",
        )


def _refuse_page(reply: Reply, part: PartFile, recognise: Recognise, where: str) -> None:
    """Say what a web page says that came in the file's place; it isn't kept."""
    page = part.page_path
    part.target.parent.mkdir(parents=True, exist_ok=True)
    try:
        page.write_bytes(_beginning(reply))
        error = recognise(page)
    finally:
        page.unlink(missing_ok=True)
    raise (
        _at(error, where)
        if error
        else SourceError(
            "web-page",
            "the server sent a web page in the file's place",
            where=where,
            remedy="open the address in a browser and see what it says",
        )
    )


def _beginning(reply: Reply) -> bytes:
    data = bytearray()
    for chunk in reply.chunks:
        data += chunk
        if len(data) >= MAX_PAGE_BYTES:
            break
    return bytes(data[:MAX_PAGE_BYTES])


def _verify(
    part: PartFile, wanted: Wanted, declared: Declared, recognise: Recognise, resumed: int, where: str
) -> Fetched:
    """Hold the whole part against what was wanted; what is wrong is removed."""
    size = part.size_bytes
    error: SourceError | None = None
    sha256 = _digest(part.path, "sha256")
    algorithm, _, digest = declared.digest.partition(":")
    if wanted.sha256 is not None and sha256 != wanted.sha256:
        # what it is instead tells more than its digest
        error = recognise(part.path) or _mismatch("sha256-mismatch", "the lock", wanted.sha256, sha256)
    elif wanted.size is not None and size not in wanted.size:
        error = recognise(part.path) or _wrong_size(size, wanted.size, where)
    elif digest and (found := sha256 if algorithm == "sha256" else _digest(part.path, algorithm)) != digest:
        error = _mismatch("digest-mismatch", "the server", digest, found)
    elif wanted.sha256 is None:
        error = recognise(part.path)
    if error is not None:
        part.discard()
        raise _at(error, where)
    return Fetched(size_bytes=size, sha256=sha256, resumed_bytes=min(resumed, size), commit=declared.commit)


def _mismatch(code: str, who: str, expected: str, found: str) -> SourceError:
    return SourceError(
        code,
        f"the file's digest is {found}; {who} says {expected}",
        remedy="the publisher has another file there by now, or it was changed on its way: don't use it unseen",
    )


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def _at(error: SourceError, where: str) -> SourceError:
    return SourceError(error.code, error.what, where=where, remedy=error.remedy)

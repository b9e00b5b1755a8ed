"""Pickles inside the values of a pickle: where they may lie, and what they name.

A loader that is handed such bytes (``pickle.loads``, ``torch.load``, ``dill``,
``joblib`` and their kin) follows them; so what they name is reported like what
the pickle itself names. Nothing is loaded here either.
"""

from __future__ import annotations

import binascii
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct, field

from generators.containers.budget import BYTES_AN_OPCODE, Budget
from generators.containers.global_policy import printable
from generators.containers.segments import MemorySegment, Segment, spelled_bytes
from generators.containers.values import ByteRun, Global, Opaque, Value
from generators.model.finding import Finding

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

MAX_DEPTH = 8
"""Pickles inside pickles; nobody writes more than two."""
MAX_PICKLES = 16
"""Pickles looked at, one behind the other."""
MAX_FINDINGS = 10_001
"""Kept of each stream: one more than a report keeps of a code, so that it says that there were more."""
MAX_ARCHIVE_BYTES = 1 << 26
"""Of a zip inside a value; it is held in memory while it is looked at."""
MAX_RECORDS = 256
"""Of such a zip."""
HEAD_BYTES = 512
_HIGHEST_PROTOCOL = 5
_ARCHIVE = b"PK\x03\x04"
_ARCHIVE_END = b"PK\x05\x06"
_LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How a stream of torch's legacy format begins: an ordinary way to keep a lone storage."""
_TEXT_GLOBAL = re.compile(rb"[ci][A-Za-z_][\w.]{0,200}\n[A-Za-z_][\w.]{0,200}\n")
"""A GLOBAL or INST opcode as protocols 0 and 1 spell it."""
_BASE64_STARTS = (b"gAI", b"gAN", b"gAQ", b"gAS", b"gAU", b"gAW")
"""How the opcode PROTO with 2 to 5 begins in base64."""
_SHORTEST_BASE64 = 16
_MAX_BASE64_BYTES = 1 << 16

Run = Callable[[Segment, int, "SealedContext", int], "NestedRun"]


class NestedRun(Struct, frozen=True, kw_only=True):
    """What one pickle inside a value gave.

    Attributes:
        followed: Whether a loader would do anything with it: it ends, or calls something before it breaks off.
        complete: Whether it reached its STOP.
        end: Position after its last byte.
        globals: What it names, and the pickles in its own values.
        findings: What is wrong with it that concerns the whole file.
    """

    followed: bool
    complete: bool
    end: int
    globals: frozenset[Global]
    findings: tuple[Finding, ...]


class Suspect(Struct, frozen=True):
    """A value that begins like a pickle, and the position after it."""

    value: Value
    position: int
    is_text: bool = False


class SealedContext:
    """A pickle inside a value has no storages of its own: what it refers to is nothing here.

    Args:
        budget: Shared with the pickle around it.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    @property
    def budget(self) -> Budget:
        """Work that may still be done."""
        return self._budget

    def load_persistent(self, persistent_id: Value) -> Value:  # noqa: ARG002 - as CallContext has it
        """Return an object without meaning."""
        return Opaque("persistent_id")

    def load_nested(self, data: Value) -> Value:  # noqa: ARG002 - its bytes are a suspect already
        """Return an object without meaning."""
        return Opaque("torch.storage._load_from_bytes")

    def note_malformed(self, function: str, reason: str) -> None:
        """Forget it: a tensor in there is none of the checkpoint's."""


class _UnfollowedError(Exception):
    """An archive in a value has what isn't looked at; becomes a finding, never leaves the module."""


class _Scan(Struct):
    run: Run
    budget: Budget
    record: str
    depth: int
    globals: set[Global] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


def begins_like_pickle(head: bytes) -> bool:
    """Say whether bytes begin as a pickle, or as an archive that may hold one."""
    if head.startswith(_ARCHIVE):
        return True
    if head[:1] == b"\x80":
        return len(head) > 1 and head[1] <= _HIGHEST_PROTOCOL
    return _TEXT_GLOBAL.search(head, 0, HEAD_BYTES) is not None


def begins_like_text(head: bytes) -> bool:
    """Say whether text begins as a pickle in base64."""
    return head.startswith(_BASE64_STARTS) and len(head) >= _SHORTEST_BASE64


def scan_suspects(
    suspects: Iterable[Suspect], run: Run, budget: Budget, record: str, depth: int
) -> tuple[frozenset[Global], tuple[Finding, ...]]:
    """Return what the pickles in values name, and a finding for each value that has any.

    Args:
        suspects: The values.
        run: Interprets a pickle.
        budget: Work that may still be done.
        record: Name for findings.
        depth: Pickles around these.
    """
    scan = _Scan(run, budget, record, depth)
    for suspect in suspects:
        del scan.findings[MAX_FINDINGS:]
        where = f"{record}@{suspect.position}"
        if depth >= MAX_DEPTH:
            scan.findings.append(Finding(code="nested-unreadable", severity="warning", where=where))
        elif suspect.is_text:
            _scan_text(scan, suspect, where)
        else:
            _scan_bytes(scan, suspect, where)
    return frozenset(scan.globals), tuple(scan.findings)


def _scan_bytes(scan: _Scan, suspect: Suspect, where: str) -> None:
    ordinary = True
    named: set[Global] = set()
    found = 0
    try:
        for segment in _pickles_of(suspect.value, scan.budget):
            ordinary = ordinary and segment.read(0, len(_LEGACY_MAGIC)) == _LEGACY_MAGIC
            for outcome in _runs(scan, segment):
                found += outcome.followed
                named |= outcome.globals if outcome.followed else frozenset()
                scan.findings.extend(outcome.findings)
    except _UnfollowedError:
        scan.findings.append(Finding(code="nested-unreadable", severity="warning", where=where))
    scan.globals |= named
    if found and not ordinary:
        scan.findings.append(Finding(code="pickle-nested", severity="warning", where=where, found=_shown(named)))


def _scan_text(scan: _Scan, suspect: Suspect, where: str) -> None:
    """Note a pickle in base64: no loader takes it for one before something decoded it."""
    try:
        data = binascii.a2b_base64(suspect.value[:_MAX_BASE64_BYTES])
    except (binascii.Error, ValueError):
        return
    scan.budget.left -= len(data) // BYTES_AN_OPCODE
    named: set[Global] = set()
    for outcome in _runs(scan, MemorySegment(data)):
        named |= outcome.globals
    if named:
        scan.findings.append(Finding(code="pickle-in-text", severity="note", where=where, found=_shown(named)))


def _shown(named: set[Global]) -> str:
    return printable(", ".join(sorted({g.path for g in named})[:5])[:200])


def _runs(scan: _Scan, segment: Segment) -> Iterator[NestedRun]:
    """Yield what the pickles give that lie one behind the other, up to the first that is damaged."""
    start, held_bytes = 0, scan.budget.held_bytes
    for _ in range(MAX_PICKLES):
        outcome = scan.run(segment, start, SealedContext(scan.budget), scan.depth + 1)
        scan.budget.held_bytes = held_bytes  # what such a pickle builds isn't kept
        yield outcome
        start = outcome.end
        if not outcome.complete or start >= segment.size or scan.budget.left <= 0:
            return


def _pickles_of(value: Value, budget: Budget) -> Iterator[Segment]:
    segment = _segment_of(value, budget)
    if segment is None:
        return
    if segment.read(0, len(_ARCHIVE)) == _ARCHIVE:
        yield from _pickles_in_archive(segment, budget)
    else:
        yield segment


def _segment_of(value: Value, budget: Budget) -> Segment | None:
    match value:
        case bytes():
            return MemorySegment(value)
        case ByteRun(kind="bytes"):
            return value.segment
        case ByteRun() if value.segment.size <= MAX_ARCHIVE_BYTES:
            # protocol 2 spells bytes as text whose characters are the bytes
            budget.left -= value.segment.size // BYTES_AN_OPCODE
            return spelled_bytes(value.segment) if budget.left > 0 else MemorySegment(b"")
        case _:
            return None


def _pickles_in_archive(segment: Segment, budget: Budget) -> Iterator[Segment]:
    """Yield the records of a zip that begin like pickles.

    Raises:
        _UnfollowedError: In the end, when there is something that wasn't looked at.
    """
    if segment.size > MAX_ARCHIVE_BYTES:
        raise _UnfollowedError
    import zipfile  # an ordinary checkpoint has no archive in a value

    budget.left -= segment.size // BYTES_AN_OPCODE
    content = segment.read(0, segment.size)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        if _ARCHIVE_END in content:
            raise _UnfollowedError from None
        return  # it only begins like one
    with archive:
        records = archive.infolist()
        # of bzip2 and LZMA nothing bounds what comes out, or the memory it takes
        plain = [r for r in records if r.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}]
        unfollowed = len(records) > len(plain[:MAX_RECORDS])
        for record in plain[:MAX_RECORDS]:
            try:
                data = _pickle_of(archive, record, budget)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, zlib.error):
                unfollowed = True  # another program may be less strict
            else:
                if data:
                    yield MemorySegment(data)
    if unfollowed:
        raise _UnfollowedError


def _pickle_of(archive: ZipFile, record: ZipInfo, budget: Budget) -> bytes:
    """Return the content of a record that begins like a pickle; nothing of another."""
    wanted = min(record.file_size, MAX_ARCHIVE_BYTES, max(0, budget.left) * BYTES_AN_OPCODE)
    with archive.open(record) as content:
        head = content.read(min(wanted, HEAD_BYTES))
        if not begins_like_pickle(head) or head.startswith(_ARCHIVE):
            return b""
        data = head + content.read(wanted - len(head))
    budget.left -= len(data) // BYTES_AN_OPCODE
    return data

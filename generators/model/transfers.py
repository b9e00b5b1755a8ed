"""What is told of getting files: a listing, a fetch, the state of a lock's files, a verification."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.lock import SourceAddress, StaleReason

LISTING_VERSION = 1

FetchState = Literal["fetched", "already-here", "failed"]
FileState = Literal["here", "other-size", "partial", "absent", "ambiguous", "unreadable"]
VerifyState = Literal["match", "mismatch", "unpinned", "missing", "extra", "unreadable"]
ListingChange = Literal["file-gone", "file-new", "file-changed"]
TransferColumn = Literal["file", "size", "fits", "state", "source", "pinned", "digest", "entry", "resolved"]
"""What the columns of the tables hold."""


class ListedFile(Struct, frozen=True, kw_only=True):
    """A file as a server lists it.

    Attributes:
        name: Path below what was listed. Hostile text.
        address: As the lock would keep it, of the listing's kind. Hostile text.
        size_bytes: None when the server doesn't say.
        digest: ``sha256:...`` or ``md5:...`` as the server says; empty when it doesn't.
        fits: Ids of the architectures whose training checkpoint would have this size.
    """

    name: str
    address: str
    size_bytes: int | None = None
    digest: str = ""
    fits: tuple[str, ...] = ()


class Listing(Struct, frozen=True, kw_only=True):
    """What a place held when it was listed: reported evidence.

    Attributes:
        kind: Kind of source.
        source: The place as it may be shown: without secrets.
        listed_at: Date and time, UTC, ISO 8601.
        files: Sorted by name.
        seen_again_at: When it was last listed and still the same; empty where that was never.
    """

    kind: str
    source: str
    listed_at: str
    files: tuple[ListedFile, ...]
    seen_again_at: str = ""


class ListingHistory(Struct, frozen=True, kw_only=True):
    """What a place held over time: what is gone from it stays on record.

    Attributes:
        listings: Oldest first, each different from the one before.
        version: Of this JSON.
    """

    listings: tuple[Listing, ...]
    version: int = LISTING_VERSION


class ListedChange(Struct, frozen=True, kw_only=True):
    """How a listing differs from an earlier one.

    Attributes:
        change: What happened.
        name: Of the file. Hostile text.
        before: Size and digest then; empty for a new file.
        after: Now; empty for one that is gone.
    """

    change: ListingChange
    name: str
    before: str = ""
    after: str = ""


class SourceFault(Struct, frozen=True, kw_only=True):
    """Why one source didn't give the file.

    Attributes:
        code: Of :mod:`generators.sources.faults`.
        told: What happened, where, and what to do, for people. May hold hostile text.
        source: Its address without secrets.
    """

    code: str
    told: str
    source: str


class FetchOutcome(Struct, frozen=True, kw_only=True):
    """What became of one entry's file.

    Attributes:
        id: Of the entry.
        state: The result.
        name: The file's, below the entry's folder.
        size_bytes: None where there is no file.
        sha256: None where it wasn't computed.
        source: Where it came from; empty where it didn't come now.
        resumed_bytes: What an earlier run had left.
        seconds: How long it took.
        architecture: What the index was identified as; None where that isn't clear.
        variant: What the lock says it is.
        faults: Sources that failed, in order.
    """

    id: str
    state: FetchState
    name: str = ""
    size_bytes: int | None = None
    sha256: str | None = None
    source: str = ""
    resumed_bytes: int = 0
    seconds: float = 0.0
    architecture: str | None = None
    variant: str = ""
    faults: tuple[SourceFault, ...] = ()


class FetchNote(Struct, frozen=True, kw_only=True):
    """Where a file that was fetched came from: what `assay lock` takes the resolved source from.

    Attributes:
        source: At its commit where its kind has such.
        sha256: Of the file that came.
        size_bytes: Its size.
    """

    source: SourceAddress
    sha256: str
    size_bytes: int


class FileStanding(Struct, frozen=True, kw_only=True):
    """Whether an entry's file is here.

    Attributes:
        id: Of the entry.
        state: The answer.
        title: The published name.
        size_bytes: Of the file, or of what an unfinished download has; None where there is neither.
        pinned: Whether the lock has its SHA-256.
        sources: Kinds of its sources, in order.
        asked: What a person asks for: the addresses of the sources, in order. Hostile text.
        resolved: The address that it came to; empty where none is known. Hostile text.
        resolved_at: When, ISO 8601; empty where nothing was resolved.
        stale: Why what was resolved isn't what is asked for any more.
    """

    id: str
    state: FileState
    title: str
    size_bytes: int | None
    pinned: bool
    sources: tuple[str, ...]
    asked: tuple[str, ...] = ()
    resolved: str = ""
    resolved_at: str = ""
    stale: tuple[StaleReason, ...] = ()


class Verified(Struct, frozen=True, kw_only=True):
    """A file held against the lock by its bytes.

    Attributes:
        id: Of the entry; empty for a file that belongs to none.
        state: The result.
        name: Of the file, below ``checkpoints/``. Hostile text.
        expected: SHA-256 of the lock, or its size where it has no digest.
        found: SHA-256 of the file, or its size.
    """

    id: str
    state: VerifyState
    name: str = ""
    expected: str = ""
    found: str = ""

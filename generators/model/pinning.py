"""What is told of pinning a lock's files, and of a lock that isn't up to date."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.lock import StaleReason

PinState = Literal["pinned", "unchanged", "not-here", "refused"]
PinRefusal = Literal["unreadable", "incomplete", "not-as-asked", "is-a-control"]
"""Why the file that is here isn't pinned."""

LockFault = Literal[StaleReason, "file-differs", "unpinned"]
"""How an entry isn't up to date; ``unpinned`` (a file that is here and was never pinned) is told and no error."""


class PinOutcome(Struct, frozen=True, kw_only=True):
    """What `assay lock` did with one entry.

    Attributes:
        id: Of the entry.
        state: The result.
        refusal: Why a file that is here isn't pinned; None where it is.
        detail: What was found instead. Hostile text.
        sha256: Of the file; empty where it wasn't read.
        weights_digest: Likewise.
        size_bytes: None likewise.
        source: Where it came from, without secrets; empty where that isn't known. Hostile text.
    """

    id: str
    state: PinState
    refusal: PinRefusal | None = None
    detail: str = ""
    sha256: str = ""
    weights_digest: str = ""
    size_bytes: int | None = None
    source: str = ""


class StaleEntry(Struct, frozen=True, kw_only=True):
    """An entry whose resolution isn't up to date.

    Attributes:
        id: Of the entry.
        fault: How.
        line: Line in the lock to look at.
        asked: What is asked for or here now. Hostile text.
        resolved: What the lock's resolved table says. Hostile text.
    """

    id: str
    fault: LockFault
    line: int
    asked: str = ""
    resolved: str = ""

"""What is told of looking for another file upstream, and of taking it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.difference import CheckpointDifference
from generators.model.history import VerdictFlip
from generators.model.pinning import PinRefusal
from generators.model.transfers import SourceFault

UpstreamState = Literal["same", "different", "cannot-tell", "unreachable"]
UpstreamBasis = Literal["digest", "commit", "size", "index", "nothing"]
"""What an upstream state rests on, the strongest first."""
UpdateState = Literal["same", "pinned", "not-here", "available", "refused", "declined", "replaced", "unreachable"]


class Upstream(Struct, frozen=True, kw_only=True):
    """What a source has now, held against the file that is here; against the lock where there is no file.

    Attributes:
        state: The answer.
        basis: What gave it.
        source: Address without secrets. Hostile text.
        size_bytes: As its server says.
        digest: ``sha256:...`` or ``md5:...`` as its server says; empty when it doesn't.
        commit: That the address leads to; empty where its kind has none.
        faults: Sources that couldn't be asked, in order.
    """

    state: UpstreamState
    basis: UpstreamBasis = "nothing"
    source: str = ""
    size_bytes: int | None = None
    digest: str = ""
    commit: str = ""
    faults: tuple[SourceFault, ...] = ()


class Update(Struct, frozen=True, kw_only=True):
    """What `assay update` found and did.

    Attributes:
        id: Of the entry.
        state: The result.
        upstream: What the source has.
        sha256: Of the new file; empty where none came.
        difference: From the old file to the new one.
        flips: Claims whose verdict is another with the new file; None where they weren't judged.
        refusal: Why the new file isn't taken.
        kept: Where the old file is, below the project; empty where it wasn't replaced.
    """

    id: str
    state: UpdateState
    upstream: Upstream
    sha256: str = ""
    difference: CheckpointDifference | None = None
    flips: tuple[VerdictFlip, ...] | None = None
    refusal: PinRefusal | None = None
    kept: str = ""

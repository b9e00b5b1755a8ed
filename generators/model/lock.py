"""The entries of ``checkpoints.lock``, checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

SourceKind = Literal["gdrive", "https", "hub", "github", "zenodo", "s3", "gs", "path", "page"]


class SourceAddress(Struct, frozen=True, kw_only=True):
    """Where a checkpoint can be had.

    Attributes:
        kind: ``gdrive`` (a Drive file id), ``https`` (the file itself), ``hub`` (``owner/name@revision:path`` of the
            Hugging Face hub), ``github`` (``owner/name@tag:asset`` of a release), ``zenodo`` (``record:file``), ``s3``
            and ``gs`` (``s3://bucket/key``), ``path`` (inside the project), ``page`` (where a person finds the file).
        address: As the kind says.
        hosts: Hosts that the server may redirect to, besides those that the kind always may.
    """

    kind: SourceKind
    address: str
    hosts: tuple[str, ...] = ()


class SizeRange(Struct, frozen=True, kw_only=True):
    """A file size known to a listing's precision.

    Attributes:
        minimum_bytes: Smallest size that rounds to the listed one.
        maximum_bytes: Largest; equal to the minimum when the size is exact.
    """

    minimum_bytes: int
    maximum_bytes: int

    def __contains__(self, size_bytes: int) -> bool:
        return self.minimum_bytes <= size_bytes <= self.maximum_bytes


StaleReason = Literal["sources-changed", "size-contradicts", "sha256-contradicts", "weights-contradict"]
"""How an entry's resolution doesn't fit any more what a person asks for."""


class Resolved(Struct, frozen=True, kw_only=True):
    """A ``[checkpoint.resolved]``: what the entry above it came to. Assay writes it; people change what they ask for.

    Attributes:
        asked: Addresses of the entry's sources when it was resolved, in their order.
        source: Where the file comes from, at a commit where its kind has such; None when a person put the file there.
        size_bytes: Exact; None when nothing said it.
        sha256: None when only a server was asked, and it didn't say.
        weights_digest: None until the file was read.
        resolved_at: Date and time in UTC, ISO 8601.
        line: Line of the table in the lock, for messages.
    """

    asked: tuple[str, ...]
    source: SourceAddress | None
    size_bytes: int | None
    sha256: str | None
    weights_digest: str | None
    resolved_at: str
    line: int = 0


class FilePin(Struct, frozen=True, kw_only=True):
    """What a file has to be: what a person demands, and what was resolved, together."""

    size: SizeRange | None
    sha256: str | None
    weights_digest: str | None


class LockEntry(Struct, frozen=True, kw_only=True):
    """A ``[[checkpoint]]``.

    ``size``, ``sha256`` and ``weights_digest`` are what a person demands; ``pin`` is what the file has to be.

    Attributes:
        id: ``[A-Za-z0-9._-]+``; also the folder under ``checkpoints/``.
        title: File name as published.
        variant: Architecture id that the publisher says it is.
        sources: In order of preference.
        licence: Of the weights, as far as the publisher says; empty when they don't.
        report: Name of the report file under ``docs/reports/`` without ``.toml``.
        size: None when nothing is known.
        sha256: None when no one has pinned the file yet.
        weights_digest: None likewise.
        line: Line of the entry in the lock, for messages.
        resolved: None when Assay has written nothing yet.
    """

    id: str
    title: str
    variant: str
    sources: tuple[SourceAddress, ...]
    licence: str
    report: str
    size: SizeRange | None
    sha256: str | None
    weights_digest: str | None
    line: int
    resolved: Resolved | None = None

    @property
    def stale(self) -> tuple[StaleReason, ...]:
        """Why what was resolved isn't what is asked for any more; empty when it is, or when nothing was resolved."""
        return tuple(self._stale_reasons()) if self.resolved is not None else ()

    @property
    def pin(self) -> FilePin:
        """What the file has to be. What a person demands wins over a resolution that contradicts it."""
        found = self.resolved
        if found is None or set(self.stale) - {"sources-changed"}:
            return FilePin(size=self.size, sha256=self.sha256, weights_digest=self.weights_digest)
        size = found.size_bytes
        return FilePin(
            size=self.size if size is None else SizeRange(minimum_bytes=size, maximum_bytes=size),
            sha256=found.sha256 or self.sha256,
            weights_digest=found.weights_digest or self.weights_digest,
        )

    def _stale_reasons(self) -> Iterator[StaleReason]:
        found = self.resolved
        assert found is not None, "the caller looked"  # noqa: S101
        if found.asked != tuple(source.address for source in self.sources):
            yield "sources-changed"
        if self.size is not None and found.size_bytes is not None and found.size_bytes not in self.size:
            yield "size-contradicts"
        if len({self.sha256, found.sha256} - {None}) > 1:
            yield "sha256-contradicts"
        if len({self.weights_digest, found.weights_digest} - {None}) > 1:
            yield "weights-contradict"


class ControlEntry(Struct, frozen=True, kw_only=True):
    """A ``[[control]]``: a checkpoint that is built by recipe, not fetched.

    Attributes:
        id: As for checkpoints.
        recipe: Architecture id whose training layout is imitated.
        seed: Of weights, batch and gradients.
        line: Line of the entry in the lock.
        training: ``drawn-figures`` for one that is trained on them; empty for one with random weights.
    """

    id: str
    recipe: str
    seed: int
    line: int
    training: str = ""


class Lock(Struct, frozen=True, kw_only=True):
    """A whole lock file, in its own order."""

    path: Path
    checkpoints: tuple[LockEntry, ...]
    controls: tuple[ControlEntry, ...]

    @property
    def entries(self) -> tuple[LockEntry | ControlEntry, ...]:
        """The controls, then the checkpoints."""
        return (*self.controls, *self.checkpoints)


class Artifact(Struct, frozen=True, kw_only=True):
    """A file that is here.

    Attributes:
        path: Where.
        size_bytes: Its size.
        origin: How it came: ``checkpoints/`` folder, ``ASSAY_CHECKPOINTS`` folder, or a control recipe.
    """

    path: Path
    size_bytes: int
    origin: Literal["project", "environment", "recipe"]


class Unavailable(Struct, frozen=True, kw_only=True):
    """A file that isn't here.

    Attributes:
        reason: ``not-fetched``, ``ambiguous-folder`` (several files in its folder), ``unreadable``,
            ``torch-missing`` (controls).
        searched: Folders that were looked in.
    """

    reason: str
    searched: tuple[str, ...]

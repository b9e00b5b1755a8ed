"""The entries of ``checkpoints.lock``, checked."""

from __future__ import annotations

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


class LockEntry(Struct, frozen=True, kw_only=True):
    """A ``[[checkpoint]]``.

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

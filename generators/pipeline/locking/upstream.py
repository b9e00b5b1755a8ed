"""What the sources of an entry have now: asked, listed, or peeked at, never downloaded."""

from __future__ import annotations

import hashlib
from pathlib import Path

from msgspec import Struct

from generators.containers import open_checkpoint
from generators.errors import ContainerError, SourceError
from generators.fingerprint.compose import fingerprint_header
from generators.model.fingerprint import Fingerprint
from generators.model.lock import LockEntry, SourceAddress
from generators.model.transfers import SourceFault
from generators.model.updating import Upstream, UpstreamBasis, UpstreamState
from generators.pipeline.files.peeking import peek_source
from generators.sources.addresses import Place, readable_address
from generators.sources.listing import list_place
from generators.sources.remote import Description
from generators.sources.resolving import open_remote

LISTED_KINDS = frozenset({"github", "zenodo", "hub"})
"""Kinds whose listing may have a digest where the file itself comes without one."""


class KnownFile(Struct, frozen=True, kw_only=True):
    """What a source is held against.

    Attributes:
        size_bytes: Of the file that is here, or of the lock; None where neither says.
        sha256: Likewise.
        commit: That the lock has; empty where it has none.
        path: The file; None where it isn't here.
    """

    size_bytes: int | None
    sha256: str | None
    commit: str = ""
    path: Path | None = None


def look_upstream(entry: LockEntry, known: KnownFile) -> tuple[Upstream, SourceAddress | None]:
    """Ask the sources, in their order, until one answers.

    Returns:
        What it has, and which it is; None where none answered.
    """
    faults: list[SourceFault] = []
    for source in entry.sources:
        shown = readable_address(source)
        try:
            return _ask(source, shown, known, tuple(faults)), source
        except SourceError as error:
            faults.append(SourceFault(code=error.code, told=error.diagnostics(), source=shown))
    return Upstream(state="unreachable", faults=tuple(faults)), None


def _ask(source: SourceAddress, shown: str, known: KnownFile, faults: tuple[SourceFault, ...]) -> Upstream:
    found = open_remote(source).describe()
    digest = found.digest or _listed_digest(source)
    state, basis = _hold(source, found, digest, known)
    return Upstream(
        state=state,
        basis=basis,
        source=shown,
        size_bytes=found.size_bytes,
        digest=digest,
        commit=found.commit if source.kind == "hub" else "",
        faults=faults,
    )


def _hold(
    source: SourceAddress, found: Description, digest: str, known: KnownFile
) -> tuple[UpstreamState, UpstreamBasis]:
    ours = _digest_of(known, digest.partition(":")[0])
    if ours is not None:
        return ("same" if ours == digest.partition(":")[2] else "different"), "digest"
    if None not in (found.size_bytes, known.size_bytes) and found.size_bytes != known.size_bytes:
        return "different", "size"
    if source.kind == "hub" and found.commit and found.commit == known.commit:
        return "same", "commit"
    if known.path is None:
        return "cannot-tell", "nothing"
    alike = _has_same_index(source, known.path)
    if alike is None:
        return "cannot-tell", "nothing"
    # the same names and shapes may have other values
    return ("cannot-tell" if alike else "different"), "index"


def _digest_of(known: KnownFile, algorithm: str) -> str | None:
    """Return the known file's digest by an algorithm; None where it can't be had."""
    if algorithm == "sha256":
        return known.sha256
    if algorithm != "md5" or known.path is None:
        return None
    with known.path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _listed_digest(source: SourceAddress) -> str:
    """Return the digest that the listing of the file's release, record or repository has; empty where it has none."""
    place, _, name = source.address.rpartition(":")
    if source.kind not in LISTED_KINDS or not place:
        return ""
    try:
        listed = list_place(Place(kind=source.kind, address=place, is_file=False))
    except SourceError:
        return ""
    return next((file.digest for file in listed if file.name == name), "")


def _has_same_index(source: SourceAddress, path: Path) -> bool | None:
    """Whether a file elsewhere has the index of one that is here; None where it can't be looked at."""
    try:
        there = peek_source(source).inspection
        with open_checkpoint(path) as reader:
            here = fingerprint_header(path.name, path.stat().st_size, reader.container)
    except (SourceError, ContainerError, OSError):
        return None
    return _index(there) == _index(here)


def _index(found: Fingerprint) -> tuple[object, ...]:
    return found.container, found.tensors, found.objects, found.globals

"""A link to an entry of the lock: what the server says of the file, and the publisher, written down."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from msgspec import Struct

from generators.architectures import find_architecture
from generators.errors import LockError
from generators.lock import LOCK_NAME, read_lock
from generators.lock_edit import append_entry
from generators.model.lock import LockEntry, Resolved, SourceAddress
from generators.pipeline.files.peeking import parse_file
from generators.pipeline.project import report_files
from generators.provenance import build_date
from generators.sources.addresses import published_name, resolved_source
from generators.sources.exclusive import WRITERS, exclusively
from generators.sources.local import CHECKPOINTS
from generators.sources.resolving import open_remote

UNKNOWN_VARIANT = "unknown"
"""What an entry says of a file whose publisher doesn't say which network it is, or names one that Assay lacks."""
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_ENDINGS = (".pth.tar", ".safetensors", ".tar.gz", ".pth", ".pt", ".bin", ".tar", ".ckpt", ".zip", ".onnx", ".gguf")


class Request(Struct, frozen=True, kw_only=True):
    """What a person asks for.

    Attributes:
        source: The address as they write it.
        id: Of the entry; empty: from the file's name.
        title: The published name; empty: as the server says.
        variant: The architecture that the publisher says it is; empty: nobody says.
        report: Empty: the lock's only one.
        licence: Of the weights.
        hosts: Hosts that the server may redirect to.
    """

    source: str
    id: str = ""
    title: str = ""
    variant: str = ""
    report: str = ""
    licence: str = ""
    hosts: tuple[str, ...] = ()


class _Facts(Struct, frozen=True, kw_only=True):
    title: str = ""
    size_bytes: int | None = None
    digest: str = ""
    commit: str = ""


def add_source(request: Request, root: Path) -> LockEntry:
    """Add an entry for a file to the lock.

    Raises:
        SourceError: The address names no file, or the file can't be looked at.
        LockError: The lock is wrong, or would be.
    """
    source = parse_file(request.source, request.hosts)
    facts = _look_at(source, root)
    with exclusively(root / CHECKPOINTS, WRITERS):
        entry = _entry(request, source, facts, root)
        append_entry(root / LOCK_NAME, entry)
    return entry


def _look_at(source: SourceAddress, root: Path) -> _Facts:
    if source.kind == "path":
        path = root / source.address
        size = path.stat().st_size if path.is_file() else None
        return _Facts(title=path.name, size_bytes=size)
    remote = open_remote(source)
    found = remote.describe()
    title = published_name(source) or found.name
    return _Facts(title=title, size_bytes=found.size_bytes, digest=found.digest, commit=found.commit)


def _entry(request: Request, source: SourceAddress, facts: _Facts, root: Path) -> LockEntry:
    lock = read_lock(root / LOCK_NAME)
    reports = {entry.report for entry in lock.checkpoints} or {path.stem for path in report_files(root)}
    title = request.title or facts.title
    variant = request.variant or UNKNOWN_VARIANT
    report = request.report or (reports.pop() if len(reports) == 1 else "")
    entry_id = request.id or id_of(title)
    for value, option, what in (
        (title, "--title", "what the file is called"),
        (report, "--report", "which report it belongs to"),
        (entry_id, "--id", "what the entry is called"),
    ):
        if not value:
            raise LockError("not-determined", f"nothing says {what}", remedy=f"say it with {option}")
    if variant != UNKNOWN_VARIANT and find_architecture(variant) is None:
        raise LockError(
            "unknown-variant",
            f"{variant!r} is no known architecture",
            remedy=f"use an id of generators/architectures, for example convnextpose-xs, or {UNKNOWN_VARIANT!r}",
        )
    algorithm, _, digest = facts.digest.partition(":")
    return LockEntry(
        id=entry_id,
        title=title,
        variant=variant,
        sources=(source,),
        licence=request.licence,
        report=report,
        size=None,
        sha256=None,
        weights_digest=None,
        line=0,
        resolved=Resolved(
            asked=(source.address,),
            source=None if source.kind == "path" else resolved_source(source, facts.commit),
            size_bytes=facts.size_bytes,
            sha256=digest if algorithm == "sha256" else None,
            weights_digest=None,
            resolved_at=build_date(os.environ),
        ),
    )


def id_of(title: str) -> str:
    """Return the id that an entry gets from its file's name; empty where nothing of the name can stand in one."""
    name = PurePosixPath(title).name
    ending = next((ending for ending in _ENDINGS if name.lower().endswith(ending)), "")
    return _UNFIT.sub("-", name[: len(name) - len(ending)] if ending else name).strip("-.").lower()[:64]

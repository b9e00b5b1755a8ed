"""Reads and checks ``checkpoints.lock``: which checkpoints and controls a report is about.

The format is TOML, ``lock-version = 1``. A size that is only known from a
listing is a range, because a listing rounds: ``{ minimum = ..., maximum = ... }``.

What a person asks for and what it came to are kept apart. An entry's own keys
are a person's: sources (perhaps ``@main``), a size as listed, a digest that the
file must have. ``[checkpoint.resolved]`` behind them is Assay's: the source at
its commit, exact size, digests, the date, and the addresses that were asked.
Either can be without the other; where both say something, both must agree, and
``assay lock --check`` says where they don't. A lock without resolved tables is
as right as ever.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Literal

import msgspec

from generators.architectures import find_architecture
from generators.architectures.skeleton import JOINTS
from generators.errors import LockError
from generators.model.lock import ControlEntry, Lock, LockEntry, Resolved, SizeRange, SourceAddress, SourceKind
from generators.toml_places import TomlDocument, check_version, convert_document, read_toml

LOCK_NAME = "checkpoints.lock"
LOCK_VERSION = 1

_Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]+\Z", min_length=1, max_length=64)]
_Bytes = Annotated[int, msgspec.Meta(ge=0)]
_Seed = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Text = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]+\Z", max_length=400)]
"""A line of text: a control character would be part of a path or an address."""
_Host = Annotated[str, msgspec.Meta(pattern=r"^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*\Z", max_length=253)]
_LOOPBACK = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d{1,5})?/")
_FORMS: dict[str, tuple[str, str]] = {
    "hub": (r"[^/@:\s]+/[^/@:\s]+@[^:\s]+:\S.*", "owner/name@revision:path"),
    "github": (r"[^/@:\s]+/[^/@:\s]+@[^:\s]+:[^/\s]+", "owner/name@tag:asset"),
    "zenodo": (r"\d{1,12}:\S.*", "record:file"),
    "s3": (r"s3://[^/\s]+/\S.*", "s3://bucket/key"),
    "gs": (r"gs://[^/\s]+/\S.*", "gs://bucket/key"),
}
"""Kinds of source whose address has a form of its own, and how it is written down for people."""
_SECRET_KEY = re.compile(r"token|sig|auth|secret|passw|cred|key|x-amz|x-goog|policy|expires|jwt|session", re.IGNORECASE)
"""Query keys of signed and personal addresses, as S3, Google, Azure and CloudFront have them."""


class _Source(msgspec.Struct, forbid_unknown_fields=True):
    kind: SourceKind
    address: _Text
    hosts: list[_Host] = []


class _Range(msgspec.Struct, forbid_unknown_fields=True):
    minimum: _Bytes
    maximum: _Bytes


class _Resolved(msgspec.Struct, forbid_unknown_fields=True):
    asked: list[_Text]
    resolved_at: _Text
    source: _Source | None = None
    size_bytes: _Bytes | None = None
    sha256: _Hex | None = None
    weights_digest: _Hex | None = None


class _Checkpoint(msgspec.Struct, forbid_unknown_fields=True):
    id: _Id
    title: _Text
    variant: _Text
    report: _Id
    sources: list[_Source]
    licence: str = ""
    size_bytes: _Bytes | _Range | None = None
    sha256: _Hex | None = None
    weights_digest: _Hex | None = None
    resolved: _Resolved | None = None


class _Control(msgspec.Struct, forbid_unknown_fields=True):
    id: _Id
    recipe: _Text
    seed: _Seed
    training: Literal["drawn-figures"] | None = None


class _LockFile(msgspec.Struct, forbid_unknown_fields=True):
    lock_version: int = msgspec.field(name="lock-version")
    checkpoint: list[_Checkpoint] = []
    control: list[_Control] = []


def read_lock(path: Path) -> Lock:
    """Read and check a lock file.

    Args:
        path: Of the lock; its folder is the project, which no path in it may leave.

    Returns:
        Its entries and controls, checked, in the order of the file.

    Raises:
        LockError: With file, line and remedy: unreadable, not TOML, unknown version, unknown key, wrong type,
            duplicate id, a recipe of no known architecture, a path that leaves the project, an empty range.
    """
    document = read_toml(path, LockError)
    check_version(document, "lock-version", LOCK_VERSION, LockError)
    raw = convert_document(document, _LockFile, LockError)
    _check_ids(document, raw)
    checkpoints = tuple(_checkpoint(document, index, entry) for index, entry in enumerate(raw.checkpoint))
    controls = tuple(_control(document, index, entry) for index, entry in enumerate(raw.control))
    return Lock(path=path, checkpoints=checkpoints, controls=controls)


def _check_ids(document: TomlDocument, raw: _LockFile) -> None:
    seen: dict[str, str] = {}
    places = [(f"$.checkpoint[{n}]", entry.id) for n, entry in enumerate(raw.checkpoint)]
    places += [(f"$.control[{n}]", entry.id) for n, entry in enumerate(raw.control)]
    for place, entry_id in places:
        # on Windows and macOS, names that differ by case alone are the same folder
        folded = entry_id.casefold()
        if folded in seen:
            raise LockError(
                "duplicate-id",
                f"the id {entry_id!r} is taken already at line {document.line_of(seen[folded])}",
                where=document.place(f"{place}.id"),
                remedy="give each checkpoint and control an id of its own",
            )
        if not entry_id.strip("."):
            raise LockError(
                "path-leaves-project",
                f"the id {entry_id!r} would be a folder outside checkpoints/",
                where=document.place(f"{place}.id"),
                remedy="use letters, digits, '.', '_' and '-', not only dots",
            )
        seen[folded] = place


def _checkpoint(document: TomlDocument, index: int, entry: _Checkpoint) -> LockEntry:
    place = f"$.checkpoint[{index}]"
    for number, source in enumerate(entry.sources):
        _check_source(document, f"{place}.sources", source)
        if source.address in (earlier.address for earlier in entry.sources[:number]):
            raise LockError(
                "duplicate-source",
                f"the source {source.address!r} is there twice",
                where=document.place(f"{place}.sources"),
                remedy="remove one of them",
            )
    return LockEntry(
        id=entry.id,
        title=entry.title,
        variant=entry.variant,
        sources=tuple(map(_source, entry.sources)),
        licence=entry.licence,
        report=entry.report,
        size=_size(document, place, entry.size_bytes),
        sha256=entry.sha256,
        weights_digest=entry.weights_digest,
        line=document.line_of(place),
        resolved=_resolved(document, f"{place}.resolved", entry.resolved),
    )


def _source(source: _Source) -> SourceAddress:
    return SourceAddress(kind=source.kind, address=source.address, hosts=tuple(source.hosts))


def _resolved(document: TomlDocument, place: str, found: _Resolved | None) -> Resolved | None:
    if found is None:
        return None
    if found.source is not None:
        _check_source(document, f"{place}.source", found.source)
    return Resolved(
        asked=tuple(found.asked),
        source=None if found.source is None else _source(found.source),
        size_bytes=found.size_bytes,
        sha256=found.sha256,
        weights_digest=found.weights_digest,
        resolved_at=found.resolved_at,
        line=document.line_of(place),
    )


def _check_source(document: TomlDocument, place: str, source: _Source) -> None:
    if source.kind == "path":
        _check_inside(document, place, source.address)
    else:
        _check_address(document, place, source)


def _check_address(document: TomlDocument, place: str, source: _Source) -> None:
    """Refuse an address that isn't of its kind's form, or that would publish a password or a signature."""
    where = document.place(place)
    address = source.address
    if source.kind in {"https", "page"}:
        # of this very machine, a connection needs no encryption
        if not address.startswith("https://") and not (source.kind == "https" and _LOOPBACK.match(address)):
            raise LockError(
                "not-https",
                f"the source {address!r} is no https address",
                where=where,
                remedy="give an address that begins with https://",
            )
        if _opens_something(address):
            # the message mustn't repeat it
            raise LockError(
                "secret-in-address",
                "the address of a source holds a password, a token or a signature, and the lock is published",
                where=where,
                remedy="give the address without it; a password belongs into ~/.netrc, a token into HF_TOKEN",
            )
    elif source.kind == "gdrive" and not re.fullmatch(r"[A-Za-z0-9_-]{10,100}", address):
        raise LockError(
            "not-a-drive-id",
            f"the source {address!r} is no Drive file id",
            where=where,
            remedy="give the id alone: what stands between /d/ and /view in the file's link",
        )
    elif source.kind in _FORMS and not re.fullmatch(_FORMS[source.kind][0], address):
        raise LockError(
            "wrong-form",
            f"the source {address!r} isn't of the form {_FORMS[source.kind][1]}",
            where=where,
            remedy=f"write it as {_FORMS[source.kind][1]}",
        )


def _opens_something(address: str) -> bool:
    """Whether an address has a user, or a query that is a signature or token."""
    host, _, query = address.partition("#")[0].partition("?")
    user = "@" in host.partition("://")[2].partition("/")[0]
    return user or any(_SECRET_KEY.search(part.partition("=")[0]) for part in query.split("&"))


def _control(document: TomlDocument, index: int, entry: _Control) -> ControlEntry:
    place = f"$.control[{index}]"
    if find_architecture(entry.recipe) is None:
        raise LockError(
            "unknown-recipe",
            f"the control {entry.id!r} has the recipe {entry.recipe!r}, which is no known architecture",
            where=document.place(f"{place}.recipe"),
            remedy="use an id of generators/architectures, for example convnextpose-xs",
        )
    if entry.training is not None and not _has_volume(entry.recipe):
        raise LockError(
            "not-trainable",
            f"the control {entry.id!r} can't be trained on drawn figures: {entry.recipe!r} has no heatmap of 18 joints",
            where=document.place(f"{place}.training"),
            remedy="leave `training` out, or use a recipe such as assay-micro",
        )
    return ControlEntry(
        id=entry.id, recipe=entry.recipe, seed=entry.seed, training=entry.training or "", line=document.line_of(place)
    )


def _has_volume(recipe: str) -> bool:
    architecture = find_architecture(recipe)
    return architecture is not None and architecture.configuration.joints == len(JOINTS)


def _check_inside(document: TomlDocument, place: str, address: str) -> None:
    pure = PurePosixPath(address.replace("\\", "/"))
    project = document.path.resolve().parent
    try:
        inside = (project / pure).resolve().is_relative_to(project)
    except (OSError, RuntimeError):  # a symbolic link that leads to itself
        inside = False
    if pure.is_absolute() or PureWindowsPath(address).drive or not inside:
        raise LockError(
            "path-leaves-project",
            f"the source path {address!r} leaves the project",
            where=document.place(place),
            remedy="give a path below the folder of the lock",
        )


def _size(document: TomlDocument, place: str, size: int | _Range | None) -> SizeRange | None:
    match size:
        case None:
            return None
        case int():
            return SizeRange(minimum_bytes=size, maximum_bytes=size)
        case _Range():
            if size.minimum > size.maximum:
                raise LockError(
                    "empty-range",
                    f"no size lies between {size.minimum} and {size.maximum}",
                    where=document.place(f"{place}.size_bytes"),
                    remedy="put the smaller size first",
                )
            return SizeRange(minimum_bytes=size.minimum, maximum_bytes=size.maximum)

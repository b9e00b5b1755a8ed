"""What a new investigation is about: a file here, a file elsewhere, a place that lists files, or nothing yet."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from msgspec import Struct

from generators.errors import StartError
from generators.lock import LOCK_NAME
from generators.lock_edit import append_entry
from generators.model.lock import LockEntry, SizeRange, SourceAddress
from generators.model.transfers import Listing
from generators.pipeline.files.reading import inspect_file
from generators.pipeline.listings.listing import list_source, record_listing
from generators.pipeline.locking.adding import UNKNOWN_VARIANT, Request, add_source, id_of
from generators.pipeline.starting_wishes import (
    NewInvestigation,
    name_of,
    named_repository,
    page_of,
    repository_of,
    said_variant,
)
from generators.sources.addresses import GITHUB_HOST, parse_place

_FILE_ENDINGS: Final = (
    ".safetensors",
    ".pth",
    ".pt",
    ".tar",
    ".bin",
    ".ckpt",
    ".zip",
    ".onnx",
    ".gguf",
    ".npz",
    ".npy",
)
"""What has one of them is a path of a file, although it could be a repository's name."""


class Publisher(Struct, frozen=True, kw_only=True):
    """Where what is investigated was published.

    Attributes:
        name: ``owner/name``; empty where the place has only a number or an id.
        address: Of its page.
    """

    name: str
    address: str

    @property
    def title(self) -> str:
        """What it is called where it is named as a source."""
        return self.name or self.address


class Subject(Struct, frozen=True, kw_only=True):
    """What a new investigation is about.

    Attributes:
        publisher: None where nobody said where it was published.
        path: The file, where it is of this machine.
        file: Address of the file, where it is elsewhere.
        place: Address of a place that lists files.
        variant: The architecture that the publisher says the file is.
    """

    publisher: Publisher | None
    path: Path | None = None
    file: str = ""
    place: str = ""
    variant: str = UNKNOWN_VARIANT


class Found(Struct, frozen=True, kw_only=True):
    """What was found when it was looked at.

    Attributes:
        entry: The lock's new entry; None where no single file was named.
        identified: The architecture that a file of this machine has by its tensors; empty where that isn't known.
        listing: What the place lists; None where none was named.
    """

    entry: LockEntry | None = None
    identified: str = ""
    listing: Listing | None = None


def understand(wanted: NewInvestigation) -> Subject:
    """Return what a person means; nothing is looked at but whether a path is there.

    Raises:
        StartError: It can't be told, or isn't there.
        SourceError: It is an address of no known form.
    """
    variant = said_variant(wanted.variant)
    said = _of_github(named_repository(wanted.repository))
    source = wanted.source.strip()
    path = Path(source).expanduser()
    if not source:
        return Subject(publisher=said, variant=variant)
    if path.is_file():
        return Subject(publisher=said, path=path, variant=variant)
    repository = "" if source.lower().endswith(_FILE_ENDINGS) or path.exists() else repository_of(source)
    if repository:
        return Subject(publisher=said or _of_github(repository), variant=variant)
    place = parse_place(source)
    if place.kind == "path":
        raise StartError(
            "not-a-file",
            "this is a folder, not one file" if path.is_dir() else "there is no such file",
            where=source,
            remedy="name one file of this machine, an address, or a repository of GitHub as owner/name",
        )
    address = page_of(place)
    publisher = said or (Publisher(name=name_of(place), address=address) if address else None)
    if place.is_file:
        return Subject(publisher=publisher, file=source, variant=variant)
    return Subject(publisher=publisher, place=source, variant=variant)


def take_up(subject: Subject, project: Path, report: str) -> Found:
    """Look at what is investigated, and write it into a project: an entry of the lock, or a listing.

    Raises:
        SourceError: It can't be looked at.
        ContainerError: The file of this machine can't be opened.
        LockError: What was found out makes no entry.
    """
    if subject.path is not None:
        return _copy(subject.path, subject, project, report)
    if subject.file:
        request = Request(source=subject.file, report=report, variant=subject.variant)
        return Found(entry=add_source(request, project))
    if subject.place:
        listing = list_source(subject.place)
        record_listing(project, listing)
        return Found(listing=listing)
    return Found()


def _of_github(repository: str) -> Publisher | None:
    if not repository:
        return None
    return Publisher(name=repository, address=f"https://{GITHUB_HOST}/{repository}")


def _copy(path: Path, subject: Subject, project: Path, report: str) -> Found:
    inspection = inspect_file(path)
    entry_id = id_of(path.name) or "file"
    place = project / "checkpoints" / entry_id / path.name
    place.parent.mkdir(parents=True)
    shutil.copyfile(path, place)
    page = subject.publisher.address if subject.publisher is not None else ""
    entry = LockEntry(
        id=entry_id,
        title=path.name,
        variant=subject.variant,
        sources=(SourceAddress(kind="page", address=page),) if page else (),
        licence="",
        report=report,
        size=SizeRange(minimum_bytes=inspection.file.size_bytes, maximum_bytes=inspection.file.size_bytes),
        sha256=inspection.file.sha256,
        weights_digest=None,
        line=0,
    )
    append_entry(project / LOCK_NAME, entry)
    return Found(entry=entry, identified=inspection.identification.architecture or "")

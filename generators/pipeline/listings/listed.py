"""Kept listings as evidence: each file's history, tied to the entries of the lock that name its address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from generators.model.listed import ListedEvent, ListedEventKind, ListedHistory, ListedPlace
from generators.model.lock import Lock
from generators.model.transfers import ListedFile, Listing
from generators.pipeline.listings.kept_listings import LISTINGS, differs, read_history
from generators.sources.redaction import shown_address

Tied = Mapping[tuple[str, str], Sequence[str]]
"""Ids of entries, by kind and address of a source."""


def collect_listings(root: Path, lock: Lock) -> tuple[ListedPlace, ...]:
    """Return what the project's places listed over time.

    Raises:
        StoreError: A listing can't be read.
    """
    tied = _tie(lock)
    return tuple(_place(path, tied) for path in sorted((root / LISTINGS).glob("*.json")))


def _tie(lock: Lock) -> Tied:
    found: dict[tuple[str, str], list[str]] = {}
    for entry in lock.checkpoints:
        for source in entry.sources:
            found.setdefault((source.kind, shown_address(source.address)), []).append(entry.id)
    return found


def _place(path: Path, tied: Tied) -> ListedPlace:
    listings = read_history(path).listings
    last = listings[-1]
    files: dict[str, ListedHistory] = {}
    said: dict[str, ListedFile] = {}
    for listing in listings:
        _follow(files, said, listing, tied)
    return ListedPlace(
        id=path.stem,
        kind=last.kind,
        source=last.source,
        looked_at=_latest(last),
        files=tuple(files[name] for name in sorted(files)),
    )


def _follow(files: dict[str, ListedHistory], said: dict[str, ListedFile], listing: Listing, tied: Tied) -> None:
    """Bring the histories, and what was last said of each file, up to a listing."""
    now = {file.name: file for file in listing.files}
    for name, history in files.items():
        last = history.events[-1]
        if name not in now and last.kind != "gone":
            event = replace(last, kind="gone", date=listing.listed_at)
            files[name] = replace(history, state="gone", events=(*history.events, event))
    for name, file in now.items():
        files[name] = _history(file, listing, files.get(name), said.get(name), tied)
        said[name] = _with_what_was_said(file, said.get(name))


def _history(
    file: ListedFile, listing: Listing, known: ListedHistory | None, said: ListedFile | None, tied: Tied
) -> ListedHistory:
    """Return the history of a file, with what a listing adds to it."""
    event = _event(file, listing, known, said)
    events = (*(known.events if known else ()), *((event,) if event is not None else ()))
    return ListedHistory(
        name=file.name,
        entries=tuple(dict.fromkeys((*(known.entries if known else ()), *tied.get((listing.kind, file.address), ())))),
        state=events[-1].kind,
        seen_at=_latest(listing),
        events=events,
    )


def _with_what_was_said(file: ListedFile, before: ListedFile | None) -> ListedFile:
    """Return a file with the size and digest of earlier listings where this one doesn't say."""
    if before is None:
        return file
    size = before.size_bytes if file.size_bytes is None else file.size_bytes
    return replace(file, size_bytes=size, digest=file.digest or before.digest)


def _event(
    file: ListedFile, listing: Listing, known: ListedHistory | None, said: ListedFile | None
) -> ListedEvent | None:
    """Return what a listing has of a file and the one before had not."""
    kind = _kind(file, known, said)
    if kind is None:
        return None
    return ListedEvent(
        kind=kind, date=listing.listed_at, size_bytes=file.size_bytes, digest=file.digest, address=file.address
    )


def _kind(file: ListedFile, known: ListedHistory | None, said: ListedFile | None) -> ListedEventKind | None:
    if known is None or said is None:
        return "listed"
    if known.events[-1].kind == "gone":
        return "back"
    return "changed" if differs(said, file) else None


def _latest(listing: Listing) -> str:
    return listing.seen_again_at or listing.listed_at

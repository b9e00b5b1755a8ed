"""What a place holds, which architecture each size fits, and how that differs from what it held before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from generators.architectures import ARCHITECTURES
from generators.identify.size import identify_size
from generators.model.lock import SizeRange
from generators.model.transfers import ListedChange, ListedFile, Listing, ListingHistory
from generators.pipeline.listings.kept_listings import LISTINGS, differs, read_history
from generators.sources.addresses import parse_place
from generators.sources.listing import list_place
from generators.sources.redaction import shown_address
from generators.store import FILE_REMEDY, write_atomically

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
MAX_NAME = 120


def list_source(text: str, now: datetime | None = None) -> Listing:
    """List a place as a person names it.

    Raises:
        SourceError: It can't be listed.
    """
    place = parse_place(text)
    files = tuple(replace(file, fits=fitting(file)) for file in list_place(place))
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    return Listing(
        kind=place.kind,
        source=Path(place.address).resolve().name if place.kind == "path" else shown_address(place.address),
        listed_at=moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
        files=files,
    )


def fitting(file: ListedFile) -> tuple[str, ...]:
    """Return the architectures whose training checkpoint would have a file's size."""
    if file.size_bytes is None:
        return ()
    size = SizeRange(minimum_bytes=file.size_bytes, maximum_bytes=file.size_bytes)
    found = identify_size(size, ARCHITECTURES)
    return tuple(candidate.architecture for candidate in found.candidates if candidate.score)


def compare_listings(before: Listing, after: Listing) -> Iterator[ListedChange]:
    """Yield what disappeared, came or changed, by name."""
    then, now = ({file.name: file for file in listing.files} for listing in (before, after))
    for name in sorted(then.keys() | now.keys()):
        old, new = then.get(name), now.get(name)
        if new is None and old is not None:
            yield ListedChange(change="file-gone", name=name, before=_known(old))
        elif old is None and new is not None:
            yield ListedChange(change="file-new", name=name, after=_known(new))
        elif old is not None and new is not None and differs(old, new):
            yield ListedChange(change="file-changed", name=name, before=_known(old), after=_known(new))


def find_history(root: Path, listing: Listing) -> ListingHistory:
    """Return the listings of the same place that a project keeps; an empty history where it keeps none.

    Raises:
        StoreError: What it keeps can't be read.
    """
    return read_history(listing_path(root, listing))


def record_listing(root: Path, listing: Listing) -> tuple[ListedChange, ...]:
    """Keep a listing as reported evidence, behind those of the same place, and return how it differs from the last.

    Raises:
        StoreError: What is kept already can't be read, or the new record can't be written.
    """
    kept = find_history(root, listing).listings
    changes = tuple(compare_listings(kept[-1], listing)) if kept else ()
    if kept and not changes:
        kept = (*kept[:-1], replace(kept[-1], seen_again_at=listing.listed_at))
    else:
        kept = (*kept, listing)
    path = listing_path(root, listing)
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_atomically(path, FILE_REMEDY) as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(ListingHistory(listings=kept)), indent=2) + b"\n")
    return changes


def listing_path(root: Path, listing: Listing) -> Path:
    """Return where a project keeps the listing of a place."""
    name = _UNFIT.sub("-", f"{listing.kind}-{listing.source.partition('://')[2] or listing.source}").strip("-.")
    return root / LISTINGS / f"{name[:MAX_NAME]}.json"


def _known(file: ListedFile) -> str:
    size = "" if file.size_bytes is None else f"{file.size_bytes} B"
    return ", ".join(part for part in (size, file.digest, file.address) if part)

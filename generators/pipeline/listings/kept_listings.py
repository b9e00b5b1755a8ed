"""What places elsewhere held over time, as a project keeps it in ``docs/evidence/listings/``; nothing is asked anew."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from generators.model.transfers import ListedFile, ListingHistory
from generators.store import malformed_record, read_record

LISTINGS = Path("docs") / "evidence" / "listings"
REMEDY: Final = "correct it, or take it back from version control: it is the record of what was there"


def read_listings(root: Path) -> tuple[ListingHistory, ...]:
    """Return the kept listings of each place, by the names of their files.

    Raises:
        StoreError: One can't be read, or has no listing.
    """
    return tuple(read_history(path) for path in sorted((root / LISTINGS).glob("*.json")))


def read_history(path: Path) -> ListingHistory:
    """Return the listings of one place; an empty history where nothing is kept.

    Raises:
        StoreError: What is kept can't be read, or has no listing.
    """
    history = read_record(path, ListingHistory, REMEDY)
    if history is not None and not history.listings:
        raise malformed_record("it has no listing", path, REMEDY)
    return history or ListingHistory(listings=())


def differs(old: ListedFile, new: ListedFile) -> bool:
    """Whether a server says another thing than before; what it didn't say either time is no difference."""
    sizes = {old.size_bytes, new.size_bytes} - {None}
    digests = {old.digest, new.digest} - {""}
    return len(sizes) > 1 or len(digests) > 1 or old.address != new.address

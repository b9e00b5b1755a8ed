"""What places elsewhere listed over time: what was seen, what changed, what is gone."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

ListedEventKind = Literal["listed", "changed", "gone", "back"]


class ListedEvent(Struct, frozen=True, kw_only=True):
    """Something that a listing shows of a file and the one before didn't.

    Attributes:
        kind: ``listed`` (for the first time), ``changed`` (another size, digest or address), ``gone``, ``back`` (listed
            again after it was gone).
        date: Of the listing that shows it, UTC, ISO 8601.
        size_bytes: As listed then; of one that is gone, as it was listed last. None when the place doesn't say.
        digest: Likewise; empty when the place doesn't say. Hostile text.
        address: Likewise. Hostile text.
    """

    kind: ListedEventKind
    date: str
    size_bytes: int | None
    digest: str
    address: str


class ListedHistory(Struct, frozen=True, kw_only=True):
    """One file of a place over time.

    Attributes:
        name: As the place lists it. Hostile text.
        entries: Lock ids of the checkpoints that have this very address as a source.
        state: The last event.
        seen_at: When it was last in a listing; later than the last event where nothing changed since.
        events: Oldest first; the first is ``listed``.
    """

    name: str
    entries: tuple[str, ...]
    state: ListedEventKind
    seen_at: str
    events: tuple[ListedEvent, ...]


class ListedPlace(Struct, frozen=True, kw_only=True):
    """A place whose listings are kept: reported evidence.

    Attributes:
        id: Name of the file that keeps them, without ``.json``.
        kind: Kind of source.
        source: The place, without secrets. Hostile text.
        looked_at: When it was last listed.
        files: By name.
    """

    id: str
    kind: str
    source: str
    looked_at: str
    files: tuple[ListedHistory, ...]

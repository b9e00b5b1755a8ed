"""Which listings a subject's page shows."""

from __future__ import annotations

from generators.model.listed import ListedHistory, ListedPlace

Listed = tuple[tuple[ListedPlace, ListedHistory], ...]
"""A place, without the files that the page doesn't show, and a file of it."""


def listings_of(subject_id: str, places: tuple[ListedPlace, ...]) -> Listed:
    """Return every listed file that a subject's entry names, with the place that lists it."""
    return tuple(
        (ListedPlace(id=place.id, kind=place.kind, source=place.source, looked_at=place.looked_at, files=()), file)
        for place in places
        for file in place.files
        if subject_id in file.entries
    )

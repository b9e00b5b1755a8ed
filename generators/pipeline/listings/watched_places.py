"""The places elsewhere that a project looks at: those that its report names, and those it keeps a listing of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Final

from generators.errors import SourceError
from generators.model.transfers import Listing
from generators.pipeline.listings.kept_listings import read_listings
from generators.pipeline.project import Project
from generators.render.markup import terminal_text
from generators.sources.addresses import Place, parse_place

log = logging.getLogger("generators.pipeline")

_FORMS: Final = {"hub": "hf:{}", "github": "github:{}", "zenodo": "zenodo:{}"}
_DRIVE_FOLDER: Final = "https://drive.google.com/drive/folders/{}"


def named_places(project: Project) -> tuple[str, ...]:
    """Return the places, each as ``assay list`` takes it, each once.

    A folder of this machine isn't one: it is nobody else's to look at.

    Raises:
        StoreError: A listing that the project keeps can't be read.
    """
    known: dict[tuple[str, str], str] = {}
    for text in (*_of_report(project), *_of_listings(project)):
        place = _parsed(text)
        if place is None or place.kind == "path":  # what is no address is taken for a folder
            log.warning("%s: a kept listing is of a place that can't be listed again", terminal_text(text))
            continue
        known.setdefault((place.kind, place.address), text)
    return tuple(known.values())


def _of_report(project: Project) -> Iterator[str]:
    for source in project.report.sources:
        place = _parsed(source.address)
        if place is not None and not place.is_file and place.kind != "path":
            yield source.address


def _parsed(text: str) -> Place | None:
    try:
        return parse_place(text)
    except SourceError:
        return None


def _of_listings(project: Project) -> Iterator[str]:
    for history in read_listings(project.root):
        last = history.listings[-1]
        if last.kind != "path":
            yield _spoken(last)


def _spoken(listing: Listing) -> str:
    """Return a listed place as a person names it."""
    if listing.kind == "gdrive":
        is_file = [file.address for file in listing.files] == [listing.source]
        return f"gdrive:{listing.source}" if is_file else _DRIVE_FOLDER.format(listing.source)
    return _FORMS.get(listing.kind, "{}").format(listing.source)

"""What a person asks of a new investigation, in the forms in which people write it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from generators.architectures import find_architecture
from generators.errors import StartError
from generators.pipeline.locking.adding import UNKNOWN_VARIANT
from generators.render.catalog import LOCALES
from generators.sources.addresses import (
    GITHUB_HOST,
    HUB_HOST,
    ZENODO_HOST,
    Place,
    split_github,
    split_hub,
    split_zenodo,
)

_MARKUP = re.compile(r"[<>&`*\[\]{}#\\%\"]")
MAX_TITLE: Final = 120
_REPOSITORY = re.compile(r"(?P<name>[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}?)(?:\.git)?")
"""Source: GitHub's form of a repository, ``owner/name``."""
_PAGE = re.compile(
    rf"https?://(?:www\.)?{re.escape(GITHUB_HOST)}/|(?:ssh://)?git@{re.escape(GITHUB_HOST)}[:/]|github:(?!//)"
)
"""What stands in front of it in addresses that browsers and git show, and in the short form."""


class NewInvestigation(Struct, frozen=True, kw_only=True):
    """What a person asks for.

    Attributes:
        folder: Where; it must be empty, or not there.
        title: Of the site; empty: the repository's name, else the folder's.
        source: A file of this machine, the address of a file, of a place that lists files, or of a repository of
            GitHub; empty: none yet.
        repository: ``owner/name`` of the publisher on GitHub, or its address; empty: not said.
        variant: The architecture that the publisher says the file is; empty: nobody says.
        languages: Of the site, the default one first.
    """

    folder: Path
    title: str = ""
    source: str = ""
    repository: str = ""
    variant: str = ""
    languages: tuple[str, ...] = LOCALES


def repository_of(text: str) -> str:
    """Return the repository, as ``owner/name``, that a text names; empty where it is of another form."""
    page = _PAGE.match(text)
    found = _REPOSITORY.fullmatch(text[page.end() :].rstrip("/") if page else text)
    return found["name"] if found else ""


def named_repository(text: str) -> str:
    """Return the repository of an option's value.

    Raises:
        StartError: It names none.
    """
    if text and not repository_of(text):
        raise StartError(
            "not-a-repository",
            f"{text!r} is no repository of GitHub",
            remedy="write it as owner/name, for example medialab-ku/ConvNeXtPose; --source takes other places",
        )
    return repository_of(text)


def fit_title(title: str) -> str:
    """Return a title as it may stand in pages, catalogs, TOML and YAML.

    Raises:
        StartError: It can't stand there.
    """
    fit = title.strip()
    if not fit or len(fit) > MAX_TITLE or not fit.isprintable() or _MARKUP.search(fit):
        raise StartError(
            "unfit-title",
            f"the title {title!r} can't stand on a page",
            remedy=f"give one with --title: at most {MAX_TITLE} characters, no markup of Markdown, HTML or TOML",
        )
    return fit


def known_languages(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the languages of a site.

    Raises:
        StartError: One isn't there, or is named twice, or none is named.
    """
    unknown = [language for language in languages if language not in LOCALES]
    if unknown or not languages or len(set(languages)) != len(languages):
        raise StartError(
            "unknown-language",
            f"a site can't be in {', '.join(map(repr, unknown)) or 'these languages'}",
            remedy=f"choose among {', '.join(LOCALES)}, each once, the default one first",
        )
    return languages


def said_variant(variant: str) -> str:
    """Return the architecture that the publisher names.

    Raises:
        StartError: Assay doesn't know it.
    """
    if variant and variant != UNKNOWN_VARIANT and find_architecture(variant) is None:
        raise StartError(
            "unknown-variant",
            f"{variant!r} is no architecture that Assay knows",
            remedy="leave --variant out and claim what the file can show of itself, for example its parameters",
        )
    return variant or UNKNOWN_VARIANT


def page_of(place: Place) -> str:
    """Return the address of the page where a place, or the place that a file lies in, is published; empty: none."""
    match place.kind:
        case "hub":
            return f"https://{HUB_HOST}/{split_hub(place.address)[0]}"
        case "github":
            repo, tag, _ = split_github(place.address)
            return f"https://{GITHUB_HOST}/{repo}/releases/tag/{quote(tag, safe='')}"
        case "zenodo":
            return f"https://{ZENODO_HOST}/records/{split_zenodo(place.address)[0]}"
        case "gdrive":
            return "" if place.is_file else f"https://drive.google.com/drive/folders/{place.address}"
        case _:
            return ""


def name_of(place: Place) -> str:
    """Return what a place calls itself; empty where that is only a number or an id."""
    match place.kind:
        case "hub":
            return split_hub(place.address)[0]
        case "github":
            return split_github(place.address)[0]
        case _:
            return ""

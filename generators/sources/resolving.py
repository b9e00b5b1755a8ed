"""From an address of the lock to the file that it names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from generators.errors import SourceError
from generators.model.lock import SourceAddress
from generators.sources.addresses import split_github, split_zenodo
from generators.sources.connection import require_online
from generators.sources.drive import DriveRemote
from generators.sources.http_remote import HttpRemote
from generators.sources.hub import hub_file
from generators.sources.object_storage import StorageRemote
from generators.sources.remote import Remote

GITHUB = "https://github.com"
ZENODO = "https://zenodo.org"
HOSTS = {
    "github": frozenset({"github.com", "*.githubusercontent.com"}),
    "zenodo": frozenset({"zenodo.org", "*.zenodo.org"}),
    "hub": frozenset({"huggingface.co", "*.huggingface.co", "*.hf.co"}),
}
"""Hosts that each kind of source redirects to by itself.

Source: GitHub's documentation of its addresses (``objects``, ``release-assets.githubusercontent.com``); the hub's of
its storage (``cdn-lfs.huggingface.co``, ``cas-bridge.xethub.hf.co``)."""


def open_remote(source: SourceAddress) -> Remote:
    """Return the file that an address names; most kinds open no connection yet.

    Raises:
        SourceError: Only a person can get it, offline, or a package is missing.
    """
    require_online()
    more = frozenset(source.hosts)
    match source.kind:
        case "gdrive":
            return DriveRemote(source.address)
        case "https":
            return HttpRemote(source.address, more)
        case "hub":
            url, headers = hub_file(source.address)
            return HttpRemote(url, HOSTS["hub"] | more, private=headers)
        case "github":
            repo, tag, asset = split_github(source.address)
            url = f"{GITHUB}/{repo}/releases/download/{quote(tag, safe='')}/{quote(asset)}"
            return HttpRemote(url, HOSTS["github"] | more)
        case "zenodo":
            record, file = split_zenodo(source.address)
            url = f"{ZENODO}/records/{record}/files/{quote(file)}?download=1"
            return HttpRemote(url, HOSTS["zenodo"] | more)
        case "s3" | "gs":
            return StorageRemote(source.kind, source.address)
        case "page":
            raise SourceError(
                "needs-a-person",
                "a person has to open this page and find the file",
                where=source.address,
                remedy="download it in a browser and put it into the entry's folder below checkpoints/",
            )
        case "path":
            raise SourceError(
                "not-found",
                f"there is no file {Path(source.address).as_posix()} in the project",
                remedy="put it there, or correct the path in the lock",
            )

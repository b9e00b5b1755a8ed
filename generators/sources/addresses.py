"""The ways in which people name a file, and the one in which the lock keeps it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import parse_qs, quote, unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from generators.errors import SourceError
from generators.model.lock import LockEntry, SourceAddress, SourceKind
from generators.sources.redaction import shown_address

DRIVE_HOSTS = frozenset({"drive.google.com", "docs.google.com", "drive.usercontent.google.com"})
_DRIVE_FILE = re.compile(r"^/file/(?:u/\d+/)?d/([A-Za-z0-9_-]{10,100})")
_DRIVE_FOLDER = re.compile(r"^/drive/(?:u/\d+/)?folders/([A-Za-z0-9_-]{10,100})")
_HUB = re.compile(r"^(?P<repo>[^/@:\s]+/[^/@:\s]+)(?:@(?P<revision>[^:\s]+))?(?::(?P<path>\S.*))?$")
_GITHUB = re.compile(r"^(?P<repo>[^/@:\s]+/[^/@:\s]+)@(?P<tag>[^:\s]+)(?::(?P<asset>[^/\s]+))?$")
_ZENODO = re.compile(r"^(?P<record>\d{1,12})(?::(?P<file>\S.*))?$")
_HUB_PAGE = re.compile(r"^/(?P<repo>[^/]+/[^/]+)/(?:resolve|blob)/(?P<revision>[^/]+)/(?P<path>.+)$")
_HUB_HOME = re.compile(r"^/(?P<repo>[^/]+/[^/]+?)(?:/tree/(?P<revision>[^/]+))?/?$")
_GITHUB_PAGE = re.compile(r"^/(?P<repo>[^/]+/[^/]+)/releases/(?:download|tag)/(?P<tag>[^/]+)(?:/(?P<asset>[^/]+))?/?$")
_ZENODO_PAGE = re.compile(r"^/(?:records?|api/records)/(?P<record>\d+)(?:/files/(?P<file>[^/]+)(?:/content)?)?/?$")
_SHORT: dict[str, SourceKind] = {"hf": "hub", "github": "github", "zenodo": "zenodo", "gdrive": "gdrive"}
HUB_HOST, GITHUB_HOST, ZENODO_HOST = "huggingface.co", "github.com", "zenodo.org"


class Place(Struct, frozen=True, kw_only=True):
    """What a person named: a file, or something that has files.

    Attributes:
        kind: As in the lock.
        address: As in the lock; of a folder, release, record or repository where ``is_file`` is False.
        is_file: Whether it names one file.
    """

    kind: SourceKind
    address: str
    is_file: bool

    @property
    def source(self) -> SourceAddress:
        """The place as the lock keeps it."""
        return SourceAddress(kind=self.kind, address=self.address)


def parse_place(text: str) -> Place:
    """Return what an address, a short form such as ``hf:owner/name@revision:path``, or a local path names.

    Raises:
        SourceError: ``unknown-address``.
    """
    scheme, colon, rest = text.partition(":")
    if colon and scheme in _SHORT and not rest.startswith("//"):
        return _short(_SHORT[scheme], rest, text)
    if "://" not in text:
        return Place(kind="path", address=text, is_file=not text.endswith("/"))
    match scheme:
        case "s3" | "gs":
            kind: SourceKind = "s3" if scheme == "s3" else "gs"
            return Place(kind=kind, address=text, is_file="/" in rest[2:].strip("/") and not text.endswith("/"))
        case "https" | "http":
            return _web(text)
    raise _unknown(text, f"addresses that begin with {scheme}:// aren't known here")


def is_address(text: str) -> bool:
    """Whether a command's argument names something that isn't a path of this machine."""
    scheme, colon, _ = text.partition(":")
    return "://" in text or bool(colon and scheme in _SHORT)


def split_hub(address: str) -> tuple[str, str, str]:
    """Return repository, revision (``main`` by default) and path (may be empty) of a hub address."""
    found = _require(_HUB, address, "owner/name@revision:path")
    return found["repo"], found["revision"] or "main", found["path"] or ""


def split_github(address: str) -> tuple[str, str, str]:
    """Return repository, tag and asset (may be empty) of a release's address."""
    found = _require(_GITHUB, address, "owner/name@tag:asset")
    return found["repo"], found["tag"], found["asset"] or ""


def split_zenodo(address: str) -> tuple[str, str]:
    """Return record and file (may be empty) of a Zenodo address."""
    found = _require(_ZENODO, address, "record:file")
    return found["record"], found["file"] or ""


def resolved_source(source: SourceAddress, commit: str) -> SourceAddress:
    """Return what a source came to: of the hub, at the commit that it led to; hosts are a person's to allow."""
    if source.kind != "hub" or not commit:
        return replace(source, hosts=())
    repo, _, path = split_hub(source.address)
    return replace(source, address=f"{repo}@{commit}:{path}", hosts=())


def pinned_sources(entry: LockEntry) -> tuple[SourceAddress, ...]:
    """Return an entry's sources, the one that it was resolved from at its commit."""
    found = entry.resolved.source if entry.resolved is not None and not entry.stale else None
    if found is None:
        return entry.sources
    return tuple(replace(found, hosts=asked.hosts) if _is_same_file(asked, found) else asked for asked in entry.sources)


def _is_same_file(asked: SourceAddress, found: SourceAddress) -> bool:
    if asked.kind != found.kind:
        return False
    if asked.kind != "hub":
        return asked.address == found.address
    return split_hub(asked.address)[::2] == split_hub(found.address)[::2]


def published_name(source: SourceAddress) -> str:
    """Return the file's name as its address says it; empty where it doesn't."""
    match source.kind:
        case "hub":
            name = split_hub(source.address)[2]
        case "github":
            name = split_github(source.address)[2]
        case "zenodo":
            name = split_zenodo(source.address)[1]
        case "gdrive" | "page":
            return ""
        case "path":
            name = source.address
        case "https" | "s3" | "gs":
            name = unquote(urlsplit(source.address).path)
    return PurePosixPath(name).name


def readable_address(source: SourceAddress) -> str:
    """Return the address that a person can open or follow, without secrets."""
    match source.kind:
        case "gdrive":
            return f"https://drive.google.com/file/d/{source.address}/view"
        case "hub":
            repo, revision, path = split_hub(source.address)
            return f"https://{HUB_HOST}/{repo}/blob/{quote(revision, safe='')}/{quote(path)}"
        case "github":
            repo, tag, asset = split_github(source.address)
            return f"https://{GITHUB_HOST}/{repo}/releases/download/{quote(tag, safe='')}/{quote(asset)}"
        case "zenodo":
            record, file = split_zenodo(source.address)
            return f"https://{ZENODO_HOST}/records/{record}/files/{quote(file)}"
        case "path":
            return source.address
        case "https" | "page" | "s3" | "gs":
            return shown_address(source.address)


def _short(kind: SourceKind, rest: str, text: str) -> Place:
    match kind:
        case "hub":
            return Place(kind=kind, address=rest, is_file=bool(split_hub(rest)[2]))
        case "github":
            return Place(kind=kind, address=rest, is_file=bool(split_github(rest)[2]))
        case "zenodo":
            return Place(kind=kind, address=rest, is_file=bool(split_zenodo(rest)[1]))
    if not re.fullmatch(r"[A-Za-z0-9_-]{10,100}", rest):
        raise _unknown(text, "this is no id of a Drive file")
    return Place(kind="gdrive", address=rest, is_file=True)


def _web(text: str) -> Place:
    parts = urlsplit(text)
    host = (parts.hostname or "").lower()
    if host in DRIVE_HOSTS:
        return _drive(text, parts.path, parts.query)
    found: re.Match[str] | None
    if host == HUB_HOST and (found := _HUB_PAGE.match(parts.path) or _HUB_HOME.match(parts.path)):
        named = found.groupdict()
        revision = f"@{unquote(named['revision'])}" if named.get("revision") else ""
        path = unquote(named.get("path") or "")
        address = f"{named['repo']}{revision}" + (f":{path}" if path else "")
        return Place(kind="hub", address=address, is_file=bool(path))
    if host == GITHUB_HOST and (found := _GITHUB_PAGE.match(parts.path)):
        asset = unquote(found["asset"] or "")
        address = f"{found['repo']}@{unquote(found['tag'])}" + (f":{asset}" if asset else "")
        return Place(kind="github", address=address, is_file=bool(asset))
    if host == ZENODO_HOST and (found := _ZENODO_PAGE.match(parts.path)):
        file = unquote(found["file"] or "")
        return Place(kind="zenodo", address=found["record"] + (f":{file}" if file else ""), is_file=bool(file))
    return Place(kind="https", address=text, is_file=True)


def _drive(text: str, path: str, query: str) -> Place:
    folder = _DRIVE_FOLDER.match(path)
    if folder:
        return Place(kind="gdrive", address=folder[1], is_file=False)
    file = _DRIVE_FILE.match(path)
    found = file[1] if file else parse_qs(query).get("id", [""])[0]
    if not re.fullmatch(r"[A-Za-z0-9_-]{10,100}", found):
        raise _unknown(text, "this address of Google Drive names no file and no folder")
    return Place(kind="gdrive", address=found, is_file=path != "/embeddedfolderview")


def _require(pattern: re.Pattern[str], address: str, form: str) -> re.Match[str]:
    found = pattern.match(address)
    if found is None:
        raise _unknown(address, f"this isn't of the form {form}")
    return found


def _unknown(text: str, what: str) -> SourceError:
    return SourceError(
        "unknown-address",
        what,
        where=shown_address(text),
        remedy="`assay list --help` shows which addresses are understood",
    )

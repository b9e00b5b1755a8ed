"""What a folder, repository, release, record, prefix or directory holds, before a byte of it is fetched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from generators.errors import SourceError
from generators.model.lock import SourceAddress
from generators.model.transfers import ListedFile
from generators.sources.addresses import Place, published_name, split_github, split_zenodo
from generators.sources.connection import new_session, request, require_online
from generators.sources.drive import DriveRemote, list_folder
from generators.sources.http_remote import status_fault
from generators.sources.hub import list_repository
from generators.sources.object_storage import open_storage, storage_validator, telling_storage
from generators.sources.redaction import shown_address
from generators.sources.resolving import HOSTS, ZENODO, open_remote

GITHUB_API = "https://api.github.com"
MAX_REPLY_BYTES = 1 << 24


def list_place(place: Place) -> tuple[ListedFile, ...]:
    """Return the files of a place, sorted by name; of a single file, itself.

    Raises:
        SourceError: It can't be listed.
    """
    if place.kind == "path":
        return _local(Path(place.address))
    require_online()
    if place.is_file:
        return (_single(place.source),)
    match place.kind:
        case "gdrive":
            files = _drive(place.address)
        case "hub":
            files = list_repository(place.address)
        case "github":
            files = _github(place.address)
        case "zenodo":
            files = _zenodo(place.address)
        case "s3" | "gs":
            files = _storage(place.kind, place.address)
        case _:
            raise SourceError(
                "not-a-listing",
                "this address has no list of files that could be read",
                where=shown_address(place.address),
                remedy="give a Drive folder, a hub repository, a release, a Zenodo record, an S3 prefix or a folder",
            )
    return tuple(sorted(files, key=lambda file: file.name))


def _single(source: SourceAddress) -> ListedFile:
    found = open_remote(source).describe()
    name = published_name(source) or found.name or shown_address(source.address)
    address = shown_address(source.address)
    return ListedFile(name=name, address=address, size_bytes=found.size_bytes, digest=found.digest)


def _local(path: Path) -> tuple[ListedFile, ...]:
    if path.is_file():
        return (ListedFile(name=path.name, address=path.name, size_bytes=path.stat().st_size),)
    if not path.is_dir():
        raise SourceError("not-found", "there is no such folder", where=str(path), remedy="check the path")
    found = sorted((p.relative_to(path), p.stat().st_size) for p in path.rglob("*") if p.is_file())
    return tuple(
        # a listing may be published: where the folder lies on this machine is nobody's business
        ListedFile(name=name.as_posix(), address=(Path(path.name) / name).as_posix(), size_bytes=size)
        for name, size in found
        if not any(part.startswith(".") for part in name.parts)
    )


def _drive(folder_id: str) -> list[ListedFile]:
    files = []
    for file_id, name in list_folder(folder_id):
        # the folder's page has no sizes: each file is asked for its first byte
        files.append(ListedFile(name=name, address=file_id, size_bytes=DriveRemote(file_id).describe().size_bytes))
    return files


def _github(address: str) -> list[ListedFile]:
    repo, tag, _ = split_github(address)
    release = _read_json(f"{GITHUB_API}/repos/{repo}/releases/tags/{tag}", HOSTS["github"] | {"api.github.com"})
    return [
        ListedFile(
            name=str(asset["name"]),
            address=f"{repo}@{tag}:{asset['name']}",
            size_bytes=_size(asset.get("size")),
            digest=str(asset.get("digest") or ""),
        )
        for asset in _items(release, "assets")
    ]


def _zenodo(address: str) -> list[ListedFile]:
    record, _ = split_zenodo(address)
    document = _read_json(f"{ZENODO}/api/records/{record}", HOSTS["zenodo"])
    return [
        ListedFile(
            name=str(file["key"]),
            address=f"{record}:{file['key']}",
            size_bytes=_size(file.get("size")),
            digest=str(file.get("checksum") or ""),
        )
        for file in _items(document, "files")
    ]


def _storage(protocol: str, address: str) -> list[ListedFile]:
    system = open_storage(protocol)
    with telling_storage(address):
        found: dict[str, dict[str, Any]] = system.find(address, detail=True)
    root = address.partition("://")[2].strip("/")
    if not found:
        raise SourceError("not-found", "nothing is there", where=address, remedy="check bucket, prefix and credentials")
    return [
        ListedFile(
            name=key.removeprefix(root).strip("/") or key,
            address=f"{protocol}://{key}",
            size_bytes=_size(info.get("size")),
            digest=storage_validator(info),
        )
        for key, info in found.items()
    ]


def _read_json(url: str, hosts: frozenset[str]) -> Any:  # noqa: ANN401 - JSON
    """Return what a server's interface for programs says.

    Raises:
        SourceError: It can't be had, or is no JSON.
    """
    with request(new_session(), url, {"Accept": "application/json"}, hosts) as (response, _):
        if not response.ok:
            raise status_fault(response.status_code, shown_address(url), response.headers.get("Retry-After", ""))
        data = response.raw.read(MAX_REPLY_BYTES, decode_content=True)
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise SourceError(
            "not-a-listing", "the server's answer is no JSON", where=shown_address(url), remedy="try again later"
        ) from None


def _items(document: Any, key: str) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    items = document.get(key) if isinstance(document, dict) else None
    name = "name" if key == "assets" else "key"
    return [item for item in items or [] if isinstance(item, dict) and name in item]


def _size(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

"""The hub, GitHub and Zenodo as servers of this machine; the real ones can't be reached from the tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_server import FileServer, Resource, serving, tagged

from generators.errors import SourceError
from generators.model.lock import SourceAddress, SourceKind
from generators.sources import listing, resolving
from generators.sources.addresses import parse_place
from generators.sources.download import Wanted, download
from generators.sources.listing import list_place
from generators.sources.resolving import open_remote

DATA = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    with serving({}) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        monkeypatch.setattr(resolving, "GITHUB", served.url)
        monkeypatch.setattr(resolving, "ZENODO", served.url)
        monkeypatch.setattr(listing, "ZENODO", served.url)
        monkeypatch.setattr(listing, "GITHUB_API", served.url)
        yield served


def get(kind: SourceKind, address: str, target: Path, *hosts: str) -> None:
    remote = open_remote(SourceAddress(kind=kind, address=address, hosts=hosts))
    download(remote, target, Wanted(sha256=SHA256), lambda _: None, lambda _done, _total: None)


def as_json(value: object, **more: object) -> Resource:
    return Resource(data=json.dumps(value).encode(), content_type="application/json", **more)  # type: ignore[arg-type]


def test_the_hub_gives_a_revision_with_the_token_and_its_storage_gets_none(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("huggingface_hub", reason="needs the extra `fetch`")
    monkeypatch.setenv("HF_TOKEN", "hf_s3cret")
    with serving({"/blob": tagged(DATA)}, host="localhost") as storage:
        server.resources["/a/b/resolve/0123abc/x/m.pt"] = Resource(
            redirect=f"{storage.url}/blob?X-Amz-Signature=s3cret",
            headers={"X-Linked-ETag": f'"{SHA256}"', "X-Linked-Size": str(len(DATA))},
        )
        get("hub", "a/b@0123abc:x/m.pt", tmp_path / "f", "localhost")
        assert len(server.requests) == 1
        assert server.requests[0][1]["Authorization"] == "Bearer hf_s3cret"
        assert "Authorization" not in storage.requests[0][1]
    assert (tmp_path / "f").read_bytes() == DATA


def test_a_repository_of_the_hub_is_listed_with_sizes_and_digests(server: FileServer) -> None:
    pytest.importorskip("huggingface_hub", reason="needs the extra `fetch`")
    server.resources["/api/models/a/b/tree/v1"] = as_json(
        [
            {"type": "directory", "oid": "1", "path": "x", "size": 0},
            {
                "type": "file",
                "oid": "2",
                "path": "x/m.pt",
                "size": 5,
                "lfs": {"oid": SHA256, "size": 5, "pointerSize": 9},
            },
            {"type": "file", "oid": "3", "path": "README.md", "size": 7},
        ]
    )
    listed = list_place(parse_place("hf:a/b@v1"))
    assert [(file.name, file.address, file.size_bytes, file.digest) for file in listed] == [
        ("README.md", "a/b@v1:README.md", 7, ""),
        ("x/m.pt", "a/b@v1:x/m.pt", 5, f"sha256:{SHA256}"),
    ]


def test_a_repository_that_is_not_there_says_so(server: FileServer) -> None:
    pytest.importorskip("huggingface_hub", reason="needs the extra `fetch`")
    with pytest.raises(SourceError) as caught:
        list_place(parse_place("hf:a/b"))
    assert caught.value.code == "not-found"


def test_a_release_of_github_is_listed_and_its_asset_fetched(server: FileServer, tmp_path: Path) -> None:
    server.resources |= {
        "/repos/a/b/releases/tags/v1": as_json({"assets": [{"name": "m.pt", "size": 9, "digest": f"sha256:{SHA256}"}]}),
        "/a/b/releases/download/v1/m.pt": tagged(DATA),
    }
    (file,) = list_place(parse_place("https://github.com/a/b/releases/tag/v1"))
    assert (file.address, file.size_bytes, file.digest) == ("a/b@v1:m.pt", 9, f"sha256:{SHA256}")
    get("github", file.address, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == DATA


def test_a_record_of_zenodo_is_listed_and_its_file_fetched(server: FileServer, tmp_path: Path) -> None:
    server.resources |= {
        "/api/records/12": as_json({"files": [{"key": "m x.pt", "size": 9, "checksum": "md5:00"}, {"no": "key"}]}),
        "/records/12/files/m%20x.pt": tagged(DATA),
    }
    (file,) = list_place(parse_place("zenodo:12"))
    assert (file.name, file.address, file.size_bytes, file.digest) == ("m x.pt", "12:m x.pt", 9, "md5:00")
    get("zenodo", file.address, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == DATA


@pytest.mark.parametrize("answer", [b"<html>busy</html>", b'{"a":' * 5000, b"[]"])
def test_an_answer_that_is_no_listing_ends_in_words(server: FileServer, answer: bytes) -> None:
    server.resources["/api/records/12"] = Resource(data=answer)
    if answer == b"[]":
        assert list_place(parse_place("zenodo:12")) == ()
        return
    with pytest.raises(SourceError) as caught:
        list_place(parse_place("zenodo:12"))
    assert caught.value.code == "not-a-listing"


def test_an_address_without_a_list_says_what_has_one() -> None:
    with pytest.raises(SourceError) as caught:
        list_place(parse_place("https://example.org/models/").__class__(kind="https", address="x", is_file=False))
    assert caught.value.code == "not-a-listing"

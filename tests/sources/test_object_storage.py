from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from object_server import IS_INSTALLED, REASON, serving_objects

from generators.errors import SourceError
from generators.model.lock import SourceAddress
from generators.sources.addresses import parse_place
from generators.sources.download import Fetched, Wanted, download
from generators.sources.listing import list_place
from generators.sources.object_storage import StorageRemote
from generators.sources.part_file import PartFile
from generators.sources.resolving import open_remote

DATA = bytes(range(256)) * 40_000
SHA256 = hashlib.sha256(DATA).hexdigest()
fsspec = pytest.importorskip("fsspec", reason="needs the extra `s3` or `gcs`")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Stand in for S3 with fsspec's file system in memory, which has the same interface."""
    system = fsspec.filesystem("memory", skip_instance_cache=True)
    system.store.clear()

    class Bucket(type(system)):  # type: ignore[misc]
        protocol = "s3"

        @classmethod
        def _strip_protocol(cls, path: str) -> str:
            return super()._strip_protocol(path.replace("s3://", "memory://"))

    made = Bucket(skip_instance_cache=True)
    monkeypatch.setattr(fsspec, "filesystem", lambda _protocol: made)
    yield made
    system.store.clear()


def get(address: str, target: Path) -> Fetched:
    remote = open_remote(SourceAddress(kind="s3", address=address))
    return download(remote, target, Wanted(sha256=SHA256), lambda _: None, lambda _done, _total: None)


def test_an_object_is_fetched_and_resumed_while_it_is_the_same(bucket: Any, tmp_path: Path) -> None:
    bucket.pipe_file("s3://weights/m.pt", DATA)
    remote = StorageRemote("s3", "s3://weights/m.pt")
    assert remote.describe().size_bytes == len(DATA)
    with remote.open() as reply:
        state_validator = reply.validator
    from generators.sources.part_file import PartState

    part = PartFile(tmp_path / "f")
    state = PartState(source=remote.shown, validator=state_validator, total_bytes=len(DATA))
    with part.begin(state, 0) as stream:
        stream.write(DATA[:5_000_000])
    assert get("s3://weights/m.pt", tmp_path / "f").resumed_bytes == 5_000_000
    assert (tmp_path / "f").read_bytes() == DATA


def test_an_object_that_is_not_there_is_told(bucket: Any, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        get("s3://weights/none.pt", tmp_path / "f")
    assert caught.value.code == "not-found"


def test_an_object_that_changes_while_all_of_it_is_read_is_refused(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generators.pipeline.files.peeking import read_address

    bucket.pipe_file("s3://weights/m.pt", DATA)
    assert read_address("s3://weights/m.pt", "digests").inspection.file.sha256 == SHA256
    read_range = StorageRemote.read_range

    def meddle(remote: StorageRemote, start: int, size: int) -> bytes:
        bucket.pipe_file("s3://weights/m.pt", DATA[::-1])
        return read_range(remote, start, size)

    monkeypatch.setattr(StorageRemote, "read_range", meddle)
    with pytest.raises(SourceError) as caught:
        read_address("s3://weights/m.pt", "digests")
    assert caught.value.code == "changed-meanwhile"


def test_a_prefix_is_listed(bucket: Any) -> None:
    bucket.pipe_file("s3://weights/a/m.pt", b"12345")
    (file,) = list_place(parse_place("s3://weights/a/"))
    assert (file.size_bytes, file.name.endswith("m.pt")) == (5, True)


def test_without_its_package_the_command_that_installs_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)
    with pytest.raises(SourceError) as caught:
        get("s3://weights/m.pt", tmp_path / "f")
    assert caught.value.code == "missing-package"
    assert "pip install s3fs" in caught.value.remedy


@pytest.mark.skipif(not IS_INSTALLED, reason=REASON)
@pytest.mark.filterwarnings("ignore")
def test_a_server_that_speaks_s3_gives_listing_parts_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving_objects() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        system = fsspec.filesystem("s3", skip_instance_cache=True)
        system.mkdir("weights")
        system.pipe_file("s3://weights/a/m.pt", DATA)
        (file,) = list_place(parse_place("s3://weights/a/"))
        assert (file.name, file.address, file.size_bytes) == ("m.pt", "s3://weights/a/m.pt", len(DATA))
        assert open_remote(SourceAddress(kind="s3", address=file.address)).read_range(1000, 9) == DATA[1000:1009]
        assert get(file.address, tmp_path / "f").sha256 == SHA256
        with pytest.raises(SourceError) as caught:
            get("s3://weights/none.pt", tmp_path / "g")
        assert caught.value.code == "not-found"


@pytest.mark.skipif(not IS_INSTALLED, reason=REASON)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("key", "code"), [("test", "connection"), ("", "forbidden")])
def test_a_storage_that_no_one_answers_for_and_one_without_keys_are_told(
    key: str, code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": key,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "HOME": str(tmp_path),
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    with pytest.raises(SourceError) as caught:
        open_remote(SourceAddress(kind="s3", address="s3://weights/m.pt")).describe()
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    assert caught.value.code == code

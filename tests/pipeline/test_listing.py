from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from file_projects import assay

from generators.model.transfers import ListedFile, Listing
from generators.pipeline.listing import compare_listings, find_listing, fitting, list_source, record_listing

MOMENT = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
XS_BYTES = 42551112
"""A training checkpoint of XS has about that size: it is listed as 40.58 MiB."""


def sparse(path: Path, size: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.truncate(size)
    return path


def listing(*files: ListedFile) -> Listing:
    return Listing(kind="gdrive", source="abc", listed_at="2026-01-01T00:00:00Z", files=files)


def test_a_folder_is_listed_with_what_each_size_fits_and_without_its_place(tmp_path: Path) -> None:
    sparse(tmp_path / "models" / "a" / "x.tar", XS_BYTES)
    sparse(tmp_path / "models" / "notes.txt", 7)
    sparse(tmp_path / "models" / ".locks" / "x.lock", 0)
    found = list_source(str(tmp_path / "models"), MOMENT)
    assert [(file.name, file.size_bytes, file.fits) for file in found.files] == [
        ("a/x.tar", XS_BYTES, ("convnextpose-xs",)),
        ("notes.txt", 7, ()),
    ]
    assert (found.kind, found.source, found.listed_at) == ("path", "models", "2026-11-25T12:30:00Z")
    assert str(tmp_path) not in repr(found)


def test_a_size_that_nobody_knows_fits_nothing() -> None:
    assert fitting(ListedFile(name="a", address="a")) == ()


def test_a_recorded_listing_is_found_again_and_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    sparse(tmp_path / "models" / "x.tar", 5)
    found = list_source(str(tmp_path / "models"), MOMENT)
    path = record_listing(tmp_path, found)
    before = path.read_bytes()
    assert path.parent == tmp_path / "docs" / "evidence" / "listings"
    assert find_listing(tmp_path, found) == found
    assert record_listing(tmp_path, list_source(str(tmp_path / "models"), MOMENT)).read_bytes() == before
    path.write_bytes(b"{")
    assert find_listing(tmp_path, found) is None


def test_what_disappeared_came_and_changed_is_told_apart() -> None:
    before = listing(
        ListedFile(name="gone", address="1", size_bytes=1),
        ListedFile(name="same", address="2", size_bytes=2),
        ListedFile(name="size", address="3", size_bytes=3),
        ListedFile(name="digest", address="4", size_bytes=4, digest="md5:a"),
        ListedFile(name="moved", address="5", size_bytes=5),
        ListedFile(name="learnt", address="6"),
    )
    after = listing(
        ListedFile(name="same", address="2", size_bytes=2),
        ListedFile(name="size", address="3", size_bytes=33),
        ListedFile(name="digest", address="4", size_bytes=4, digest="md5:b"),
        ListedFile(name="moved", address="55", size_bytes=5),
        ListedFile(name="learnt", address="6", size_bytes=6),
        ListedFile(name="new", address="7", size_bytes=7),
    )
    assert [(change.name, change.change) for change in compare_listings(before, after)] == [
        ("digest", "file-changed"),
        ("gone", "file-gone"),
        ("moved", "file-changed"),
        ("new", "file-new"),
        ("size", "file-changed"),
    ]


def test_the_command_says_what_disappeared_since_it_was_recorded(tmp_path: Path) -> None:
    pytest.importorskip("requests", reason="needs the extra `fetch`")
    sparse(tmp_path / "models" / "x.tar", XS_BYTES)
    sparse(tmp_path / "models" / "y\x1b[31m.tar", 5)
    command = ("list", tmp_path / "models", "--record", "-C", tmp_path)
    first = assay(*command)
    assert first.exit_code == 0
    assert "convnextpose-xs" in first.stdout
    assert "\x1b[31m.tar" not in first.stdout
    (tmp_path / "models" / "x.tar").unlink()
    second = assay(*command, "--json")
    assert second.exit_code == 1
    assert [file["size_bytes"] for file in second.lines[0]["files"]] == [5]
    assert assay("list", tmp_path / "nothing").exit_code == 6

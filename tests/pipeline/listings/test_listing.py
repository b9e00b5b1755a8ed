from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from file_projects import assay
from msgspec.structs import replace

from generators.errors import StoreError
from generators.model.transfers import ListedFile, Listing
from generators.pipeline.listings.listing import (
    compare_listings,
    find_history,
    fitting,
    list_source,
    listing_path,
    record_listing,
)

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


def test_what_is_recorded_stays_on_record_when_it_is_gone(tmp_path: Path) -> None:
    sparse(tmp_path / "models" / "x.tar", 5)
    first = list_source(str(tmp_path / "models"), MOMENT)
    assert record_listing(tmp_path, first) == ()
    path = listing_path(tmp_path, first)
    assert path.parent == tmp_path / "docs" / "evidence" / "listings"
    before = path.read_bytes()
    again = list_source(str(tmp_path / "models"), MOMENT + timedelta(days=1))
    assert record_listing(tmp_path, again) == ()
    assert find_history(tmp_path, first).listings == (replace(first, seen_again_at="2026-11-26T12:30:00Z"),)
    (tmp_path / "models" / "x.tar").unlink()
    gone = list_source(str(tmp_path / "models"), MOMENT + timedelta(days=2))
    assert [change.change for change in record_listing(tmp_path, gone)] == ["file-gone"]
    assert [listing.files for listing in find_history(tmp_path, first).listings] == [first.files, ()]
    path.unlink()
    record_listing(tmp_path, first)
    assert path.read_bytes() == before, "the same listing gives the same bytes"


def test_a_damaged_record_is_refused_and_not_written_over(tmp_path: Path) -> None:
    sparse(tmp_path / "models" / "x.tar", 5)
    found = list_source(str(tmp_path / "models"), MOMENT)
    record_listing(tmp_path, found)
    listing_path(tmp_path, found).write_bytes(b"{")
    with pytest.raises(StoreError):
        record_listing(tmp_path, found)
    assert listing_path(tmp_path, found).read_bytes() == b"{"


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

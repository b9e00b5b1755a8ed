from __future__ import annotations

from pathlib import Path

import pytest
from file_projects import entry_text, write_project

from generators.errors import StoreError
from generators.model.transfers import ListedFile, Listing
from generators.pipeline.listings.kept_listings import LISTINGS, read_listings
from generators.pipeline.listings.listing import record_listing
from generators.pipeline.listings.watched_places import named_places
from generators.pipeline.project import open_project

DRIVE = "https://drive.google.com/drive/folders/12H7zkLvmJtrkCmAUAPkQ6788WAnO60gI"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path, [entry_text("one", "https://example.org/f")])


def keep(root: Path, kind: str, source: str, *files: ListedFile) -> None:
    record_listing(root, Listing(kind=kind, source=source, listed_at="2026-01-01T00:00:00Z", files=files))


def test_the_places_are_those_of_the_report_and_of_the_kept_listings_each_once(root: Path) -> None:
    keep(root, "gdrive", "12H7zkLvmJtrkCmAUAPkQ6788WAnO60gI")
    keep(root, "gdrive", "165D0rU2GImmRe7u7DNe6eKJG8voBIcGh", file("165D0rU2GImmRe7u7DNe6eKJG8voBIcGh"))
    keep(root, "hub", "owner/name@main")
    keep(root, "zenodo", "1234")
    keep(root, "s3", "s3://bucket/prefix/")
    keep(root, "https", "https://example.org/model.pth", file("https://example.org/model.pth"))
    keep(root, "path", "folder")
    assert named_places(open_project(root)) == (
        DRIVE,
        "gdrive:165D0rU2GImmRe7u7DNe6eKJG8voBIcGh",
        "https://example.org/model.pth",
        "hf:owner/name@main",
        "s3://bucket/prefix/",
        "zenodo:1234",
    )


def test_a_kept_place_that_can_not_be_listed_again_is_told_and_hides_no_other(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keep(root, "https", "no address at all")
    keep(root, "zenodo", "1234")
    assert named_places(open_project(root)) == (DRIVE, "zenodo:1234")
    assert "no address at all" in caplog.text


def file(address: str) -> ListedFile:
    return ListedFile(name="model.pth", address=address)


@pytest.mark.parametrize("content", [b"{", b"{}", b'{"listings": []}', b"\xff"])
def test_a_damaged_listing_is_named_with_its_file_and_a_remedy(root: Path, content: bytes) -> None:
    path = root / LISTINGS / "place.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        read_listings(root)
    assert caught.value.where == str(path)
    assert "version control" in caught.value.remedy

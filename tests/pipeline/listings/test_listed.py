"""What places elsewhere listed, as evidence of a report."""

from __future__ import annotations

from pathlib import Path

import pytest
from file_projects import entry_text, write_project

from generators.errors import StoreError
from generators.judge.pointer import find_quantity
from generators.lock import read_lock
from generators.model.evidence import ReportEvidence
from generators.model.listed import ListedHistory, ListedPlace
from generators.model.transfers import ListedFile, Listing
from generators.pipeline.evidence.report import collect_evidence
from generators.pipeline.listings.kept_listings import LISTINGS
from generators.pipeline.listings.listed import collect_listings
from generators.pipeline.listings.listing import record_listing
from generators.store import to_document

DRIVE_ID = "165D0rU2GImmRe7u7DNe6eKJG8voBIcGh"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    entries = [
        entry_text("one", "https://example.org/f"),
        entry_text("two", DRIVE_ID).replace('"https"', '"gdrive"'),
        entry_text("three", "owner/name@main:dir/model.pth").replace('"https"', '"hub"'),
    ]
    return write_project(tmp_path, entries)


def file(name: str = "a.pth", size: int | None = 5, digest: str = "", address: str = "a") -> ListedFile:
    return ListedFile(name=name, address=address, size_bytes=size, digest=digest)


def look(root: Path, day: int, *files: ListedFile, kind: str = "gdrive") -> None:
    listed_at = f"2026-11-{day:02}T12:00:00Z"
    record_listing(root, Listing(kind=kind, source="folder", listed_at=listed_at, files=files))


def collect(root: Path) -> tuple[ListedPlace, ...]:
    return collect_listings(root, read_lock(root / "checkpoints.lock"))


def only(root: Path) -> ListedHistory:
    ((place,),) = (collect(root),)
    (history,) = place.files
    return history


def events(root: Path) -> list[tuple[str, str, int | None]]:
    return [(one.kind, one.date[8:10], one.size_bytes) for one in only(root).events]


def test_a_file_that_disappears_and_comes_back_has_each_with_its_day(root: Path) -> None:
    look(root, 1, file())
    look(root, 2)
    look(root, 3)
    look(root, 4, file(size=6))
    assert events(root) == [("listed", "01", 5), ("gone", "02", 5), ("back", "04", 6)]
    assert (only(root).state, only(root).seen_at[8:10]) == ("back", "04")


def test_a_file_that_changes_says_what_it_was(root: Path) -> None:
    look(root, 1, file(digest="md5:1"))
    look(root, 2, file(digest="md5:2"))
    look(root, 3, file(digest="md5:2", address="b"))
    assert [(one.kind, one.digest, one.address) for one in only(root).events] == [
        ("listed", "md5:1", "a"),
        ("changed", "md5:2", "a"),
        ("changed", "md5:2", "b"),
    ]


def test_a_file_that_stays_was_last_seen_when_its_place_was_last_looked_at(root: Path) -> None:
    look(root, 1, file())
    look(root, 9, file())
    assert events(root) == [("listed", "01", 5)]
    assert only(root).seen_at[8:10] == "09"
    assert collect(root)[0].looked_at[8:10] == "09"


def test_a_size_that_was_unknown_meanwhile_is_still_held_against_the_one_before(root: Path) -> None:
    look(root, 1, file(size=5), file("other"))
    look(root, 2, file(size=None))
    look(root, 3, file(size=7), file("other"))
    history = collect(root)[0].files[0]
    assert [(one.kind, one.date[8:10]) for one in history.events] == [("listed", "01"), ("changed", "03")]


def test_an_entry_is_tied_to_the_listed_file_that_it_names_whatever_the_place_calls_it(root: Path) -> None:
    look(root, 1, file("ConvNeXtPose_M.tar", address=DRIVE_ID), file("other.tar", address="x" * 33))
    look(root, 1, file("dir/model.pth", address="owner/name@main:dir/model.pth"), kind="hub")
    look(root, 1, file("f", address="https://example.org/f"), kind="https")
    tied = {file.name: file.entries for place in collect(root) for file in place.files}
    expected = {"ConvNeXtPose_M.tar": ("two",), "other.tar": (), "dir/model.pth": ("three",), "f": ("one",)}
    assert tied == expected


def test_a_file_stays_tied_when_its_address_changes(root: Path) -> None:
    look(root, 1, file(address=DRIVE_ID))
    look(root, 2, file(address="y" * 33))
    assert only(root).entries == ("two",)


def test_a_claim_can_point_at_a_listing_and_rests_on_reported_evidence(root: Path) -> None:
    look(root, 1, file("dir/a.pth"))
    look(root, 2)
    document = {"listings": [to_document(place) for place in collect(root)]}
    found = find_quantity(document, "/listings/gdrive-folder/files/dir~1a.pth/state")
    assert (found.value, found.kinds) == ("gone", ("reported",))


def test_no_listing_is_evidence_of_nothing(root: Path) -> None:
    assert collect(root) == ()
    assert find_quantity({"listings": []}, "/listings/gdrive-folder/files/a/state").value is None


def test_a_damaged_listing_ends_the_build_with_its_file_and_a_remedy(root: Path) -> None:
    path = root / LISTINGS / "place.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"listings": [{"kind": 1}]}')
    with pytest.raises(StoreError) as caught:
        collect_evidence(root, evaluate=False)
    assert caught.value.where == str(path)
    assert caught.value.remedy


def test_a_report_has_what_is_kept(root: Path) -> None:
    look(root, 1, file(address=DRIVE_ID))
    evidence: ReportEvidence = collect_evidence(root, evaluate=False)
    assert evidence.listings == collect(root)

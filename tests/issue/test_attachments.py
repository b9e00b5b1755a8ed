from __future__ import annotations

import io
import zipfile

import pytest

from generators.errors import RenderError
from generators.issue import attachments
from generators.issue.attachments import check_attachable, zip_files, zip_within_limit
from generators.model.issue import IssueFile


def file(name: str, size_bytes: int = 10) -> IssueFile:
    return IssueFile(name=name, data=bytes(number * 7919 % 251 for number in range(size_bytes)))


def names(archive: IssueFile) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(archive.data)) as opened:
        assert opened.testzip() is None
        return opened.namelist()


def test_an_archive_has_the_same_bytes_whatever_the_order_and_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    first = zip_files("x.zip", [file("b.json"), file("a.json")])
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert zip_files("x.zip", [file("a.json"), file("b.json")]) == first
    with zipfile.ZipFile(io.BytesIO(first.data)) as opened:
        assert {entry.date_time for entry in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("name", ["x.png", "x.json", "x.zip", "x.pdf"])
def test_a_file_of_a_kind_that_github_takes_is_attached(name: str) -> None:
    assert check_attachable(file(name)).name == name


@pytest.mark.parametrize("name", ["x.exe", "x.safetensors", "x", "x.PNG.sh"])
def test_a_file_of_another_kind_is_not(name: str) -> None:
    with pytest.raises(RenderError):
        check_attachable(file(name))


def test_an_image_may_have_ten_megabytes_and_no_byte_more() -> None:
    check_attachable(IssueFile(name="x.png", data=bytes(10_000_000)))
    with pytest.raises(RenderError, match="10000001 bytes; GitHub takes 10000000"):
        check_attachable(IssueFile(name="x.png", data=bytes(10_000_001)))


def test_what_is_needed_least_is_left_out_of_an_archive_that_grows_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = ([file("a.json", 300)], [file("b.json", 300)], [file("c.json", 300)])
    whole = zip_within_limit("x.zip", parts)
    monkeypatch.setitem(attachments.MAX_BYTES, ".zip", len(whole.data) - 1)
    assert names(whole) == ["a.json", "b.json", "c.json"]
    assert names(zip_within_limit("x.zip", parts)) == ["a.json", "b.json"]
    monkeypatch.setitem(attachments.MAX_BYTES, ".zip", 100)
    with pytest.raises(RenderError):
        zip_within_limit("x.zip", parts)

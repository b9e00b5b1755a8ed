"""Against a server that answers as gdown expects Google Drive to; the real one can't be reached from the tests."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from file_server import FileServer, Resource, serving, tagged

from generators.errors import SourceError
from generators.pipeline.locking.fetching import recognise_page
from generators.sources import drive
from generators.sources.addresses import Place
from generators.sources.download import Wanted, download
from generators.sources.drive import DriveRemote
from generators.sources.faults import exit_code_of
from generators.sources.listing import list_place

pytest.importorskip("gdown", reason="needs the extra `fetch`")

DATA = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(DATA).hexdigest()
SMALL, LARGE = "a" * 33, "b" * 33
ATTACHMENT = {"Content-Disposition": 'attachment; filename="Net_S.tar"'}
SCAN_PAGE = """<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning</title></head><body>
<p class="uc-warning-caption">Google Drive can't scan this file for viruses.</p>
<form id="download-form" action="{url}/download" method="get"><input type="submit" id="uc-download-link"/>
<input type="hidden" name="id" value="{id}"><input type="hidden" name="export" value="download">
<input type="hidden" name="confirm" value="t"><input type="hidden" name="uuid" value="12-34"></form></body></html>"""
QUOTA_PAGE = """<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head><body>
<p class="uc-error-caption">Sorry, you can't view or download this file at this time.</p>
<p class="uc-error-subcaption">Too many users have viewed or downloaded this file recently.</p></body></html>"""
GONE_PAGE = "<!DOCTYPE html><html><head><title>Google Drive</title></head><body>Something happened</body></html>"
FOLDER_PAGE = """<html><head><title>Models</title></head><body>
<a href="https://drive.google.com/file/d/{small}/view?usp=drive_web">Net_S.tar</a>
<a href="https://drive.google.com/file/d/{large}/view?usp=drive_web">Net_L.tar</a></body></html>"""


def page(text: str, **more: Any) -> Resource:
    return Resource(data=text.encode(), content_type="text/html; charset=utf-8", **more)


class _ToThisMachine(requests.adapters.HTTPAdapter):
    """Sends what is meant for Drive to a server of this machine."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *given: Any, **named: Any) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace("https://drive.google.com", self._url)
        return super().send(request, *given, **named)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    with serving({}) as served:
        served.resources |= {
            f"/uc?id={SMALL}&export=download": tagged(DATA, headers=ATTACHMENT),
            f"/uc?id={LARGE}&export=download": page(SCAN_PAGE.format(url=served.url, id=LARGE)),
            f"/download?id={LARGE}&export=download&confirm=t&uuid=12-34": tagged(DATA, headers=ATTACHMENT),
        }
        monkeypatch.setattr(drive, "DRIVE", served.url)
        folders = sys.modules["gdown.download_folder"] if "gdown" in sys.modules else None
        if folders is None:
            __import__("gdown")
            folders = sys.modules["gdown.download_folder"]

        def session(**_: object) -> tuple[requests.Session, str]:
            made = requests.Session()
            made.mount("https://drive.google.com", _ToThisMachine(served.url))
            return made, ""

        monkeypatch.setattr(folders, "_get_session", session)
        yield served


def fetch(file_id: str, target: Path) -> None:
    download(DriveRemote(file_id), target, Wanted(sha256=SHA256), recognise_page, lambda _done, _total: None)


def refusal(file_id: str, target: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        fetch(file_id, target)
    return caught.value


@pytest.mark.parametrize("file_id", [SMALL, LARGE])
def test_a_file_comes_with_and_without_the_question_whether_it_is_really_wanted(
    server: FileServer, tmp_path: Path, file_id: str
) -> None:
    fetch(file_id, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == DATA


def test_behind_the_question_a_connection_that_breaks_off_is_resumed(server: FileServer, tmp_path: Path) -> None:
    resource = server.find(f"/download?id={LARGE}&export=download&confirm=t&uuid=12-34")
    assert resource is not None
    resource.cuts = [200_000, 100_000]
    fetch(LARGE, tmp_path / "f")
    questions = [path for path, _ in server.requests if path.startswith("/uc")]
    assert len(questions) == 1
    assert (tmp_path / "f").read_bytes() == DATA


@pytest.mark.parametrize(
    ("answer", "code", "exit_code"),
    [
        (page(QUOTA_PAGE), "drive-quota", 4),
        (page(GONE_PAGE), "not-public", 6),
        (Resource(statuses=[404]), "not-found", 6),
        (Resource(statuses=[403]), "not-public", 6),
        (Resource(redirect="https://accounts.google.com/ServiceLogin?continue=x"), "not-public", 6),
        (Resource(statuses=[500] * 9), "server-error", 4),
    ],
    ids=["quota", "no-download", "removed", "forbidden", "login", "problem"],
)
def test_quota_withdrawn_and_missing_files_are_told_apart(
    server: FileServer, tmp_path: Path, answer: Resource, code: str, exit_code: int
) -> None:
    server.resources[f"/uc?id={SMALL}&export=download"] = answer
    error = refusal(SMALL, tmp_path / "f")
    assert (error.code, exit_code_of(error.code)) == (code, exit_code)
    assert error.where == f"https://drive.google.com/file/d/{SMALL}/view"
    assert error.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_listed_with_sizes_and_no_file_is_fetched(server: FileServer) -> None:
    server.resources["/embeddedfolderview"] = page(FOLDER_PAGE.format(small=SMALL, large=LARGE))
    listed = list_place(Place(kind="gdrive", address="f" * 33, is_file=False))
    assert [(file.name, file.address, file.size_bytes) for file in listed] == [
        ("Net_L.tar", LARGE, len(DATA)),
        ("Net_S.tar", SMALL, len(DATA)),
    ]


def test_a_folder_that_is_not_public_says_so(server: FileServer) -> None:
    with pytest.raises(SourceError) as caught:
        list_place(Place(kind="gdrive", address="f" * 33, is_file=False))
    assert caught.value.code == "not-public"


def test_a_part_of_a_file_can_be_read(server: FileServer) -> None:
    remote = DriveRemote(LARGE)
    assert remote.read_range(1000, 10) == DATA[1000:1010]
    assert remote.read_range(5, 1) == DATA[5:6]

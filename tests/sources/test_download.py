from __future__ import annotations

import errno
import hashlib
import random
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from file_server import Resource, serving, tagged

from generators.errors import SourceError
from generators.model.lock import SizeRange
from generators.sources.download import Fetched, Wanted, download
from generators.sources.faults import exit_code_of
from generators.sources.http_remote import HttpRemote, wait_seconds
from generators.sources.part_file import PartFile

DATA = random.Random(1).randbytes(700_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
OTHER = random.Random(2).randbytes(700_000)
EXACT = SizeRange(minimum_bytes=len(DATA), maximum_bytes=len(DATA))


class Usage(NamedTuple):
    """As ``shutil.disk_usage`` returns it."""

    total: int
    used: int
    free: int


def fetch(
    url: str, target: Path, *, sha256: str | None = SHA256, size: SizeRange | None = None, **more: Any
) -> Fetched:
    wanted = Wanted(size=size, sha256=sha256)
    return download(HttpRemote(url, **more), target, wanted, lambda _: None, lambda _done, _total: None)


def refusal(url: str, target: Path, **more: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        fetch(url, target, **more)
    return caught.value


def hidden(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def test_a_file_comes_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "one" / "model.pth"
    with serving({"/f": tagged(DATA)}) as server:
        fetched = fetch(f"{server.url}/f", target)
    assert target.read_bytes() == DATA
    assert fetched == Fetched(size_bytes=len(DATA), sha256=SHA256, resumed_bytes=0)
    assert hidden(target.parent) == ["model.pth"]


def test_a_connection_that_breaks_off_is_resumed_where_it_stopped(tmp_path: Path) -> None:
    with serving({"/f": tagged(DATA, cuts=[100_000, 100_000, 0, 300_000])}) as server:
        fetch(f"{server.url}/f", tmp_path / "f")
        assert server.sent == len(DATA), "no byte is fetched twice"
        starts = [headers.get("Range") for _, headers in server.requests]
    assert starts == [None, "bytes=100000-", "bytes=200000-", "bytes=200000-", "bytes=500000-"]
    assert (tmp_path / "f").read_bytes() == DATA


def test_an_earlier_runs_part_is_resumed(tmp_path: Path) -> None:
    resource = tagged(DATA, cuts=[300_000, *[0] * 6])
    with serving({"/f": resource}) as server:
        assert refusal(f"{server.url}/f", tmp_path / "f").code == "cut-off"
        assert not (tmp_path / "f").exists()
        assert PartFile(tmp_path / "f").size_bytes == 300_000
        resource.cuts.clear()
        assert fetch(f"{server.url}/f", tmp_path / "f").resumed_bytes == 300_000
        assert server.sent == len(DATA)
    assert (tmp_path / "f").read_bytes() == DATA


@pytest.mark.parametrize("honours_if_range", [True, False])
def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(tmp_path: Path, *, honours_if_range: bool) -> None:
    before = tagged(OTHER, cuts=[300_000, *[0] * 6])
    resources = {"/f": before}
    with serving(resources) as server:
        refusal(f"{server.url}/f", tmp_path / "f")
        resources["/f"] = tagged(DATA, honours_if_range=honours_if_range)
        fetch(f"{server.url}/f", tmp_path / "f", sha256=None)
    assert (tmp_path / "f").read_bytes() == DATA


def test_a_part_from_one_source_is_not_resumed_from_another(tmp_path: Path) -> None:
    date = "Tue, 14 Oct 2025 10:00:00 GMT"
    first = Resource(data=OTHER, modified=date, cuts=[300_000, *[0] * 6])
    with serving({"/first": first, "/second": Resource(data=DATA, modified=date)}) as server:
        refusal(f"{server.url}/first", tmp_path / "f")
        fetch(f"{server.url}/second", tmp_path / "f", sha256=None)
    assert (tmp_path / "f").read_bytes() == DATA


def test_a_server_without_ranges_gives_the_file_from_its_beginning(tmp_path: Path) -> None:
    with serving({"/f": tagged(DATA, ranges=False, cuts=[300_000])}) as server:
        fetch(f"{server.url}/f", tmp_path / "f")
        assert server.sent == 300_000 + len(DATA)
    assert (tmp_path / "f").read_bytes() == DATA


def test_without_a_validator_nothing_is_resumed(tmp_path: Path) -> None:
    with serving({"/f": Resource(data=DATA, cuts=[300_000])}) as server:
        fetch(f"{server.url}/f", tmp_path / "f")
        assert all("Range" not in headers for _, headers in server.requests)
    assert (tmp_path / "f").read_bytes() == DATA


def test_a_weak_validator_is_none(tmp_path: Path) -> None:
    with serving({"/f": Resource(data=DATA, etag='W/"1"', cuts=[300_000])}) as server:
        fetch(f"{server.url}/f", tmp_path / "f")
        assert all("Range" not in headers for _, headers in server.requests)


def test_the_date_of_the_last_change_is_a_validator(tmp_path: Path) -> None:
    modified = "Tue, 14 Oct 2025 10:00:00 GMT"
    with serving({"/f": Resource(data=DATA, modified=modified, cuts=[300_000])}) as server:
        fetch(f"{server.url}/f", tmp_path / "f")
        assert server.requests[1][1]["If-Range"] == modified
        assert server.sent == len(DATA)


def test_a_server_with_a_problem_is_asked_again(tmp_path: Path) -> None:
    with serving({"/f": tagged(DATA, statuses=[503, 500, 429])}) as server:
        fetch(f"{server.url}/f", tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == DATA


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return what is waited for, without waiting."""
    seconds: list[float] = []
    monkeypatch.setattr(time, "sleep", seconds.append)
    return seconds


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_is_left_alone_for_as_long_as_it_asks(tmp_path: Path, slept: list[float], status: int) -> None:
    with serving({"/f": tagged(DATA, statuses=[status], retry_after=["7"])}) as server:
        fetch(f"{server.url}/f", tmp_path / "f")
    assert slept == [7.0]
    assert (tmp_path / "f").read_bytes() == DATA


def test_a_server_that_asks_for_minutes_ends_the_attempt_and_the_reader_is_told(
    tmp_path: Path, slept: list[float]
) -> None:
    with serving({"/f": tagged(DATA, statuses=[429] * 2, retry_after=["3600"] * 2)}) as server:
        error = refusal(f"{server.url}/f", tmp_path / "f")
        assert len(server.requests) == 1
    assert (error.code, exit_code_of(error.code)) == ("rate-limited", 4)
    assert "3600 seconds" in error.remedy
    assert slept == []


NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Wed, 25 Nov 2026 12:01:30 GMT", 90.0),
        ("Wed, 25 Nov 2026 11:59:00 GMT", 0.0),
        ("9" * 400, 999_999_999.0),
        ("-5", None),
        ("1e9", None),
        ("\u0661", None),
        ("soon", None),
        ("", None),
    ],
)
def test_both_forms_of_the_wait_are_read_and_nothing_else_is_a_wait(header: str, seconds: float | None) -> None:
    assert wait_seconds(header, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (404, "not-found", 6),
        (410, "withdrawn", 6),
        (403, "forbidden", 6),
        (503, "server-error", 4),
        (400, "refused", 6),
    ],
)
def test_each_status_has_its_reason_and_exit_code(tmp_path: Path, status: int, code: str, exit_code: int) -> None:
    with serving({"/f": tagged(DATA, statuses=[status] * 9)}) as server:
        error = refusal(f"{server.url}/f", tmp_path / "f")
    assert (error.code, exit_code_of(error.code)) == (code, exit_code)
    assert error.remedy


def test_another_digest_is_refused_and_not_kept(tmp_path: Path) -> None:
    with serving({"/f": tagged(OTHER)}) as server:
        error = refusal(f"{server.url}/f", tmp_path / "f")
    assert (error.code, exit_code_of(error.code)) == ("sha256-mismatch", 5)
    assert SHA256 in error.what
    assert hidden(tmp_path) == []


def test_a_resumed_file_with_another_digest_is_fetched_anew_once(tmp_path: Path) -> None:
    resource = tagged(DATA, cuts=[300_000, *[0] * 6])
    with serving({"/f": resource}) as server:
        refusal(f"{server.url}/f", tmp_path / "f")
        part = PartFile(tmp_path / "f")
        part.path.write_bytes(b"\0" * 300_000)  # as a power cut may leave it
        resource.cuts.clear()
        fetch(f"{server.url}/f", tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == DATA


def test_another_size_is_refused_before_the_file_is_fetched(tmp_path: Path) -> None:
    with serving({"/f": tagged(DATA + b"x")}) as server:
        error = refusal(f"{server.url}/f", tmp_path / "f", size=EXACT)
    assert (error.code, exit_code_of(error.code)) == ("wrong-size", 5)
    assert hidden(tmp_path) == []


def test_a_size_that_nobody_announced_is_checked_at_the_end(tmp_path: Path) -> None:
    with serving({"/f": tagged(DATA[:-1], with_length=False)}) as server:
        error = refusal(f"{server.url}/f", tmp_path / "f", size=EXACT, sha256=None)
    assert error.code == "wrong-size"
    assert hidden(tmp_path) == []


def test_what_the_server_promises_is_checked(tmp_path: Path) -> None:
    promise = {"X-Linked-ETag": f'"{SHA256}"', "X-Linked-Size": str(len(OTHER))}
    with serving({"/f": Resource(redirect="/g", headers=promise), "/g": tagged(OTHER)}) as server:
        assert refusal(f"{server.url}/f", tmp_path / "f", sha256=None).code == "digest-mismatch"


def test_a_web_page_in_the_files_place_is_told_by_its_content(tmp_path: Path) -> None:
    page = b"<!doctype html><html><title>Welcome to the hotel</title></html>"
    told = SourceError("web-page", "it says: Welcome", remedy="log in")
    with serving({"/f": Resource(data=page, content_type="text/html; charset=utf-8")}) as server:
        remote = HttpRemote(f"{server.url}/f")
        with pytest.raises(SourceError) as caught:
            download(remote, tmp_path / "f", Wanted(), lambda _: told, lambda _done, _total: None)
    assert (caught.value.code, caught.value.what) == ("web-page", "it says: Welcome")
    assert hidden(tmp_path) == []


def test_a_redirect_to_another_host_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    with serving({"/g": tagged(DATA)}, host="localhost") as other, serving({"/f": Resource()}) as server:
        server.resources["/f"].redirect = f"{other.url}/g"
        error = refusal(f"{server.url}/f", tmp_path / "f")
        assert (error.code, exit_code_of(error.code)) == ("other-host", 6)
        assert "localhost" in error.what
        assert other.requests == []
        fetch(f"{server.url}/f", tmp_path / "f", hosts=frozenset({"localhost"}))
    assert (tmp_path / "f").read_bytes() == DATA


def test_redirects_without_end_end(tmp_path: Path) -> None:
    with serving({"/f": Resource(redirect="/f")}) as server:
        assert refusal(f"{server.url}/f", tmp_path / "f").code == "too-many-redirects"


def test_an_address_without_encryption_is_refused(tmp_path: Path) -> None:
    error = refusal("http://example.org/f", tmp_path / "f")
    assert (error.code, "https" in error.remedy) == ("unknown-address", True)


def test_a_token_goes_to_its_own_host_alone(tmp_path: Path) -> None:
    with serving({"/g": tagged(DATA)}, host="localhost") as other, serving({"/f": Resource()}) as server:
        server.resources["/f"].redirect = f"{other.url}/g"
        secret = {"Authorization": "Bearer hf_secret"}
        hosts = frozenset({"localhost"})
        fetch(f"{server.url}/f", tmp_path / "f", hosts=hosts, private=secret)
        assert server.requests[0][1]["Authorization"] == "Bearer hf_secret"
        assert "Authorization" not in other.requests[0][1]


def test_a_silent_server_times_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_TIMEOUT", "0.1")
    with serving({"/f": tagged(DATA, pause_seconds=0.4)}) as server:
        error = refusal(f"{server.url}/f", tmp_path / "f")
    assert (error.code, exit_code_of(error.code)) == ("timed-out", 4)


def test_nobody_there_is_a_connection_that_cannot_be_made(tmp_path: Path) -> None:
    with serving({}) as server:
        url = server.url
    error = refusal(f"{url}/f", tmp_path / "f")
    assert (error.code, exit_code_of(error.code)) == ("connection", 4)


def test_offline_opens_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_OFFLINE", "1")
    with serving({"/f": tagged(DATA)}) as server:
        error = refusal(f"{server.url}/f", tmp_path / "f")
        assert server.requests == []
    assert (error.code, exit_code_of(error.code)) == ("offline", 4)


def test_the_proxy_of_the_environment_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({"http://127.0.0.1:9/f": tagged(DATA)}) as proxy:
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        fetch("http://127.0.0.1:9/f", tmp_path / "f")
        assert [path for path, _ in proxy.requests] == ["http://127.0.0.1:9/f"]


def test_too_little_space_is_told_before_the_file_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**6, 10**6 - 1000, 1000))
    with serving({"/f": tagged(DATA)}) as server:
        error = refusal(f"{server.url}/f", tmp_path / "f")
    assert (error.code, exit_code_of(error.code)) == ("disk-full", 7)
    assert hidden(tmp_path) == []


def test_a_disk_that_fills_up_keeps_what_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(self: PartFile, *_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    begin = PartFile.begin
    with serving({"/f": tagged(DATA, cuts=[300_000])}) as server:

        def once(self: PartFile, *given: Any) -> Any:
            return fill(self) if self.size_bytes else begin(self, *given)

        monkeypatch.setattr(PartFile, "begin", once)
        error = refusal(f"{server.url}/f", tmp_path / "f")
        assert (error.code, exit_code_of(error.code)) == ("disk-full", 7)
        assert PartFile(tmp_path / "f").size_bytes == 300_000
        monkeypatch.undo()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert fetch(f"{server.url}/f", tmp_path / "f").resumed_bytes == 300_000


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with serving({"/f": tagged(DATA)}) as server:
        error = refusal(f"{server.url}/f", tmp_path / "file" / "f")
    assert (error.code, exit_code_of(error.code)) == ("not-writable", 7)


def test_secrets_of_an_address_are_in_no_message_and_no_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="generators")
    resource = tagged(DATA, cuts=[300_000, *[0] * 6])
    with serving({"/f": resource, "/gone": Resource(statuses=[404])}) as server:
        host = server.url.removeprefix("http://")
        for path in ("f", "gone"):
            url = f"http://anna:s3cret@{host}/{path}?X-Amz-Signature=s3cret&id=7"
            error = refusal(url, tmp_path / "f")
            assert "s3cret" not in error.diagnostics()
            assert "id=7" in error.diagnostics()
        assert server.requests[0][1]["Authorization"].startswith("Basic ")
    written = b"".join(p.read_bytes() for p in tmp_path.iterdir() if p.suffix == ".json")
    assert written
    assert b"s3cret" not in written
    assert "s3cret" not in caplog.text


def test_a_finished_part_only_needs_its_name(tmp_path: Path) -> None:
    resource = tagged(DATA)
    with serving({"/f": resource}) as server:
        url = f"{server.url}/f"
        refusal(url, tmp_path / "f", sha256="0" * 64)
        part = PartFile(tmp_path / "f")
        from generators.sources.part_file import PartState

        state = PartState(source=url, validator=resource.etag, total_bytes=len(DATA))
        with part.begin(state, 0) as stream:
            stream.write(DATA)
        before = len(server.requests)
        assert fetch(url, tmp_path / "f").resumed_bytes == len(DATA)
        assert len(server.requests) == before
    assert hidden(tmp_path) == ["f"]

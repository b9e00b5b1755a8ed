"""A comment kept up to date, through the real ``gh``, on a server of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from github_server import GitHub, make_certificate, serve_github
from tools import require_tools

from generators.errors import SourceError
from generators.sources import github_comments
from generators.sources.faults import exit_code_of
from generators.sources.github_comments import marker_line, upsert_comment

MARKER = "verdicts"


@pytest.fixture(autouse=True)
def _has_gh() -> None:
    require_tools("gh", "openssl")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def github(certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with serve_github(certificate) as github:
        for name in ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GH_CONFIG_DIR", str(tmp_path / "gh"))
        monkeypatch.setenv("GH_HOST", github.host)
        monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "of-a-test")
        monkeypatch.setenv("SSL_CERT_FILE", github.certificate)
        yield github


def test_a_comment_is_made_where_there_is_none(github: GitHub) -> None:
    assert upsert_comment("owner/name", 7, "the verdicts", MARKER) == "created"
    assert [comment["body"] for comment in github.comments[7]] == [f"{marker_line(MARKER)}\nthe verdicts"]


def test_it_is_found_again_among_more_than_two_pages_and_updated_by_its_id(github: GitHub) -> None:
    for number in range(130):
        github.add(7, f"remark {number}")
    mine = github.add(7, f"{marker_line(MARKER)}\nold", login="me")
    for number in range(120):
        github.add(7, f"further remark {number}")
    assert upsert_comment("owner/name", 7, "new", MARKER) == "updated"
    assert mine["body"] == f"{marker_line(MARKER)}\nnew"
    assert github.written == ["PATCH"]
    assert len(github.comments[7]) == 251


def test_the_same_text_is_not_written_again(github: GitHub) -> None:
    github.add(7, f"{marker_line(MARKER)}\r\nthe\r\nsame\r\n", login="me")
    assert upsert_comment("owner/name", 7, "the\nsame", MARKER) == "unchanged"
    assert github.written == []


def test_who_copies_the_marker_gets_nothing_overwritten(github: GitHub) -> None:
    copy = github.add(7, f"{marker_line(MARKER)}\nmine!", login="someone")
    quoted = github.add(7, f"> {marker_line(MARKER)}\nI quote", login="me")
    assert upsert_comment("owner/name", 7, "new", MARKER) == "created"
    assert (copy["body"], quoted["body"]) == (f"{marker_line(MARKER)}\nmine!", f"> {marker_line(MARKER)}\nI quote")


def test_a_token_of_actions_finds_the_comment_of_its_bot_not_that_of_a_person(github: GitHub) -> None:
    github.login = ""
    person = github.add(7, f"{marker_line(MARKER)}\na person's")
    assert upsert_comment("owner/name", 7, "first", MARKER) == "created"
    assert upsert_comment("owner/name", 7, "second", MARKER) == "updated"
    assert upsert_comment("owner/name", 7, "second", MARKER) == "unchanged"
    assert person["body"] == f"{marker_line(MARKER)}\na person's"


def test_a_text_is_never_read_as_a_file_an_option_or_a_template(github: GitHub) -> None:
    text = "@/etc/hostname\n--method DELETE {owner} $(id) `id`\n\U0001f9ea \ud7a3"
    upsert_comment("owner/name", 7, text, MARKER)
    assert github.comments[7][0]["body"] == f"{marker_line(MARKER)}\n{text}"


@pytest.mark.parametrize(
    ("method", "status", "message", "code", "exit_code"),
    [
        ("GET", 401, "Bad credentials", "no-login", 6),
        ("POST", 403, "Resource not accessible by personal access token", "forbidden", 6),
        ("POST", 403, "Unable to create comment because issue is locked.", "locked", 6),
        ("POST", 403, "User is blocked", "forbidden", 6),
        ("POST", 404, "Not Found", "not-found", 6),
        ("POST", 410, "Issues are disabled for this repo", "not-found", 6),
        ("POST", 422, "Validation Failed", "refused", 6),
        ("POST", 403, "You have exceeded a secondary rate limit.", "rate-limited", 4),
        ("POST", 429, "Too Many Requests", "rate-limited", 4),
        ("POST", 502, "Bad Gateway", "server-error", 4),
    ],
)
def test_each_refusal_has_its_reason_and_exit_code(
    github: GitHub, method: str, status: int, message: str, code: str, exit_code: int
) -> None:
    github.fails[method] = (status, message)
    with pytest.raises(SourceError) as caught:
        upsert_comment("owner/name", 7, "text", MARKER)
    assert (caught.value.code, exit_code_of(caught.value.code)) == (code, exit_code)
    assert str(status) in caught.value.what
    assert caught.value.remedy


def test_a_server_that_is_not_there_is_a_matter_of_the_network(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_HOST", "localhost:1")
    with pytest.raises(SourceError) as caught:
        upsert_comment("owner/name", 7, "text", MARKER)
    assert caught.value.code == "connection"


def test_without_the_command_it_says_where_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError) as caught:
        upsert_comment("owner/name", 7, "text", MARKER)
    assert (caught.value.code, exit_code_of(caught.value.code)) == ("no-gh", 7)


def test_a_gh_that_is_no_program_is_told_as_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "gh").write_text("no program")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError) as caught:
        upsert_comment("owner/name", 7, "text", MARKER)
    assert (caught.value.code, exit_code_of(caught.value.code)) == ("no-gh", 7)
    assert "can't be run" in caught.value.what


def test_a_login_that_nobody_made_is_named(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GH_HOST")
    monkeypatch.delenv("GH_ENTERPRISE_TOKEN")
    with pytest.raises(SourceError) as caught:
        upsert_comment("owner/name", 7, "text", MARKER)
    assert caught.value.code == "no-login"
    assert github.requests == []


@pytest.mark.parametrize("repo", ["owner", "owner/name/more", "../name", "owner/..", "-o/name", "owner/na me", "o/n?x"])
def test_what_is_no_repository_never_becomes_an_address(repo: str) -> None:
    with pytest.raises(SourceError) as caught:
        upsert_comment(repo, 7, "text", MARKER)
    assert caught.value.code == "unknown-address"


def test_a_text_that_github_would_refuse_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_comments, "call_gh", lambda *_, **__: pytest.fail("was sent"))
    with pytest.raises(SourceError, match="65536"):
        upsert_comment("owner/name", 7, "x" * 65_536, MARKER)


def test_offline_nothing_is_asked(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_OFFLINE", "1")
    with pytest.raises(SourceError) as caught:
        upsert_comment("owner/name", 7, "text", MARKER)
    assert caught.value.code == "offline"
    assert github.requests == []

"""A comment kept up to date, through the real ``gh``, on a server of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from github_login import logged_in
from github_server import GitHub
from tools import require_tools

from generators.errors import SourceError
from generators.sources import github_comments
from generators.sources.github_comments import upsert_comment

MARKER = "verdicts"
LINE = f"<!-- assay: {MARKER} -->"


@pytest.fixture(autouse=True)
def _has_gh() -> None:
    require_tools("gh", "openssl")


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with logged_in(tmp_path, monkeypatch) as github:
        yield github


def test_a_comment_is_made_where_there_is_none(github: GitHub) -> None:
    assert upsert_comment("owner/name", 7, "the verdicts", MARKER) == "created"
    assert [comment["body"] for comment in github.comments[7]] == [f"{LINE}\nthe verdicts"]


def test_it_is_found_again_among_more_than_two_pages_and_updated_by_its_id(github: GitHub) -> None:
    for number in range(130):
        github.add(7, f"remark {number}")
    mine = github.add(7, f"{LINE}\nold", login="me")
    for number in range(120):
        github.add(7, f"further remark {number}")
    assert upsert_comment("owner/name", 7, "new", MARKER) == "updated"
    assert mine["body"] == f"{LINE}\nnew"
    assert github.written == ["PATCH"]
    assert len(github.comments[7]) == 251


def test_no_further_page_is_asked_for_once_it_is_found(github: GitHub) -> None:
    github.add(7, f"{LINE}\nold", login="me")
    for number in range(120):
        github.add(7, f"remark {number}")
    assert upsert_comment("owner/name", 7, "new", MARKER) == "updated"
    assert not [path for _, path in github.requests if "page=2" in path]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0c", "\r"])
def test_no_line_separator_in_the_comment_of_another_hides_ours(github: GitHub, separator: str) -> None:
    github.add(7, f"a remark{separator}of two lines")
    github.add(7, f"{LINE}\nthe text", login="me")
    assert upsert_comment("owner/name", 7, "the text", MARKER) == "unchanged"


def test_the_same_text_is_not_written_again(github: GitHub) -> None:
    github.add(7, f"{LINE}\r\nthe\r\nsame\r\n", login="me")
    assert upsert_comment("owner/name", 7, "the\nsame", MARKER) == "unchanged"
    assert github.written == []


def test_who_copies_the_marker_gets_nothing_overwritten(github: GitHub) -> None:
    copy = github.add(7, f"{LINE}\nmine!", login="someone")
    quoted = github.add(7, f"> {LINE}\nI quote", login="me")
    assert upsert_comment("owner/name", 7, "new", MARKER) == "created"
    assert (copy["body"], quoted["body"]) == (f"{LINE}\nmine!", f"> {LINE}\nI quote")


def test_a_token_of_actions_finds_the_comment_of_its_bot_not_that_of_a_person(github: GitHub) -> None:
    github.login = ""
    person = github.add(7, f"{LINE}\na person's")
    assert upsert_comment("owner/name", 7, "first", MARKER) == "created"
    assert upsert_comment("owner/name", 7, "second", MARKER) == "updated"
    assert upsert_comment("owner/name", 7, "second", MARKER) == "unchanged"
    assert person["body"] == f"{LINE}\na person's"


def test_a_text_is_never_read_as_a_file_an_option_or_a_template(github: GitHub) -> None:
    text = "@/etc/hostname\n--method DELETE {owner} $(id) `id`\n\U0001f9ea \ud7a3"
    upsert_comment("owner/name", 7, text, MARKER)
    assert github.comments[7][0]["body"] == f"{LINE}\n{text}"


@pytest.mark.parametrize("repo", ["owner", "owner/name/more", "../name", "owner/..", "-o/name", "owner/na me", "o/n?x"])
def test_what_is_no_repository_never_becomes_an_address(repo: str) -> None:
    with pytest.raises(SourceError) as caught:
        upsert_comment(repo, 7, "text", MARKER)
    assert caught.value.code == "unknown-address"


def test_a_text_that_github_would_refuse_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_comments, "call_gh", lambda *_, **__: pytest.fail("was sent"))
    with pytest.raises(SourceError, match="65536"):
        upsert_comment("owner/name", 7, "x" * 65_536, MARKER)

"""An issue or a comment through the real ``gh``, on a server of this machine that answers as GitHub's does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from github_login import logged_in, require_gh
from github_server import GitHub

from generators.errors import SourceError
from generators.sources import github_api
from generators.sources.faults import exit_code_of
from generators.sources.github_issues import Post, Target, carry_out, parse_target, plan_post

POST = Post(title="The question", body="the text\n", marker="issue-x-en")
REPOSITORY = Target(repository="owner/name")
MARKED = "<!-- assay: issue-x-en -->\nold"


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    require_gh()
    with logged_in(tmp_path, monkeypatch) as github:
        yield github


def post(target: Target, what: Post = POST) -> tuple[str, str]:
    plan = plan_post(target, what)
    return plan.action, carry_out(plan, what)


def test_a_plan_writes_nothing(github: GitHub) -> None:
    plan = plan_post(REPOSITORY, POST)
    assert (plan.action, plan.login, plan.repository) == ("create-issue", "me", "owner/name")
    assert plan.address == f"https://{github.host}/owner/name"
    assert github.written == []


def test_an_issue_is_made_then_left_alone_then_brought_up_to_date(github: GitHub) -> None:
    assert post(REPOSITORY) == ("create-issue", f"https://{github.host}/owner/name/issues/1")
    assert github.issues[1]["title"] == "The question"
    assert github.issues[1]["body"] == POST.text
    assert POST.text.endswith(" -->\nthe text\n")
    assert post(REPOSITORY)[0] == "unchanged"
    newer = Post(title="The question", body="a newer text", marker=POST.marker)
    assert post(REPOSITORY, newer) == ("update-issue", f"https://{github.host}/owner/name/issues/1")
    assert github.issues[1]["body"].endswith("\na newer text")
    assert github.written == ["POST", "PATCH"]
    assert len(github.issues) == 1


def test_another_title_of_ours_is_brought_up_to_date_too(github: GitHub) -> None:
    old = Post(title="An old question", body=POST.body, marker=POST.marker)
    github.open_issue(old.text, login="me", title=old.title)
    assert post(REPOSITORY)[0] == "update-issue"
    assert github.issues[1]["title"] == "The question"


def test_a_title_that_somebody_gave_our_issue_stays(github: GitHub) -> None:
    github.open_issue(POST.text, login="me", title="M and L are there")
    assert post(REPOSITORY)[0] == "unchanged"
    newer = Post(title="Another question", body="a newer text", marker=POST.marker)
    plan = plan_post(REPOSITORY, newer)
    assert (plan.action, plan.is_renamed, plan.is_edited) == ("update-issue", True, False)
    carry_out(plan, newer)
    assert github.issues[1]["title"] == "M and L are there"
    assert github.issues[1]["body"] == newer.text
    assert post(REPOSITORY, newer)[0] == "unchanged"


def test_a_title_of_any_length_is_written_once(github: GitHub) -> None:
    long = Post(title="x" * 300, body="the text", marker=POST.marker)
    assert [post(REPOSITORY, long)[0] for _ in range(2)] == ["create-issue", "unchanged"]
    assert github.issues[1]["title"] == "x" * 256


@pytest.mark.parametrize("target", [REPOSITORY, Target(repository="owner/name", number=1)])
def test_a_text_that_somebody_changed_is_known_and_one_in_other_line_ends_is_none(
    github: GitHub, target: Target
) -> None:
    written = Post(title="The question", body="two\nlines\n", marker=POST.marker)
    mine = github.open_issue(written.text, login="me", title="The question")
    if target.number:
        mine = github.add(1, written.text, login="me")
    mine["body"] = written.text.replace("\n", "\r\n").strip()
    assert not plan_post(target, POST).is_edited
    mine["body"] = f"{written.text}\nPS: solved"
    assert plan_post(target, POST).is_edited


def test_our_issue_is_found_again_among_more_than_two_pages_of_our_own(github: GitHub) -> None:
    for number in range(230):
        github.open_issue(f"issue {number}", login="me")
    github.open_issue(MARKED, login="me")
    assert post(REPOSITORY) == ("update-issue", f"https://{github.host}/owner/name/issues/231")
    assert [path for _, path in github.requests if "page=3" in path]


def test_no_further_page_is_asked_for_once_our_issue_is_found(github: GitHub) -> None:
    github.login = ""
    for number in range(230):
        bot = number == 120
        github.open_issue(MARKED if bot else f"issue {number}", login="x[bot]", kind="Bot" if bot else "User")
    assert post(REPOSITORY) == ("update-issue", f"https://{github.host}/owner/name/issues/121")
    assert [path for _, path in github.requests if "page=2" in path]
    assert not [path for _, path in github.requests if "page=3" in path]


def test_a_list_without_an_end_is_given_up(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_api, "MAX_PAGES", 2)
    for number in range(230):
        github.open_issue(f"issue {number}", login="me")
    with pytest.raises(SourceError, match="more than 2 pages"):
        plan_post(REPOSITORY, POST)
    assert github.written == []


def test_an_issue_of_someone_who_copied_the_hidden_line_stays_theirs(github: GitHub) -> None:
    github.open_issue(MARKED, login="someone")
    assert post(REPOSITORY)[0] == "create-issue"
    assert github.issues[1]["body"] == MARKED


def test_a_token_without_an_account_finds_what_bots_wrote(github: GitHub) -> None:
    github.login = ""
    github.open_issue(MARKED, login="someone")
    github.open_issue(MARKED, login="github-actions[bot]", kind="Bot")
    assert post(REPOSITORY)[0] == "update-issue"
    assert github.issues[1]["body"] == MARKED


def test_a_pull_request_is_no_issue_of_ours(github: GitHub) -> None:
    github.open_issue(MARKED, login="me", pull_request={"url": "x"})
    assert post(REPOSITORY)[0] == "create-issue"


def test_each_language_has_an_issue_of_its_own(github: GitHub) -> None:
    post(REPOSITORY)
    assert post(REPOSITORY, Post(title="질문", body="글", marker="issue-x-ko"))[0] == "create-issue"
    assert len(github.issues) == 2


def test_a_comment_is_found_again_among_more_than_two_pages_and_updated_by_its_id(github: GitHub) -> None:
    github.open_issue()
    for number in range(120):
        github.add(1, f"remark {number}")
    mine = github.add(1, MARKED, login="me")
    for number in range(120):
        github.add(1, f"further remark {number}")
    target = parse_target("owner/name#1")
    plan = plan_post(target, POST)
    assert (plan.action, plan.comment, plan.title) == ("update-comment", mine["id"], "a title")
    assert carry_out(plan, POST).endswith(str(mine["id"]))
    assert mine["body"] == POST.text
    assert post(target)[0] == "unchanged"
    assert github.written == ["PATCH"]
    assert len(github.comments[1]) == 241


def test_a_comment_is_made_where_there_is_none(github: GitHub) -> None:
    github.open_issue()
    assert post(Target(repository="owner/name", number=1))[0] == "create-comment"
    assert [comment["body"] for comment in github.comments[1]] == [POST.text]


def test_a_repository_with_another_name_by_now_is_written_to_by_its_new_one(github: GitHub) -> None:
    github.moved = ("old/name",)
    assert plan_post(Target(repository="old/name"), POST).repository == "owner/name"


@pytest.mark.parametrize(
    ("further", "code"), [({"state": "closed"}, "closed"), ({"locked": True}, "locked")], ids=["closed", "locked"]
)
@pytest.mark.parametrize("target", ["owner/name", "owner/name#1"])
def test_nothing_is_written_where_the_conversation_has_ended(
    github: GitHub, further: dict[str, object], code: str, target: str
) -> None:
    github.open_issue(MARKED, login="me", **further)
    with pytest.raises(SourceError) as refused:
        plan_post(parse_target(target), POST)
    assert (refused.value.code, exit_code_of(refused.value.code)) == (code, 6)
    assert refused.value.where.endswith("/issues/1")
    assert refused.value.remedy
    assert github.written == []


@pytest.mark.parametrize("setting", [{"archived": True}, {"has_issues": False}])
def test_a_repository_that_takes_no_issues_says_so(github: GitHub, setting: dict[str, bool]) -> None:
    github.repository.update(setting)
    with pytest.raises(SourceError) as refused:
        plan_post(REPOSITORY, POST)
    assert (refused.value.code, exit_code_of(refused.value.code)) == ("closed", 6)
    assert refused.value.remedy


def test_an_answer_that_is_no_githubs_is_told(github: GitHub) -> None:
    github.repository = {"full_name": 7}
    with pytest.raises(SourceError, match="isn't GitHub's"):
        plan_post(REPOSITORY, POST)


def test_a_name_in_the_answer_never_becomes_another_address(github: GitHub) -> None:
    github.repository["full_name"] = "owner/name/../../user"
    with pytest.raises(SourceError) as refused:
        plan_post(REPOSITORY, POST)
    assert refused.value.code == "unknown-address"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("owner/name", Target(repository="owner/name")),
        ("owner/name#7", Target(repository="owner/name", number=7)),
    ],
)
def test_a_target_is_a_repository_or_an_issue_of_it(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize("text", ["owner", "owner/name#", "owner/name#0", "owner/name#x", "a/b#1#2", "#7", "", "a b/c"])
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(SourceError) as refused:
        parse_target(text)
    assert refused.value.code == "unknown-address"

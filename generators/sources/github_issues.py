"""An issue that is posted once and then kept up to date, or a comment on one: planned first, then carried out.

Nothing here needs more than the right to write an issue: its author may change it later. An issue or comment of ours is
found again by the hidden line in front of its text. That line also keeps what was written: a title that somebody has
changed since stays as it is, and a text that somebody has changed is not overwritten unseen.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeVar

import msgspec
from msgspec import Struct

from generators.errors import SourceError
from generators.sources.github_api import call_gh, checked_repository, current_login, github_host, paged_lines
from generators.sources.github_comments import marked_comments, written_by
from generators.sources.hidden_line import (
    as_sent,
    below_line,
    digest_of,
    has_marker,
    read_hidden_line,
    sealing_line,
)

PostAction = Literal["create-issue", "update-issue", "create-comment", "update-comment", "unchanged"]

T = TypeVar("T")

MAX_TITLE_CHARACTERS: Final = 256
"""Source: GitHub answers 422, ``title is too long (maximum is 256 characters)``."""

_TARGET = re.compile(r"([^#/\s]+/[^#/\s]+)(?:#([1-9]\d{0,9}))?")
_REPOSITORY: Final = "{name: .full_name, url: .html_url, archived, issues: .has_issues}"
_THREAD: Final = (
    '{number, title, state, locked, body: (.body // ""), login: (.user.login // ""), kind: (.user.type // ""), '
    'url: .html_url, is_request: has("pull_request")}'
)


class Target(Struct, frozen=True, kw_only=True):
    """Where something is posted: a new issue of a repository, or a comment on one that is there."""

    repository: str
    number: int | None = None


class Post(Struct, frozen=True, kw_only=True):
    """What is posted.

    Attributes:
        title: Of an issue.
        body: GitHub Markdown without the hidden line.
        marker: Name in the hidden line.
    """

    title: str
    body: str
    marker: str

    @property
    def text(self) -> str:
        """The body as it is sent.

        Raises:
            SourceError: It is longer than GitHub takes.
        """
        return below_line(sealing_line(self.marker, self.short_title, self.body), self.body)

    @property
    def short_title(self) -> str:
        """The title as it is sent."""
        return self.title[:MAX_TITLE_CHARACTERS]


class Plan(Struct, frozen=True, kw_only=True):
    """What carrying out a post would do.

    Attributes:
        action: One call, or none where everything is as it should be.
        login: Account that writes; empty for a token that has none.
        repository: As its host spells it: a renamed one by its new name.
        number: Of the issue that is changed or commented on; None for a new one.
        comment: Id of the comment that is changed.
        address: Page of what is there already; of the repository for what isn't. Hostile text.
        title: Of the issue that is there; empty for a new one. Hostile text.
        is_renamed: Whether somebody gave our issue that title: it is kept.
        is_edited: Whether somebody changed the text that is there since it was written: that would be lost.
    """

    action: PostAction
    login: str
    repository: str
    number: int | None = None
    comment: int | None = None
    address: str
    title: str = ""
    is_renamed: bool = False
    is_edited: bool = False


class _Repository(Struct, frozen=True, kw_only=True):
    name: str
    url: str
    archived: bool = False
    issues: bool = True


class _Thread(Struct, frozen=True, kw_only=True):
    number: int
    title: str
    state: str
    locked: bool
    body: str
    login: str
    kind: str
    url: str
    is_request: bool = False


def parse_target(text: str) -> Target:
    """Return where ``OWNER/NAME`` or ``OWNER/NAME#NUMBER`` leads.

    Raises:
        SourceError: ``unknown-address``.
    """
    found = _TARGET.fullmatch(text)
    if found is None:
        raise SourceError(
            "unknown-address", f"{text!r} is no place to post to", remedy="give OWNER/NAME or OWNER/NAME#7"
        )
    return Target(repository=checked_repository(found[1]), number=int(found[2]) if found[2] else None)


def plan_post(target: Target, post: Post) -> Plan:
    """Return what posting would do; nothing is written.

    Raises:
        SourceError: ``gh`` isn't there or not logged in, GitHub refuses, or nothing can be written there.
    """
    login = current_login()
    repository = _open_repository(target)
    if target.number is None:
        return _plan_issue(repository, post, login)
    return _plan_comment(repository.name, target.number, post, login)


def carry_out(plan: Plan, post: Post) -> str:
    """Do what was planned and return the address of what is there then. Hostile text.

    Raises:
        SourceError: GitHub refuses.
    """
    issues = f"repos/{plan.repository}/issues"
    match plan.action:
        case "create-issue":
            return _written("POST", issues, post, title=post.short_title)
        case "update-issue":
            title = "" if plan.is_renamed else post.short_title
            return _written("PATCH", f"{issues}/{plan.number}", post, title=title)
        case "create-comment":
            return _written("POST", f"{issues}/{plan.number}/comments", post)
        case "update-comment":
            return _written("PATCH", f"{issues}/comments/{plan.comment}", post)
        case "unchanged":
            return plan.address


def _plan_issue(repository: _Repository, post: Post, login: str | None) -> Plan:
    mine = _own_issue(repository.name, post.marker, login)
    plan = Plan(action="create-issue", login=login or "", repository=repository.name, address=repository.url)
    if mine is None:
        return plan
    _require_open(mine)
    renamed = _is_renamed(mine)
    same = (renamed or mine.title == post.short_title) and as_sent(mine.body) == as_sent(post.text)
    return msgspec.structs.replace(
        plan,
        action="unchanged" if same else "update-issue",
        number=mine.number,
        address=mine.url,
        title=mine.title,
        is_renamed=renamed,
        is_edited=_is_edited(mine.body),
    )


def _plan_comment(repository: str, number: int, post: Post, login: str | None) -> Plan:
    path = f"repos/{repository}/issues/{number}"
    thread = _decoded(call_gh(path, "--jq", _THREAD), _Thread)
    _require_open(thread)
    mine = next(written_by(login, marked_comments(f"{path}/comments", post.marker)), None)
    action: PostAction = "create-comment"
    if mine is not None:
        action = "unchanged" if as_sent(mine.body) == as_sent(post.text) else "update-comment"
    return Plan(
        action=action,
        login=login or "",
        repository=repository,
        number=number,
        comment=mine.id if mine else None,
        address=thread.url,
        title=thread.title,
        is_edited=mine is not None and _is_edited(mine.body),
    )


def _is_renamed(mine: _Thread) -> bool:
    found = read_hidden_line(mine.body)
    return found is not None and found[0].title not in {"", digest_of(mine.title)}


def _is_edited(written: str) -> bool:
    found = read_hidden_line(written)
    return found is not None and found[0].text not in {"", digest_of(found[1])}


def _open_repository(target: Target) -> _Repository:
    """Return a repository that takes issues, by the name that its host has for it now."""
    known = _decoded(call_gh(f"repos/{target.repository}", "--jq", _REPOSITORY), _Repository)
    if known.archived:
        raise SourceError(
            "closed",
            "the repository is archived: nothing can be written there",
            where=known.url,
            remedy="ask its owner",
        )
    if not known.issues and target.number is None:
        raise SourceError(
            "closed",
            "the repository takes no issues",
            where=known.url,
            remedy="look in its README for where its authors want to be written to",
        )
    checked_repository(known.name)
    return known


def _own_issue(repository: str, marker: str, login: str | None) -> _Thread | None:
    """Return the issue that was posted before, the oldest where there are several."""
    author = f"&creator={login}" if login and re.fullmatch(r"[A-Za-z0-9-]+", login) else ""
    path = f"repos/{repository}/issues?state=all&sort=created&direction=asc&per_page=100{author}"
    for thread in (_decoded(line, _Thread) for line in paged_lines(path, f".[] | {_THREAD}")):
        is_ours = thread.login == login if login is not None else thread.kind == "Bot"
        if is_ours and not thread.is_request and has_marker(thread.body, marker):
            return thread
    return None


def _require_open(thread: _Thread) -> None:
    if thread.locked:
        raise SourceError(
            "locked",
            f"#{thread.number} is locked: its maintainers ended the conversation",
            where=thread.url,
            remedy="ask them to unlock it, or write elsewhere",
        )
    if thread.state != "open":
        raise SourceError(
            "closed",
            f"#{thread.number} is closed: nobody may see what is written there",
            where=thread.url,
            remedy="have it opened again, or name another issue with OWNER/NAME#NUMBER",
        )


def _written(method: str, path: str, post: Post, title: str = "") -> str:
    sent = {"body": post.text, **({"title": title} if title else {})}
    return call_gh("--method", method, path, "--jq", ".html_url", sent=sent).strip()


def _decoded(line: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError as problem:
        raise SourceError(
            "server-error", "the answer isn't GitHub's", where=github_host(), remedy="check GH_HOST"
        ) from problem

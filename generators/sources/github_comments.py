"""A comment on an issue or pull request, written once and then kept up to date.

It is found again by the hidden line at the beginning of its text, among those that the same account wrote: whoever
copies the line gets nothing overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

import msgspec
from msgspec import Struct

from generators.errors import SourceError
from generators.sources.github_api import call_gh, checked_repository, current_login, github_host, paged_lines
from generators.sources.hidden_line import HiddenLine, as_sent, below_line, has_marker

CommentChange = Literal["created", "updated", "unchanged"]

_TARGET = re.compile(r"(?P<repo>[^#@]+)(?:#(?P<number>[0-9]{1,9})|@(?P<commit>[0-9a-f]{40}))")
_EACH_COMMENT: Final = '.[] | {id, body: (.body // ""), login: (.user.login // ""), kind: (.user.type // "")}'


class Comment(Struct, frozen=True, kw_only=True):
    """A comment as GitHub has it.

    Attributes:
        id: Unique on its host.
        body: Its text. Hostile text.
        login: Account that wrote it.
        kind: ``User`` or ``Bot``.
    """

    id: int
    body: str
    login: str
    kind: str


def upsert_comment(repo: str, number: int, body: str, marker: str) -> CommentChange:
    """Have one comment with this text on an issue or pull request.

    Args:
        repo: ``owner/name``.
        number: Of the issue or pull request.
        body: GitHub Markdown; the marker is put in front of it.
        marker: Name in the hidden first line, by which the comment is found again: letters, digits, ``.`` ``_`` ``-``.

    Raises:
        SourceError: ``gh`` isn't there or not logged in, or GitHub refuses.
    """
    text = below_line(HiddenLine(marker=marker), body)
    path = f"repos/{checked_repository(repo)}/issues"
    mine = next(written_by(current_login(), marked_comments(f"{path}/{int(number)}/comments", marker)), None)
    if mine is None:
        call_gh("--method", "POST", f"{path}/{int(number)}/comments", sent={"body": text})
        return "created"
    if as_sent(mine.body) == as_sent(text):
        return "unchanged"
    call_gh("--method", "PATCH", f"{path}/comments/{mine.id}", sent={"body": text})
    return "updated"


def parse_target(text: str) -> tuple[str, tuple[int, ...]]:
    """Return a repository and the numbers that ``OWNER/REPO#N`` or ``OWNER/REPO@COMMIT`` means there.

    A commit stands for the open pull requests that end with it: none where they have moved on.

    Raises:
        SourceError: It is neither, or GitHub refuses.
    """
    found = _TARGET.fullmatch(text)
    if not found:
        raise SourceError(
            "unknown-address", f"{text!r} is no place for a comment", remedy="give OWNER/REPO#N, or OWNER/REPO@COMMIT"
        )
    repo = checked_repository(found["repo"])
    if found["number"]:
        return repo, (int(found["number"]),)
    return repo, tuple(_open_pull_requests(repo, found["commit"]))


def _open_pull_requests(repo: str, commit: str) -> Iterator[int]:
    """Yield the open pull requests whose newest commit this is, also those from forks."""
    each = '.[] | "\\(.number) \\(.head.sha)"'
    for line in paged_lines(f"repos/{repo}/pulls?state=open&per_page=100", each):
        number, _, head = line.partition(" ")
        if head == commit and number.isdecimal():
            yield int(number)


def marked_comments(path: str, marker: str) -> Iterator[Comment]:
    """Yield the comments of an issue that begin with the hidden line of this name, the oldest first."""
    for line in paged_lines(f"{path}?per_page=100", _EACH_COMMENT):
        try:
            comment = msgspec.json.decode(line, type=Comment)
        except msgspec.DecodeError as problem:
            raise SourceError(
                "server-error", "the answer holds no comments", where=github_host(), remedy="check GH_HOST"
            ) from problem
        if has_marker(comment.body, marker):
            yield comment


def written_by(login: str | None, comments: Iterator[Comment]) -> Iterator[Comment]:
    """Yield those that this account wrote; where it has no name, those of bots."""
    return (one for one in comments if (one.login == login if login is not None else one.kind == "Bot"))

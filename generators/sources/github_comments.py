"""A comment on an issue or pull request, written once and then kept up to date, through the ``gh`` command.

``gh`` has the login, the host (``GH_HOST``) and the proxy; no token passes through Assay. A comment is found again by a
hidden marker at the beginning of its text, among those that the same account wrote: whoever copies the marker gets
nothing overwritten.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from generators.errors import SourceError
from generators.sources.connection import require_online

CommentChange = Literal["created", "updated", "unchanged"]

MAX_BODY_CHARACTERS: Final = 65_536
"""Source: GitHub answers 422, ``body is too long (maximum is 65536 characters)``."""
TIMEOUT_SECONDS: Final = 120.0
"""For one call of ``gh``; all pages of a long thread together."""

MAX_PAGES: Final = 500
"""Of a list that is read page by page: 50,000 issues."""

_NEXT_PAGE = re.compile(r'^link:.*?<([^<>\s]+)>; *rel="next"', re.IGNORECASE | re.MULTILINE)
_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_TARGET = re.compile(r"(?P<repo>[^#@]+)(?:#(?P<number>[0-9]{1,9})|@(?P<commit>[0-9a-f]{40}))")
_STATUS = re.compile(r"\(HTTP (\d{3})\)")
_QUIET: Final = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "NO_COLOR": "1",
    "GH_PAGER": "",
    "GH_DEBUG": "",
}
_NO_LOGIN: Final = 4
"""Source: ``gh help exit-codes``."""
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
    text = with_marker(body, marker)
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
    for line in call_gh("--paginate", f"repos/{repo}/pulls?state=open&per_page=100", "--jq", each).splitlines():
        number, _, head = line.partition(" ")
        if head == commit and number.isdecimal():
            yield int(number)


def with_marker(body: str, marker: str) -> str:
    """Return a text with its hidden first line.

    Raises:
        SourceError: It is longer than GitHub takes.
    """
    text = f"{marker_line(marker)}\n{body}"
    if len(text) > MAX_BODY_CHARACTERS:
        raise SourceError(
            "refused",
            f"the text has {len(text)} characters; GitHub takes {MAX_BODY_CHARACTERS}",
            remedy="shorten it",
        )
    return text


def marker_line(marker: str) -> str:
    """Return the hidden line by which a comment or issue is found again."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+", marker):
        message = f"{marker!r} could end the hidden line"
        raise ValueError(message)
    return f"<!-- assay: {marker} -->"


def checked_repository(repo: str) -> str:
    """Return ``owner/name`` when it is such a name, so that it can be part of an address.

    Raises:
        SourceError: ``unknown-address``.
    """
    if not _REPOSITORY.fullmatch(repo) or repo.endswith(("/.", "/..")):
        raise SourceError("unknown-address", f"{repo!r} is no repository", remedy="give it as OWNER/NAME")
    return repo


def current_login() -> str | None:
    """Return the account that ``gh`` writes as; None for a token of GitHub Actions or of an app, which has none.

    Raises:
        SourceError: ``gh`` isn't there or not logged in.
    """
    try:
        return call_gh("user", "--jq", ".login").strip() or None
    except SourceError as error:
        if error.code in {"forbidden", "not-found"}:
            return None
        raise


def call_gh(*arguments: str, sent: Mapping[str, object] | None = None) -> str:
    """Run ``gh api`` and return what GitHub answers.

    Args:
        arguments: Of ``gh api``.
        sent: Sent as JSON on standard input: nothing of it is read as an option or a file's name.

    Raises:
        SourceError: ``gh`` isn't there, can't be run, isn't logged in, takes too long, or GitHub refuses.
    """
    require_online()
    command = ["gh", "api", *arguments, *(["--input", "-"] if sent is not None else [])]
    try:
        done = subprocess.run(
            command,
            input=b"" if sent is None else json.dumps(sent).encode(),
            capture_output=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
            env={**os.environ, **_QUIET},
        )
    except FileNotFoundError as problem:
        raise SourceError(
            "no-gh", "the command `gh` is not installed", remedy="install it from your system or from cli.github.com"
        ) from problem
    except OSError as problem:
        raise SourceError(
            "no-gh",
            f"the command `gh` can't be run: {problem.strerror}",
            remedy="see that the `gh` on your PATH is a program that you may run",
        ) from problem
    except subprocess.TimeoutExpired as problem:
        raise SourceError(
            "timed-out",
            f"`gh` took more than {TIMEOUT_SECONDS:g} seconds",
            where=github_host(),
            remedy="try again later",
        ) from problem
    if done.returncode:
        raise _refusal(done.returncode, done.stderr.decode(errors="replace").strip())
    return done.stdout.decode(errors="replace")


def paged_lines(path: str, each: str) -> Iterator[str]:
    """Yield what ``each``, a filter of jq, makes of a list on GitHub, line by line; a page is asked for when needed.

    Each page has the time of a call of its own, and who has found what it looks for asks for no further one.

    Raises:
        SourceError: As of :func:`call_gh`, or the list has more than ``MAX_PAGES`` pages.
    """
    for _ in range(MAX_PAGES):
        head, _, lines = call_gh("--include", path, "--jq", each).replace("\r\n", "\n").partition("\n\n")
        yield from lines.splitlines()
        further = _NEXT_PAGE.search(head)
        if further is None:
            return
        # without its host: the login goes to none that an answer names
        address = urlsplit(further[1])
        path = f"{address.path.removeprefix('/api/v3').lstrip('/')}?{address.query}"
    raise SourceError(
        "refused",
        f"the list has more than {MAX_PAGES} pages",
        where=github_host(),
        remedy="name the issue that is meant, as OWNER/NAME#NUMBER",
    )


def marked_comments(path: str, marker: str) -> Iterator[Comment]:
    """Yield the comments of an issue that begin with the marker, the oldest first, from all pages."""
    lines = call_gh("--paginate", f"{path}?per_page=100", "--jq", _EACH_COMMENT).splitlines()
    first = marker_line(marker)
    for line in lines:
        try:
            comment = msgspec.json.decode(line, type=Comment)
        except msgspec.DecodeError as problem:
            raise SourceError(
                "server-error", "the answer holds no comments", where=github_host(), remedy="check GH_HOST"
            ) from problem
        if comment.body.lstrip().startswith(first):
            yield comment


def written_by(login: str | None, comments: Iterator[Comment]) -> Iterator[Comment]:
    """Yield those that this account wrote; where it has no name, those of bots."""
    return (one for one in comments if (one.login == login if login is not None else one.kind == "Bot"))


def as_sent(text: str) -> str:
    """Return a text as it was before GitHub's forms put other line ends in."""
    return text.replace("\r\n", "\n").strip()


def _refusal(exit_code: int, said: str) -> SourceError:
    """Return what it means that ``gh`` failed; it tells by its exit code and its last words."""
    found = _STATUS.search(said)
    status = int(found.group(1)) if found else 0
    code, remedy = _reason(exit_code, status, said.lower())
    return SourceError(code, said or f"`gh` ended with exit code {exit_code}", where=github_host(), remedy=remedy)


def _reason(exit_code: int, status: int, said: str) -> tuple[str, str]:
    if exit_code == _NO_LOGIN or "gh auth login" in said:
        status = 401
    if "rate limit" in said:
        status = 429
    if re.search(r"\blocked\b", said):
        return "locked", "only its maintainers may write there: ask them to unlock it, or write elsewhere"
    match status:
        case 401:
            login = "run `gh auth login`, or put a token into GH_TOKEN (GH_ENTERPRISE_TOKEN for another host)"
            return "no-login", login
        case 403:
            return "forbidden", "the account or token may not write there: it needs the right to write issues"
        case 404 | 410:
            return "not-found", "check the repository and the number, and whether the account may see them"
        case 429:
            return "rate-limited", "wait as long as GitHub says, then run the command again"
        case 500 | 502 | 503 | 504:
            return "server-error", "try again later"
        case 0:
            return "connection", "check the network, GH_HOST and HTTPS_PROXY"
    return "refused", "its own words are above"


def github_host() -> str:
    """Return the host that ``gh`` speaks to."""
    return os.environ.get("GH_HOST") or "github.com"

"""GitHub's API through the ``gh`` command, which has the login, the host (``GH_HOST``) and the proxy.

No token passes through Assay. What GitHub refuses becomes a reason with a remedy, by the status and the headers of its
answer.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from generators.errors import SourceError
from generators.sources.connection import require_online

TIMEOUT_SECONDS: Final = 120.0
"""For one call of ``gh``."""
MAX_PAGES: Final = 500
"""Of a list that is read page by page: 50,000 issues or comments."""

_BLANK_LINE = re.compile(r"\r?\n\r?\n")
_NEXT_PAGE = re.compile(r'^link:.*?<([^<>\s]+)>; *rel="next"', re.IGNORECASE | re.MULTILINE)
_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_STATUS_LINE = re.compile(r"HTTP/[\d.]+ (\d{3})\b")
_STATUS_TOLD = re.compile(r"\(HTTP (\d{3})\)")
_HEADER = re.compile(r"(?im)^(retry-after|x-ratelimit-remaining|x-ratelimit-reset): *(\d{1,10})\s*$")
_QUIET: Final = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "NO_COLOR": "1",
    "GH_PAGER": "",
    "GH_DEBUG": "",
}
_NO_LOGIN: Final = 4
"""Source: ``gh help exit-codes``."""
_FORBIDDEN: Final = 403
"""Also the status of a limit. Source: GitHub Docs, "Rate limits for the REST API"."""


class _Answer(Struct, frozen=True, kw_only=True):
    """What ``gh`` wrote: status line and headers, and what it made of the body."""

    head: str
    body: str


def call_gh(*arguments: str, sent: Mapping[str, object] | None = None) -> str:
    """Run ``gh api`` and return what GitHub answers.

    Args:
        arguments: Of ``gh api``.
        sent: Sent as JSON on standard input: nothing of it is read as an option or a file's name.

    Raises:
        SourceError: ``gh`` isn't there, can't be run, isn't logged in, takes too long, or GitHub refuses.
    """
    return _ask(arguments, sent).body


def paged_lines(path: str, each: str) -> Iterator[str]:
    """Yield what ``each``, a filter of jq, makes of a list on GitHub, line by line; a page is asked for when needed.

    Each page has the time of a call of its own, and who has found what it looks for asks for no further one.

    Raises:
        SourceError: As of :func:`call_gh`, or the list has more than ``MAX_PAGES`` pages.
    """
    for _ in range(MAX_PAGES):
        answer = _ask((path, "--jq", each), None)
        # at line feeds alone: other separators of lines may stand in a string
        yield from filter(None, answer.body.split("\n"))
        further = _NEXT_PAGE.search(answer.head)
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


def checked_repository(repo: str) -> str:
    """Return ``owner/name`` when it is such a name, so that it can be part of an address.

    Raises:
        SourceError: ``unknown-address``.
    """
    if not _REPOSITORY.fullmatch(repo) or repo.endswith(("/.", "/..")):
        raise SourceError("unknown-address", f"{repo!r} is no repository", remedy="give it as OWNER/NAME")
    return repo


def github_host() -> str:
    """Return the host that ``gh`` speaks to."""
    return os.environ.get("GH_HOST") or "github.com"


def _ask(arguments: tuple[str, ...], sent: Mapping[str, object] | None) -> _Answer:
    require_online()
    command = ["gh", "api", "--include", *arguments, *(["--input", "-"] if sent is not None else [])]
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
            remedy="try again later: what was written meanwhile is found again",
        ) from problem
    head, body = (*_BLANK_LINE.split(done.stdout.decode(errors="replace"), maxsplit=1), "")[:2]
    if done.returncode:
        raise _refusal(done.returncode, done.stderr.decode(errors="replace").strip(), head)
    return _Answer(head=head, body=body)


def _refusal(exit_code: int, said: str, head: str) -> SourceError:
    """Return what it means that ``gh`` failed, by its exit code, its last words and the head of GitHub's answer."""
    found = _STATUS_LINE.match(head) or _STATUS_TOLD.search(said)
    status = int(found[1]) if found else 0
    headers = {name.lower(): int(value) for name, value in _HEADER.findall(head)}
    code, remedy = _reason(exit_code, status, said.lower(), headers)
    return SourceError(code, said or f"`gh` ended with exit code {exit_code}", where=github_host(), remedy=remedy)


def _reason(exit_code: int, status: int, said: str, headers: Mapping[str, int]) -> tuple[str, str]:
    if exit_code == _NO_LOGIN or "gh auth login" in said:
        status = 401
    limited = "retry-after" in headers or headers.get("x-ratelimit-remaining") == 0
    if "rate limit" in said or (status == _FORBIDDEN and limited):
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
            return "rate-limited", f"wait {_how_long(headers)}, then run the command again"
        case 500 | 502 | 503 | 504:
            return "server-error", "try again later"
        case 0:
            return "connection", "check the network, GH_HOST and HTTPS_PROXY"
    return "refused", "its own words are above"


def _how_long(headers: Mapping[str, int]) -> str:
    """Return how long GitHub asks to be left alone.

    Source: GitHub Docs, "Rate limits for the REST API": ``retry-after`` has seconds; without it, and with none left,
    ``x-ratelimit-reset`` has the second of UTC at which there are calls again.
    """
    if "retry-after" in headers:
        return f"{headers['retry-after']:,} seconds"
    if headers.get("x-ratelimit-remaining") == 0 and "x-ratelimit-reset" in headers:
        return f"until {datetime.fromtimestamp(headers['x-ratelimit-reset'], UTC):%H:%M:%S} UTC"
    return "a minute or more, as long as GitHub says"

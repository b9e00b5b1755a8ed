"""What the real ``gh`` says of what GitHub refuses, and where there is no GitHub or no ``gh``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from github_login import logged_in
from github_server import GitHub
from tools import require_tools

from generators.errors import SourceError
from generators.sources import github_api
from generators.sources.faults import exit_code_of
from generators.sources.github_api import call_gh


@pytest.fixture(autouse=True)
def _has_gh() -> None:
    require_tools("gh", "openssl")


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with logged_in(tmp_path, monkeypatch) as github:
        yield github


def refusal(*arguments: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        call_gh(*(arguments or ("--method", "POST", "repos/owner/name/issues/7/comments")), sent={"body": "text"})
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize(
    ("status", "message", "code", "exit_code"),
    [
        (401, "Bad credentials", "no-login", 6),
        (403, "Resource not accessible by personal access token", "forbidden", 6),
        (403, "Unable to create comment because issue is locked.", "locked", 6),
        (403, "User is blocked", "forbidden", 6),
        (404, "Not Found", "not-found", 6),
        (410, "Issues are disabled for this repo", "not-found", 6),
        (422, "Validation Failed", "refused", 6),
        (403, "You have exceeded a secondary rate limit.", "rate-limited", 4),
        (429, "Too Many Requests", "rate-limited", 4),
        (500, "Server Error", "server-error", 4),
        (503, "", "server-error", 4),
    ],
)
def test_each_refusal_has_its_reason_and_exit_code(
    github: GitHub, status: int, message: str, code: str, exit_code: int
) -> None:
    github.fails["POST"] = (status, message)
    refused = refusal()
    assert (refused.code, exit_code_of(refused.code)) == (code, exit_code)
    assert str(status) in refused.what
    assert github.comments == {}


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"Retry-After": "3600"}, "wait 3,600 seconds"),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000000"}, "wait until 08:00:00 UTC"),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 20}, "as long as GitHub says"),
    ],
)
def test_a_limit_is_told_with_how_long_github_asks_to_wait(github: GitHub, headers: dict[str, str], told: str) -> None:
    github.fails["POST"] = (403, "Forbidden")
    github.fail_headers = headers
    refused = refusal()
    assert refused.code == "rate-limited"
    assert told in refused.remedy


def test_the_last_call_that_a_limit_allows_is_refused_for_its_own_reason(github: GitHub) -> None:
    github.fails["POST"] = (404, "Not Found")
    github.fail_headers = {"X-RateLimit-Remaining": "0"}
    assert refusal().code == "not-found"


def test_a_server_that_is_not_there_is_a_matter_of_the_network(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_HOST", "localhost:1")
    assert refusal().code == "connection"


def test_a_call_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "gh").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(github_api, "TIMEOUT_SECONDS", 0.1)
    monkeypatch.delenv("ASSAY_OFFLINE", raising=False)
    refused = refusal()
    assert (refused.code, exit_code_of(refused.code)) == ("timed-out", 4)


def test_without_the_command_it_says_where_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = refusal()
    assert (refused.code, exit_code_of(refused.code)) == ("no-gh", 7)


def test_a_gh_that_is_no_program_is_told_as_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "gh").write_text("no program")
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = refusal()
    assert (refused.code, exit_code_of(refused.code)) == ("no-gh", 7)
    assert "can't be run" in refused.what


def test_a_login_that_nobody_made_is_named(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GH_HOST")
    monkeypatch.delenv("GH_ENTERPRISE_TOKEN")
    assert refusal().code == "no-login"
    assert github.requests == []


def test_offline_nothing_is_asked(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_OFFLINE", "1")
    assert refusal().code == "offline"
    assert github.requests == []

"""What must be there before anything is written to GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from file_server import FileServer, Resource, serving
from github_login import logged_in, require_gh
from github_server import GitHub
from issue_projects import publish, write_issue_project
from msgspec.structs import replace
from render.report_builder import build_report

from generators.errors import SourceError
from generators.model.issue import IssueBundle
from generators.pipeline.issue import make_bundle
from generators.pipeline.posting import prepare_post
from generators.pipeline.publishing import PUBLISHED_STATE, published_state
from generators.sources.faults import exit_code_of
from generators.sources.github_issues import Target
from generators.sources.published import MAX_STATE_BYTES, read_published_state
from generators.store import encode

TARGET = Target(repository="owner/name")


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    require_gh()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with logged_in(tmp_path, monkeypatch) as github:
        yield github


@pytest.fixture
def site() -> Iterator[FileServer]:
    with serving({}) as served:
        yield served


@pytest.fixture
def bundle(site: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> IssueBundle:
    pytest.importorskip("requests", reason="needs the extra `fetch`")
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path.parent / "charts"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("ASSAY_SITE_URL", f"{site.url}/assay/")
    root, evidence = write_issue_project(tmp_path)
    made = make_bundle(root, "es", "", evidence)
    publish(site, made)
    return made


def test_what_is_published_in_the_same_state_can_be_posted(
    github: GitHub, site: FileServer, bundle: IssueBundle
) -> None:
    prepared = prepare_post(bundle, TARGET)
    assert prepared.plan.action == "create-issue"
    assert {path for path, _ in site.requests} == {
        address.removeprefix(site.url) for address in (*bundle.links, f"{bundle.site_url}{PUBLISHED_STATE}")
    }
    assert github.written == []


def test_a_link_that_leads_to_nothing_is_named(github: GitHub, site: FileServer, bundle: IssueBundle) -> None:
    del site.resources["/assay/charts/matrix.png"]
    with pytest.raises(SourceError) as refused:
        prepare_post(bundle, TARGET)
    assert (refused.value.code, exit_code_of(refused.value.code)) == ("unpublished", 6)
    assert refused.value.where.endswith("/assay/charts/matrix.png")
    assert "404" in refused.value.what
    assert github.written == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"report": "other"}, "another report"),
        ({"code_digest": "ffffffffffff"}, "other code"),
        ({"version": "9"}, "other code"),
        ({"lock_sha256": "00"}, "another checkpoints.lock"),
        ({"outcomes": (("m-l-missing", "supported"),)}, "other verdicts"),
    ],
)
def test_a_site_of_another_state_is_no_source(
    github: GitHub, site: FileServer, bundle: IssueBundle, change: dict[str, object], told: str
) -> None:
    other = encode(replace(published_state(build_report()), **change))
    site.resources[f"/assay/es/{PUBLISHED_STATE}"] = Resource(data=other)
    with pytest.raises(SourceError) as refused:
        prepare_post(bundle, TARGET)
    assert (refused.value.code, exit_code_of(refused.value.code)) == ("other-state", 5)
    assert told in refused.value.what


@pytest.mark.parametrize("data", [b"", b"<!doctype html>", b"[]", b"\xff"])
def test_a_site_that_says_nothing_of_its_state_is_no_source(
    github: GitHub, site: FileServer, bundle: IssueBundle, data: bytes
) -> None:
    site.resources[f"/assay/es/{PUBLISHED_STATE}"] = Resource(data=data)
    with pytest.raises(SourceError) as refused:
        prepare_post(bundle, TARGET)
    assert refused.value.code == "other-state"


def test_a_state_that_is_sent_in_pieces_is_read_whole(site: FileServer) -> None:
    pytest.importorskip("requests", reason="needs the extra `fetch`")
    state = published_state(build_report())
    site.resources["/published.json"] = Resource(data=encode(state), chunk_bytes=100)
    assert read_published_state(f"{site.url}/published.json") == state


def test_what_is_too_large_for_a_state_is_refused(site: FileServer) -> None:
    pytest.importorskip("requests", reason="needs the extra `fetch`")
    data = encode(published_state(build_report())) + b" " * MAX_STATE_BYTES
    site.resources["/published.json"] = Resource(data=data, chunk_bytes=1 << 16)
    with pytest.raises(SourceError) as refused:
        read_published_state(f"{site.url}/published.json")
    assert (refused.value.code, exit_code_of(refused.value.code)) == ("wrong-size", 5)
    assert "too large" in refused.value.what


def test_without_a_site_nothing_is_asked_of_github(github: GitHub, bundle: IssueBundle) -> None:
    with pytest.raises(SourceError, match="no published site is known"):
        prepare_post(replace(bundle, site_url=""), TARGET)
    assert github.requests == []

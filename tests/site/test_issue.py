"""The issue of the real report: its size, and whether all that it links to is on the built site."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from github_markdown import OURS, render_as_github
from msgspec.structs import replace
from published import ADDRESS, PROJECT, Site, locales

from generators.issue.budget import BUDGET_BYTES
from generators.model.evidence import ReportEvidence
from generators.model.issue import IssueBundle, PublishedState
from generators.pipeline.issue import make_bundle
from generators.pipeline.publishing import PUBLISHED_STATE
from generators.store import cache_folder, decode, encode


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's lock and report outside of git."""
    root = tmp_path / "project"
    (root / "docs").mkdir(parents=True)
    shutil.copy(PROJECT / "checkpoints.lock", root)
    shutil.copytree(PROJECT / "docs" / "reports", root / "docs" / "reports")
    monkeypatch.setenv("ASSAY_SITE_URL", ADDRESS)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("ASSAY_CACHE", str(cache_folder(PROJECT, os.environ)))  # the charts that the build drew
    return root


@pytest.fixture(params=locales())
def bundle(request: pytest.FixtureRequest, site: Site, project: Path) -> IssueBundle:
    return make_bundle(project, request.param, "", site.folder / "evidence" / "report.json")


def test_the_real_report_fits_whole(bundle: IssueBundle) -> None:
    assert bundle.shortened == ()
    assert 10_000 < len(bundle.body.encode()) < BUDGET_BYTES


def test_every_link_and_image_of_it_is_on_the_site(bundle: IssueBundle, site: Site) -> None:
    page = render_as_github(bundle.body)
    assert page.images
    assert not page.unbalanced
    assert page.references == []
    assert set(page.elements) <= OURS
    assert not set("*|`[]<>\\") & set(page.text)
    anchors = {f"{ADDRESS}{path}": found.ids for path, found in site.pages.items()}
    assert len(page.dark_images) == len(page.images)
    for address in (*page.links, *(address for address, _ in page.images), *page.dark_images):
        place, anchor = urldefrag(address)
        path = place.removeprefix(ADDRESS)
        assert place.startswith(ADDRESS), address
        assert (site.folder / path / "index.html" if path.endswith("/") or not path else site.folder / path).is_file()
        assert not anchor or anchor in anchors[place], address


def test_the_site_says_from_which_state_it_was_built(bundle: IssueBundle, site: Site) -> None:
    path = bundle.site_url.removeprefix(ADDRESS)
    assert decode((site.folder / path / PUBLISHED_STATE).read_bytes(), PublishedState) == bundle.state


def test_the_pictures_of_the_site_are_those_of_the_bundle(bundle: IssueBundle, site: Site) -> None:
    for file in bundle.attachments:
        if file.name.endswith(".png"):
            assert (site.folder / "charts" / file.name).read_bytes() == file.data


@pytest.mark.parametrize("locale", locales())
def test_files_of_which_every_string_attacks_lead_nowhere(hostile_site: Site, project: Path, locale: str) -> None:
    evidence = decode((hostile_site.folder / "evidence" / "report.json").read_bytes(), ReportEvidence)
    assert evidence
    # another file than the lock's is only named as such: as the lock's own, all of it is told
    taken = replace(evidence, subjects=tuple(replace(s, lock_match="unnamed") for s in evidence.subjects))
    path = project / "report.json"
    path.write_bytes(encode(taken))
    made = make_bundle(project, locale, "", path)
    page = render_as_github(made.body)
    assert "<img" in "".join(page.code)
    assert all(link.startswith(ADDRESS) for link in (*page.links, *(address for address, _ in page.images)))
    assert page.references == page.comments == page.unbalanced == []
    assert set(page.elements) <= OURS
    assert len(made.body.encode()) <= BUDGET_BYTES

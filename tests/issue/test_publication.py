from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from generators.errors import RenderError
from generators.issue.publication import find_publication, web_address
from generators.model.issue import PublishedProject

SETTINGS = """site_name: x
site_url: {site}
docs_dir: docs/en
markdown_extensions:
  - pymdownx.emoji:
      emoji_index: !!python/name:material.extensions.emoji.twemoji
"""


@pytest.fixture(autouse=True)
def _git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.delenv("ASSAY_SITE_URL", raising=False)


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def committed(root: Path) -> str:
    git(root, "init", "-q")
    (root / "file").write_text("1", encoding="utf-8")
    git(root, "add", "file")
    git(root, "commit", "-q", "-m", "x")
    return git(root, "rev-parse", "HEAD").strip()


def test_outside_of_git_and_without_a_site_nothing_is_known(tmp_path: Path) -> None:
    assert find_publication(tmp_path, {}) == PublishedProject()


def test_the_environment_names_the_site_before_the_settings(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text(SETTINGS.format(site="https://example.org/a/"), encoding="utf-8")
    assert find_publication(tmp_path, {}).site_url == "https://example.org/a/"
    assert find_publication(tmp_path, {"ASSAY_SITE_URL": "https://example.org/b"}).site_url == "https://example.org/b/"


def test_the_settings_may_name_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mkdocs.yml").write_text(SETTINGS.format(site='!ENV [OTHER_URL, ""]'), encoding="utf-8")
    assert find_publication(tmp_path, {}).site_url == ""
    monkeypatch.setenv("OTHER_URL", "https://example.org/c/")
    assert find_publication(tmp_path, {}).site_url == "https://example.org/c/"


def test_a_language_other_than_the_sites_first_lies_below_its_code(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("docs_dir: docs/ko\nsite_url: https://example.org/\n", encoding="utf-8")
    found = find_publication(tmp_path, {})
    assert found.language_url("ko") == "https://example.org/"
    assert found.language_url("en") == "https://example.org/en/"


def test_commit_date_and_repository_are_gits(tmp_path: Path) -> None:
    commit = committed(tmp_path)
    git(tmp_path, "remote", "add", "origin", "git@github.com:owner/project.git")
    found = find_publication(tmp_path, {})
    assert (found.commit, found.is_clean) == (commit, True)
    assert found.repository == "https://github.com/owner/project"
    assert found.committed_at[:2] == "20"


def test_a_changed_file_is_not_the_commits(tmp_path: Path) -> None:
    committed(tmp_path)
    (tmp_path / "file").write_text("2", encoding="utf-8")
    assert not find_publication(tmp_path, {}).is_clean


def test_a_pinned_address_has_the_commit_in_it(tmp_path: Path) -> None:
    commit = committed(tmp_path)
    variables = {"ASSAY_PINNED_URL": "https://example.org/at/{commit}/", "ASSAY_SITE_URL": "https://example.org/"}
    found = find_publication(tmp_path, variables)
    assert (found.site_url, found.is_pinned) == (f"https://example.org/at/{commit}/", True)


def test_without_a_commit_nothing_is_pinned(tmp_path: Path) -> None:
    variables = {"ASSAY_PINNED_URL": "https://example.org/at/{commit}/", "ASSAY_SITE_URL": "https://example.org/"}
    found = find_publication(tmp_path, variables)
    assert (found.site_url, found.is_pinned) == ("https://example.org/", False)


@pytest.mark.parametrize(
    "address", ["example.org", "https://", "javascript:alert(1)", "https://x y/", "https://x/)](y", "https://x/?a=b"]
)
def test_an_address_that_could_leave_its_link_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(RenderError) as refused:
        find_publication(tmp_path, {"ASSAY_SITE_URL": address})
    assert (refused.value.code, refused.value.where) == ("no-address", "ASSAY_SITE_URL")
    assert refused.value.remedy


def test_a_pinned_address_without_a_place_for_the_commit_is_refused(tmp_path: Path) -> None:
    committed(tmp_path)
    with pytest.raises(RenderError, match="ASSAY_PINNED_URL"):
        find_publication(tmp_path, {"ASSAY_PINNED_URL": "https://example.org/"})


def test_settings_that_cannot_be_read_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nsite_url: [\n", encoding="utf-8")
    with pytest.raises(RenderError) as refused:
        find_publication(tmp_path, {})
    assert refused.value.where.endswith("mkdocs.yml:3")


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/owner/project.git", "https://github.com/owner/project"),
        ("https://user:secret@github.com/owner/project", "https://github.com/owner/project"),
        ("ssh://git@git.example.org/owner/project.git", "https://git.example.org/owner/project"),
        ("git@github.com:owner/project.git", "https://github.com/owner/project"),
        ("ssh://git@git.example.org:22/owner/project.git", "https://git.example.org/owner/project"),
        ("https://git.example.org:8443/owner/project/", "https://git.example.org:8443/owner/project"),
        ("/srv/project.git", ""),
        ("file:///srv/project", ""),
        ("https://github.com/a b", ""),
        ("https://[bad", ""),
        ("", ""),
    ],
)
def test_a_remote_has_a_web_address_without_secrets(remote: str, address: str) -> None:
    assert web_address(remote) == address

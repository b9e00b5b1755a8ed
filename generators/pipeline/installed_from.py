"""Where the Assay that runs was installed from, so that others can install the same.

Read from what pip keeps of each installation (``direct_url.json``, PEP 610), and for a clone from its git. No
connection is opened, and nothing is guessed: a place that can't be told for certain is none.
"""

from __future__ import annotations

import filecmp
import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from generators.git import git_answer
from generators.issue.publication import find_publication, web_address
from generators.provenance import CODE_SUFFIXES
from generators.shipped import PACKAGE
from generators.sources.redaction import shown_address

DISTRIBUTION: Final = "checkpoint-assay"
RECORD: Final = "direct_url.json"
BRANCHES_SECONDS: Final = 10.0
"""After which the branches of a clone are taken to be unknown."""


def find_origin() -> str:
    """Return what pip takes behind ``checkpoint-assay @`` to install this very code; empty where nobody can tell."""
    if (PACKAGE.parent / "pyproject.toml").is_file():
        return _of_clone(PACKAGE.parent)
    try:
        record = json.loads(distribution(DISTRIBUTION).read_text(RECORD) or "{}")
    except (PackageNotFoundError, ValueError):
        return ""
    return _of_record(record)


def _of_record(record: Any) -> str:  # noqa: ANN401 - JSON that another program wrote
    match record:
        case {"url": str(url), "vcs_info": {"vcs": "git", "commit_id": str(commit)}}:
            return _pinned(web_address(url), commit)
        case {"url": str(url), "archive_info": {"hashes": {"sha256": str(digest)}}} if _is_plain(url):
            return f"{url}#sha256={digest}"
        case {"url": str(url), "dir_info": {}} if url.startswith("file:"):
            clone = Path(url2pathname(urlsplit(url).path))
            return _of_clone(clone) if _is_same_code(clone / PACKAGE.name) else ""
    return ""


def _is_plain(url: str) -> bool:
    """Whether an address can be written down for everybody: over https, and without a password or a key."""
    return url.startswith("https://") and shown_address(url) == url


def _of_clone(root: Path) -> str:
    """Return the origin of a clone at its commit; empty where it was changed since, or its origin lacks the commit."""
    found = find_publication(root, {})
    if not found.is_clean or not _has_published(root, found.commit):
        return ""
    return _pinned(found.repository, found.commit)


def _pinned(repository: str, commit: str) -> str:
    return f"git+{repository}@{commit}" if repository and commit else ""


def _is_same_code(folder: Path) -> bool:
    names = [str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*") if path.suffix in CODE_SUFFIXES]
    return folder.is_dir() and not any(filecmp.cmpfiles(PACKAGE, folder, names, shallow=False)[1:])


def _has_published(root: Path, commit: str) -> bool:
    """Whether a branch of another repository is known to have a commit."""
    return bool(git_answer(root, "branch", "--remotes", "--contains", commit, seconds=BRANCHES_SECONDS))

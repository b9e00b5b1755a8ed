"""The commit that a project's files are checked out from, read from git's own files: a build starts no program."""

from __future__ import annotations

import re
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHORTEST = 12
"""Digits that are shown: enough to name a commit, and few enough to read."""


def read_commit(root: Path) -> str:
    """Return the first digits of the commit of a project; empty where there is no repository, or none can be read.

    Source: git's gitrepository-layout(5): ``.git`` as a file, ``commondir``, ``HEAD``, ``refs/``, ``packed-refs``.
    """
    try:
        commit = _resolve(_git_folder(root))
    except (OSError, UnicodeDecodeError):
        return ""
    return commit[:_SHORTEST] if _COMMIT.fullmatch(commit) else ""


def _git_folder(root: Path) -> Path:
    git = root / ".git"
    if git.is_dir():
        return git
    return root / _text(git).removeprefix("gitdir:").strip()


def _resolve(git: Path) -> str:
    head = _text(git / "HEAD")
    if not head.startswith("ref:"):
        return head
    name = head.removeprefix("ref:").strip()
    common = git / _text(git / "commondir") if (git / "commondir").is_file() else git
    if (common / name).is_file():
        return _text(common / name)
    packed = (line.split() for line in _text(common / "packed-refs").splitlines() if not line.startswith(("#", "^")))
    return next((fields[0] for fields in packed if fields[1:] == [name]), "")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()

"""Where a project is published, from what it says of itself: no connection is opened.

The site's address is that of ``ASSAY_SITE_URL`` or of ``mkdocs.yml``; ``ASSAY_PINNED_URL`` names an address under which
the site of one commit stays as it is. Commit and repository are git's. What isn't known stays empty: a link to a place
that may not exist is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from generators.errors import RenderError
from generators.git import git_answer
from generators.model.issue import PublishedProject

SITE_VARIABLE: Final = "ASSAY_SITE_URL"
PINNED_VARIABLE: Final = "ASSAY_PINNED_URL"
"""Address with ``{commit}`` in it, for a place that keeps the site of each commit."""
DEFAULT_LANGUAGE: Final = "en"

_SAFE_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~/{}@+-]*)?")
"""What can stand in Markdown, HTML and a command line as it is."""
_SSH_REMOTE = re.compile(r"(?:ssh://git@([A-Za-z0-9.-]+)(?::\d+)?/|git@([A-Za-z0-9.-]+):)([A-Za-z0-9._~/-]+)")
"""The port of an address with ``ssh://`` is ssh's: the web has another."""


def find_publication(root: Path, environment: Mapping[str, str]) -> PublishedProject:
    """Return where a project is published, as far as its files, git and the environment tell.

    Raises:
        RenderError: An address is none.
    """
    settings = _site_settings(root / "mkdocs.yml")
    commit, committed_at = _commit(root)
    pattern = environment.get(PINNED_VARIABLE, "")
    is_pinned = bool(pattern and commit)
    if is_pinned and "{commit}" not in pattern:
        raise _no_address(PINNED_VARIABLE, pattern, "with {commit} where the commit stands")
    site = pattern.replace("{commit}", commit) if is_pinned else environment.get(SITE_VARIABLE) or settings["site_url"]
    return PublishedProject(
        site_url=checked_site(site, PINNED_VARIABLE if is_pinned else SITE_VARIABLE),
        is_pinned=is_pinned,
        default_language=Path(settings["docs_dir"]).name or DEFAULT_LANGUAGE,
        repository=web_address(settings["repo_url"] or git_answer(root, "remote", "get-url", "origin")),
        commit=commit,
        committed_at=committed_at,
        is_clean=bool(commit) and not git_answer(root, "status", "--porcelain", "--untracked-files=no"),
    )


def web_address(remote: str) -> str:
    """Return the web address of a git remote, without user, password and ``.git``; empty where it has none."""
    ssh = _SSH_REMOTE.fullmatch(remote)
    if ssh:
        address = f"https://{ssh[1] or ssh[2]}/{ssh[3]}"
    else:
        try:
            parts = urlsplit(remote)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return ""
        address = f"https://{parts.hostname or ''}{port}{parts.path}" if parts.scheme == "https" else ""
    address = address.rstrip("/").removesuffix(".git")
    return address if _SAFE_ADDRESS.fullmatch(address) else ""


def checked_site(address: str, named_by: str) -> str:
    """Return the address of a site, ending with ``/``; empty where none is given.

    Args:
        address: As it was given.
        named_by: The variable or option that named it.

    Raises:
        RenderError: It is no address.
    """
    if not address:
        return ""
    if not _SAFE_ADDRESS.fullmatch(address):
        raise _no_address(named_by, address, "that begins with https://, without parameters")
    return address if address.endswith("/") else f"{address}/"


def _no_address(variable: str, address: str, wanted: str) -> RenderError:
    what = f"{address!r} is no address that a report can be linked at"
    return RenderError("no-address", what, where=variable, remedy=f"give an address {wanted}")


def _site_settings(path: Path) -> dict[str, str]:
    """Return what the site's configuration says of addresses; a value that isn't text is empty."""
    read = _read_yaml(path) if path.is_file() else None
    known = read if isinstance(read, dict) else {}
    names = ("site_url", "repo_url", "docs_dir")
    return {name: value if isinstance(value := known.get(name), str) else "" for name in names}


def _read_yaml(path: Path) -> object:
    """Read MkDocs' configuration without MkDocs: ``!ENV`` looks a variable up, other tags give nothing."""
    try:
        import yaml
        from yaml_env_tag import construct_env_tag
    except ImportError:  # they come with the site's packages; without them, the environment tells
        return None

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
        """Takes the tags of this file, and of no other."""

    Loader.add_constructor("!ENV", construct_env_tag)
    Loader.add_multi_constructor("", lambda *_: None)
    try:
        return yaml.load(path.read_bytes(), Loader)  # noqa: S506 - a safe loader with two more tags
    except yaml.YAMLError as problem:
        place = getattr(problem, "problem_mark", None)
        where = f"{path}:{place.line + 1}" if place else str(path)
        remedy = "correct it, and try `mkdocs build`"
        raise RenderError("site-settings", "the site's settings can't be read", where=where, remedy=remedy) from problem


def _commit(root: Path) -> tuple[str, str]:
    commit, _, date = git_answer(root, "log", "-1", "--format=%H %cI").partition(" ")
    return (commit, date) if re.fullmatch(r"[0-9a-f]{40,64}", commit) else ("", "")

"""Files and repositories of the Hugging Face hub, by its own package."""

from __future__ import annotations

import os
from types import ModuleType

from generators.errors import SourceError
from generators.model.transfers import ListedFile
from generators.sources.addresses import split_hub
from generators.sources.connection import require_online
from generators.sources.faults import missing_package
from generators.sources.http_remote import status_fault

HUB = "https://huggingface.co"
ENDPOINT_VARIABLE = "HF_ENDPOINT"
TOKEN_VARIABLE = "HF_TOKEN"  # noqa: S105 - the variable's name
_HTTP_PACKAGES = frozenset({"httpx", "httpx2", "httpcore", "httpcore2"})


def hub_endpoint() -> str:
    """Return the address of the hub: Hugging Face's, or the one that ``HF_ENDPOINT`` names."""
    return os.environ.get(ENDPOINT_VARIABLE, "").rstrip("/") or HUB


def hub_file(address: str) -> tuple[str, dict[str, str]]:
    """Return a file's address, and the headers with the token of ``HF_TOKEN`` or of a login.

    Raises:
        SourceError: ``missing-package``.
    """
    hub = _import_hub()
    repo, revision, path = split_hub(address)
    token = os.environ.get(TOKEN_VARIABLE) or hub.get_token()
    url = hub.hf_hub_url(repo, path, revision=revision, endpoint=hub_endpoint())
    return str(url), {"Authorization": f"Bearer {token}"} if token else {}


def list_repository(address: str) -> list[ListedFile]:
    """Return the files of a repository at a revision.

    Raises:
        SourceError: It can't be listed.
    """
    require_online()
    hub = _import_hub()
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.hf_api import RepoFile

    repo, revision, _ = split_hub(address)
    where = f"{hub_endpoint()}/{repo}"
    try:
        tree = list(hub.HfApi(endpoint=hub_endpoint()).list_repo_tree(repo, revision=revision, recursive=True))
    except HfHubHTTPError as problem:
        answer = problem.response
        raise status_fault(answer.status_code, where, answer.headers.get("Retry-After", "")) from None
    except Exception as problem:
        # what its HTTP library raises has no common name in the hub's own interface
        if not isinstance(problem, OSError) and type(problem).__module__.partition(".")[0] not in _HTTP_PACKAGES:
            raise
        raise SourceError(
            "connection", "the connection can't be made or broke off", where=where, remedy="check the network"
        ) from None
    return [
        ListedFile(
            name=item.path,
            address=f"{repo}@{revision}:{item.path}",
            size_bytes=item.size,
            digest=f"sha256:{item.lfs.sha256}" if item.lfs else "",
        )
        for item in tree
        if isinstance(item, RepoFile)
    ]


def _import_hub() -> ModuleType:
    """Return the hub's package, told to keep to what it is asked: else it also looks for who uses it.

    Source: ``HF_HUB_DISABLE_TELEMETRY`` in huggingface_hub's ``constants.py``.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        import huggingface_hub
    except ImportError as problem:
        raise missing_package("huggingface_hub", "fetch") from problem
    return huggingface_hub

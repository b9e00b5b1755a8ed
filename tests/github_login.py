"""The real ``gh``, logged in to a server of this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from github_server import GitHub, make_certificate, serve_github


def require_gh() -> None:
    """Skip where ``gh`` isn't installed; fail where it has to be."""
    if shutil.which("gh") is None:
        if os.environ.get("ASSAY_REQUIRE_TOOLS"):
            pytest.fail("`gh` is not installed", pytrace=False)
        pytest.skip("`gh` is not installed")


@contextmanager
def logged_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """Serve GitHub's API and let ``gh`` use it."""
    with serve_github(make_certificate(folder)) as github:
        for name in ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "ASSAY_OFFLINE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GH_CONFIG_DIR", str(folder / "gh"))
        monkeypatch.setenv("GH_HOST", github.host)
        monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "of-a-test")
        monkeypatch.setenv("SSL_CERT_FILE", github.certificate)
        yield github

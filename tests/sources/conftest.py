from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _quick_and_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry at once, and know nothing of this machine's own proxies and tokens."""
    from generators.sources import download

    monkeypatch.setattr(download, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(download, "LONGEST_WAIT_SECONDS", 0.02)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "ASSAY_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")

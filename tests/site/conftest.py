"""The real site, built once, and a browser on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from published import ADDRESS, PROJECT, Site, read_site
from site_attacks import write_attacking_checkpoints

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "/usr/bin/chromium")
BROWSER_ARGUMENTS = (
    "--no-sandbox",  # CI runs as root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here: it builds the site or opens it in a browser."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.site)


def build_site(folder: Path, **further: str) -> subprocess.CompletedProcess[str]:
    """Build the project's real site, as it would be published; ``further`` are environment variables."""
    environment = {
        **os.environ,
        "ASSAY_SITE_URL": ADDRESS,
        "SOURCE_DATE_EPOCH": "1767225600",  # 2026-01-01: two builds can be compared byte by byte
        "NO_MKDOCS_2_WARNING": "1",
        "DISABLE_MKDOCS_2_WARNING": "true",
        **further,
    }
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)],
        cwd=PROJECT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return _built_once(_shared_folder(tmp_path_factory) / "published")


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The same site with files of which every string attacks in the place of two published ones."""
    checkpoints = write_attacking_checkpoints(tmp_path_factory.mktemp("checkpoints"))
    return _built_once(_shared_folder(tmp_path_factory) / "attacked", ASSAY_CHECKPOINTS=str(checkpoints))


def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the temporary folder of this run: with several workers, the one above each worker's own."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def _built_once(folder: Path, **further: str) -> Site:
    """Build the site into a folder, or take what another worker of this run has built there."""
    pytest.importorskip("mkdocs")
    folder.mkdir(exist_ok=True)
    printed = folder / "printed.txt"
    with FileLock(folder / "lock"):
        if not printed.exists():
            built = build_site(folder / "assay", **further)
            if built.returncode:
                pytest.fail(f"mkdocs build --strict ended with {built.returncode}:\n{built.stdout}", pytrace=False)
            printed.write_text(built.stdout, encoding="utf-8")
    return read_site(folder / "assay", printed.read_text(encoding="utf-8"))


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


@pytest.fixture(scope="session")
def address(site: Site) -> Iterator[str]:
    """Serve the built site under the path that it believes to be published at."""
    with _serve(site) as address:
        yield address


@pytest.fixture(scope="session")
def hostile_address(hostile_site: Site) -> Iterator[str]:
    with _serve(hostile_site) as address:
        yield address


@contextmanager
def _serve(site: Site) -> Iterator[str]:
    handler = partial(_QuietHandler, directory=str(site.folder.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/assay/"
        server.shutdown()
        thread.join()


def _missing(reason: str) -> None:
    if os.environ.get("ASSAY_REQUIRE_BROWSER"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    executable = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if executable is None:
        _missing("no Chromium on PATH")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright isn't installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(BROWSER_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Any, address: str) -> Iterator[Any]:
    """A fresh browser tab; leaving the test fails if it asked anyone but the site for anything."""
    with _open_tab(chromium, address) as page:
        yield page


@pytest.fixture
def hostile_tab(chromium: Any, hostile_address: str) -> Iterator[Any]:
    """The same on the site of attacking files."""
    with _open_tab(chromium, hostile_address) as page:
        yield page


@contextmanager
def _open_tab(chromium: Any, address: str) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-US", color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(15_000)
    outside: list[str] = []
    page.on("request", lambda request: _note_outside(request.url, address, outside))
    yield page
    context.close()
    assert outside == []


def _note_outside(url: str, address: str, outside: list[str]) -> None:
    if not url.startswith((address, "data:", "blob:")):
        outside.append(url)


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the script of axe."""
    package = pytest.importorskip("axe_playwright_python")
    return (files(package) / "axe.min.js").read_text(encoding="utf-8")

"""The document on paper: printed by Chromium, with outline, tags and page numbers; the same bytes for the same input.

Chromium opens no connection: it is offline, scripts are off, and the document has
everything in it.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from generators.errors import RenderError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGES = ("playwright.sync_api", "pypdf")
ARGUMENTS = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
LONGEST_MS = 300_000


def print_document(document: bytes, date: str) -> bytes:
    """Return a document as PDF.

    Args:
        document: HTML, self-contained.
        date: Of the build, ISO 8601; it becomes the PDF's.

    Raises:
        RenderError: There is no Chromium, no playwright or no pypdf here, or printing failed.
    """
    browser = require_printer()
    return _with_metadata(_print(document, browser), datetime.fromisoformat(date))


def require_printer() -> str:
    """Return the browser that prints; asked before a document is made, which can take minutes.

    Raises:
        RenderError: There is no Chromium, no playwright or no pypdf here.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise RenderError(
            "no-browser",
            "there is no Chromium here to print with",
            remedy="install chromium (Debian: apt install chromium fonts-noto-cjk), or print report.html yourself",
        )
    for name in PACKAGES:
        try:
            importlib.import_module(name)
        except ImportError as problem:
            raise _missing(name.partition(".")[0]) from problem
    return browser


def is_root() -> bool:
    """Whether Chromium goes without its sandbox, which doesn't start for root, as in a container."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _print(document: bytes, browser: str) -> bytes:
    from playwright.sync_api import Error, sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_bytes(document)
        try:
            running = playwright.chromium.launch(
                executable_path=browser, args=[*ARGUMENTS], chromium_sandbox=not is_root()
            )
            context = running.new_context(java_script_enabled=False, offline=True, color_scheme="light")
            page = context.new_page()
            page.set_default_timeout(LONGEST_MS)
            page.goto(file.as_uri())
            page.emulate_media(media="print", color_scheme="light")
            printed = page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
            running.close()
        except Error as problem:
            first = str(problem).splitlines()[0]
            raise RenderError(
                "not-printed",
                f"Chromium didn't print: {first}",
                where=browser,
                remedy="try it with another version, or print report.html yourself",
            ) from problem
    return printed


def _with_metadata(printed: bytes, moment: datetime) -> bytes:
    """Return a PDF whose dates and id follow from what it shows, not from when it was printed."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, ByteStringObject

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(printed)))
    date = moment.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")
    writer.add_metadata({"/Creator": "Assay", "/Producer": "Chromium, pypdf", "/CreationDate": date, "/ModDate": date})
    digest = hashlib.sha256("".join(page.extract_text() for page in writer.pages).encode()).digest()[:16]
    writer._ID = ArrayObject([ByteStringObject(digest), ByteStringObject(digest)])  # noqa: SLF001 - no public name
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _missing(package: str) -> RenderError:
    return RenderError(
        "no-package",
        f"the package {package} isn't installed, and a PDF needs it",
        remedy="install what prints: pip install playwright pypdf",
    )

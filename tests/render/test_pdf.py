from __future__ import annotations

import io
import os
import shutil
from typing import Any

import pytest
from render.report_builder import build_report

from generators.errors import RenderError
from generators.render import pdf
from generators.render.catalog import load_catalog
from generators.render.document import render_document
from generators.render.pages import plan_pages, render_page
from generators.render.pdf import BROWSERS, print_document

SHOWN = {"index.md", "claims.md"}
DATE = "2026-01-01T12:30:00+00:00"
FOLDED = (
    "<!DOCTYPE html><html lang='es'><head><meta charset='utf-8'><title>á</title></head><body><h1>á</h1></body></html>"
)


def need_browser() -> None:
    if any(shutil.which(name) for name in BROWSERS):
        return
    if os.environ.get("ASSAY_REQUIRE_BROWSER"):
        pytest.fail("no Chromium on PATH", pytrace=False)
    pytest.skip("no Chromium on PATH")


def document(locale: str) -> bytes:
    """Return the summary and the claims of the small report as a document."""
    pages = [(page.path, render_page(page, locale)) for page in plan_pages(build_report()) if page.path in SHOWN]
    title = load_catalog(locale).message("report", "convnextpose.question")
    return render_document(pages, {}, locale, title, "")


def read(data: bytes) -> Any:
    from pypdf import PdfReader

    return PdfReader(io.BytesIO(data))


@pytest.mark.site
@pytest.mark.parametrize("locale", ["es", "ko"])
def test_the_pdf_has_the_words_of_its_language_an_outline_tags_and_numbered_pages(locale: str) -> None:
    need_browser()
    printed = read(print_document(document(locale), DATE))
    pages = ["".join(page.extract_text().split()) for page in printed.pages]
    catalog = load_catalog(locale)
    for code in ("refuted", "supported", "cannot-tell", "untested"):
        assert "".join(catalog.message("outcome", code).split()) in "".join(pages)
    assert all(f"{number}/{len(pages)}" in text for number, text in enumerate(pages, 1))
    root = printed.trailer["/Root"]
    assert root["/Lang"] == locale
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    question = catalog.message("report", "convnextpose.question")
    assert printed.metadata.title == question
    top, below = printed.outline
    assert "".join(top["/Title"].split()) == "".join(question.split())  # Chromium leaves out spaces at line ends
    sections = [entry["/Title"] for entry in below if not isinstance(entry, list)]
    assert sections[1:] == [catalog.message("page", "summary"), catalog.message("page", "claims")]


@pytest.mark.site
def test_the_same_document_gives_the_same_bytes_with_the_date_of_the_build() -> None:
    need_browser()
    first, second = (print_document(FOLDED.encode(), DATE) for _ in range(2))
    assert first == second
    metadata = read(first).metadata
    assert metadata.creation_date.isoformat() == DATE
    assert metadata.modification_date.isoformat() == DATE


def test_without_a_browser_the_remedy_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "BROWSERS", ("no-such-browser",))
    with pytest.raises(RenderError) as caught:
        print_document(b"", DATE)
    assert caught.value.code == "no-browser"
    assert "chromium" in caught.value.remedy

"""A judged report as one document: which pages it is made of, its HTML, kept by what it shows, and its PDF."""

from __future__ import annotations

import functools
import hashlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from generators.errors import RenderError
from generators.model.cache import ContentCache
from generators.model.evidence import ReportEvidence
from generators.model.exports import UNPUBLISHED, Publication
from generators.model.measurements import NOTHING_MEASURED, Measurements
from generators.provenance import package_version
from generators.render.catalog import load_catalog
from generators.render.pages import render_charts, source_digest, undated_pages, with_date
from generators.shipped import shipped

log = logging.getLogger("generators.pipeline")
DOCUMENT_PATH = "exports/report.html"
PDF_PATH = "exports/report.pdf"
PDF_VARIABLE = "ASSAY_PDF"
"""With it, a build of the site also prints the report, which takes half a minute a language."""
ORDER = (
    "index.md",
    "claims.md",
    "expected.md",
    "lineage.md",
    "history.md",
    "checkpoints/index.md",
    "checkpoints/",
    "missing.md",
    "evaluation.md",
    "hypotheses.md",
    "next-steps.md",
    "sources.md",
    "method.md",
    "glossary.md",
)
"""Pages in the order of the document, those of the files that were read where their folder stands. What is about Assay
rather than about the report is left out."""
MAX_SUBJECTS = 30
"""Files of which a document has the pages; the site has them all."""


class DocumentParts(Struct, frozen=True, kw_only=True):
    """What a language's document is made of, by path in the docs folder.

    Attributes:
        pages: Generated pages without the date of the build.
        charts: SVG files.
    """

    pages: Mapping[str, bytes]
    charts: Mapping[str, bytes]


def document_parts(
    evidence: ReportEvidence,
    locale: str,
    cache: ContentCache,
    measurements: Measurements = NOTHING_MEASURED,
    publication: Publication = UNPUBLISHED,
) -> DocumentParts:
    """Render what the document of a language is made of."""
    pages = undated_pages(evidence, locale, cache, measurements, publication)
    return DocumentParts(pages=dict(pages), charts=dict(render_charts(evidence, cache)))


def report_document(
    root: Path,
    evidence: ReportEvidence,
    locale: str,
    cache: ContentCache,
    parts: DocumentParts,
    address: str,
) -> bytes:
    """Return the report in one language as a single HTML file.

    Args:
        root: Folder of the project.
        evidence: The judged report.
        locale: The language.
        cache: Where documents are kept.
        parts: What it is made of.
        address: Where the language's site is published; empty where that isn't known.
    """
    pages = tuple(_chosen(parts.pages, root, evidence, locale))
    make = functools.partial(_render, pages, parts.charts, evidence, locale, address)
    key = _key(pages, parts.charts, locale, address)
    return with_date(cache.get_or_make(key, make), evidence, locale)


def printed_document(document: bytes, date: str, environment: Mapping[str, str]) -> bytes:
    """Return a document as PDF; nothing where none is asked for, or where this machine can't print, which is logged.

    Args:
        document: HTML.
        date: Of the build, ISO 8601.
        environment: Where :data:`PDF_VARIABLE` asks for it.
    """
    if not environment.get(PDF_VARIABLE):
        return b""
    from generators.render.pdf import print_document

    try:
        return print_document(document, date)
    except RenderError as problem:
        log.warning("The site is built without PDF: %s\n", problem.diagnostics())
        return b""


def _render(
    pages: tuple[tuple[str, bytes], ...],
    charts: Mapping[str, bytes],
    evidence: ReportEvidence,
    locale: str,
    address: str,
) -> bytes:
    from generators.render.document import render_document  # imports lxml and Markdown, which a kept one doesn't need

    title = load_catalog(locale).message("report", f"{evidence.report.id}.question")
    return render_document(pages, charts, locale, title, address)


def _chosen(
    generated: Mapping[str, bytes], root: Path, evidence: ReportEvidence, locale: str
) -> Iterator[tuple[str, bytes]]:
    for path in ORDER:
        if path.endswith("/"):
            read = [s.id for s in evidence.subjects if s.fingerprint is not None]
            yield from ((page, generated[page]) for page in (f"{path}{name}.md" for name in read[:MAX_SUBJECTS]))
        elif path in generated:
            yield path, generated[path]
        elif (authored := _authored(root, locale, path)).is_file():
            yield path, authored.read_bytes()


@functools.cache
def _made_with() -> tuple[str, ...]:
    return tuple(f"{name} {package_version(name)}" for name in ("lxml", "Markdown", "pymdown-extensions"))


def _key(pages: tuple[tuple[str, bytes], ...], charts: Mapping[str, bytes], locale: str, address: str) -> str:
    digest = hashlib.sha256()
    for text in (source_digest(locale).hex(), locale, address, *_made_with()):
        digest.update(f"{text}\n".encode())
    for path, content in (*pages, *sorted(charts.items())):
        digest.update(f"{path} {len(content)}\n".encode())
        digest.update(content)
    return f"document-{digest.hexdigest()}"


def _authored(root: Path, locale: str, path: str) -> Path:
    """Return where a page of prose is: in the project, else among those that come with Assay."""
    own = root / "docs" / locale / path
    return own if own.is_file() else shipped("prose") / locale / path

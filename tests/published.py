"""The built site as a reader's browser gets it: pages parsed with the standard library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

PROJECT = Path(__file__).resolve().parents[1]
ADDRESS = "https://example.org/assay/"
"""Where the tests' site believes to be published: under a path, as on GitHub Pages."""

_LINKS = {
    "a": "href",
    "link": "href",
    "img": "src",
    "script": "src",
    "source": "src",
    "iframe": "src",
    "object": "data",
}
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_NOT_PROSE = frozenset({"code", "pre", "script", "style", "svg", "kbd"})
_WORD = re.compile(r"[A-Za-z]{2,}")
_WORDS_OF_A_SENTENCE = 4
_ENGLISH_ONLY = re.compile(r"assay/.")


@dataclass
class Page:
    """One HTML page: ``path`` is its address below the site's, ``links`` are (element, address as written)."""

    path: str
    language: str = ""
    title: str = ""
    ids: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    alternates: dict[str, str] = field(default_factory=dict)
    canonical: str = ""

    @property
    def sentences(self) -> set[str]:
        """Pieces of text, outside code, that are long enough to need a translation."""
        return {text for text in self.texts if len(_WORD.findall(text)) >= _WORDS_OF_A_SENTENCE}


class _Parser(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "html":
            self.page.language = given.get("lang", "")
        if "id" in given:
            self.page.ids.append(given["id"])
        if "data-value" in given and "num" in given.get("class", "").split():
            self.page.numbers.append(given["data-value"])
        if _LINKS.get(tag) in given:
            self.page.links.append((tag, given[_LINKS[tag]]))
        if tag == "link" and "hreflang" in given:
            self.page.alternates[given["hreflang"]] = given["href"]
        if tag == "link" and given.get("rel") == "canonical":
            self.page.canonical = given["href"]
        if tag == "h1":
            self.page.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text or _NOT_PROSE.intersection(self.open):
            return
        self.page.texts.append(text)
        if "title" in self.open:
            self.page.title += text
        if "h1" in self.open and text != "¶":
            self.page.headings[-1] += text


@dataclass(frozen=True)
class Site:
    """A built site: its folder, its pages by address below :data:`ADDRESS`, and what building it printed."""

    folder: Path
    pages: dict[str, Page]
    output: str

    def of(self, locale: str, default: str = "en") -> dict[str, Page]:
        """Return the pages of one language, by their address below that language's start; no error pages."""
        others = tuple(f"{other}/" for other in locales() if other != default)
        mine = {
            path: page
            for path, page in self.pages.items()
            if not path.endswith("404.html")
            and (not path.startswith(others) if locale == default else path.startswith(f"{locale}/"))
        }
        return {path if locale == default else path.removeprefix(f"{locale}/"): page for path, page in mine.items()}

    def translated(self, locale: str, default: str = "en") -> dict[str, Page]:
        """Return the pages of a language without those that are English only: the documentation of Assay itself."""
        return {path: page for path, page in self.of(locale, default).items() if not _ENGLISH_ONLY.match(path)}

    def broken_links(self) -> Iterator[str]:
        """Yield each link whose file or anchor isn't there, as a sentence."""
        for page in self.pages.values():
            for element, written in page.links:
                problem = self._problem(page, element, written)
                if problem:
                    yield f"{page.path or '(start)'}: <{element}> {written}: {problem}"

    def _problem(self, page: Page, element: str, written: str) -> str:
        target, anchor = urldefrag(urljoin(ADDRESS + page.path, written))
        if not target.startswith(ADDRESS):
            return ""
        path = unquote(target.removeprefix(ADDRESS))
        file = self.folder / path / "index.html" if path.endswith("/") or not path else self.folder / path
        if not file.is_file():
            return "no such file"
        if element == "a" and anchor and path in self.pages and unquote(anchor) not in self.pages[path].ids:
            return "no such anchor"
        return ""


def locales() -> tuple[str, ...]:
    """Return the languages of the site."""
    from generators.render.catalog import LOCALES

    return LOCALES


def parse_page(path: str, text: str) -> Page:
    """Return a parsed page."""
    page = Page(path=path)
    parser = _Parser(page)
    parser.feed(text)
    parser.close()
    return page


def read_site(folder: Path, output: str) -> Site:
    """Parse every page of a built site."""
    pages = {}
    for file in sorted(folder.rglob("*.html")):
        if file.parent.name == "exports":  # a download, not a page
            continue
        path = file.relative_to(folder).as_posix().removesuffix("index.html")
        pages[path] = parse_page(path, file.read_text(encoding="utf-8"))
    return Site(folder=folder, pages=pages, output=output)

"""The whole report in one language as a single HTML file that asks nobody for anything.

It is made of the same Markdown pages as the site. Each page becomes a section;
its anchors get the section's name in front, links between pages become links
inside the file, charts are embedded for light and dark, and what lies outside of
the file is linked at its published address, or not at all where that isn't known.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urldefrag, urljoin

from lxml import etree, html
from markdown import Markdown
from msgspec import Struct

from generators.render.catalog import load_catalog
from generators.render.environment import TEMPLATES_FOLDER, new_environment
from generators.render.inline_chart import Pair, colour_rules, inline_chart
from generators.render.links import page_url
from generators.render.values import Values

EXTENSIONS = (
    "abbr",
    "admonition",
    "attr_list",
    "def_list",
    "footnotes",
    "tables",
    "toc",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.superfences",
)
"""Those of ``mkdocs.yml``."""
MAX_ROWS = 40
"""Rows and list items that a folded part may have. Paper can't unfold: shorter ones are shown, longer ones left out."""
MAX_TABLE_ROWS = 200
"""Rows that any other table may have."""
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "headers")
_HELD_BACK = re.compile("\ue000([0-9]+)\ue001")
_MARKUP = re.compile(r"[^\w\s⟨⟩]")
_ONLY_DARK = "#only-dark"
_LIGHT, _DARK = "-light.svg", "-dark.svg"


class Section(Struct, frozen=True, kw_only=True):
    """A page as a part of the document.

    Attributes:
        path: Of the page in the docs folder.
        anchor: Of the section.
        title: As HTML.
        parts: Anchor and title (HTML) of each heading of the second level.
        body: HTML.
    """

    path: str
    anchor: str
    title: str
    parts: tuple[tuple[str, str], ...]
    body: str


def render_document(
    pages: Sequence[tuple[str, bytes]], charts: Mapping[str, bytes], locale: str, title: str, address: str
) -> bytes:
    """Return the document.

    Args:
        pages: Path in the docs folder and Markdown of each page, in the order of the document.
        charts: SVG files by their path in the docs folder.
        locale: The language.
        title: Of the document.
        address: Where the language's site is published, ending with ``/``; empty where that isn't known.
    """
    catalog = load_catalog(locale)
    frame = _Frame(
        anchors={path: _section_anchor(path) for path, _ in pages},
        charts=charts,
        address=address,
        left_out=lambda rows: catalog.message("document", "left-out", rows=Values(catalog).number(rows)),
    )
    # the first page's heading is the document's
    titles = {"index.md": catalog.message("page", "summary")}
    made = tuple(_section(path, content, _Rewriter(path, frame), titles) for path, content in pages)
    sections, pairs = tuple(section for section, _ in made), tuple(pair for _, pairs in made for pair in pairs)
    style = (TEMPLATES_FOLDER / "document.css").read_text(encoding="utf-8") + colour_rules(pairs)
    template = new_environment(catalog).get_template("document.html.j2")
    text = template.render(locale=locale, title=title, style=style, sections=sections, address=address)
    return text.encode()


def _section(
    path: str, content: bytes, rewriter: _Rewriter, titles: Mapping[str, str]
) -> tuple[Section, tuple[Pair, ...]]:
    markdown = Markdown(extensions=list(EXTENSIONS), output_format="html")
    root = html.fragment_fromstring(
        markdown.convert(_FRONT_MATTER.sub("", content.decode(), count=1)), create_parent="div"
    )
    heading = root.find(".//h1")
    title = _inner_html(heading) if heading is not None else path
    if heading is not None:
        heading.drop_tree()
    rewriter.rewrite(root)
    shown = _hold_back_code(root)
    headings = () if "/" in path else root.iter("h3")
    section = Section(
        path=path,
        anchor=rewriter.anchor,
        title=titles.get(path, title),
        parts=tuple((heading.get("id", ""), shown(heading)) for heading in headings if heading.get("id")),
        body=shown(root),
    )
    return section, tuple(rewriter.pairs)


def _hold_back_code(root: html.HtmlElement) -> Callable[[html.HtmlElement], str]:
    """Put a mark in the place of each name; return how an element is written with the names in numeric entities again.

    Parsing made letters of them, and what a checkpoint says shall be as inert here as it is on a page. No name has the
    characters of a mark: private ones are spelled out.
    """
    names: list[str] = []
    for element in root.iter("code"):
        if element.text:
            names.append(_MARKUP.sub(lambda match: f"&#{ord(match.group())};", element.text))
            element.text = f"\ue000{len(names) - 1}\ue001"
    return lambda element: _HELD_BACK.sub(lambda match: names[int(match[1])], _inner_html(element))


class _Frame(Struct, frozen=True, kw_only=True):
    """What all sections share.

    Attributes:
        anchors: Anchor of each section by the path of its page.
        charts: SVG files by path.
        address: Where the language's site is published.
        left_out: Says of how many rows the document does without.
    """

    anchors: Mapping[str, str]
    charts: Mapping[str, bytes]
    address: str
    left_out: Callable[[int], str]


class _Rewriter:
    """Makes the HTML of one page a part of the document; ``pairs`` are the colours of its charts."""

    def __init__(self, path: str, frame: _Frame) -> None:
        self.anchor = frame.anchors[path]
        self.pairs: list[Pair] = []
        self._path = path
        self._frame = frame
        self._sections = {page_url(other): anchor for other, anchor in frame.anchors.items()}

    def rewrite(self, root: html.HtmlElement) -> None:
        for element in list(root.iter(etree.Element)):
            if element is root or element.getparent() is not None:  # else it was left out with what it stood in
                self._rename(element)
                self._rewrite_element(element)

    def _rename(self, element: html.HtmlElement) -> None:
        for name in ("id", *_REFERENCES):
            if element.get(name):
                element.set(name, " ".join(map(self._inside, element.get(name, "").split())))

    def _rewrite_element(self, element: html.HtmlElement) -> None:
        match element.tag:
            case "script" | "style" | "link" | "iframe" | "object":
                element.drop_tree()
            case "a":
                self._rewrite_link(element)
            case "img":
                self._embed(element)
            case "details":
                self._unfold(element)
            case "table" if _count_rows(element) > MAX_TABLE_ROWS:
                element.getparent().replace(element, self._left_out(_count_rows(element), element.tail))
            case "table":
                element.set("tabindex", "0")  # where it is wider than the screen, the keyboard scrolls it
            case "h1" | "h2" | "h3" | "h4" | "h5" as level:
                element.tag = f"h{int(level[1]) + 1}"

    def _inside(self, anchor: str) -> str:
        return f"{self.anchor}--{anchor}"

    def _rewrite_link(self, element: html.HtmlElement) -> None:
        written = element.get("href")
        if written is None or written.startswith("https://"):
            return
        target = "" if ":" in written.partition("/")[0] else self._target(written)
        if target:
            element.set("href", target)
        else:
            del element.attrib["href"]

    def _target(self, written: str) -> str:
        """Return the address of what a link of the page leads to; empty where nobody can follow it."""
        place, anchor = urldefrag(written)
        # pages link among each other as the site does in generated pages, and by file name in authored ones
        page = posixpath.normpath(posixpath.join(posixpath.dirname(self._path), place)) if place else self._path
        url = page_url(page) if page.endswith(".md") else _below(page_url(self._path), place)
        section = self._sections.get(url)
        if section is not None:
            return f"#{section}--{anchor}" if anchor else f"#{section}"
        address = self._frame.address
        return urljoin(address, f"{url}#{anchor}" if anchor else url) if address else ""

    def _embed(self, element: html.HtmlElement) -> None:
        """Put one drawing where the page has a chart's light and its dark image."""
        place, fragment = urldefrag(element.get("src", ""))
        light = _below(page_url(self._path), place).removeprefix("../")  # charts lie above all but one language's site
        charts = self._frame.charts
        if f"#{fragment}" == _ONLY_DARK or light not in charts:
            element.drop_tree()
            return
        name = posixpath.basename(light).removesuffix(_LIGHT)
        dark = charts.get(light.removesuffix(_LIGHT) + _DARK, b"")
        chart = inline_chart(charts[light], dark, f"{self.anchor}--{name}", element.get("alt", ""))
        self.pairs.extend(chart.pairs)
        drawing = etree.fromstring(chart.svg)
        drawing.tail = element.tail
        element.getparent().replace(element, drawing)

    def _unfold(self, element: html.HtmlElement) -> None:
        rows = _count_rows(element)
        element.set("open", "open")
        if rows > MAX_ROWS:
            for child in list(element):
                if child.tag != "summary":
                    child.drop_tree()
            element.append(self._left_out(rows, None))

    def _left_out(self, rows: int, tail: str | None) -> html.HtmlElement:
        note = html.fragment_fromstring(f"<p>{self._frame.left_out(rows)}</p>")
        note.tail = tail
        return note


def _count_rows(element: html.HtmlElement) -> int:
    return sum(1 for _ in element.iter("tr", "li"))


def _below(start: str, place: str) -> str:
    """Return where a relative address leads to from the folder ``start`` of the site, from the site's root."""
    joined = posixpath.normpath(posixpath.join(start, place))
    if joined == ".":
        return ""
    return f"{joined}/" if place.endswith(("/", "..", ".")) else joined


def _section_anchor(path: str) -> str:
    return path.removesuffix(".md").removesuffix("/index").replace("/", "-")


def _inner_html(element: html.HtmlElement) -> str:
    return "".join(_pieces(element))


def _pieces(element: html.HtmlElement) -> Iterator[str]:
    if element.text:
        yield etree.tostring(_text_holder(element.text), encoding="unicode", method="html")[3:-4]
    for child in element:
        yield etree.tostring(child, encoding="unicode", method="html")


def _text_holder(text: str) -> html.HtmlElement:
    holder = html.Element("p")
    holder.text = text
    return holder

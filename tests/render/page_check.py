"""What a browser would make of a generated page: its elements, its addresses, its anchors, its text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import ClassVar

import markdown

EXTENSIONS = [
    "abbr",
    "admonition",
    "attr_list",
    "def_list",
    "footnotes",
    "md_in_html",
    "tables",
    "toc",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.superfences",
]
"""Those of mkdocs.yml."""

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


@dataclass
class ParsedPage(HTMLParser):
    """The elements of a page in order, with the names of their attributes."""

    void: ClassVar[frozenset[str]] = frozenset({"br", "hr", "img", "input", "link", "meta"})
    elements: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "img":
            self.images.append(given.get("src", ""))
        if "id" in given:
            self.anchors.append(given["id"])
        if "data-value" in given:
            self.numbers.append(given["data-value"])
        if tag not in self.void:
            self.unclosed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed.pop() == tag

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def front_matter(content: bytes) -> str:
    match = _FRONT_MATTER.match(content.decode())
    assert match
    return match[1]


def parse_page(content: bytes) -> ParsedPage:
    body = _FRONT_MATTER.sub("", content.decode())
    page = ParsedPage()
    page.feed(markdown.markdown(body, extensions=EXTENSIONS))
    page.close()
    assert page.unclosed == []
    return page

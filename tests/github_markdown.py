"""What GitHub makes of Markdown: its own parser, then what its filters would find in the text that is no code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import ClassVar

import cmarkgfm
from cmarkgfm.cmark import Options

_TEXT, _BLOCKS = (
    ("a", "br", "code", "em", "img", "picture", "source", "strong", "sup"),
    ("details", "h3", "li", "ol", "p", "pre", "summary", "ul"),
)
OURS = frozenset((*_TEXT, *_BLOCKS, "table", "tbody", "td", "th", "thead", "tr"))
"""Elements that our own templates lead to."""
REFERENCES = (
    re.compile(r"(?<![\w`])@[A-Za-z0-9]"),  # a mention
    re.compile(r"(?<![\w&])#\d"),  # an issue, also of another repository
    re.compile(r"\bGH-\d", re.IGNORECASE),
    re.compile(r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b"),  # a commit
    re.compile(r":[a-z0-9_+-]+:"),  # an emoji
    re.compile(r"\$"),  # a formula
    re.compile(r"https?://|www\.", re.IGNORECASE),
    re.compile(r"\[![A-Z]+\]"),  # an alert
)
"""Source: GitHub Docs, "Autolinked references and URLs", "Basic writing and formatting syntax", "Writing mathematical
expressions": each applies outside of code only."""


@dataclass
class Rendered(HTMLParser):
    """A text as GitHub shows it.

    Attributes:
        elements: In order.
        links: Addresses of links.
        images: Address and alternative text of each.
        dark_images: Addresses of those that stand in their place on dark pages.
        code: Contents of the code elements.
        prose: Text outside of code.
        comments: Hidden lines.
    """

    void: ClassVar[frozenset[str]] = frozenset({"br", "hr", "img", "source"})
    elements: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)
    dark_images: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append(tag)
        if tag == "a":
            self.links.append(given["href"])
        if tag == "img":
            self.images.append((given["src"], given.get("alt", "")))
        if tag == "source" and given["media"] == "(prefers-color-scheme: dark)":
            self.dark_images.append(given["srcset"])
        if tag == "code":
            self.code.append("")
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.void and (not self.open or self.open.pop() != tag):
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if "code" in self.open:
            self.code[-1] += data
        else:
            self.prose.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        return "".join(self.prose)

    @property
    def references(self) -> list[str]:
        """What GitHub's filters would turn into something else."""
        return [match[0] for pattern in REFERENCES for match in pattern.finditer(self.text)]


def render_as_github(text: str) -> Rendered:
    """Render as GitHub does for issues and comments, where a line end is a line break."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_HARDBREAKS
    page = Rendered()
    page.feed(cmarkgfm.github_flavored_markdown_to_html(text, options=options))
    page.close()
    return page

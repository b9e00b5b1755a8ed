"""What a page shows in line, as plain text for formats that have no markup.

What was made inert for a page stays so: invisible characters are spelled out
already, and entities become the characters that they stand for.
"""

from __future__ import annotations

from html.parser import HTMLParser

from generators.model.claim import CheckResult, Claim
from generators.render.catalog import Catalog
from generators.render.markup import html_code
from generators.render.values import Values


def plain_text(html: str) -> str:
    """Return the text of a line of HTML; an exponent gets a caret, no-break spaces become spaces."""
    parser = _TextOf()
    parser.feed(html)
    parser.close()
    return " ".join("".join(parser.pieces).split())


def result_text(claim: Claim, result: CheckResult, catalog: Catalog, values: Values) -> str:
    """Return what a check asked and what came of it."""
    check = result.check
    expected = catalog.message(
        "comparator",
        check.comparator,
        expected=values.value(check.expected, check.unit),
        tolerance=values.percent(check.tolerance),
    )
    shared = {"subject": html_code(check.subject), "unit": check.unit, "expected": expected}
    asked = catalog.message("check", f"{claim.id}.{check.id}", **shared)
    reason = catalog.message("reason", result.reason, found=values.value(result.found, check.unit), **shared)
    return plain_text(f"{asked} {reason}")


class _TextOf(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "sup":
            self.pieces.append("^")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

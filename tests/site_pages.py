"""Which pages stand for all: one of each kind, taken from the built site."""

from __future__ import annotations

from published import Site

AUDIT = """
async rules => {
  const {violations} = await axe.run(document, {resultTypes: ["violations"], ...rules})
  return violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)} ${n.failureSummary ?? ""}`))
}
"""
"""What axe finds in the page that it was given to."""


def one_of_each_kind(site: Site, locale: str) -> list[str]:
    """Return the address of one page of each kind, below the language's start.

    Every page is a kind of its own, but for those of checkpoints and controls: of those that have the same sections,
    the first counts.
    """
    kinds: dict[object, str] = {}
    for path, page in sorted(site.of(locale).items()):
        folder, _, name = path.rstrip("/").partition("/")
        kinds.setdefault((folder, frozenset(sections(page.ids))) if name else path, path)
    return sorted(kinds.values())


def sections(ids: list[str]) -> list[str]:
    """Return the ids of a page's sections: not those of single rows, whose names hold a separator."""
    return [name for name in ids if "-" not in name and not name.startswith("_")]


def start(address: str, locale: str) -> str:
    """Return the address of a language's first page."""
    return address if locale == "en" else f"{address}{locale}/"

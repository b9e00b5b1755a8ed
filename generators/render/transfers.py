"""What the commands that get files print for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from generators.model.transfers import (
    FetchOutcome,
    FileStanding,
    ListedChange,
    Listing,
    TransferColumn,
    Verified,
)
from generators.render.catalog import Catalog, load_catalog
from generators.render.decimals import decimal_text
from generators.render.markup import terminal_text

DIGEST_DIGITS = 12
_GOOD = frozenset({"here", "match", "fetched", "already-here"})
_BAD = frozenset({"mismatch", "other-size", "failed", "unreadable", "file-gone", "file-changed"})


def show_listing(listing: Listing, language: str, console: Console) -> None:
    """Print the files of a place."""
    catalog = load_catalog(language)
    console.print(Text(f"{terminal_text(listing.source)}  {listing.listed_at}", style="bold"), soft_wrap=True)
    table = _table(catalog, "file", "size", "fits")
    for file in listing.files:
        fits = ", ".join(file.fits) if file.size_bytes is not None else catalog.message("transfer", "size-unknown")
        table.add_row(Text(terminal_text(file.name)), Text(_bytes(file.size_bytes, catalog)), Text(fits))
    console.print(table)


def show_changes(changes: Sequence[ListedChange], language: str, console: Console) -> None:
    """Print how a listing differs from the one that was kept."""
    catalog = load_catalog(language)
    for change in changes:
        told = catalog.message(
            "listing-change",
            change.change,
            name=terminal_text(change.name),
            before=terminal_text(change.before),
            after=terminal_text(change.after),
        )
        console.print(Text(told, style=_style(change.change)), soft_wrap=True)


def show_standings(standings: Sequence[FileStanding], language: str, console: Console) -> None:
    """Print which files are here."""
    catalog = load_catalog(language)
    table = _table(catalog, "entry", "state", "size", "pinned", "source", "resolved")
    for one in standings:
        table.add_row(
            Text(one.id),
            Text(catalog.message("file-state", one.state), style=_style(one.state)),
            Text(_bytes(one.size_bytes, catalog)),
            Text(catalog.message("value", "yes" if one.pinned else "no")),
            Text(", ".join(one.sources)),
            _resolved(one, catalog),
        )
    console.print(table)


def _resolved(one: FileStanding, catalog: Catalog) -> Text:
    """Return what was asked for and what it came to, or why that isn't up to date."""
    if one.stale:
        return Text("; ".join(catalog.message("stale", reason) for reason in one.stale), style="yellow")
    when = one.resolved_at.partition("T")[0]
    source = one.resolved if one.resolved not in one.asked else ""
    return Text(" ".join(terminal_text(part) for part in (when, source) if part))


def show_verified(verified: Sequence[Verified], language: str, console: Console) -> None:
    """Print which files are those that the lock names."""
    catalog = load_catalog(language)
    table = _table(catalog, "file", "state", "digest")
    for one in verified:
        shown = one.found if one.state != "mismatch" else f"{one.found} != {one.expected}"
        table.add_row(
            Text(terminal_text(one.name or one.id)),
            Text(catalog.message("verify-state", one.state), style=_style(one.state)),
            Text(terminal_text(shown)),
        )
    console.print(table)


def outcome_line(outcome: FetchOutcome, language: str) -> str:
    """Return what became of one entry's file."""
    catalog = load_catalog(language)
    parts = [f"{outcome.id}: {catalog.message('fetch-state', outcome.state)}"]
    if outcome.size_bytes is not None:
        parts.append(_bytes(outcome.size_bytes, catalog))
    if outcome.sha256:
        parts.append(f"sha256 {outcome.sha256}")
    if outcome.resumed_bytes:
        parts.append(catalog.message("transfer", "resumed", bytes=_bytes(outcome.resumed_bytes, catalog)))
    if outcome.state != "failed":
        known = outcome.architecture
        code = "unrecognised" if known is None else "as-said" if known == outcome.variant else "not-as-said"
        parts.append(
            catalog.message("transfer", code, architecture=known or "", variant=terminal_text(outcome.variant))
        )
    return ", ".join(parts)


def _table(catalog: Catalog, *columns: TransferColumn) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        title = Text(catalog.message("transfer-column", column))
        table.add_column(title, overflow="fold", justify="right" if column == "size" else "left")
    return table


def _style(state: str) -> str:
    return "green" if state in _GOOD else "red" if state in _BAD else "yellow"


def _bytes(size: int | None, catalog: Catalog) -> str:
    if size is None:
        return ""
    return f"{decimal_text(size, catalog.locale)} B"

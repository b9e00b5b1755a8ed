"""What ``assay lock``, ``update`` and ``gc`` print for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from generators.model.pinning import PinOutcome
from generators.model.sweeping import Sweep
from generators.model.updating import Update, Upstream
from generators.render.catalog import Catalog, load_catalog
from generators.render.decimals import decimal_text
from generators.render.differences import show_checkpoint, show_flips
from generators.render.markup import terminal_text

DAY_SECONDS = 86_400
SHOWN_FILES = 40
"""Files of one kind that are named; ``--json`` has all."""
COUNTED_ONLY = frozenset({"kept-result", "interrupted-write"})
"""Kinds whose files have digests for names, which tell a reader nothing."""
_COLOURS = {
    "pinned": "green",
    "unchanged": "green",
    "same": "green",
    "replaced": "green",
    "refused": "red",
    "unreachable": "red",
    "different": "yellow",
}


def show_pins(outcomes: Sequence[PinOutcome], language: str, console: Console) -> None:
    """Print what became of each entry."""
    catalog = load_catalog(language)
    for one in outcomes:
        line = Text.assemble(
            f"{one.id}: ", (catalog.message("pin-state", one.state), _COLOURS.get(one.state, "yellow"))
        )
        if one.refusal is not None:
            line.append(f": {catalog.message('pin-refusal', one.refusal)}")
            line.append(f" ({terminal_text(one.detail)})" if one.detail else "")
        elif one.sha256:
            source = f", {terminal_text(one.source)}" if one.source else ""
            line.append(f", {_whole(one.size_bytes or 0, catalog)} B, sha256 {one.sha256}{source}")
        console.print(line, soft_wrap=True)


def show_update(update: Update, language: str, console: Console, *, known: bool = False) -> None:
    """Print what an update found and did, without what a person was shown already."""
    catalog = load_catalog(language)
    if not known:
        _show_upstream(update, catalog, console)
    if update.state in {"declined", "refused", "replaced"} and not known:
        _show_change(update, catalog, console)
    told = catalog.message("update-state", update.state)
    line = Text.assemble(f"{update.id}: ", (told, _COLOURS.get(update.state, "yellow")))
    if update.refusal is not None:
        line.append(f": {catalog.message('pin-refusal', update.refusal)}")
    if update.kept:
        line.append(f" ({terminal_text(update.kept)})")
    console.print(line, soft_wrap=True)


def show_offer(update: Update, language: str, console: Console) -> None:
    """Print what an update would change, for a person to decide."""
    catalog = load_catalog(language)
    _show_upstream(update, catalog, console)
    _show_change(update, catalog, console)


def show_sweep(found: Sweep, language: str, console: Console) -> None:
    """Print what was removed, or would be."""
    catalog = load_catalog(language)
    counts = Counter(one.kind for one in found.files)
    for kind, count in counts.items():
        size = sum(one.size_bytes for one in found.files if one.kind == kind)
        title = catalog.message("swept", kind)
        console.print(Text(f"{title}: {_whole(count, catalog)}, {_whole(size, catalog)} B"), soft_wrap=True)
        names = [one.name for one in found.files if one.kind == kind and kind not in COUNTED_ONLY]
        for name in names[:SHOWN_FILES]:
            console.print(Text(f"  {terminal_text(name)}"), soft_wrap=True)
        if len(names) > SHOWN_FILES:
            console.print(Text(f"  ... + {len(names) - SHOWN_FILES} (--json)"))
    code = "would-free" if found.dry_run else "freed"
    console.print(Text(catalog.message("sweep", code, bytes=_whole(found.freed_bytes, catalog)), style="bold"))
    days = decimal_text(found.older_than_seconds / DAY_SECONDS, catalog.locale, "#,##0.###")
    console.print(Text(catalog.message("sweep", "kept", count=_whole(found.kept_files, catalog), days=days)))
    if any(one.kind == "record" and not one.removed for one in found.files) and not found.dry_run:
        console.print(Text(catalog.message("sweep", "records-stay"), style="yellow"), soft_wrap=True)


def _show_upstream(update: Update, catalog: Catalog, console: Console) -> None:
    upstream = update.upstream
    told = catalog.message("upstream-state", upstream.state)
    if upstream.state != "unreachable":
        told = f"{told} {catalog.message('upstream-basis', upstream.basis)}"
    line = Text.assemble(f"{update.id}: ", (told, _COLOURS.get(upstream.state, "yellow")))
    console.print(line, soft_wrap=True)
    facts = list(_upstream_facts(upstream, catalog))
    if facts:
        console.print(Text(f"  {', '.join(facts)}", style="dim"), soft_wrap=True)


def _upstream_facts(upstream: Upstream, catalog: Catalog) -> Sequence[str]:
    size = "" if upstream.size_bytes is None else f"{_whole(upstream.size_bytes, catalog)} B"
    known = (upstream.source, size, upstream.digest, upstream.commit)
    return [terminal_text(fact) for fact in known if fact]


def _show_change(update: Update, catalog: Catalog, console: Console) -> None:
    if update.difference is not None:
        show_checkpoint(update.difference, catalog, console)
    if update.flips is None:
        console.print(Text(catalog.message("update", "not-judged")), soft_wrap=True)
    elif update.flips:
        show_flips(update.flips, catalog, console)
    else:
        console.print(Text(catalog.message("update", "no-flips")), soft_wrap=True)


def _whole(value: int, catalog: Catalog) -> str:
    return decimal_text(value, catalog.locale)

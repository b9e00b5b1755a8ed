"""What changed among the verdicts, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from generators.model.changes import CheckChange, ClaimChange, VerdictChanges
from generators.model.claim import Outcome
from generators.render.catalog import Catalog, load_catalog
from generators.render.markup import terminal_text
from generators.render.terminal import OUTCOME_COLOURS
from generators.render.values import TerminalValues
from generators.render.verdict_changes import question_of_check, title_of_claim


def show_changes(changes: VerdictChanges, language: str, console: Console) -> None:
    """Print what changed, or all verdicts where there is nothing to hold them against."""
    catalog = load_catalog(language)
    if changes.before is None:
        table = _table(catalog, "Claim", "Verdict")
        for state in changes.after.claims:
            table.add_row(Text(_title(state.claim, catalog)), _outcome(state.outcome, catalog))
        console.print(table)
        return
    if not changes.flips:
        console.print(Text(catalog.gettext("No verdict changes."), style="green"))
    else:
        table = _table(catalog, "Claim", "Before", "After")
        for one in changes.flips:
            sides = (_outcome(code, catalog) for code in (one.before, one.after))
            table.add_row(Text(_title(one.claim, catalog)), *sides)
        console.print(table)
    for change in (*changes.flips, *changes.moved):
        console.print(Text(_title(change.claim, catalog), style="bold"))
        for line in _check_lines(change, catalog):
            console.print(Text(f"  {line}"), soft_wrap=True)


def _table(catalog: Catalog, *titles: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(catalog.gettext(title), overflow="fold")
    return table


def _outcome(code: Outcome | None, catalog: Catalog) -> Text:
    return Text(catalog.message("outcome", code), style=OUTCOME_COLOURS[code]) if code else Text("—")


def _check_lines(change: ClaimChange, catalog: Catalog) -> Iterator[str]:
    for check in change.checks:
        sides = " → ".join(_side(check, side, catalog) for side in ("before", "after"))
        yield f"{question_of_check(change.claim, check.id, catalog, terminal_text)} {sides}"


def _side(change: CheckChange, side: str, catalog: Catalog) -> str:
    state = change.before if side == "before" else change.after
    if state is None:
        return "—"
    kinds = ", ".join(catalog.message("kind", kind) for kind in state.kinds) or catalog.message("kind", "none")
    found = TerminalValues(catalog).value(state.found)
    return f"{catalog.message('outcome', state.outcome)}: {found} ({kinds})"


def _title(claim: str, catalog: Catalog) -> str:
    return title_of_claim(claim, catalog, terminal_text)

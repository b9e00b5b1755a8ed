"""What changed among the verdicts: as GitHub Markdown for a pull request, and for a terminal.

Both states may have been written by strangers: no text of them stands outside a code span, and claims and questions
have their sentences from the catalog, by their ids.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from datetime import datetime

from babel import Locale
from babel.numbers import format_decimal
from jinja2 import Environment
from rich.console import Console
from rich.table import Table
from rich.text import Text

from generators.model.changes import CheckChange, ClaimChange, VerdictChanges
from generators.model.claim import Outcome, Scalar, Value
from generators.render.catalog import Catalog, load_catalog, report_texts_digest
from generators.render.environment import new_environment
from generators.render.markup import github_table_code, terminal_text
from generators.render.terminal import OUTCOME_COLOURS
from generators.render.values import MAX_WRITTEN_OUT, canonical_number, in_utc, written_moment

MAX_MARKDOWN_BYTES = 60_000
"""GitHub takes 65,536 characters; what a program puts around the text has room beside it."""
_LIMITS = ((200, 200), (100, 20), (40, 10), (20, 4), (10, 2), (5, 1), (3, 0), (0, 0))
"""Claims and checks of each that are shown; the first pair whose text is short enough is taken."""
MAX_ITEMS = 12
"""Of a list that is shown."""


def markdown_changes(changes: VerdictChanges, language: str) -> str:
    """Return what changed as GitHub Markdown of at most ``MAX_MARKDOWN_BYTES`` bytes."""
    template = _environment(language, report_texts_digest()).get_template("verdict-changes.md.j2")
    heading = load_catalog(language).message("page", "verdict-changes")
    for max_claims, max_checks in _LIMITS:
        text = template.render(changes=changes, heading=heading, max_claims=max_claims, max_checks=max_checks)
        if len(text.encode()) <= MAX_MARKDOWN_BYTES:
            break
    return text


@functools.cache
def _environment(language: str, _texts: str) -> Environment:
    catalog = load_catalog(language)
    environment = new_environment(
        catalog,
        title=functools.partial(_title, catalog=catalog, code=github_table_code),
        question=functools.partial(_question, catalog=catalog, code=github_table_code),
    )
    environment.filters |= {
        "code": github_table_code,
        "whole": functools.partial(_whole, catalog=catalog),
        "found": functools.partial(_value, catalog=catalog, code=github_table_code),
        "date": functools.partial(_date, catalog=catalog),
    }
    return environment


def show_changes(changes: VerdictChanges, language: str, console: Console) -> None:
    """Print what changed, or all verdicts where there is nothing to hold them against."""
    catalog = load_catalog(language)
    if changes.before is None:
        table = _table(catalog, "Claim", "Verdict")
        for state in changes.after.claims:
            table.add_row(Text(_terminal_title(state.claim, catalog)), _outcome(state.outcome, catalog))
        console.print(table)
        return
    if not changes.flips:
        console.print(Text(catalog.gettext("No verdict changes."), style="green"))
    else:
        table = _table(catalog, "Claim", "Before", "After")
        for one in changes.flips:
            sides = (_outcome(code, catalog) for code in (one.before, one.after))
            table.add_row(Text(_terminal_title(one.claim, catalog)), *sides)
        console.print(table)
    for change in (*changes.flips, *changes.moved):
        console.print(Text(_terminal_title(change.claim, catalog), style="bold"))
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
        yield f"{_question(change.claim, check.id, catalog, terminal_text)} {sides}"


def _side(change: CheckChange, side: str, catalog: Catalog) -> str:
    state = change.before if side == "before" else change.after
    if state is None:
        return "—"
    kinds = ", ".join(catalog.message("kind", kind) for kind in state.kinds) or catalog.message("kind", "none")
    found = _value(state.found, catalog, terminal_text)
    return f"{catalog.message('outcome', state.outcome)}: {found} ({kinds})"


def _terminal_title(claim: str, catalog: Catalog) -> str:
    return _title(claim, catalog, terminal_text)


def _title(claim: str, catalog: Catalog, code: Callable[[str], str]) -> str:
    """Return the title of a claim and its id; a claim that this version doesn't know has its id alone."""
    known = catalog.forms.get(("claim-title", claim))
    return f"{known[0]} ({code(claim)})" if known else code(claim)


def _question(claim: str, check: str, catalog: Catalog, code: Callable[[str], str]) -> str:
    """Return the question of a check; its id where this version doesn't know it, or needs more than the id to ask."""
    known = catalog.forms.get(("check", f"{claim}.{check}"))
    return known[0] if known and "%" not in known[0] else code(f"{claim}.{check}")


def _value(value: Value | None, catalog: Catalog, code: Callable[[str], str]) -> str:
    if value is None:
        return catalog.message("value", "nothing")
    if not isinstance(value, tuple):
        return _scalar(value, catalog, code)
    shown = ", ".join(_scalar(item, catalog, code) for item in value[:MAX_ITEMS])
    more = f" … +{len(value) - MAX_ITEMS}" if len(value) > MAX_ITEMS else ""
    return f"{shown}{more}" or catalog.message("value", "empty")


def _scalar(value: Scalar, catalog: Catalog, code: Callable[[str], str]) -> str:
    match value:
        case bool():
            return catalog.message("value", "yes" if value else "no")
        case str():
            return code(value)
        case int() if abs(value) < MAX_WRITTEN_OUT:
            return _whole(value, catalog)
        case int():
            return canonical_number(value)
        case _:
            return f"{value:.5g}"


def _whole(value: int, catalog: Catalog) -> str:
    return str(format_decimal(value, locale=Locale.parse(catalog.locale)))


def _date(iso: str, catalog: Catalog) -> str:
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return github_table_code(iso)
    return written_moment(in_utc(moment), Locale.parse(catalog.locale))

"""What ``assay diff`` prints for people. Names and values of checkpoints are hostile: they go through ``markup``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from generators.errors import CatalogError
from generators.model.difference import (
    CheckpointDifference,
    Difference,
    DifferenceColumn,
    DifferencePart,
    FactName,
    Magnitude,
    TensorBrief,
    TensorChange,
)
from generators.model.finding import Finding
from generators.model.history import VerdictFlip
from generators.render.catalog import Catalog, load_catalog
from generators.render.decimals import decimal_text, percent_text, significant_text
from generators.render.markup import terminal_text
from generators.render.plain import TENSOR_ROWS, finding_text, shape_text
from generators.render.terminal import NAME_COLUMNS, OUTCOME_COLOURS

LABELS: dict[FactName, str] = {
    "sha256": "SHA-256 of the file",
    "size": "Size",
    "container": "Container",
    "root": "root",
    "weights-digest": "Digest of the weights",
    "layout-digest": "Digest of the layout",
    "layout": "Layout",
    "model-key": "Key of the model",
    "other-weights": "Other weights",
    "optimizer": "Optimizer",
    "identified": "Identified as",
    "parameters": "Parameters",
    "buffers": "Buffers",
    "epoch": "Last finished epoch, counted from zero",
    "optimizer-steps": "Steps of the optimizer",
    "batches-tracked": "Batches seen by the normalisation layers",
    "globals": "Names of code",
}
"""The pages' words for facts."""
DIGESTS: frozenset[FactName] = frozenset({"sha256", "weights-digest", "layout-digest"})
DIGEST_DIGITS = 12
"""Enough to tell two digests apart; ``--json`` has all."""
FIGURES: tuple[tuple[DifferenceColumn, int], ...] = (("relative", 10), ("maximum", 10), ("cosine", 9), ("share", 9))
"""Columns of figures with their widths, which leave a name enough of 80 columns."""
ARROW = " \u2192 "


def show_difference(difference: Difference, language: str, console: Console) -> None:
    """Print how two checkpoints, or all those of two reports, differ."""
    catalog = load_catalog(language)
    for one in difference.checkpoints:
        show_checkpoint(one, catalog, console)
    alone: tuple[tuple[DifferencePart, tuple[str, ...]], ...] = (
        ("first-alone", difference.first_alone),
        ("second-alone", difference.second_alone),
    )
    for part, ids in alone:
        if ids:
            console.print(_heading(part, len(ids), catalog))
            console.print(Text("  " + ", ".join(map(terminal_text, ids))), soft_wrap=True)
    show_flips(difference.flips, catalog, console)


def show_checkpoint(one: CheckpointDifference, catalog: Catalog, console: Console) -> None:
    """Print how two checkpoints differ."""
    first, second = one.first, one.second
    names = f"{terminal_text(first.label)}{ARROW}{terminal_text(second.label)}"
    console.print(
        Text(f"{terminal_text(one.subject)}: {names}" if one.subject not in {"", first.label} else names, style="bold")
    )
    for side in (first, second):
        if side.kind == "record":
            told = catalog.message(
                "difference", "recorded", side=terminal_text(side.label), date=terminal_text(side.recorded_at) or "?"
            )
            console.print(Text(told, style="dim"), soft_wrap=True)
    if one.same:
        console.print(Text(catalog.message("difference", "same"), style="green"))
        return
    if one.relation not in {None, "not-comparable"} and one.relation_reason is not None:
        relation = catalog.message("relation", str(one.relation))
        told = f"{relation[:1].upper()}{relation[1:]}. {catalog.message('relation-reason', one.relation_reason)}"
        console.print(Text(told), soft_wrap=True)
    _show_facts(one, catalog, console)
    _show_tensors(one, catalog, console)
    _show_rest(one, catalog, console)


def show_flips(flips: Sequence[VerdictFlip], catalog: Catalog, console: Console) -> None:
    """Print which verdicts are others."""
    if not flips:
        return
    console.print(_heading("flips", len(flips), catalog))
    table = Table(box=None, pad_edge=False, show_header=False)
    for flip in flips:
        cells = [_outcome(outcome, catalog) for outcome in (flip.before, flip.after)]
        table.add_row(Text("  "), cells[0], Text(ARROW.strip()), cells[1], Text(_title(flip.claim, catalog)))
    console.print(table)


def _title(claim: str, catalog: Catalog) -> str:
    try:
        return catalog.message("claim-title", claim)
    except CatalogError:  # a claim of another report, or of an earlier one
        return terminal_text(claim)


def _outcome(outcome: str | None, catalog: Catalog) -> Text:
    if outcome is None:
        return Text("-")
    return Text(catalog.message("outcome", outcome), style=OUTCOME_COLOURS[outcome])


def _heading(part: DifferencePart, count: int, catalog: Catalog) -> Text:
    return Text(f"{catalog.message('difference-part', part)}: {count}", style="bold")


def _show_facts(one: CheckpointDifference, catalog: Catalog, console: Console) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for fact in one.facts:
        digits = DIGEST_DIGITS if fact.fact in DIGESTS else None
        before, after = (terminal_text(value[:digits]) or "-" for value in (fact.before, fact.after))
        table.add_row(Text(catalog.gettext(LABELS[fact.fact])), Text(f"{before}{ARROW}{after}"))
    counts: tuple[tuple[DifferencePart, int], ...] = (("identical", one.identical), ("unread", one.unread))
    for part, count in counts:
        if count:
            table.add_row(Text(catalog.message("difference-part", part)), Text(str(count)))
    if table.row_count:
        console.print(table)


def _show_tensors(one: CheckpointDifference, catalog: Catalog, console: Console) -> None:
    briefs: tuple[tuple[DifferencePart, Sequence[TensorBrief]], ...] = (("removed", one.removed), ("added", one.added))
    for part, tensors in briefs:
        rows = ((terminal_text(t.name), terminal_text(t.dtype), shape_text(t.shape)) for t in tensors)
        _show_table(part, rows, len(tensors), ("Name", "Format", "Shape"), catalog, console)
    rows = ((_names(c), _dtypes(c), _shapes(c)) for c in one.reshaped)
    _show_table("reshaped", rows, len(one.reshaped), ("Name", "Format", "Shape"), catalog, console)
    changes: tuple[tuple[DifferencePart, Sequence[TensorChange]], ...] = (
        ("renamed", one.renamed),
        ("changed", one.changed),
    )
    for part, changed in changes:
        farthest = sorted(changed, key=_distance, reverse=True)
        figures = ((_names(c), _dtypes(c), *_figures(c.magnitude, catalog.locale)) for c in farthest)
        _show_table(part, figures, len(changed), ("Name", "Format"), catalog, console, with_figures=True)
    bounded = any(c.magnitude and c.magnitude.basis == "statistics" for c in (*one.renamed, *one.changed))
    if bounded:
        console.print(Text(catalog.message("difference", "bounds"), style="dim"), soft_wrap=True)


def _show_table(
    part: DifferencePart,
    rows: Iterable[tuple[str, ...]],
    count: int,
    titles: Sequence[str],
    catalog: Catalog,
    console: Console,
    *,
    with_figures: bool = False,
) -> None:
    if not count:
        return
    console.print(_heading(part, count, catalog))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, title in enumerate(titles):
        table.add_column(Text(catalog.gettext(title)), overflow="fold", min_width=0 if number else NAME_COLUMNS)
    for column, width in FIGURES if with_figures else ():
        named = Text(catalog.message("difference-column", column))
        table.add_column(named, overflow="fold", justify="right", width=width)
    for number, row in enumerate(rows):
        if number == TENSOR_ROWS:
            table.add_row(f"... + {count - TENSOR_ROWS} (--json)")
            break
        table.add_row(*map(Text, row))
    console.print(table)


def _show_rest(one: CheckpointDifference, catalog: Catalog, console: Console) -> None:
    if one.values:
        console.print(_heading("values", len(one.values), catalog))
        for value in one.values[:TENSOR_ROWS]:
            before, after = (terminal_text(text) or "-" for text in (value.before, value.after))
            console.print(Text(f"  {terminal_text(value.path)}: {before}{ARROW}{after}"), soft_wrap=True)
        if len(one.values) > TENSOR_ROWS:
            console.print(Text(f"  ... + {len(one.values) - TENSOR_ROWS} (--json)"))
    parts: tuple[tuple[DifferencePart, Sequence[object]], ...] = (
        ("findings-gone", one.findings_gone),
        ("findings-new", one.findings_new),
    )
    for part, findings in parts:
        if findings:
            console.print(_heading(part, len(findings), catalog))
    for finding in one.findings_new[:TENSOR_ROWS]:
        told = f"{catalog.message('severity', finding.severity)} {_finding(finding, catalog)}"
        console.print(Text(f"  {told}"), soft_wrap=True)


def _finding(finding: Finding, catalog: Catalog) -> str:
    code = terminal_text(finding.code)
    try:
        return f"{finding_text(finding, catalog)} ({code})"
    except CatalogError:  # of a record that another version wrote
        return code


def _names(change: TensorChange) -> str:
    return _both(terminal_text(change.name), terminal_text(change.other_name))


def _dtypes(change: TensorChange) -> str:
    return _both(terminal_text(change.dtype), terminal_text(change.other_dtype))


def _shapes(change: TensorChange) -> str:
    return _both(shape_text(change.shape), shape_text(change.other_shape))


def _both(before: str, after: str) -> str:
    return before if before == after else f"{before}{ARROW}{after}"


def _distance(change: TensorChange) -> float:
    found = change.magnitude
    return -1.0 if found is None or found.relative_distance is None else found.relative_distance


def _figures(found: Magnitude | None, locale: str) -> Iterator[str]:
    """Yield distance, largest difference, cosine and share as text; what isn't known is a dash."""
    if found is None:
        yield from ("-", "-", "-", "-")
        return
    least = "\u2265 " if found.basis == "statistics" else ""
    yield "-" if found.relative_distance is None else f"{least}{significant_text(found.relative_distance, locale, 3)}"
    yield "-" if found.maximum is None else significant_text(found.maximum, locale, 3)
    yield "-" if found.cosine is None else decimal_text(found.cosine, locale, "0.000000")
    yield "-" if found.changed is None or not found.elements else _share(found.changed, found.elements, locale)


def _share(changed: int, elements: int, locale: str) -> str:
    # cut, not rounded: 99.96 % is not all of it
    share = int(changed / elements * 1000) / 1000
    return f"< {percent_text(0.001, locale, '.#')}" if changed and not share else percent_text(share, locale, ".#")

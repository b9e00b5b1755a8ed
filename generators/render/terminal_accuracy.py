"""What ``assay accuracy`` prints for people, in the words of the pages."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from generators.model.accuracy import Accuracy, AccuracyRun, FigureComparison
from generators.model.evidence import SubjectEvidence
from generators.render.catalog import Catalog, load_catalog
from generators.render.decimals import decimal_text, percent_text
from generators.render.markup import terminal_text
from generators.render.terminal import OUTCOME_COLOURS


def show_accuracy(subject: SubjectEvidence, language: str, console: Console) -> None:
    """Print what was measured of one entry and how it bears on what was published, or why nothing was measured."""
    catalog, accuracy = load_catalog(language), subject.accuracy
    console.print(Text(terminal_text(subject.id), style="bold"))
    if accuracy is None or accuracy.status != "measured":
        code, detail = (accuracy.reason or "not-measured", accuracy.detail) if accuracy else ("no-file", "")
        console.print(Text(catalog.message("accuracy-untested", code, detail=terminal_text(detail))), soft_wrap=True)
        return
    if accuracy.data_set is not None and not accuracy.data_set.recognised:
        console.print(Text(catalog.message("accuracy-comparison", "data-set-unrecognised"), style="yellow"))
    console.print(_figures(accuracy, catalog))
    console.print(_actions(accuracy, catalog))
    for comparison in accuracy.comparisons:
        console.print(_comparison(comparison, catalog), soft_wrap=True)


def _figures(accuracy: Accuracy, catalog: Catalog) -> Table:
    titles = ("Protocol", "Mean error", "%(share)s interval", "Images", "Takes")
    share = percent_text(accuracy.runs[0].confidence, catalog.locale) if accuracy.runs else ""
    table = _table([catalog.gettext(title) % {"share": share} for title in titles])
    for run in accuracy.runs:
        low_high = (run.interval_low_mm, run.interval_high_mm)
        interval = " - ".join(_mm(value, catalog) for value in low_high if value is not None)
        images = catalog.gettext("%(measured)s of %(total)s") % {"measured": run.images, "total": run.images_total}
        table.add_row(run.id, _mm(run.error_mm, catalog), interval, images, str(run.takes))
    return table


def _actions(accuracy: Accuracy, catalog: Catalog) -> Table:
    table = _table([catalog.gettext("Action"), *(run.id for run in accuracy.runs)])
    for number, action in enumerate(accuracy.runs[0].actions if accuracy.runs else ()):
        if any(run.actions[number].images for run in accuracy.runs):
            table.add_row(action.name, *(_of_action(run, number, catalog) for run in accuracy.runs))
    return table


def _of_action(run: AccuracyRun, number: int, catalog: Catalog) -> str:
    error = run.actions[number].error_mm
    return "" if error is None else _mm(error, catalog)


def _comparison(comparison: FigureComparison, catalog: Catalog) -> Text:
    figure = comparison.figure
    reason = catalog.message("accuracy-comparison", comparison.reason, tolerance=_mm(comparison.tolerance_mm, catalog))
    fields = ", ".join(catalog.message("protocol-field", field) for field in comparison.fields)
    return Text.assemble(
        (catalog.message("outcome", comparison.outcome), OUTCOME_COLOURS[comparison.outcome]),
        f" {figure.quantity} {_mm(figure.value, catalog)} ({figure.protocol}, {figure.source}): {reason}",
        f" {catalog.gettext('Fields:')} {fields}." if fields else "",
    )


def _table(titles: list[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        table.add_column(Text(title), overflow="fold")
    return table


def _mm(value: float, catalog: Catalog) -> str:
    return f"{decimal_text(value, catalog.locale, '#,##0.00')} mm"

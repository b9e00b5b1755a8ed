"""How a network behaves on its device, for a terminal: the essentials of what the page shows."""

from __future__ import annotations

from collections.abc import Iterator

from babel import Locale
from babel.numbers import format_scientific
from rich.table import Table
from rich.text import Text

from generators.model.evaluation import Evaluation, MacCount
from generators.model.numerics import Numerics, NumericsComparison
from generators.model.speed import BatchSpeed, Ceiling
from generators.render.catalog import Catalog
from generators.render.decimals import decimal_text, percent_text
from generators.render.markup import terminal_text

GIGA = 10**9
MIB = 2**20
SMALLEST_PLAIN = 0.001
"""Displacements below are written as a power of ten."""


def device_rows(evaluation: Evaluation, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield a label and a text for why it was no CUDA device, and for the counts of all operations."""
    device = evaluation.device
    if device is not None and device.without_cuda:
        reason = catalog.message("without-cuda", device.without_cuda)
        yield catalog.gettext("Why not on CUDA"), _with_detail(reason, device.without_cuda_detail)
    for count in evaluation.macs:
        if count.all_macs is not None or count.not_counted:
            yield catalog.gettext("All operations"), _count_text(count, catalog)


def device_tables(evaluation: Evaluation, catalog: Catalog) -> Iterator[Table]:
    """Yield a table each of the comparisons, the speed and the ceilings; none of what was not measured."""
    if evaluation.numerics is not None:
        yield _numerics_table(evaluation.numerics, catalog)
    if evaluation.speed is not None:
        if evaluation.speed.batches:
            yield _speed_table(evaluation.speed.batches, catalog)
        yield _ceilings_table(evaluation.speed.ceilings, catalog)


def _count_text(count: MacCount, catalog: Catalog) -> str:
    if count.all_macs is None:
        return catalog.message("not-counted", count.not_counted)
    figure = f"{_decimal(count.all_macs / GIGA, catalog, '#,##0.000')} G ({terminal_text(count.counter)})"
    blocks = f"{catalog.gettext('Upsampling blocks')} {count.upsampling_blocks}: "
    return blocks + figure if count.upsampling_blocks else figure


def _table(catalog: Catalog, first: str, *others: str) -> Table:
    """Return an empty table with sentences of the pages as titles; all but the first column hold figures."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(Text(catalog.gettext(first)), overflow="fold")
    for title in others:
        table.add_column(Text(catalog.gettext(title)), overflow="fold")
    return table


def _numerics_table(numerics: Numerics, catalog: Catalog) -> Table:
    table = _table(catalog, "What was changed", "Largest displacement", "Median")
    unit = " mm" if numerics.unit == "mm" else ""
    for comparison in numerics.comparisons:
        name = catalog.message("numerics", comparison.id)
        table.add_row(Text(name), *(Text(text) for text in _comparison_texts(comparison, unit, catalog)))
    return table


def _comparison_texts(comparison: NumericsComparison, unit: str, catalog: Catalog) -> tuple[str, str]:
    largest, median = comparison.maximum_displacement, comparison.median_displacement
    if comparison.reason:
        return _with_detail(catalog.message("not-compared", comparison.reason), comparison.detail), ""
    if largest is None or median is None:
        finite = catalog.message("value", "yes" if comparison.all_finite else "no")
        return f"{catalog.gettext('Is every value finite?')} {finite}", ""
    return f"{_small(largest, catalog)}{unit}", f"{_small(median, catalog)}{unit}"


def _speed_table(batches: tuple[BatchSpeed, ...], catalog: Catalog) -> Table:
    shares = ("Share of the matrix product", "Share of the copy")
    table = _table(catalog, "Images in a batch", "Time of a pass", "Images a second", "Peak memory", *shares)
    for batch in batches:
        seconds = (batch.latency_seconds, batch.latency_minimum_seconds, batch.latency_maximum_seconds)
        median, low, high = (_decimal(second * 1000, catalog) for second in seconds)
        memory = batch.peak_memory_bytes
        table.add_row(
            str(batch.batch_size),
            f"{median} ms ({low} - {high}, n = {batch.passes})",
            _decimal(batch.images_per_second, catalog),
            "" if memory is None else f"{_decimal(memory / MIB, catalog)} MiB",
            *(_percent(share, catalog) for share in (batch.product_share, batch.copy_share)),
        )
    return table


def _ceilings_table(ceilings: tuple[Ceiling, ...], catalog: Catalog) -> Table:
    table = _table(catalog, "What the device can do at most", "Median")
    for ceiling in ceilings:
        if ceiling.median is not None:
            unit = "GB/s" if ceiling.unit == "B/s" else "GFLOP/s"
            name = catalog.message("ceiling", ceiling.id)
            table.add_row(Text(name), f"{_decimal(ceiling.median / GIGA, catalog)} {unit}")
    return table


def _with_detail(sentence: str, detail: str) -> str:
    return f"{sentence} ({terminal_text(detail)})" if detail else sentence


def _decimal(value: float, catalog: Catalog, pattern: str = "#,##0.0") -> str:
    return decimal_text(value, catalog.locale, pattern)


def _small(value: float, catalog: Catalog) -> str:
    if value and value < SMALLEST_PLAIN:
        return str(format_scientific(value, "0.00E0", locale=Locale.parse(catalog.locale)))
    return decimal_text(value, catalog.locale, "#,##0.###")


def _percent(share: float | None, catalog: Catalog) -> str:
    return "" if share is None else percent_text(share, catalog.locale)

"""What ``assay`` prints for people, in the words of the pages.

Every text of a checkpoint is made inert for terminals first and printed as
plain text: rich's markup, whose tags could form across two names, and its emoji
codes are for our own words only. Labels are sentences of the page templates, so
that the catalogs have each of them once.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from generators.model.claim import Verdict
from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.finding import Finding
from generators.model.fingerprint import Odometer, TensorFingerprint
from generators.model.identification import Identification
from generators.model.inspection import Inspection
from generators.render.catalog import Catalog, load_catalog
from generators.render.decimals import decimal_text, percent_text, significant_text
from generators.render.device_tables import device_rows, device_tables
from generators.render.layout_rows import layout_rows
from generators.render.markup import terminal_text
from generators.render.plain import TENSOR_ROWS, file_rows, finding_text, nearest_candidates, shape_text
from generators.render.values import MAX_WRITTEN_OUT, canonical_number

DIGEST_DIGITS = 8
"""Enough of a digest to tell the tensors of one file apart."""
FIGURE_COLUMNS = 9
"""``-0.001234`` and ``1.346e+06``."""
NAME_COLUMNS = 24
"""A terminal of 80 columns has these to spare for names."""

_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
OUTCOME_COLOURS = {"supported": "green", "refuted": "red", "cannot-tell": "yellow", "untested": "cyan"}

Row = tuple[str, str | Text]


def show_inspection(inspection: Inspection, language: str, console: Console) -> None:
    """Print the summary of one file."""
    catalog = load_catalog(language)
    console.print(Text(terminal_text(inspection.file.name), style="bold"))
    rows: list[Row] = [
        (catalog.gettext("Identified as"), _identification_text(inspection.identification, catalog)),
        *file_rows(inspection, catalog, functools.partial(_whole, catalog=catalog)),
        *_odometer_rows(inspection.odometer, catalog),
    ]
    if inspection.layout is not None:
        rows += layout_rows(inspection.layout, catalog)
    console.print(_facts(rows))
    if inspection.tensors:
        console.print(_tensor_table(inspection.tensors, catalog))
    _show_missing(inspection, catalog, console)
    for finding in inspection.findings:
        console.print(_finding_line(finding, catalog), soft_wrap=True)
    console.print()


def show_evaluation(subject: SubjectEvidence, language: str, console: Console) -> None:
    """Print the sanity evaluation of one lock entry."""
    catalog = load_catalog(language)
    evaluation = subject.evaluation
    console.print(Text(terminal_text(subject.id), style="bold"))
    if evaluation is None or evaluation.status != "run":
        code, detail = (evaluation.reason, evaluation.detail) if evaluation else ("no-file", "")
        console.print(Text(catalog.message("evaluation", code, detail=terminal_text(detail))))
        return
    console.print(_facts(list(_evaluation_rows(subject, catalog))))
    for table in device_tables(evaluation, catalog):
        console.print()
        console.print(table)


def show_verdicts(evidence: ReportEvidence, language: str, console: Console) -> None:
    """Print one line a claim, and the tally."""
    catalog = load_catalog(language)
    table = Table(box=None, pad_edge=False)
    for title in ("No.", "Verdict", "Claim", "Kind of evidence"):
        table.add_column(catalog.gettext(title), overflow="fold")
    for verdict in evidence.verdicts:
        outcome = Text(catalog.message("outcome", verdict.outcome), style=OUTCOME_COLOURS[verdict.outcome])
        claim = Text(catalog.message("claim", verdict.claim.id))
        table.add_row(str(verdict.claim.number), outcome, claim, Text(", ".join(_kinds(verdict, catalog))))
    console.print(table)
    tally = evidence.tally
    counts = {"supported": tally.supported, "refuted": tally.refuted}
    counts |= {"cannot-tell": tally.cannot_tell, "untested": tally.untested}
    console.print(Text("  ".join(f"{catalog.message('outcome', code)}: {count}" for code, count in counts.items())))


def _show_missing(inspection: Inspection, catalog: Catalog, console: Console) -> None:
    missing = [t.model_name for t in inspection.model_tensors if t.missing]
    if not missing:
        return
    console.print(Text(f"{catalog.gettext('Tensors of the model whose bytes are missing')}: {len(missing)}"))
    for name in missing[:TENSOR_ROWS]:
        console.print(Text(f"  {terminal_text(name)}"), soft_wrap=True)
    if len(missing) > TENSOR_ROWS:
        console.print(Text(f"  ... + {len(missing) - TENSOR_ROWS} (--json)"))


def _kinds(verdict: Verdict, catalog: Catalog) -> Iterator[str]:
    for kind in dict.fromkeys(kind for result in verdict.decisive for kind in result.kinds):
        yield catalog.message("kind", kind)


def _odometer_rows(odometer: Odometer, catalog: Catalog) -> Iterator[Row]:
    say = catalog.gettext
    yield say("Last finished epoch, counted from zero"), "" if odometer.epoch is None else str(odometer.epoch)
    yield say("Steps of the optimizer"), _range(odometer.optimizer_steps, catalog)
    yield say("Batches seen by the normalisation layers"), _range(odometer.batches_tracked, catalog)
    iterations = odometer.iterations_per_epoch
    yield say("Iterations an epoch"), "" if iterations is None else _whole(iterations, catalog)
    yield say("Do the counters agree?"), _yes(odometer.agree, catalog)


def _evaluation_rows(subject: SubjectEvidence, catalog: Catalog) -> Iterator[Row]:
    evaluation, say = subject.evaluation, catalog.gettext
    if evaluation is None:
        return
    yield say("Network"), terminal_text(evaluation.architecture or "")
    if evaluation.device:
        device = evaluation.device
        yield (
            say("Device"),
            f"{catalog.message('device', device.kind)}, {terminal_text(device.name)}, torch {device.torch}",
        )
    yield say("Input"), shape_text(evaluation.input_shape)
    yield say("Output"), shape_text(evaluation.output_shape)
    yield say("Is every output value finite?"), _yes(evaluation.all_finite, catalog)
    yield say("Same bits when repeated?"), _yes(evaluation.repeatable, catalog)
    with_blocks = say("Multiply-accumulates of one image, with %(blocks)s upsampling blocks")
    for count in evaluation.macs:
        blocks = count.upsampling_blocks
        label = with_blocks % {"blocks": blocks} if blocks else say("Multiply-accumulates of one image")
        yield label, _whole(count.conv_macs, catalog)
    if evaluation.latency_seconds is not None:
        seconds = (evaluation.latency_seconds, evaluation.latency_minimum_seconds, evaluation.latency_maximum_seconds)
        median, low, high = (_decimal((s or 0) * 1000, catalog) for s in seconds)
        yield say("Time for one image"), f"{median} ms ({low} - {high}, n = {evaluation.timed_passes})"
    if evaluation.peak_memory_bytes is not None:
        yield say("Peak memory"), f"{_decimal(evaluation.peak_memory_bytes / 2**20, catalog)} MiB"
    yield say("Seed of the images"), str(evaluation.seed)
    yield from device_rows(evaluation, catalog)


def _identification_text(identification: Identification, catalog: Catalog) -> Text:
    best = nearest_candidates(identification)
    shares = ", ".join(f"{c.architecture} {_percent(c.score, catalog)}" for c in best)
    status = catalog.message("status", identification.status)
    named = f" {identification.architecture}" if identification.architecture else ""
    rest = named + (f" ({shares})." if shares else ".")
    return Text.assemble((status, "bold"), rest, f" {catalog.message('basis', identification.basis)}")


def _facts(rows: Sequence[Row]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value:
            table.add_row(Text(name), value if isinstance(value, Text) else Text(value))
    return table


def _tensor_table(tensors: Sequence[TensorFingerprint], catalog: Catalog) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(Text(catalog.gettext("Name")), overflow="fold", min_width=NAME_COLUMNS)
    for title in ("Format", "Shape", "Digest"):
        table.add_column(Text(catalog.gettext(title)), overflow="fold")
    for title in ("Mean", "Standard deviation"):
        table.add_column(Text(catalog.gettext(title)), overflow="fold", justify="right", min_width=FIGURE_COLUMNS)
    present = [tensor for tensor in tensors if not tensor.missing]
    for tensor in present[:TENSOR_ROWS]:
        measured = tensor.statistics
        digest = (tensor.digest or "")[:DIGEST_DIGITS]
        figures = (_figure(measured.mean, catalog), _figure(measured.std, catalog)) if measured else ("", "")
        # the wrapper prefix stands in each name and tells nothing
        name = tensor.model_name or tensor.name
        table.add_row(Text(terminal_text(name)), tensor.dtype, shape_text(tensor.shape), digest, *figures)
    if len(present) > TENSOR_ROWS:
        table.add_row(f"... + {len(present) - TENSOR_ROWS} (--json)")
    return table


def _finding_line(finding: Finding, catalog: Catalog) -> Text:
    return Text.assemble(
        (catalog.message("severity", finding.severity), _COLOURS[finding.severity]),
        f" {finding_text(finding, catalog)} ",
        (f"({finding.code})", "dim"),
    )


def _range(counters: Sequence[int], catalog: Catalog) -> str:
    return " - ".join(_whole(counter, catalog) for counter in dict.fromkeys((*counters[:1], *counters[-1:])))


def _whole(value: int, catalog: Catalog) -> str:
    if abs(value) >= MAX_WRITTEN_OUT:
        return canonical_number(value)
    return decimal_text(value, catalog.locale)


def _decimal(value: float, catalog: Catalog) -> str:
    return decimal_text(value, catalog.locale, "#,##0.0")


def _percent(share: float, catalog: Catalog) -> str:
    # 0.9996 is not all of it
    shown = min(round(share, 3), 0.999) if share < 1 else share
    return percent_text(shown, catalog.locale, ".#")


def _figure(value: float | None, catalog: Catalog) -> str:
    return "" if value is None else significant_text(value, catalog.locale, 4)


def _yes(value: bool | None, catalog: Catalog) -> str:  # noqa: FBT001 - a value to show, not a switch
    return "" if value is None else catalog.message("value", "yes" if value else "no")

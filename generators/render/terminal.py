"""What ``assay`` prints for people. Every text of a checkpoint is made inert for terminals first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from generators.model.claim import Verdict
from generators.model.evidence import Inspection, ReportEvidence, SubjectEvidence
from generators.model.finding import Finding
from generators.model.fingerprint import Odometer, TensorFingerprint
from generators.model.identification import Identification
from generators.render.catalog import Catalog, load_catalog
from generators.render.markup import terminal_text

TENSOR_ROWS = 20
"""Tensors listed before the rest is only counted; ``--json`` has all."""

_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
_OUTCOME_COLOURS = {"supported": "green", "refuted": "red", "cannot-tell": "yellow", "untested": "cyan"}


def show_inspection(inspection: Inspection, language: str, console: Console) -> None:
    """Print the summary of one file."""
    catalog = load_catalog(language)
    console.print(f"[bold]{_safe(inspection.file.name)}[/]")
    console.print(_facts(_inspection_facts(inspection)))
    if inspection.tensors:
        console.print(_tensor_table(inspection.tensors))
    for finding in inspection.findings:
        console.print(_finding_line(finding, catalog), soft_wrap=True)
    console.print()


def show_evaluation(subject: SubjectEvidence, language: str, console: Console) -> None:
    """Print the sanity evaluation of one lock entry."""
    evaluation = subject.evaluation
    console.print(f"[bold]{_safe(subject.id)}[/]")
    if evaluation is None or evaluation.status != "run":
        code = evaluation.reason if evaluation else "no-file"
        detail = _safe(evaluation.detail) if evaluation else ""
        console.print(escape(load_catalog(language).message("evaluation", code, detail=detail)))
        return
    rows = [("network", _safe(evaluation.architecture or ""))]
    if evaluation.device:
        device = evaluation.device
        rows.append(("device", f"{_safe(device.name)} ({device.kind}, {device.threads} threads, torch {device.torch})"))
    rows += [
        ("input", f"float32{list(evaluation.input_shape)}, seed {evaluation.seed}"),
        ("output", f"float32{list(evaluation.output_shape)}"),
        ("all finite", _yes(evaluation.all_finite)),
        ("same result twice", _yes(evaluation.repeatable)),
    ]
    rows += [(f"conv MACs ({m.upsampling_blocks or 'no'} upsampling)", f"{m.conv_macs:,}") for m in evaluation.macs]
    rows += list(_speed_rows(subject))
    console.print(_facts(rows))


def show_verdicts(evidence: ReportEvidence, language: str, console: Console) -> None:
    """Print one line a claim, and the tally."""
    catalog = load_catalog(language)
    table = Table(box=None, pad_edge=False)
    for title in ("#", "verdict", "claim", "evidence"):
        table.add_column(title, overflow="fold")
    for verdict in evidence.verdicts:
        colour = _OUTCOME_COLOURS[verdict.outcome]
        outcome = escape(catalog.message("outcome", verdict.outcome))
        claim = escape(catalog.message("claim", verdict.claim.id))
        table.add_row(str(verdict.claim.number), f"[{colour}]{outcome}[/]", claim, ", ".join(_kinds(verdict, catalog)))
    console.print(table)
    tally = evidence.tally
    counts = {"supported": tally.supported, "refuted": tally.refuted}
    counts |= {"cannot-tell": tally.cannot_tell, "untested": tally.untested}
    console.print("  ".join(f"{escape(catalog.message('outcome', code))}: {count}" for code, count in counts.items()))


def _kinds(verdict: Verdict, catalog: Catalog) -> list[str]:
    kinds = dict.fromkeys(kind for result in verdict.decisive for kind in result.kinds)
    return [escape(catalog.message("kind", kind)) for kind in kinds]


def _inspection_facts(inspection: Inspection) -> list[tuple[str, str]]:
    container = inspection.container
    names = ", ".join(_safe(name) for name in inspection.globals)
    return [
        ("size", f"{inspection.file.size_bytes:,} bytes"),
        ("sha256", inspection.file.sha256),
        ("container", f"{container.format}, {container.records} records, {container.byteorder}-endian"),
        ("archive root", _safe(container.root)),
        ("tensors", f"{len(inspection.tensors)}, of the model {len(inspection.model_tensors)}"),
        ("model under", _safe(inspection.model_prefix)),
        ("parameters", f"{inspection.parameters:,}"),
        ("buffers", f"{inspection.buffers:,}"),
        ("weights digest", inspection.weights_digest or ""),
        ("layout digest", inspection.layout_digest or ""),
        ("odometer", _odometer_text(inspection.odometer)),
        ("identification", _identification_text(inspection.identification)),
        ("globals", names),
    ]


def _odometer_text(odometer: Odometer) -> str:
    parts = []
    if odometer.epoch is not None:
        parts.append(f"epoch {odometer.epoch}")
    for name, counters in (("step", odometer.optimizer_steps), ("num_batches_tracked", odometer.batches_tracked)):
        if counters:
            parts.append(f"{name} {_range(counters)}")
    if odometer.iterations_per_epoch is not None:
        parts.append(f"{odometer.iterations_per_epoch:,} iterations an epoch")
    if odometer.agree is not None:
        parts.append("counters agree" if odometer.agree else "counters disagree")
    return ", ".join(parts)


def _range(counters: Sequence[int]) -> str:
    return f"{counters[0]:,}" if len(counters) == 1 else f"{counters[0]:,} to {counters[-1]:,}"


def _identification_text(identification: Identification) -> str:
    best = ", ".join(f"{c.architecture} {c.score:.1%}" for c in identification.candidates[:3] if c.score > 0)
    basis = f"by {identification.basis}" if identification.basis != "none" else ""
    return f"[bold]{identification.status}[/] {identification.architecture or ''} {basis} ({best or 'nothing near'})"


def _speed_rows(subject: SubjectEvidence) -> Iterator[tuple[str, str]]:
    evaluation = subject.evaluation
    if evaluation is None or evaluation.latency_seconds is None:
        return
    low, high = evaluation.latency_minimum_seconds or 0.0, evaluation.latency_maximum_seconds or 0.0
    spread = f"{low * 1e3:.1f} to {high * 1e3:.1f} ms over {evaluation.timed_passes} passes"
    yield "latency", f"{evaluation.latency_seconds * 1e3:.1f} ms ({spread})"
    if evaluation.peak_memory_bytes is not None:
        yield "peak memory", f"{evaluation.peak_memory_bytes / 2**20:,.0f} MiB"


def _facts(rows: Sequence[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value:
            table.add_row(name, value)
    return table


def _tensor_table(tensors: Sequence[TensorFingerprint]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("tensor", "dtype", "shape", "digest", "mean", "std"):
        table.add_column(title, overflow="fold", justify="right" if title in {"mean", "std"} else "left")
    for tensor in tensors[:TENSOR_ROWS]:
        measured = tensor.statistics
        table.add_row(
            _safe(tensor.name),
            tensor.dtype,
            "x".join(map(str, tensor.shape)) or "()",
            "missing" if tensor.missing else (tensor.digest or "")[:12],
            _figure(measured.mean if measured else None),
            _figure(measured.std if measured else None),
        )
    if len(tensors) > TENSOR_ROWS:
        table.add_row(f"... and {len(tensors) - TENSOR_ROWS} more (--json lists all)")
    return table


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _yes(value: bool | None) -> str:  # noqa: FBT001 - a value to show, not a switch
    return {True: "yes", False: "[red]no[/]", None: ""}[value]


def _finding_line(finding: Finding, catalog: Catalog) -> str:
    colour = _COLOURS[finding.severity]
    text = catalog.message(
        "finding",
        finding.code,
        where=terminal_text(finding.where),
        expected=terminal_text(finding.expected),
        found=terminal_text(finding.found),
    )
    details = " | ".join(terminal_text(detail) for detail in (finding.where, finding.expected, finding.found) if detail)
    return f"[{colour}]{finding.severity}[/] {escape(text)} {escape(details)} [dim]({finding.code})[/]"


def _safe(text: str) -> str:
    return escape(terminal_text(text))

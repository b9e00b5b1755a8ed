"""What ``assay inspect --no-digest`` prints: plain lines, done before rich or Babel would be imported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generators.model.finding import Finding
from generators.model.fingerprint import TensorFingerprint
from generators.model.identification import Identification
from generators.model.inspection import Inspection
from generators.render.catalog import Catalog, load_catalog
from generators.render.markup import terminal_text

TENSOR_ROWS = 20
"""Tensors listed before the rest is only counted; ``--json`` has all."""
CANDIDATES = 3
"""Candidates that the summary line names."""


def heading_lines(inspection: Inspection, language: str) -> Iterator[str]:
    """Yield what a file's index tells, line by line; strings of the checkpoint are inert."""
    catalog = load_catalog(language)
    yield terminal_text(inspection.file.name)
    rows = [(name, value) for name, value in _rows(inspection, catalog) if value]
    yield from _columns(rows)
    yield from _columns([_tensor_row(tensor) for tensor in inspection.tensors[:TENSOR_ROWS]])
    if len(inspection.tensors) > TENSOR_ROWS:
        yield f"... + {len(inspection.tensors) - TENSOR_ROWS} (--json)"
    for finding in inspection.findings:
        yield finding_line(finding, catalog)
    yield ""


def finding_line(finding: Finding, catalog: Catalog) -> str:
    """Return a finding on one line: how much it matters, what it is, where, its code."""
    details = " | ".join(terminal_text(d) for d in (finding.where, finding.expected, finding.found) if d)
    severity = catalog.message("severity", finding.severity)
    return f"{severity} {catalog.message('finding', finding.code)} {details} ({finding.code})"


def identification_line(identification: Identification, catalog: Catalog) -> str:
    """Return what was identified, with the shares of the nearest candidates."""
    best = [c for c in identification.candidates[:CANDIDATES] if c.score > 0]
    # cut, not rounded: 0.9996 is not all of it
    shares = ", ".join(f"{c.architecture} {int(c.score * 1000) / 10:g} %" for c in best)
    name = f" {identification.architecture}" if identification.architecture else ""
    nearest = f" ({shares})" if shares else ""
    status = catalog.message("status", identification.status)
    return f"{status}{name}{nearest}. {catalog.message('basis', identification.basis)}"


def _rows(inspection: Inspection, catalog: Catalog) -> Iterator[tuple[str, str]]:
    say, container = catalog.gettext, inspection.container
    root = f", {say('root')} {terminal_text(container.root)}" if container.root else ""
    missing = sum(t.missing for t in inspection.model_tensors)
    total = len(inspection.model_tensors)
    yield say("Identified as"), identification_line(inspection.identification, catalog)
    yield say("Container"), f"{catalog.message('format', container.format)}{root}"
    yield say("Size"), f"{inspection.file.size_bytes} B"
    yield say("Digest of the layout"), inspection.layout_digest or ""
    yield say("Tensors of the model"), f"{total - missing} / {total}"
    yield say("Other tensors"), str(len(inspection.tensors) - total)
    yield say("Parameters"), str(inspection.parameters)
    yield say("Buffers"), str(inspection.buffers)
    yield say("Names of code"), ", ".join(map(terminal_text, inspection.globals))


def _tensor_row(tensor: TensorFingerprint) -> tuple[str, str, str]:
    shape = "x".join(map(str, tensor.shape)) or "()"
    return terminal_text(tensor.model_name or tensor.name), tensor.dtype, shape


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

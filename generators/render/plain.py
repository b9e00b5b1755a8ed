"""What ``assay inspect --no-digest`` prints: plain lines, done before rich or Babel would be imported.

What :mod:`generators.render.terminal` prints in the same words is here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from generators.model.finding import Finding
from generators.model.fingerprint import TensorFingerprint
from generators.model.identification import Candidate, Identification
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
    rows = [
        (catalog.gettext("Identified as"), identification_line(inspection.identification, catalog)),
        *file_rows(inspection, catalog, str),
    ]
    yield from _columns([(name, value) for name, value in rows if value])
    yield from _columns([_tensor_row(tensor) for tensor in inspection.tensors[:TENSOR_ROWS]])
    if len(inspection.tensors) > TENSOR_ROWS:
        yield f"... + {len(inspection.tensors) - TENSOR_ROWS} (--json)"
    for finding in inspection.findings:
        yield finding_line(finding, catalog)
    yield ""


def finding_line(finding: Finding, catalog: Catalog) -> str:
    """Return a finding on one line: how much it matters, what it is, where, its code."""
    severity = catalog.message("severity", finding.severity)
    return f"{severity} {finding_text(finding, catalog)} ({finding.code})"


def finding_text(finding: Finding, catalog: Catalog) -> str:
    """Return a finding's sentence and what it is about."""
    details = [terminal_text(detail) for detail in (finding.where, finding.expected, finding.found) if detail]
    return f"{catalog.message('finding', finding.code)} {' | '.join(details)}"


def nearest_candidates(identification: Identification) -> list[Candidate]:
    """Return the candidates that a summary names."""
    return [candidate for candidate in identification.candidates[:CANDIDATES] if candidate.score > 0]


def identification_line(identification: Identification, catalog: Catalog) -> str:
    """Return what was identified, with the shares of the nearest candidates."""
    best = nearest_candidates(identification)
    # cut, not rounded: 0.9996 is not all of it
    shares = ", ".join(f"{c.architecture} {int(c.score * 1000) / 10:g} %" for c in best)
    name = f" {identification.architecture}" if identification.architecture else ""
    nearest = f" ({shares})" if shares else ""
    status = catalog.message("status", identification.status)
    return f"{status}{name}{nearest}. {catalog.message('basis', identification.basis)}"


def file_rows(inspection: Inspection, catalog: Catalog, whole: Callable[[int], str]) -> Iterator[tuple[str, str]]:
    """Yield what each fact of a file is called, and the fact; what wasn't read is empty.

    Args:
        inspection: The file.
        catalog: The language.
        whole: Writes a whole number.
    """
    say, container = catalog.gettext, inspection.container
    root = f", {say('root')} {terminal_text(container.root)}" if container.root else ""
    missing = sum(t.missing for t in inspection.model_tensors)
    total = len(inspection.model_tensors)
    yield say("Container"), f"{catalog.message('format', container.format)}{root}"
    yield say("Size"), f"{whole(inspection.file.size_bytes)} B"
    yield say("SHA-256 of the file"), inspection.file.sha256
    yield say("Digest of the weights"), inspection.weights_digest or ""
    yield say("Digest of the layout"), inspection.layout_digest or ""
    yield say("Tensors of the model"), f"{whole(total - missing)} / {whole(total)}"
    yield say("Other tensors"), whole(len(inspection.tensors) - total)
    yield say("Parameters"), whole(inspection.parameters)
    yield say("Buffers"), whole(inspection.buffers)
    yield say("Names of code"), ", ".join(map(terminal_text, inspection.globals))


def shape_text(sizes: Sequence[int]) -> str:
    """Return a tensor's sizes; ``()`` for a 0-dim tensor."""
    return "x".join(map(str, sizes)) or "()"


def _tensor_row(tensor: TensorFingerprint) -> tuple[str, str, str]:
    return terminal_text(tensor.model_name or tensor.name), tensor.dtype, shape_text(tensor.shape)


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

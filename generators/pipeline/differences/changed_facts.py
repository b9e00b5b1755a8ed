"""What of two checkpoints as wholes is another: facts, values that are no tensors, findings."""

from __future__ import annotations

from collections.abc import Iterator

from generators.model.difference import FactChange, FactName, ValueChange
from generators.model.finding import Finding
from generators.model.fingerprint import Fingerprint
from generators.model.layout import CheckpointLayout
from generators.pipeline.differences.pair_readers import Compared


def changed_facts(first: Compared, second: Compared) -> Iterator[FactChange]:
    """Yield what of the wholes is another."""
    ours, theirs = dict(_facts(first)), dict(_facts(second))
    if None in (first.fingerprint.layout, second.fingerprint.layout):
        # one was recorded before layouts were
        for name in ("layout", "model-key", "other-weights", "optimizer"):
            ours.pop(name, None)
            theirs.pop(name, None)
    for fact in dict.fromkeys([*ours, *theirs]):
        before, after = ours.get(fact, ""), theirs.get(fact, "")
        if before != after:
            yield FactChange(fact=fact, before=before, after=after)


def _facts(one: Compared) -> Iterator[tuple[FactName, str]]:
    found = one.fingerprint
    yield "sha256", found.file.sha256
    yield "size", str(found.file.size_bytes)
    yield "container", found.container.format
    yield "root", found.container.root
    yield "weights-digest", found.weights_digest or ""
    yield "layout-digest", found.layout_digest or ""
    yield from _layout_facts(found.layout) if found.layout else ()
    yield "identified", f"{one.identification.status} {one.identification.architecture or ''}".strip()
    yield "parameters", str(found.parameters)
    yield "buffers", str(found.buffers)
    yield "epoch", "" if found.odometer.epoch is None else str(found.odometer.epoch)
    yield "optimizer-steps", ", ".join(map(str, found.odometer.optimizer_steps))
    yield "batches-tracked", ", ".join(map(str, found.odometer.batches_tracked))
    yield "globals", ", ".join(found.globals)


def _layout_facts(layout: CheckpointLayout) -> Iterator[tuple[FactName, str]]:
    yield "layout", layout.name
    yield "model-key", layout.model_key
    yield "other-weights", ", ".join(f"{part.key}: {part.kind} ({part.tensors})" for part in layout.parts)
    optimizers = (f"{o.key}: {'/'.join(o.algorithms) or '?'} ({o.tensors})" for o in layout.optimizers)
    yield "optimizer", ", ".join(optimizers)


def changed_values(first: Fingerprint, second: Fingerprint) -> Iterator[ValueChange]:
    """Yield the values that are no tensors and are others, or that only one has."""
    ours = {value.path: value.text for value in first.objects}
    theirs = {value.path: value.text for value in second.objects}
    for path in dict.fromkeys([*ours, *theirs]):
        before, after = ours.get(path, ""), theirs.get(path, "")
        if before != after or (path in ours) != (path in theirs):
            yield ValueChange(path=path, before=before, after=after)


def findings_apart(first: Fingerprint, second: Fingerprint) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings that only the first has, and those that only the second has."""
    ours, theirs = set(first.findings), set(second.findings)
    return (
        tuple(finding for finding in first.findings if finding not in theirs),
        tuple(finding for finding in second.findings if finding not in ours),
    )

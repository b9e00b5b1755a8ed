"""Two checkpoints, each a file or what was recorded of one, to how they differ.

Values are read in blocks, and only of tensors whose digests differ; each is held against its digest again meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from blake3 import blake3
from msgspec import Struct
from msgspec.structs import replace

from generators.containers import CheckpointReader, open_checkpoint
from generators.errors import ContainerError
from generators.model.difference import (
    CheckpointDifference,
    FactChange,
    FactName,
    Magnitude,
    Side,
    TensorBrief,
    TensorChange,
    ValueChange,
)
from generators.model.finding import Finding
from generators.model.fingerprint import Fingerprint, TensorFingerprint
from generators.model.identification import Identification
from generators.model.layout import CheckpointLayout
from generators.model.tensor import TensorEntry, WeightTensor
from generators.pipeline.reading import changing
from generators.weights.matching import Match, match_tensors

if TYPE_CHECKING:
    import numpy as np


class Compared(Struct, frozen=True, kw_only=True):
    """What is compared.

    Attributes:
        label: As the person named it.
        fingerprint: What was read.
        identification: What it is.
        path: The file, where its bytes are here.
        recorded_at: Of a record.
    """

    label: str
    fingerprint: Fingerprint
    identification: Identification
    path: Path | None = None
    recorded_at: str = ""


def compare_checkpoints(subject: str, first: Compared, second: Compared) -> CheckpointDifference:
    """Compare two checkpoints.

    Args:
        subject: Lock id; empty where there is none.
        first: The one, or the earlier.
        second: The other.

    Raises:
        ContainerError: A file can't be opened, or changes meanwhile.
        OSError: A file can't be read.
    """
    blank = CheckpointDifference(
        subject=subject, first=_side(first), second=_side(second), same=True, identical=0, unread=0
    )
    ours, theirs = first.fingerprint, second.fingerprint
    with _Readers(first, second) as readers:
        found = _with_tensors(blank, ours, theirs, readers)
    gone, new = _findings_apart(ours, theirs)
    found = replace(
        found,
        facts=tuple(_changed_facts(first, second)),
        values=tuple(_changed_values(ours, theirs)),
        findings_new=new,
        findings_gone=gone,
    )
    different = (found.facts, found.values, found.added, found.removed, found.reshaped, found.renamed, found.changed)
    found = replace(found, same=not any((*different, new, gone)))
    return found if found.same else _with_relation(found, first, second)


def _side(one: Compared) -> Side:
    file = one.fingerprint.file
    kind = "file" if one.path is not None else "record"
    return Side(
        label=one.label,
        kind="file" if kind == "file" else "record",
        file=file.name,
        sha256=file.sha256,
        recorded_at=one.recorded_at,
    )


def _with_tensors(
    blank: CheckpointDifference, first: Fingerprint, second: Fingerprint, readers: _Readers
) -> CheckpointDifference:
    matches, alone, other_alone = _pair(first.tensors, second.tensors)
    by_name = {_name(tensor): tensor for tensor in other_alone}
    reshaped = [(tensor, by_name[_name(tensor)]) for tensor in alone if _name(tensor) in by_name]
    taken = {_name(tensor) for tensor, _ in reshaped}
    known = [m for m in matches if m.first.digest is not None and m.second.digest is not None]
    differing = [m for m in known if not m.is_identical]
    return replace(
        blank,
        identical=sum(m.is_identical and not _is_renamed(m) for m in known),
        unread=len(matches) - len(known),
        added=tuple(_brief(tensor) for tensor in other_alone if _name(tensor) not in taken),
        removed=tuple(_brief(tensor) for tensor in alone if _name(tensor) not in taken),
        reshaped=tuple(_change(*pair) for pair in reshaped),
        renamed=tuple(_change(m.first, m.second, readers.measure(m)) for m in known if _is_renamed(m)),
        changed=tuple(_change(m.first, m.second, readers.measure(m)) for m in differing if not _is_renamed(m)),
    )


def _pair(
    first: Sequence[TensorFingerprint], second: Sequence[TensorFingerprint]
) -> tuple[list[Match], list[TensorFingerprint], list[TensorFingerprint]]:
    """Pair the models' tensors by name, content or order, and the others by their names in the file."""
    models = match_tensors([t for t in first if t.model_name], [t for t in second if t.model_name])
    matches, alone = list(models.matches), list(models.first_alone)
    other_alone = list(models.second_alone)
    rest = {(t.name, t.shape): t for t in second if not t.model_name}
    for tensor in first:
        if tensor.model_name:
            continue
        counterpart = rest.pop((tensor.name, tensor.shape), None)
        if counterpart is None:
            alone.append(tensor)
        else:
            matches.append(Match(first=tensor, second=counterpart))
    return matches, alone, [*other_alone, *rest.values()]


def _name(tensor: TensorFingerprint) -> str:
    return tensor.model_name or tensor.name


def _is_renamed(match: Match) -> bool:
    return _name(match.first) != _name(match.second)


def _brief(tensor: TensorFingerprint) -> TensorBrief:
    return TensorBrief(name=_name(tensor), role=tensor.role, dtype=tensor.dtype, shape=tensor.shape)


def _change(first: TensorFingerprint, second: TensorFingerprint, magnitude: Magnitude | None = None) -> TensorChange:
    return TensorChange(
        name=_name(first),
        other_name=_name(second),
        role=first.role,
        dtype=first.dtype,
        other_dtype=second.dtype,
        shape=first.shape,
        other_shape=second.shape,
        magnitude=magnitude,
    )


class _Readers:
    """The values of both sides, where their files are here; else their statistics."""

    def __init__(self, first: Compared, second: Compared) -> None:
        self._stack = ExitStack()
        self._sides = (first, second)
        self._open: tuple[CheckpointReader, CheckpointReader] | None = None
        self._entries: tuple[dict[str, TensorEntry], dict[str, TensorEntry]] = ({}, {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def measure(self, match: Match) -> Magnitude | None:
        """Return how far a tensor is from its counterpart.

        Raises:
            ContainerError: A file isn't any more what its fingerprint says.
        """
        if match.is_identical:
            return None
        first, second = self._sides
        if first.path is None or second.path is None:
            return _bound(match)
        if self._open is None:
            self._open = (self._enter(first.path), self._enter(second.path))
            self._entries = (_by_name(self._open[0]), _by_name(self._open[1]))
        return self._measure_values(match, self._open, (first.path, second.path))

    def _enter(self, path: Path) -> CheckpointReader:
        return self._stack.enter_context(open_checkpoint(path))

    def _measure_values(
        self, match: Match, opened: tuple[CheckpointReader, CheckpointReader], paths: tuple[Path, Path]
    ) -> Magnitude | None:
        from generators.weights.difference import measure_difference

        sides = (match.first, match.second)
        if not all(_has_numbers(tensor.dtype) for tensor in sides):
            return None
        entries = [self._entries[n].get(sides[n].name) for n in (0, 1)]
        for entry, path in zip(entries, paths, strict=True):
            if entry is None:
                raise changing(path)
        blocks = [
            _verified(entry, opened[n], sides[n].digest, paths[n])
            for n, entry in enumerate(entries)
            if entry is not None
        ]
        return measure_difference(*blocks)


def _by_name(reader: CheckpointReader) -> dict[str, TensorEntry]:
    return {tensor.name: tensor for tensor in reader.container.tensors}


def _has_numbers(dtype: str) -> bool:
    from generators.fingerprint.blocks import numpy_dtype

    return numpy_dtype(dtype) is not None


def _verified(entry: TensorEntry, reader: CheckpointReader, digest: str | None, path: Path) -> Iterator[np.ndarray]:
    """Yield a tensor's elements in blocks that are still those of its digest.

    Raises:
        ContainerError: They aren't; told at the end.
    """
    import numpy as np

    from generators.fingerprint.blocks import numpy_dtype, read_tensor_blocks

    hasher, dtype = blake3(), numpy_dtype(entry.dtype)
    for block in read_tensor_blocks(entry, reader.container.byteorder, reader):
        hasher.update(block)
        yield np.frombuffer(block, dtype=dtype)
    if hasher.hexdigest() != digest:
        raise changing(path)


def _bound(match: Match) -> Magnitude | None:
    from generators.weights.difference import bound_difference

    ours, theirs = match.first.statistics, match.second.statistics
    return bound_difference(ours, theirs) if ours is not None and theirs is not None else None


def _changed_facts(first: Compared, second: Compared) -> Iterator[FactChange]:
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


def _changed_values(first: Fingerprint, second: Fingerprint) -> Iterator[ValueChange]:
    ours = {value.path: value.text for value in first.objects}
    theirs = {value.path: value.text for value in second.objects}
    for path in dict.fromkeys([*ours, *theirs]):
        before, after = ours.get(path, ""), theirs.get(path, "")
        if before != after or (path in ours) != (path in theirs):
            yield ValueChange(path=path, before=before, after=after)


def _findings_apart(first: Fingerprint, second: Fingerprint) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    ours, theirs = set(first.findings), set(second.findings)
    return (
        tuple(finding for finding in first.findings if finding not in theirs),
        tuple(finding for finding in second.findings if finding not in ours),
    )


def _with_relation(found: CheckpointDifference, first: Compared, second: Compared) -> CheckpointDifference:
    """Name what the two models are to each other, by values where both files are here."""
    from generators.pipeline.tensors import open_tensors
    from generators.weights.kinship import Kin, relate
    from generators.weights.values import MAX_ELEMENTS

    if not first.fingerprint.model_tensors or not second.fingerprint.model_tensors:
        return found
    readable = first.path is not None and second.path is not None
    kin = [Kin(id=one.label, fingerprint=one.fingerprint, readable=readable) for one in (first, second)]
    if first.path is None or second.path is None:
        pair = relate(kin[0], kin[1], _refuse, _refuse)
    else:
        with (
            open_tensors(first.path, first.fingerprint, MAX_ELEMENTS) as ours,
            open_tensors(second.path, second.fingerprint, MAX_ELEMENTS) as theirs,
        ):
            pair = relate(kin[0], kin[1], ours.read, theirs.read)
    return replace(found, relation=pair.relation, relation_reason=pair.reason)


def _refuse(name: str) -> WeightTensor:
    raise ContainerError("not-here", f"{name} was asked for, but its file is not here")

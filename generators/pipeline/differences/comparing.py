"""Two checkpoints, each a file or what was recorded of one, to how they differ.

Values are read only of tensors whose digests differ.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from generators.model.difference import CheckpointDifference, Magnitude, Side, TensorBrief, TensorChange
from generators.model.fingerprint import Fingerprint, TensorFingerprint
from generators.pipeline.differences.changed_facts import changed_facts, changed_values, findings_apart
from generators.pipeline.differences.pair_readers import Compared, PairReaders
from generators.pipeline.files.relating import relate_digests, relate_files
from generators.weights.matching import Match, match_tensors


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
    with PairReaders(first, second) as readers:
        found = _with_tensors(blank, ours, theirs, readers)
    gone, new = findings_apart(ours, theirs)
    found = replace(
        found,
        facts=tuple(changed_facts(first, second)),
        values=tuple(changed_values(ours, theirs)),
        findings_new=new,
        findings_gone=gone,
    )
    different = (found.facts, found.values, found.added, found.removed, found.reshaped, found.renamed, found.changed)
    found = replace(found, same=not any((*different, new, gone)))
    return found if found.same else _with_relation(found, first, second)


def _side(one: Compared) -> Side:
    file = one.fingerprint.file
    return Side(
        label=one.label,
        kind="record" if one.path is None else "file",
        file=file.name,
        sha256=file.sha256,
        recorded_at=one.recorded_at,
    )


def _with_tensors(
    blank: CheckpointDifference, first: Fingerprint, second: Fingerprint, readers: PairReaders
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


def _with_relation(found: CheckpointDifference, first: Compared, second: Compared) -> CheckpointDifference:
    """Name what the two models are to each other, by values where both files are here."""
    from generators.weights.kinship import Kin

    if not first.fingerprint.model_tensors or not second.fingerprint.model_tensors:
        return found
    ours, theirs = (Kin(id=one.label, fingerprint=one.fingerprint) for one in (first, second))
    if first.path is None or second.path is None:
        pair = relate_digests(ours, theirs)
    else:
        pair = relate_files(ours, first.path, theirs, second.path)
    return replace(found, relation=pair.relation, relation_reason=pair.reason)

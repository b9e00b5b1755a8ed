"""All pairs of checkpoints to their kinship, each kept by the fingerprints of the two."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from generators.errors import ContainerError
from generators.model.evidence import SubjectEvidence
from generators.model.fingerprint import Fingerprint
from generators.model.lineage import Lineage, PairEvidence
from generators.model.lock import Artifact
from generators.pipeline.evidence.subjects import find_entry_file
from generators.pipeline.evidence.weights_alone import WEIGHTS_CODE, digest_fingerprint
from generators.pipeline.files.relating import relate_digests, relate_files
from generators.pipeline.files.tensors import published_names
from generators.pipeline.project import Project
from generators.provenance import digest_code

if TYPE_CHECKING:
    from generators.weights.kinship import Kin

log = logging.getLogger("generators.pipeline")

CHANCE_SIGMAS = 6.0
"""As :data:`generators.weights.likeness.CHANCE_SIGMAS`, whose module imports numpy; a test holds them together."""
CLOSE_COSINE = 0.5
"""As :data:`generators.weights.likeness.CLOSE_COSINE`, likewise."""


class _Known(Struct, frozen=True, kw_only=True):
    """A subject whose tensors are known."""

    subject: SubjectEvidence
    fingerprint: Fingerprint
    digest: str


def compare_lineage(subjects: Sequence[SubjectEvidence], project: Project) -> Lineage:
    """Compare each pair of a lock's checkpoints and controls.

    A file that can't be read any more is compared by its digests alone.
    """
    known = [
        _Known(subject=s, fingerprint=s.fingerprint, digest=digest_fingerprint(s.fingerprint))
        for s in subjects
        if s.fingerprint is not None and s.fingerprint.model_tensors
    ]
    compared = tuple(k.subject.id for k in known)
    return Lineage(
        subjects=compared,
        absent=tuple(s.id for s in subjects if s.id not in compared),
        pairs=tuple(_compare(first, second, project) for first, second in combinations(known, 2)),
        chance_sigmas=CHANCE_SIGMAS,
        close_cosine=CLOSE_COSINE,
    )


def _compare(first: _Known, second: _Known, project: Project) -> PairEvidence:
    here = first.subject.available and second.subject.available
    key = f"kinship {first.subject.id} {first.digest} {second.subject.id} {second.digest} {here}"
    return project.cache.get_or_compute(
        f"{key} {digest_code(*WEIGHTS_CODE)}",
        PairEvidence,
        lambda: _relate(first, second, project),
        # files that are here and couldn't be read may be readable the next time
        worth_keeping=lambda pair: not here or pair.reason != "bytes-not-here",
    )


def _relate(first: _Known, second: _Known, project: Project) -> PairEvidence:
    ours, theirs = _find_path(first.subject, project), _find_path(second.subject, project)
    if ours is not None and theirs is not None:
        try:
            return relate_files(_kin(first), ours, _kin(second), theirs)
        except (ContainerError, OSError) as problem:
            log.warning("%s, %s: compared by digests alone: %s", first.subject.id, second.subject.id, problem)
    return relate_digests(_kin(first), _kin(second))


def _find_path(subject: SubjectEvidence, project: Project) -> Path | None:
    entry = next((entry for entry in project.lock.entries if entry.id == subject.id), None)
    if entry is None or not subject.available:
        return None
    found = find_entry_file(entry, project)
    return found.path if isinstance(found, Artifact) else None


def _kin(known: _Known) -> Kin:
    from generators.weights.kinship import Kin

    return Kin(id=known.subject.id, fingerprint=known.fingerprint, drawn=_drawn(known))


def _drawn(known: _Known) -> frozenset[str]:
    """Return the model's own names of tensors that look as the initialiser draws them."""
    training = known.subject.training
    layers = training.layers if training else ()
    drawn = {e.name for e in layers if e.distance is not None and e.distance <= (e.chance_distance or 0.0)}
    names = published_names(known.fingerprint, known.subject.identification)
    return frozenset(own for own, published in names.items() if published in drawn)

"""Names and shapes of all tensors, held against every published architecture.

The whole signature counts, never the first layer: S, M and L share theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from generators.identify.solve import solve_settings
from generators.model.architecture import Architecture
from generators.model.identification import Candidate, Identification, Status

NEAR = 0.5
"""Below this share of matching tensors nothing is near: the status is UNKNOWN. An architecture that shares less than
half of its tensors with the checkpoint says more about the catalogue than about the checkpoint."""

PUBLISHED = "published"
"""Id of the naming scheme of the published code."""


Shape = tuple[int, ...]


class ModelTensor(Struct, frozen=True, kw_only=True):
    """A model tensor as far as identification looks: name without wrappers, and whether its bytes are missing."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    missing: bool


def identify_tensors(tensors: Sequence[ModelTensor], architectures: Iterable[Architecture]) -> Identification:
    """Compare a model's tensors with architectures.

    Another dtype doesn't change the identity. A tensor whose bytes are missing counts by what the index declares,
    and the basis is then ``index``.

    Returns:
        EXACT when one architecture has exactly these names and shapes; AMBIGUOUS when several fit equally well;
        PARTIAL when one is nearest and at least half matches; else UNKNOWN.
    """
    if not tensors:
        return Identification(status="UNKNOWN", architecture=None, basis="none")
    shapes = Counter(t.shape for t in tensors)
    candidates = sorted((_compare(tensors, shapes, a) for a in architectures), key=_rank)
    canonical = rename_tensors(tensors, architectures, candidates[0]) if candidates else tuple(tensors)
    status, architecture = _decide(candidates)
    return Identification(
        status=status,
        architecture=architecture,
        basis="index" if any(t.missing for t in tensors) else "tensors",
        candidates=tuple(candidates),
        settings=solve_settings({t.name: t.shape for t in canonical}),
        dtypes=tuple(sorted({t.dtype for t in tensors if t.dtype.startswith(("float", "bfloat", "complex"))})),
    )


def canonical_name(name: str, naming: str, architecture: Architecture) -> str:
    """Return the published spelling of a name that is written in another naming scheme."""
    for renaming in architecture.renamings:
        if renaming.naming == naming and name.startswith(renaming.other):
            return renaming.published + name.removeprefix(renaming.other)
    return name


def rename_tensors(
    tensors: Sequence[ModelTensor], architectures: Iterable[Architecture], best: Candidate
) -> tuple[ModelTensor, ...]:
    """Return the tensors under the published spelling of the best candidate's architecture."""
    found = next((a for a in architectures if a.id == best.architecture), None)
    if found is None:
        return tuple(tensors)
    return tuple(
        ModelTensor(name=canonical_name(t.name, best.naming, found), dtype=t.dtype, shape=t.shape, missing=t.missing)
        for t in tensors
    )


def _compare(tensors: Sequence[ModelTensor], shapes: Counter[Shape], architecture: Architecture) -> Candidate:
    namings = (PUBLISHED, *dict.fromkeys(r.naming for r in architecture.renamings))
    published = {t.name: t.shape for t in architecture.tensors}
    shape_score = _shape_score(shapes, Counter(published.values()))
    return min(
        (_compare_naming(tensors, architecture, naming, published, shape_score) for naming in namings), key=_rank
    )


def _compare_naming(
    tensors: Sequence[ModelTensor],
    architecture: Architecture,
    naming: str,
    published: Mapping[str, Shape],
    shape_score: float,
) -> Candidate:
    spellings = tuple(renaming.other for renaming in architecture.renamings if renaming.naming == naming)
    found: dict[str, Shape] = {}
    again: list[str] = []
    for tensor in tensors:
        other = tensor.name.startswith(spellings)
        name = canonical_name(tensor.name, naming, architecture) if other else tensor.name
        if name in found:
            again.append(tensor.name)
        found.setdefault(name, tensor.shape)
    common = found.keys() & published.keys()
    matched = sum(found[name] == published[name] for name in common)
    return Candidate(
        architecture=architecture.id,
        score=matched / (len(found.keys() | published.keys()) + len(again)),
        shape_score=shape_score,
        naming=naming,
        missing=tuple(name for name in published if name not in found),
        unexpected=(*(name for name in found if name not in published), *again),
        reshaped=tuple(name for name in published if name in common and found[name] != published[name]),
    )


def _shape_score(found: Counter[Shape], published: Counter[Shape]) -> float:
    common = sum(min(count, published[shape]) for shape, count in found.items())
    return common / (found.total() + published.total() - common)


def _rank(candidate: Candidate) -> tuple[float, float, int, str]:
    """Best first; at equal scores the naming of the published code, then the id."""
    return (-candidate.score, -candidate.shape_score, candidate.naming != PUBLISHED, candidate.architecture)


def _decide(candidates: Sequence[Candidate]) -> tuple[Status, str | None]:
    if not candidates or max(candidates[0].score, candidates[0].shape_score) < NEAR:
        # names may all differ while the shapes fit another candidate
        by_shape = max(candidates, key=lambda c: c.shape_score, default=None)
        if by_shape is None or by_shape.shape_score < NEAR:
            return "UNKNOWN", None
        return "PARTIAL", by_shape.architecture
    best = candidates[0]
    exact = [c for c in candidates if not (c.missing or c.unexpected or c.reshaped)]
    contained = [c for c in candidates if c.score >= NEAR and not (c.unexpected or c.reshaped)]
    tied = [c for c in candidates if (c.score, c.shape_score) == (best.score, best.shape_score)]
    if len(exact) == 1:
        return "EXACT", exact[0].architecture
    if len(exact) > 1 or len(contained) > 1 or len(tied) > 1:
        return "AMBIGUOUS", None
    return "PARTIAL", best.architecture

"""Two checkpoints to a named relation.

What two files bear, and what they don't: that one has the other's values is
certain; that one was trained on from the other, or averaged from it, or that
both come from a third, all look the same: close throughout. Which came first
no weights tell. And a network whose channels were put into another order is a
stranger here, though it computes the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

from generators.model.fingerprint import Fingerprint, TensorFingerprint
from generators.model.lineage import PairEvidence, Relation, RelationReason
from generators.model.tensor import WeightTensor
from generators.weights.counters import highest_count
from generators.weights.likeness import Compared, can_tell, compare_tensors
from generators.weights.matching import Match, is_constant, match_tensors
from generators.weights.values import READABLE

CLOSE_SHARE = 0.9
"""Share of the compared tensors that must be close, or the same, for two files to be close throughout."""
RELATED_SHARE = 0.25
"""Share of the compared tensors that must be alike beyond chance for two files to be related.

Networks that were trained apart have hardly any, as their channels are in no common order; a file that was trained on
for long has many.
"""
FEWEST_COMPARED = 8
"""Tensors from which on values name a relation.

One alone misleads: the biases of two networks' last layers are alike from the first iteration on, because their order
is that of the joints and the bins.
"""
LISTED = 100
"""Tensors of a kind that are listed; all are counted."""


class Kin(Struct, frozen=True, kw_only=True):
    """One of the two checkpoints.

    Attributes:
        id: Lock id.
        fingerprint: Of its file.
        drawn: The model's own names of tensors that look as the initialiser draws them.
        readable: Whether the file is here, so that its values can be read.
    """

    id: str
    fingerprint: Fingerprint
    drawn: frozenset[str] = frozenset()
    readable: bool = True


ReadTensor = Callable[[str], WeightTensor]
"""Gives a tensor by its name in the container."""


def relate(first: Kin, second: Kin, read_first: ReadTensor, read_second: ReadTensor) -> PairEvidence:
    """Compare two checkpoints; tensors are read only where digests don't settle it, and each once."""
    pair = PairEvidence(
        first=first.id,
        second=second.id,
        relation="not-comparable",
        reason="nothing-in-common",
        iterations_first=highest_count(first.fingerprint.odometer),
        iterations_second=highest_count(second.fingerprint.odometer),
    )
    sha256 = first.fingerprint.file.sha256
    if sha256 and sha256 == second.fingerprint.file.sha256:
        return _named(pair, "same-file", "same-digest")
    matching = match_tensors(first.fingerprint.model_tensors, second.fingerprint.model_tensors)
    told = [m for m in matching.matches if _tells(m)]
    unread = [m for m in told if m.first.digest is None or m.second.digest is None]
    compared = [m for m in told if m.first.digest is not None and m.second.digest is not None]
    pair = replace(
        pair,
        compared=len(compared),
        identical=sum(m.is_identical for m in compared),
        renamed=sum(m.is_renamed for m in compared),
        left_out=len(matching.matches) - len(told),
        unread=len(unread),
        first_alone=sum(map(_tells_alone, matching.first_alone)),
        second_alone=sum(map(_tells_alone, matching.second_alone)),
    )
    digest = first.fingerprint.weights_digest
    if digest is not None and digest == second.fingerprint.weights_digest:
        return _named(pair, "same-weights", "same-digest")
    if not compared:
        return _named(pair, "not-comparable", "bytes-not-here" if unread else "nothing-in-common")
    if pair.identical == pair.compared:
        return _named_by_digests(pair)
    if len(compared) < FEWEST_COMPARED and not pair.identical:
        return _named(pair, "not-comparable", "too-few")
    if not (first.readable and second.readable):
        return _named(pair, "not-comparable", "bytes-not-here")
    differing = [m for m in compared if not m.is_identical]
    return _named_by_values(pair, differing, (first, second), (read_first, read_second))


def _named(pair: PairEvidence, relation: Relation, reason: RelationReason) -> PairEvidence:
    return replace(pair, relation=relation, reason=reason)


def _tells(match: Match) -> bool:
    """Whether a pair of tensors can tell anything: values enough, and not the same throughout in both."""
    return _tells_alone(match.first) or _tells_alone(match.second)


def _tells_alone(tensor: TensorFingerprint) -> bool:
    return tensor.dtype in READABLE and can_tell(tensor.shape) and not is_constant(tensor)


def _named_by_digests(pair: PairEvidence) -> PairEvidence:
    if pair.first_alone or pair.second_alone:
        return _named(pair, "related", "some-identical")
    if pair.renamed:
        return _named(pair, "renamed-copy", "other-names")
    return _named(pair, "same-weights", "as-far-as-read" if pair.unread else "all-but-constants")


def _named_by_values(
    pair: PairEvidence, differing: Sequence[Match], kin: tuple[Kin, Kin], read: tuple[ReadTensor, ReadTensor]
) -> PairEvidence:
    results = [(m, compare_tensors(read[0](m.first.name), read[1](m.second.name))) for m in differing]
    found = [(m, result) for m, result in results if result is not None]
    counts = Counter(result.likeness for _, result in found)
    pair = replace(
        pair,
        compared=pair.identical + len(found),
        left_out=pair.left_out + len(results) - len(found),
        rounded=counts["rounded"],
        close=counts["close"],
        faint=counts["faint"],
        unrelated=counts["unrelated"],
        median_cosine=median(_cosines(found)) if any(_cosines(found)) else None,
        differing=tuple(m.first.model_name for m, _ in found[:LISTED]),
        differing_total=len(found),
    )
    anew, where = _drawn_anew(found, kin)
    named = _named(pair, *_name(pair, drawn_anew=len(anew)))
    if named.relation != "partly-reinitialised":
        return named
    return replace(named, reinitialised=tuple(anew[:LISTED]), reinitialised_in=where)


def _cosines(found: Sequence[tuple[Match, Compared]]) -> list[float]:
    return [result.cosine for _, result in found if result.likeness != "rounded"]


def _drawn_anew(found: Sequence[tuple[Match, Compared]], kin: tuple[Kin, Kin]) -> tuple[list[str], str]:
    """Return the unlike tensors that look as drawn in one file, and that file: the one that has more of them."""
    unlike = [m for m, result in found if result.likeness in {"faint", "unrelated"}]
    first = [m.first.model_name for m in unlike if m.first.model_name in kin[0].drawn]
    second = [m.first.model_name for m in unlike if m.second.model_name in kin[1].drawn]
    if len(first) == len(second):
        return second, ""
    return (first, kin[0].id) if len(first) > len(second) else (second, kin[1].id)


def _name(pair: PairEvidence, drawn_anew: int) -> tuple[Relation, RelationReason]:
    """Name the relation by what was counted."""
    same = pair.identical + pair.rounded
    unlike = pair.faint + pair.unrelated
    if same == pair.compared:
        return _named_rounded(pair)
    if same and drawn_anew and drawn_anew == unlike and not pair.close:
        return "partly-reinitialised", "drawn-anew"
    if same + pair.close >= CLOSE_SHARE * pair.compared and pair.close > unlike:
        return "fine-tuned", "close-throughout"
    if same:
        return "related", "some-identical"
    if pair.close + pair.faint >= RELATED_SHARE * pair.compared:
        return "related", "alike-beyond-chance"
    return "strangers", "as-chance-gives"


def _named_rounded(pair: PairEvidence) -> tuple[Relation, RelationReason]:
    if pair.first_alone or pair.second_alone:
        return "related", "some-identical"
    return "half-precision-copy", "rounded"

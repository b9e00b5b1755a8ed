"""Of which kin checkpoints are: one named relation for each pair."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Relation = Literal[
    "same-file",
    "same-weights",
    "renamed-copy",
    "half-precision-copy",
    "partly-reinitialised",
    "fine-tuned",
    "related",
    "strangers",
    "not-comparable",
]
"""How two checkpoints are related; the words are the catalog messages ``relation`` and ``relation-meaning`` / name."""

RelationReason = Literal[
    "same-digest",
    "as-far-as-read",
    "all-but-constants",
    "other-names",
    "rounded",
    "drawn-anew",
    "close-throughout",
    "some-identical",
    "alike-beyond-chance",
    "as-chance-gives",
    "nothing-in-common",
    "too-few",
    "bytes-not-here",
]
"""What gave the relation; the words are the catalog message ``relation-reason`` / name."""


class PairEvidence(Struct, frozen=True, kw_only=True):
    """Two checkpoints, tensor by tensor.

    Only tensors that can tell something are counted: constants (a normalisation layer's ones, zeros, counters) are the
    same in any two files, and a few values are alike by chance.

    Attributes:
        first: Lock id.
        second: Lock id.
        relation: Its name.
        reason: What gave it.
        compared: Tensors of the model that were held against each other.
        identical: Of those, the same bytes.
        rounded: The same once the finer one is rounded to the coarser one's number format.
        close: Cosine of at least the close one, and beyond chance.
        faint: Cosine beyond chance, but less than close.
        unrelated: As chance gives.
        renamed: Of the compared ones, those that have another name in the other file.
        left_out: Pairs of tensors that can tell nothing: constants, and too few values.
        unread: Pairs in which a file lacks the bytes.
        first_alone: Tensors of the first file that could tell something and have no counterpart.
        second_alone: Likewise, of the second file.
        median_cosine: Of the compared tensors that are neither identical nor rounded; None without one.
        differing: The first of the tensors that are not identical, by the first file's names. Hostile text.
        differing_total: How many there are.
        reinitialised: Those of them that are unlike and look as the initialiser draws them in one file. Hostile text.
        reinitialised_in: Lock id of that file; empty where both have as many of them, or neither has one.
        iterations_first: That the first file's highest counter tells; None without one.
        iterations_second: Likewise.
    """

    first: str
    second: str
    relation: Relation
    reason: RelationReason
    compared: int = 0
    identical: int = 0
    rounded: int = 0
    close: int = 0
    faint: int = 0
    unrelated: int = 0
    renamed: int = 0
    left_out: int = 0
    unread: int = 0
    first_alone: int = 0
    second_alone: int = 0
    median_cosine: float | None = None
    differing: tuple[str, ...] = ()
    differing_total: int = 0
    reinitialised: tuple[str, ...] = ()
    reinitialised_in: str = ""
    iterations_first: int | None = None
    iterations_second: int | None = None

    @property
    def is_kin(self) -> bool:
        """Whether the two have values in common that chance doesn't give."""
        return self.relation not in {"strangers", "not-comparable"}


class Lineage(Struct, frozen=True, kw_only=True):
    """All pairs of a lock's checkpoints and controls whose files were read.

    Attributes:
        subjects: Lock ids of those that were compared, in the lock's order.
        absent: Lock ids of those whose tensors are unknown.
        pairs: Each pair once, the earlier subject first.
        chance_sigmas: Deviations of chance beyond which a cosine is beyond it.
        close_cosine: Cosine from which on tensors are close.
    """

    subjects: tuple[str, ...]
    absent: tuple[str, ...]
    pairs: tuple[PairEvidence, ...]
    chance_sigmas: float
    close_cosine: float

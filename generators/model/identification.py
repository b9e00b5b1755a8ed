"""Which architecture the evidence fits, what it determines, and what it can't."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Status = Literal["EXACT", "PARTIAL", "AMBIGUOUS", "UNKNOWN"]
Basis = Literal["tensors", "index", "elements", "size", "none"]
"""What an identification rests on: all tensors, an index whose bytes are partly missing, an element count, a size."""


class Setting(Struct, frozen=True, kw_only=True):
    """One figure of a configuration.

    Attributes:
        name: For example ``depths`` or ``head_width``.
        value: None where the evidence can't determine it.
    """

    name: str
    value: int | str | tuple[int, ...] | None


class Candidate(Struct, frozen=True, kw_only=True):
    """An architecture that was compared.

    Attributes:
        architecture: Its id.
        score: Share of tensors that match by name and shape, of all that either side has: 0 to 1.
        shape_score: The same by shapes alone, so that renamed layers still match.
        naming: Id of the naming scheme that matched best (``published`` or an alternative).
        missing: Tensors of the architecture that the checkpoint lacks.
        unexpected: Tensors of the checkpoint that the architecture lacks. Hostile text.
        reshaped: Tensors of both, with another shape.
        predicted_bytes: File size the architecture predicts in its training layout; None when sizes weren't compared.
    """

    architecture: str
    score: float
    shape_score: float = 0.0
    naming: str = "published"
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    reshaped: tuple[str, ...] = ()
    predicted_bytes: int | None = None


class Identification(Struct, frozen=True, kw_only=True):
    """The result.

    Attributes:
        status: EXACT, PARTIAL, AMBIGUOUS or UNKNOWN.
        architecture: Id of the one architecture that fits; None unless the status is EXACT or PARTIAL.
        basis: What it rests on.
        candidates: Best first.
        settings: The configuration solved from shapes; values None where undetermined.
        dtypes: Floating dtypes of the model's tensors, sorted.
        configurations: The first configurations of the searched family that fit (element count or size only).
        fitting: How many of them fit.
        searched: How many configurations were searched; 0 when none.
    """

    status: Status
    architecture: str | None
    basis: Basis
    candidates: tuple[Candidate, ...] = ()
    settings: tuple[Setting, ...] = ()
    dtypes: tuple[str, ...] = ()
    configurations: tuple[str, ...] = ()
    fitting: int = 0
    searched: int = 0

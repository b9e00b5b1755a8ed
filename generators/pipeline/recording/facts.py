"""The single values of a subject's evidence, by pointer, and how near two of them must be to say the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from generators.model.evidence import SubjectEvidence
from generators.pipeline.recording.steady import steady_subject

Area = Literal["file", "read", "weights", "run"]
"""The file as a whole; what its bytes say; what is computed from its weights; what its network does."""
Scalar = bool | int | float | str | None

AREAS: Mapping[str, Area] = {
    "fingerprint": "read",
    "identification": "read",
    "training": "weights",
    "evaluation": "run",
    "sanity": "run",
    "accuracy": "run",
}
"""Fields of a subject that are compared, and what they rest on."""
CODE_OF: Mapping[str, tuple[str, ...]] = {
    "fingerprint": ("reading",),
    "identification": ("reading", "identifying"),
    "training": ("weights",),
    "evaluation": ("evaluating",),
    "sanity": ("evaluating",),
    "accuracy": ("evaluating",),
}
"""The parts of the code that each of them comes from."""
TOLERANCES: Mapping[Area, tuple[float, float]] = {
    "file": (0.0, 0.0),
    "read": (1e-9, 1e-12),
    "weights": (1e-4, 1e-6),
    "run": (1e-3, 1e-3),
}
"""Relative and absolute distance up to which two numbers that aren't whole say the same.

Means and deviations are summed in double precision; singular values come from LAPACK, whose last digits differ from
one processor to the next; networks run in single precision, and a thousandth of a millimetre or pixel is far below
what any rule of the report asks."""
NOT_COMPARED: Mapping[Area, frozenset[str]] = {
    "file": frozenset(),
    "read": frozenset({"candidates"}),
    "weights": frozenset(),
    "run": frozenset(
        {"code_digest", "comparisons", "counter", "detail", "device", "missing", "not_counted", "reason", "shown"}
    ),
}
"""Fields of which only a part is recorded, and of what was run those that tell of the machine."""
_NAMES = ("id", "name", "kind", "joint", "of", "upsampling_blocks", "seed")


class Fact(Struct, frozen=True, kw_only=True):
    """One value.

    Attributes:
        pointer: JSON pointer into the subject's evidence; an object of a list stands under its id, name or kind.
        value: A number, text, truth value, or None.
        area: What it rests on.
        part: Field of the subject that it stands in.
    """

    pointer: str
    value: Scalar
    area: Area
    part: str


def list_facts(subject: SubjectEvidence, parts: Iterable[str] = tuple(AREAS)) -> dict[str, Fact]:
    """Return the values of parts of a subject that two builds should agree on, by pointer."""
    steady = steady_subject(subject)
    found: dict[str, Fact] = {}
    for part in parts:
        area = AREAS[part]
        document = msgspec.to_builtins(getattr(steady, part))
        for pointer, value in _leaves(document, f"/{part}", NOT_COMPARED[area]):
            at_file = pointer.startswith("/fingerprint/file/")
            if pointer != "/fingerprint/file/name":
                found[pointer] = Fact(pointer=pointer, value=value, area="file" if at_file else area, part=part)
    return found


def unequal_parts(before: SubjectEvidence, after: SubjectEvidence) -> tuple[str, ...]:
    """Return the parts of two states of a subject that aren't the same to the last digit.

    Most are, and then none of their thousands of values has to be looked at.
    """
    then, now = (steady_subject(_as_recorded(subject)) for subject in (before, after))
    return tuple(part for part in AREAS if getattr(then, part) != getattr(now, part))


def _as_recorded(subject: SubjectEvidence) -> SubjectEvidence:
    """Leave out what isn't compared and costs nothing to leave out."""
    accuracy, sanity = subject.accuracy, subject.sanity
    return replace(
        subject,
        identification=replace(subject.identification, candidates=()),
        accuracy=accuracy and replace(accuracy, comparisons=()),
        sanity=sanity and replace(sanity, shown=()),
    )


def says_the_same(first: Fact, second: Fact) -> bool:
    """Whether two values agree: exactly, or within the tolerance where they aren't whole numbers."""
    one, other = first.value, second.value
    if isinstance(one, int | float) and isinstance(other, int | float) and float in {type(one), type(other)}:
        relative, absolute = TOLERANCES[first.area]
        return math.isclose(one, other, rel_tol=relative, abs_tol=absolute)
    return type(one) is type(other) and one == other


def differing_pointers(before: SubjectEvidence, after: SubjectEvidence) -> Iterator[str]:
    """Yield the pointers whose values differ between two states of a subject, in the order of the evidence."""
    parts = unequal_parts(before, after)
    then, now = list_facts(before, parts), list_facts(after, parts)
    for pointer in dict.fromkeys([*then, *now]):
        if pointer not in then or pointer not in now or not says_the_same(then[pointer], now[pointer]):
            yield pointer


def _leaves(node: object, pointer: str, skip: frozenset[str]) -> Iterator[tuple[str, Scalar]]:
    if isinstance(node, Mapping):
        for key, item in node.items():
            if key not in skip:
                yield from _leaves(item, f"{pointer}/{_step(str(key))}", skip)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for step, item in zip(_steps(node), node, strict=True):
            yield from _leaves(item, f"{pointer}/{step}", skip)
    else:
        # JSON, which records are kept as, has neither NaN nor infinity
        unwritable = isinstance(node, float) and not math.isfinite(node)
        yield pointer, None if unwritable else cast("Scalar", node)


def _steps(items: Sequence[object]) -> list[str]:
    """Return what the items of a list are called in a pointer: by a field that tells them all apart, else by number."""
    for name in _NAMES:
        named = [str(item[name]) if isinstance(item, Mapping) and name in item else None for item in items]
        if items and None not in named and len(set(named)) == len(named):
            return [_step(str(text)) for text in named]
    return [str(number) for number in range(len(items))]


def _step(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")

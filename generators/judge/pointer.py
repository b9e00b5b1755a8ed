"""Looks a quantity up in the evidence document and says what kind of evidence it is.

A pointer is a JSON pointer (RFC 6901) with one addition: in a list of objects
a step may also be the ``id``, ``key`` or ``name`` of the object it means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast, get_args

from msgspec import Struct

from generators.model.claim import EvidenceKind, Scalar, Value

Document = Mapping[str, object]

STRONGEST_FIRST: tuple[EvidenceKind, ...] = get_args(EvidenceKind)
"""Kinds of evidence in the order of what they can bear."""

_NAMES = ("id", "key", "name")
_LISTS_OF_ENTRIES = frozenset({("architectures",), ("report", "figures"), ("report", "reported")})
_Provenance = tuple[tuple[EvidenceKind, ...], tuple[str, ...]]


class Quantity(Struct, frozen=True, kw_only=True):
    """What a pointer leads to.

    Attributes:
        value: None when the evidence has none.
        kinds: Kinds of evidence it is, strongest first.
        sources: Keys of the sources of what is only reported.
        holder: The object that the value is a field of, for its unit and protocol; empty for other places.
    """

    value: Value | None
    kinds: tuple[EvidenceKind, ...]
    sources: tuple[str, ...]
    holder: Mapping[str, object]


def find_quantity(document: Document, pointer: str) -> Quantity:
    """Follow a pointer; a place that doesn't exist gives a quantity without a value."""
    node: object = document
    holder: Mapping[str, object] = {}
    steps = _steps(pointer)
    for step in steps:
        holder = node if isinstance(node, Mapping) else {}
        node = _step(node, step)
    kinds, sources = _provenance(document, steps, holder)
    return Quantity(value=_as_value(node), kinds=kinds, sources=sources, holder=holder)


def find_subject(document: Document, pointer: str) -> Mapping[str, object]:
    """Return the lock entry that a pointer leads into, by its id or its place; empty when it leads elsewhere."""
    match _steps(pointer):
        case ["subjects", subject, *_]:
            found = _step(document.get("subjects"), subject)
            return found if isinstance(found, Mapping) else {}
        case _:
            return {}


def find_dangling_step(document: Document, pointer: str) -> str:
    """Return the first step of a pointer that can lead nowhere, whatever the evidence; empty when there is none.

    A field that no such object has is a mistake of the report file, and so is an architecture, figure or fact that
    nobody lists. A value that is not there yet is none, nor is a subject that was taken out of the lock.
    """
    node: object = document
    steps = _steps(pointer)
    for position, step in enumerate(steps):
        if node is None:
            return ""
        following = _step(node, step)
        named = isinstance(node, Mapping) or tuple(steps[:position]) in _LISTS_OF_ENTRIES
        if named and following is None and not (isinstance(node, Mapping) and step in node):
            return step
        node = following
    return ""


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _step(node: object, step: str) -> object:
    if isinstance(node, Mapping):
        return node.get(step)
    for item in _items(node):
        if isinstance(item, Mapping) and any(item.get(name) == step for name in _NAMES):
            return item
    items = _items(node)
    return items[int(step)] if step.isdecimal() and int(step) < len(items) else None


def _items(node: object) -> Sequence[object]:
    return node if isinstance(node, Sequence) and not isinstance(node, str) else ()


def _as_value(node: object) -> Value | None:
    if isinstance(node, bool | int | float | str):
        return node
    if isinstance(node, Sequence) and all(isinstance(item, bool | int | float | str) for item in node):
        return cast("tuple[Scalar, ...]", tuple(node))
    return None


def _provenance(document: Document, steps: Sequence[str], holder: Mapping[str, object]) -> _Provenance:
    """Tell the kind of evidence from where in the document it stands."""
    match steps:
        case ["subjects", subject, "size", *place]:
            return _size_provenance(_step(document.get("subjects"), subject), place)
        case ["subjects", _, "reported", *_] | ["report", "figures" | "reported", *_]:
            source = holder.get("source")
            return ("reported",), (source,) if isinstance(source, str) else ()
        case ["subjects", subject, "accuracy", *_]:
            return _accuracy_provenance(_step(document.get("subjects"), subject))
        case ["subjects", subject, *_]:
            return _union([_step(document.get("subjects"), subject)])
        case ["listings", *_]:
            return ("reported",), ()
        case ["comparison", "controls_identified" | "controls_sharing_first_layer"]:
            return _union(_of_role(document, "control"))
        case ["comparison", "checkpoints_as_said"]:
            return _union(_of_role(document, "checkpoint"))
        case ["tally", outcome]:
            return _union(_decisive(document, outcome.replace("_", "-")))
        case _:
            return ("computed",), ()


def _accuracy_provenance(subject: object) -> _Provenance:
    """Return what a measurement is: taken earlier, with date and device, on data that no build reads."""
    accuracy = subject.get("accuracy") if isinstance(subject, Mapping) else None
    measured = isinstance(accuracy, Mapping) and accuracy.get("status") == "measured"
    return (("recorded",) if measured else ()), ()


def _size_provenance(subject: object, place: Sequence[str]) -> _Provenance:
    size = subject.get("size") if isinstance(subject, Mapping) else None
    if not isinstance(subject, Mapping) or not isinstance(size, Mapping):
        return (), ()
    if size.get("basis") == "file":
        predicted: list[EvidenceKind] = ["computed"] if place[:1] == ["identification"] else []
        return _union([subject, {"kinds": predicted}])
    facts = [fact for fact in _items(subject.get("reported")) if isinstance(fact, Mapping)]
    sources = dict.fromkeys(str(fact["source"]) for fact in facts if fact.get("quantity") == "size-mib")
    return ("reported", "computed"), tuple(sources)


def _of_role(document: Document, role: str) -> Iterator[object]:
    return (s for s in _items(document.get("subjects")) if isinstance(s, Mapping) and s.get("role") == role)


def _decisive(document: Document, outcome: str) -> Iterator[object]:
    for verdict in _items(document.get("verdicts")):
        if isinstance(verdict, Mapping) and verdict.get("outcome") == outcome:
            yield from _items(verdict.get("decisive"))


def _union(holders: Iterable[object]) -> _Provenance:
    """Put together the ``kinds`` and ``sources`` of several objects, kinds strongest first."""
    found = [holder for holder in holders if isinstance(holder, Mapping)]
    kinds = {kind for holder in found for kind in _items(holder.get("kinds"))}
    sources = dict.fromkeys(str(source) for holder in found for source in _items(holder.get("sources")))
    return tuple(kind for kind in STRONGEST_FIRST if kind in kinds), tuple(sources)

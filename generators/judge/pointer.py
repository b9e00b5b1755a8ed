"""Looks a quantity up in the evidence document and says what kind of evidence it is.

A pointer is a JSON pointer (RFC 6901) with one addition: in a list of objects
a step may also be the ``id``, ``key`` or ``name`` of the object it means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from generators.model.claim import EvidenceKind, Scalar, Value

Document = Mapping[str, object]

_NAMES = ("id", "key", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
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
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for step in steps:
        holder = node if isinstance(node, Mapping) else {}
        node = _step(node, step)
    kinds, sources = _provenance(document, steps, holder)
    return Quantity(value=_as_value(node), kinds=kinds, sources=sources, holder=holder)


def _step(node: object, step: str) -> object:
    if isinstance(node, Mapping):
        return node.get(step)
    if not isinstance(node, Sequence) or isinstance(node, str):
        return None
    for item in node:
        if isinstance(item, Mapping) and any(item.get(name) == step for name in _NAMES):
            return item
    return node[int(step)] if step.isdecimal() and int(step) < len(node) else None


def _as_value(node: object) -> Value | None:
    if isinstance(node, bool | int | float | str):
        return node
    if isinstance(node, Sequence) and all(isinstance(item, bool | int | float | str) for item in node):
        return cast("tuple[Scalar, ...]", tuple(node))
    return None


def _provenance(
    document: Document, steps: Sequence[str], holder: Mapping[str, object]
) -> tuple[tuple[EvidenceKind, ...], tuple[str, ...]]:
    """Tell the kind of evidence from where in the document it stands."""
    match steps:
        case ["subjects", subject, "size", *_]:
            return _size_provenance(document, subject)
        case ["subjects", subject, *_]:
            found = _step(document.get("subjects"), subject)
            if not isinstance(found, Mapping):
                return (), ()
            return tuple(found.get("kinds", ())), tuple(found.get("sources", ()))
        case ["architectures", *_] | ["comparison", "architectures_sharing_first_layer"]:
            return ("computed",), ()
        case ["report", "figures" | "reported", *_]:
            source = holder.get("source")
            return ("reported",), (source,) if isinstance(source, str) else ()
        case ["comparison", *_]:
            return ("live",), ()
        case _:
            return ("computed",), ()


def _size_provenance(document: Document, subject: str) -> tuple[tuple[EvidenceKind, ...], tuple[str, ...]]:
    found = _step(document.get("subjects"), subject)
    size = found.get("size") if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping) or not isinstance(size, Mapping):
        return (), ()
    if size.get("basis") == "file":
        return tuple(found.get("kinds", ())), ()
    facts = found.get("reported")
    listings = [fact for fact in facts if isinstance(fact, Mapping)] if isinstance(facts, Sequence) else []
    sources = dict.fromkeys(str(fact["source"]) for fact in listings if fact.get("quantity") == "size-mib")
    return ("reported", "computed"), tuple(sources)

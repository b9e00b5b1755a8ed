"""Candidates by element count only, or by file size only."""

from __future__ import annotations

from collections.abc import Iterable

from generators.architectures.filesize import predict_file_bytes, size_tolerance_bytes
from generators.identify.family import searched_configurations, searched_tolerance_bytes
from generators.model.architecture import Architecture
from generators.model.identification import Basis, Candidate, Identification, Status
from generators.model.lock import SizeRange

CONFIGURATIONS = 20
"""How many fitting configurations are named; ``fitting`` counts all of them."""


def identify_elements(elements: int, architectures: Iterable[Architecture]) -> Identification:
    """List the architectures whose state dict has this many elements.

    Args:
        elements: Parameters and buffers together.
        architectures: To compare with.

    Returns:
        PARTIAL (an element count never shows every tensor) when one architecture fits, AMBIGUOUS when several do.
    """
    fitting = [Candidate(architecture=a.id, score=1.0) for a in architectures if a.elements == elements]
    labels = [c.label for c in searched_configurations() if c.elements == elements]
    return _identification("elements", fitting, fitting, labels)


def identify_size(size: SizeRange, architectures: Iterable[Architecture]) -> Identification:
    """List the architectures whose training checkpoint would have this file size.

    Args:
        size: Exact or as precise as a listing; the prediction's own tolerance is added.
        architectures: To compare with.

    Returns:
        As for element counts; ``candidates`` holds all architectures, nearest first, with the predicted size.
    """
    architectures = tuple(architectures)
    predicted = {a.id: predict_file_bytes(a) for a in architectures}
    ranked = [
        Candidate(
            architecture=a.id,
            score=1.0 if _distance(size, predicted[a.id]) <= size_tolerance_bytes(a) else 0.0,
            predicted_bytes=predicted[a.id],
        )
        for a in sorted(architectures, key=lambda a: _distance(size, predicted[a.id]))
    ]
    tolerance = searched_tolerance_bytes()
    labels = [c.label for c in searched_configurations() if _distance(size, c.training_bytes) <= tolerance]
    return _identification("size", [c for c in ranked if c.score], ranked, labels)


def _identification(
    basis: Basis, fitting: list[Candidate], candidates: list[Candidate], labels: list[str]
) -> Identification:
    statuses: dict[int, Status] = {0: "UNKNOWN", 1: "PARTIAL"}
    return Identification(
        status=statuses.get(len(fitting), "AMBIGUOUS"),
        architecture=fitting[0].architecture if len(fitting) == 1 else None,
        basis=basis,
        candidates=tuple(candidates),
        configurations=tuple(labels[:CONFIGURATIONS]),
        fitting=len(labels),
        searched=len(searched_configurations()),
    )


def _distance(size: SizeRange, predicted: int) -> int:
    return max(size.minimum_bytes - predicted, predicted - size.maximum_bytes, 0)

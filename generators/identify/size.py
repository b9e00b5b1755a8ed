"""Candidates by element count only, or by file size only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from generators.architectures.filesize import predict_file_bytes, size_tolerance_bytes
from generators.identify.family import searched_configurations, searched_tolerance_bytes
from generators.model.architecture import Architecture
from generators.model.identification import Basis, Candidate, Identification, Status
from generators.model.lock import SizeRange

CONFIGURATIONS = 20
"""How many fitting configurations are named; ``fitting`` counts all of them."""


class _Prediction(NamedTuple):
    architecture: Architecture
    file_bytes: int
    tolerance_bytes: int


_predictions: dict[int, _Prediction] = {}
"""By the object's identity, which the kept architecture holds on to: hashing one would walk through all its tensors."""


def _predict(architecture: Architecture) -> _Prediction:
    if id(architecture) not in _predictions:
        figures = predict_file_bytes(architecture), size_tolerance_bytes(architecture)
        _predictions[id(architecture)] = _Prediction(architecture, *figures)
    return _predictions[id(architecture)]


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
    predictions = sorted((_predict(a) for a in architectures), key=lambda p: _distance(size, p.file_bytes))
    ranked = [
        Candidate(
            architecture=p.architecture.id,
            score=1.0 if _distance(size, p.file_bytes) <= p.tolerance_bytes else 0.0,
            predicted_bytes=p.file_bytes,
        )
        for p in predictions
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

"""What the charts of weights alone show, taken from the evidence and nothing else."""

from __future__ import annotations

from msgspec import Struct

from generators.model.evidence import SubjectEvidence
from generators.model.lineage import PairEvidence
from generators.model.training import LayerEvidence, TrainingEvidence
from generators.render.links import check_id


class DistanceMark(Struct, frozen=True, kw_only=True):
    """One layer; a figure is None where it wasn't measured.

    Attributes:
        distance: From the initialiser's distribution, 0 to 1.
        chance: Distance that chance gives.
        edge_ratio: Largest singular value, as a multiple of noise's edge.
        structured: Whether it stands out from noise.
    """

    distance: float | None
    chance: float | None
    edge_ratio: float | None
    structured: bool


class DistancesChart(Struct, frozen=True, kw_only=True):
    """The layers that are drawn at random before training, in the checkpoint's order.

    Attributes:
        marks: A layer each.
        margin: Multiple of the edge from which on a layer may stand out.
    """

    marks: tuple[DistanceMark, ...]
    margin: float


def distances_chart_name(subject: SubjectEvidence) -> str:
    """Return the name of the chart of a subject's layers against noise."""
    return f"distances-{check_id(subject.id)}"


def distances_chart(training: TrainingEvidence) -> DistancesChart:
    """Return the layers whose distance from a random initialiser, or whose spectrum, was measured."""
    return DistancesChart(
        marks=tuple(_mark(e) for e in training.layers if e.spectrum is not None or e.std_ratio is not None),
        margin=training.rule.margin,
    )


def likeness_share(pair: PairEvidence) -> float | None:
    """Return the share of a pair's compared tensors that are the same or close; None for an incomparable pair."""
    if pair.relation in {"same-file", "same-weights"}:
        return 1.0
    if pair.relation == "not-comparable" or not pair.compared:
        return None
    return (pair.identical + pair.rounded + pair.close) / pair.compared


def _mark(layer: LayerEvidence) -> DistanceMark:
    is_drawn = layer.std_ratio is not None
    return DistanceMark(
        distance=layer.distance if is_drawn else None,
        chance=layer.chance_distance if is_drawn else None,
        edge_ratio=layer.spectrum.edge_ratio if layer.spectrum else None,
        structured=layer.spectrum is not None and layer.spectrum.structured,
    )

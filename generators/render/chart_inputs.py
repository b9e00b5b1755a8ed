"""What each chart shows, taken from the evidence and nothing else.

A chart's inputs are small immutable values, so that their digest tells whether
a chart must be drawn anew.
"""

from __future__ import annotations

from msgspec import Struct

from generators.architectures import STAND_INS
from generators.model.evidence import ArchitectureFacts, ReportEvidence, SubjectEvidence
from generators.model.fingerprint import Fingerprint, TensorFingerprint
from generators.render.accuracy_chart import JointsChart, joints_chart, joints_chart_name
from generators.render.links import check_id
from generators.render.sanity_inputs import (
    EntropyChart,
    MeasuresChart,
    SanityChart,
    SkeletonChart,
    plan_sanity_charts,
)
from generators.render.speed_chart import SpeedChart, speed_chart, speed_chart_name
from generators.render.weights_chart_inputs import (
    DistancesChart,
    distances_chart,
    distances_chart_name,
    likeness_share,
)

CONVOLUTION_DIMENSIONS = 4
GIGA = 10**9
MEGA = 10**6


class Prediction(Struct, frozen=True, kw_only=True):
    """The file size that an architecture predicts."""

    architecture: str
    size_bytes: int


class SizeRow(Struct, frozen=True, kw_only=True):
    """A subject's size; minimum and maximum are equal when it is exact."""

    subject: str
    minimum_bytes: int
    maximum_bytes: int


class SizesChart(Struct, frozen=True, kw_only=True):
    """File sizes against the sizes that each architecture predicts."""

    rows: tuple[SizeRow, ...]
    predictions: tuple[Prediction, ...]


class CapacityRow(Struct, frozen=True, kw_only=True):
    """One architecture: what its definition gives, and what its paper says.

    Attributes:
        architecture: Its id.
        parameters: Computed.
        macs: (upsampling blocks, multiply-accumulates), computed.
        published_parameters: None where the paper has no figure.
        published_macs: Likewise.
    """

    architecture: str
    parameters: int
    macs: tuple[tuple[int, int], ...]
    published_parameters: int | None
    published_macs: int | None


class CapacityChart(Struct, frozen=True, kw_only=True):
    """Parameters and multiply-accumulates, computed against published."""

    rows: tuple[CapacityRow, ...]


class Layer(Struct, frozen=True, kw_only=True):
    """One model tensor; its values are None when the file lacks its bytes or it holds no finite one.

    Attributes:
        row: Its place among all tensors of the model, as the page's table has them.
        missing: Whether the file lacks its bytes.
        std: Standard deviation.
        minimum: Smallest value.
        maximum: Largest value.
    """

    row: int
    missing: bool
    std: float | None
    minimum: float | None
    maximum: float | None


class LayersChart(Struct, frozen=True, kw_only=True):
    """Statistics of the model's tensors in the checkpoint's order."""

    layers: tuple[Layer, ...]


class MatrixRow(Struct, frozen=True, kw_only=True):
    """One subject against every architecture.

    Attributes:
        subject: Its id.
        shares: Share of matching tensors, 0 to 1; None where the architecture wasn't compared.
        same_first_layer: Whether the first layer alone would allow the architecture.
    """

    subject: str
    shares: tuple[float | None, ...]
    same_first_layer: tuple[bool, ...]


class MatrixChart(Struct, frozen=True, kw_only=True):
    """Share of matching tensors, subjects by architectures."""

    architectures: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


ChartInputs = (
    SizesChart | CapacityChart | LayersChart | MatrixChart | JointsChart | SpeedChart | DistancesChart | SanityChart
)


def plan_charts(evidence: ReportEvidence) -> dict[str, ChartInputs]:
    """Return the charts of a report by name; one without data isn't there."""
    charts: dict[str, ChartInputs] = {
        "sizes": sizes_chart(evidence),
        "capacity": capacity_chart(evidence),
        "matrix": matrix_chart(evidence),
        "kinship": kinship_chart(evidence),
    }
    for subject in evidence.subjects:
        if subject.fingerprint is not None:
            charts[layers_chart_name(subject)] = layers_chart(subject.fingerprint)
        charts[joints_chart_name(subject)] = joints_chart(subject)
        if subject.evaluation is not None and subject.evaluation.speed is not None:
            charts[speed_chart_name(subject)] = speed_chart(subject.evaluation.speed)
        if subject.training is not None:
            charts[distances_chart_name(subject)] = distances_chart(subject.training)
    charts.update(plan_sanity_charts(evidence))
    return {name: chart for name, chart in charts.items() if _has_data(chart)}


def layers_chart_name(subject: SubjectEvidence) -> str:
    """Return the name of a subject's layer chart."""
    return f"layers-{check_id(subject.id)}"


def sizes_chart(evidence: ReportEvidence) -> SizesChart:
    """Return the sizes of every subject that has one, and every architecture's prediction."""
    return SizesChart(
        rows=tuple(
            SizeRow(subject=check_id(s.id), minimum_bytes=s.size.minimum_bytes, maximum_bytes=s.size.maximum_bytes)
            for s in evidence.subjects
            if s.size is not None and not is_stand_in(s.variant)
        ),
        predictions=tuple(Prediction(architecture=a.id, size_bytes=a.predicted_bytes) for a in evidence.architectures),
    )


def capacity_chart(evidence: ReportEvidence) -> CapacityChart:
    """Return the architectures whose multiply-accumulates are computed for several upsampling blocks."""
    figures = {
        (figure.architecture, figure.quantity): figure.value
        for figure in evidence.report.figures
        if not figure.second_hand
    }

    def published(architecture: str, quantity: str, scale: int) -> int | None:
        value = figures.get((architecture, quantity))
        return None if value is None else round(value * scale)

    return CapacityChart(
        rows=tuple(
            CapacityRow(
                architecture=a.id,
                parameters=a.parameters,
                macs=tuple((m.upsampling_blocks, m.conv_macs) for m in a.macs),
                published_parameters=published(a.id, "parameters", MEGA),
                published_macs=published(a.id, "macs", GIGA),
            )
            for a in evidence.architectures
            if a.published_upsampling
        )
    )


def layers_chart(fingerprint: Fingerprint) -> LayersChart:
    """Return the model's tensors in the checkpoint's order, without the batch counters."""
    return LayersChart(
        layers=tuple(
            _layer(row, tensor)
            for row, tensor in enumerate(fingerprint.model_tensors)
            if not tensor.name.endswith("num_batches_tracked")
        )
    )


def is_stand_in(architecture_id: str | None) -> bool:
    """Whether an architecture is Assay's own, which nobody published."""
    return any(architecture.id == architecture_id for architecture in STAND_INS)


def matrix_chart(evidence: ReportEvidence) -> MatrixChart:
    """Return every subject whose tensors were compared with the architectures by name and shape."""
    return MatrixChart(
        architectures=tuple(a.id for a in evidence.architectures),
        rows=tuple(
            _matrix_row(subject, evidence.architectures)
            for subject in evidence.subjects
            if subject.identification.basis in ("tensors", "index")
            and subject.lock_match != "contradicted"
            and not is_stand_in(subject.variant)
        ),
    )


def kinship_chart(evidence: ReportEvidence) -> MatrixChart:
    """Return each pair of files: the share of compared tensors that are the same or close; outlined where they are kin.

    The cell of a pair that can't be compared, and of a file and itself, is empty.
    """
    lineage = evidence.lineage
    if lineage is None or not lineage.pairs:
        return MatrixChart(architectures=(), rows=())
    pairs = {(p.first, p.second): p for p in lineage.pairs} | {(p.second, p.first): p for p in lineage.pairs}
    names = tuple(check_id(name) for name in lineage.subjects)

    def row(name: str) -> MatrixRow:
        own = [pairs.get((name, other)) for other in lineage.subjects]
        return MatrixRow(
            subject=name,
            shares=tuple(None if pair is None else likeness_share(pair) for pair in own),
            same_first_layer=tuple(pair is not None and pair.is_kin for pair in own),
        )

    return MatrixChart(architectures=names, rows=tuple(row(name) for name in names))


def _matrix_row(subject: SubjectEvidence, architectures: tuple[ArchitectureFacts, ...]) -> MatrixRow:
    scores = {candidate.architecture: candidate.score for candidate in subject.identification.candidates}
    first = _first_convolution(subject.fingerprint)
    return MatrixRow(
        subject=check_id(subject.id),
        shares=tuple(scores.get(a.id) for a in architectures),
        same_first_layer=tuple(a.first_layer == first for a in architectures),
    )


def _first_convolution(fingerprint: Fingerprint | None) -> tuple[int, ...] | None:
    tensors = fingerprint.model_tensors if fingerprint else ()
    return next((t.shape for t in tensors if len(t.shape) == CONVOLUTION_DIMENSIONS), None)


def _layer(row: int, tensor: TensorFingerprint) -> Layer:
    statistics = tensor.statistics
    return Layer(
        row=row,
        missing=tensor.missing,
        std=statistics.std if statistics else None,
        minimum=None if statistics is None or statistics.minimum is None else float(statistics.minimum),
        maximum=None if statistics is None or statistics.maximum is None else float(statistics.maximum),
    )


def _has_data(chart: ChartInputs) -> bool:
    match chart:
        case LayersChart():
            return any(layer.std is not None for layer in chart.layers)
        case DistancesChart():
            return bool(chart.marks)
        case MeasuresChart() | EntropyChart() | SkeletonChart():
            return True  # planned only where there is something to show
        case _:
            return bool(chart.rows)

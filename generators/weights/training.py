"""One checkpoint to its training evidence, its tensors handed in one at a time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from generators.architectures.training import TrainingFigures, initialisers, training_figures, training_sets
from generators.model.architecture import Architecture
from generators.model.fingerprint import Fingerprint
from generators.model.tensor import WeightTensor
from generators.model.training import (
    DeadChannels,
    Initialiser,
    LayerEvidence,
    NormalisationEvidence,
    PartStructure,
    TrainingEvidence,
    TrainingRule,
    TrainingSummary,
)
from generators.weights.arithmetic import steady_arithmetic
from generators.weights.channels import find_flat_channels, find_zero_filters
from generators.weights.conclusion import FEW_STEPS, FEWEST_LAYERS, NOISE_SHARE, STRUCTURED_SHARE, conclude
from generators.weights.counters import highest_count, read_counters
from generators.weights.distance import measure_distance
from generators.weights.moments import average_bound, check_moments
from generators.weights.normalisation import RUNNING_VARIANCE, measure_normalisation
from generators.weights.spectrum import MARGIN, measure_spectrum
from generators.weights.values import Floats, as_matrix, read_values

ROUNDING = 1e-3
"""Of a step, when steps are counted from a distance."""
RULE = TrainingRule(
    fewest_layers=FEWEST_LAYERS,
    few_steps=FEW_STEPS,
    margin=MARGIN,
    structured_share=STRUCTURED_SHARE,
    noise_share=NOISE_SHARE,
)
"""The bounds as they are shown beside what was measured."""


def measure_training(
    fingerprint: Fingerprint,
    architecture: Architecture | None,
    names: Mapping[str, str],
    weights: Iterable[WeightTensor],
) -> TrainingEvidence:
    """Measure what the weights of a checkpoint tell of its training.

    Args:
        fingerprint: Of the checkpoint.
        architecture: What it was identified as, in full or in part; None where nothing is near.
        names: From the model's own tensor names to the published ones.
        weights: The model's tensors whose bytes are there, by published names; of very large ones the first elements.
    """
    figures = training_figures(architecture) if architecture else None
    drawn_from = initialisers(architecture) if architecture else {}
    layers: list[LayerEvidence] = []
    dead: list[DeadChannels] = []
    roles = {names.get(t.model_name, t.model_name): t.role for t in fingerprint.model_tensors}
    with steady_arithmetic():
        for tensor in weights:
            values = read_values(tensor)
            if values is None or not values.size:
                continue
            if roles.get(tensor.name) == "parameter":
                layers.append(_measure_layer(tensor, values, drawn_from.get(tensor.name)))
            dead += _find_dead(tensor, values)
    normalisation = tuple(
        measure_normalisation((names.get(t.model_name, t.model_name), t) for t in fingerprint.model_tensors)
    )
    summary = _summarise(tuple(layers), normalisation, figures, highest_count(fingerprint.odometer))
    conclusion = conclude(summary, tuple(layers), highest_count(fingerprint.odometer))
    return TrainingEvidence(
        state=conclusion.state,
        reason=conclusion.reason,
        summary=summary,
        rule=RULE,
        read=sum(t.digest is not None for t in fingerprint.model_tensors),
        declared=len(fingerprint.model_tensors),
        counters=read_counters(fingerprint.odometer, figures, training_sets(architecture) if architecture else ()),
        layers=tuple(layers),
        normalisation=normalisation,
        dead=tuple(dead),
        moments=check_moments(fingerprint.tensors, fingerprint.odometer, figures),
    )


def _measure_layer(tensor: WeightTensor, values: Floats, initialiser: Initialiser | None) -> LayerEvidence:
    matrix = as_matrix(values, tensor.shape)
    found = measure_distance(values, initialiser) if initialiser else None
    return LayerEvidence(
        name=tensor.name,
        shape=tensor.shape,
        elements=int(values.size),
        initialiser=initialiser,
        distance=found.distance if found else None,
        chance_distance=found.chance_distance if found else None,
        std_ratio=found.std_ratio if found else None,
        displacement=found.displacement if found else None,
        spectrum=None if matrix is None else measure_spectrum(matrix),
    )


def _find_dead(tensor: WeightTensor, values: Floats) -> Iterator[DeadChannels]:
    if tensor.name.endswith(RUNNING_VARIANCE):
        yield from find_flat_channels(tensor.name.removesuffix(RUNNING_VARIANCE), values)
    matrix = as_matrix(values, tensor.shape)
    if matrix is not None and tensor.name.endswith(".weight"):
        yield from find_zero_filters(tensor.name.removesuffix(".weight"), matrix)


def _summarise(
    layers: tuple[LayerEvidence, ...],
    normalisation: tuple[NormalisationEvidence, ...],
    figures: TrainingFigures | None,
    counted: int | None,
) -> TrainingSummary:
    pretrained = figures.pretrained if figures else ()
    drawn = [e for e in layers if e.distance is not None and e.displacement is None]
    constants = [e for e in layers if e.displacement is not None]
    own_norms = [n.batches_at_least for n in normalisation if _part(n.name) not in pretrained]
    own_constants = [e for e in constants if _part(e.name) not in pretrained]
    batches = max(own_norms, default=None)
    steps = max((_steps_at_least(e, figures) for e in own_constants), default=None) if figures else None
    return TrainingSummary(
        layers_with_spectrum=sum(e.spectrum is not None for e in layers),
        layers_structured=sum(e.spectrum is not None and e.spectrum.structured for e in layers),
        parts=tuple(_parts(layers, pretrained)),
        layers_with_distance=len(drawn),
        layers_moved=sum((e.distance or 0) > (e.chance_distance or 0) for e in drawn),
        constants=len(constants),
        constants_moved=sum(bool(e.displacement) for e in constants),
        normalisation_layers=len(normalisation),
        normalisation_layers_moved=sum(n.moved for n in normalisation),
        batches_at_least=batches,
        steps_at_least=steps,
        counters_agree=None if counted is None else counted >= max(batches or 0, steps or 0),
    )


def _parts(layers: tuple[LayerEvidence, ...], pretrained: tuple[str, ...]) -> Iterator[PartStructure]:
    spectra = [(_part(e.name), e.spectrum) for e in layers if e.spectrum is not None]
    structured = Counter(part for part, spectrum in spectra if spectrum.structured)
    for part, count in Counter(part for part, _ in spectra).items():
        yield PartStructure(name=part, layers=count, structured=structured[part], pretrained=part in pretrained)


def _part(name: str) -> str:
    return name.partition(".")[0]


def _steps_at_least(layer: LayerEvidence, figures: TrainingFigures) -> int:
    """Return how many of the published optimizer's steps it takes to get so far from a constant.

    A step is the learning rate times at most :func:`average_bound`, and weight decay's share of the value itself.
    """
    away = layer.displacement or 0.0
    if not math.isfinite(away) or layer.initialiser is None:
        return 0
    largest = away + abs(layer.initialiser.mean)
    step = figures.learning_rate * (average_bound(figures) + figures.weight_decay * largest)
    return math.ceil(away / step - ROUNDING) if away > np.finfo(np.float32).eps else 0

"""The experiment on whether a network was trained: probes, twins, measures, rule."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

import numpy as np
import torch
from msgspec import Struct
from torch import nn

from generators.evaluate.determinism import reproducible
from generators.evaluate.measures.behaviour import UNITS, measure
from generators.evaluate.measures.effect import cliffs_delta, hedges_g
from generators.evaluate.measures.reading import HeatmapNetwork, Reading, read_probes
from generators.evaluate.networks import RootNet
from generators.evaluate.networks.volumetric import VolumetricPoseNetwork
from generators.evaluate.preprocessing import Image, to_input
from generators.evaluate.probes.gathering import Probes
from generators.evaluate.probes.variants import RULED_VARIANTS, VARIANTS
from generators.evaluate.rule import answer_criteria, state_of_criteria, state_of_probes
from generators.evaluate.twins import recalibrate, redraw, shuffle
from generators.model.architecture import Architecture
from generators.model.sanity import (
    Measure,
    MeasureName,
    ProbeKind,
    ProbeResult,
    SeedValue,
    Statement,
    TwinKind,
    TwinValues,
)

_LOG = logging.getLogger(__name__)

TWINS: tuple[TwinKind, ...] = ("redrawn", "redrawn-recalibrated", "shuffled", "shuffled-recalibrated")


class Answers(Struct, frozen=True, kw_only=True):
    """A network's answers at one seed.

    Attributes:
        of: ``network`` or a kind of twin.
        seed: Of probes and twin.
        readings: By kind of probes.
    """

    of: str
    seed: int
    readings: dict[ProbeKind, Reading]


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of the experiment.

    Attributes:
        answers: Of the network and its twins, seed by seed.
        results: By kind of probes.
        statement: On all of them.
        reason: Its code.
        all_finite: Whether every answer of the network itself is finite.
    """

    answers: tuple[Answers, ...]
    results: tuple[ProbeResult, ...]
    statement: Statement
    reason: str
    all_finite: bool


def is_examinable(network: nn.Module) -> bool:
    """Whether a network answers with heatmaps."""
    return isinstance(network, (VolumetricPoseNetwork, RootNet))


def examine(network: HeatmapNetwork, architecture: Architecture, probes: dict[int, Probes], label: str) -> Outcome:
    """Examine a network and its twins on the same probes.

    Args:
        network: In evaluation mode.
        architecture: Whose twins are drawn.
        probes: By seed.
        label: What progress messages call it.
    """
    answers: list[Answers] = []
    started = time.perf_counter()
    with reproducible(), torch.inference_mode():
        for seed, shown in probes.items():
            answers += _answers_at(network, architecture, seed, shown)
            _LOG.info("%s: seed %d examined (%.1f s)", label, seed, time.perf_counter() - started)
    results = tuple(_result(kind, answers, probes) for kind in next(iter(probes.values())))
    own = [reading for answer in answers if answer.of == "network" for reading in answer.readings.values()]
    all_finite = all(reading.is_finite for reading in own)
    statement, reason = state_of_probes(results) if all_finite else ("cannot-tell", "not-finite")
    return Outcome(answers=tuple(answers), results=results, statement=statement, reason=reason, all_finite=all_finite)


def _answers_at(network: HeatmapNetwork, architecture: Architecture, seed: int, probes: Probes) -> Iterator[Answers]:
    """Yield the answers of a network and of one twin of each kind.

    Twins that keep their own statistics see drawn figures alone: what they make of a photograph says nothing more, and
    each picture costs the largest network a second on a slow machine.
    """
    device = next(network.parameters()).device
    inputs = torch.from_numpy(to_input(_taken(probes))).to(device)
    yield _answers("network", seed, network, probes, len(VARIANTS))
    drawn: Probes = {"drawn": probes["drawn"]}
    twin = redraw(architecture, seed, device)
    yield _answers("redrawn", seed, twin, drawn, RULED_VARIANTS)
    yield _answers("redrawn-recalibrated", seed, recalibrate(twin, inputs), probes, RULED_VARIANTS)
    twin = shuffle(network, seed)
    yield _answers("shuffled", seed, twin, drawn, RULED_VARIANTS)
    yield _answers("shuffled-recalibrated", seed, recalibrate(twin, inputs), probes, RULED_VARIANTS)


def _answers(of: str, seed: int, network: HeatmapNetwork, probes: Probes, variants: int) -> Answers:
    crops = {kind: [probe.crops[:variants] for probe in shown] for kind, shown in probes.items()}
    return Answers(of=of, seed=seed, readings={kind: read_probes(network, shown) for kind, shown in crops.items()})


def _taken(probes: Probes) -> Image:
    return np.stack([probe.crops[0] for shown in probes.values() for probe in shown])


def _result(kind: ProbeKind, answers: Sequence[Answers], probes: dict[int, Probes]) -> ProbeResult:
    found = {
        (answer.of, answer.seed): measure(answer.readings[kind], probes[answer.seed][kind])
        for answer in answers
        if kind in answer.readings
    }
    seeds = tuple(probes)
    names = [name for name in UNITS if any(name in values for values in found.values())]
    measures = tuple(_measure(name, seeds, found) for name in names)
    criteria = answer_criteria(measures)
    return ProbeResult(
        kind=kind,
        images=len(next(iter(probes.values()))[kind]),
        measures=measures,
        criteria=criteria,
        statement=state_of_criteria(criteria),
    )


def _measure(
    name: MeasureName, seeds: tuple[int, ...], found: dict[tuple[str, int], dict[MeasureName, float]]
) -> Measure:
    def values_of(who: str) -> tuple[SeedValue, ...]:
        return tuple(SeedValue(seed=seed, value=found.get((who, seed), {}).get(name)) for seed in seeds)

    own = values_of("network")
    return Measure(
        name=name,
        unit=UNITS[name],
        values=own,
        median=_median(own),
        twins=tuple(_twin_values(kind, values_of(kind), own) for kind in TWINS),
    )


def _twin_values(kind: TwinKind, theirs: tuple[SeedValue, ...], own: tuple[SeedValue, ...]) -> TwinValues:
    ours, others = _known(own), _known(theirs)
    return TwinValues(
        kind=kind,
        values=theirs,
        median=_median(theirs),
        delta=cliffs_delta(ours, others),
        hedges_g=hedges_g(ours, others),
    )


def _known(values: Iterable[SeedValue]) -> list[float]:
    return [value.value for value in values if value.value is not None]


def _median(values: Iterable[SeedValue]) -> float | None:
    known = _known(values)
    return median(known) if known else None

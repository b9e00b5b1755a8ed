"""From a checkpoint's weights to the evidence on whether the network was trained."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import torch
from msgspec.structs import replace
from torch import nn

from generators.evaluate.device import select_device
from generators.evaluate.experiment import Outcome, examine, is_examinable
from generators.evaluate.failures import first_line, machine_failure
from generators.evaluate.loading import LoadRefusal, load_network
from generators.evaluate.measures.reading import HeatmapNetwork
from generators.evaluate.probes.gathering import gather_probes
from generators.evaluate.showing import joint_entropies, shown_probes
from generators.model.architecture import Architecture
from generators.model.evaluation import Device
from generators.model.sanity import Missing, SanityEvaluation
from generators.model.tensor import WeightTensor


def examine_network(
    architecture: Architecture,
    weights: Iterable[WeightTensor],
    *,
    seeds: tuple[int, ...],
    own_images: Path,
    label: str,
    device: Device | None = None,
) -> SanityEvaluation:
    """Load the weights strictly and examine the network beside its untrained twins.

    Torch's switches and random state are as before afterwards.

    Args:
        architecture: What the checkpoint was identified as.
        weights: The model's tensors, by canonical name.
        seeds: Of probes and twins.
        own_images: Folder of the reader's own images; it need not be there.
        label: What progress messages call the checkpoint.
        device: Where to run; None for :func:`~generators.evaluate.device.select_device`'s choice.

    Returns:
        The evidence; or ``not-run`` because the weights don't fit (``load-refused``), the memory doesn't suffice
        (``out-of-memory``), the device fails (``device-failed``) or the network has no heatmap (``no-heatmap``).

    Raises:
        EvaluationError: No device is given and ``ASSAY_DEVICE`` names none that is here, or an own image can't be used.
    """
    device, started = device or select_device(), time.perf_counter()
    not_run = SanityEvaluation(status="not-run", architecture=architecture.id, device=device, seeds=seeds)
    probes, missing = gather_probes(seeds, own_images)
    try:
        network = load_network(architecture, weights, torch.device(device.kind))
        if isinstance(network, LoadRefusal):
            return replace(not_run, reason="load-refused", detail=network.detail)
        if not is_examinable(network):
            return replace(not_run, reason="no-heatmap")
        outcome = examine(cast("HeatmapNetwork", network), architecture, probes, label)
    except (RuntimeError, MemoryError) as error:
        failure = machine_failure(error)
        if failure is None:
            raise
        return replace(not_run, reason=failure, detail=first_line(error))
    return replace(
        not_run,
        status="run",
        volume=next(iter(outcome.answers[0].readings.values())).cells,
        all_finite=outcome.all_finite,
        statement=outcome.statement,
        statement_reason=outcome.reason,
        probes=outcome.results,
        entropies=joint_entropies(outcome.answers),
        shown=shown_probes(outcome.answers, probes),
        missing=(*missing, *_not_applicable(network, outcome)),
        seconds=time.perf_counter() - started,
    )


def _not_applicable(network: nn.Module, outcome: Outcome) -> Iterable[Missing]:
    if not hasattr(network, "joints"):
        yield Missing(what="volume", reason="one-joint")
    yield from (
        Missing(what=result.kind, reason="no-scale")
        for result in outcome.results
        if result.kind != "drawn" and not any(measure.name == "limb-asymmetry" for measure in result.measures)
    )

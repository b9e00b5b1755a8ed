"""What a page shows of an experiment: entropies by joint, and probes with predicted skeletons."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from statistics import median

import numpy as np

from generators.architectures.skeleton import JOINTS, ROOT
from generators.evaluate.experiment import TWINS, Answers
from generators.evaluate.measures.reading import Numbers
from generators.evaluate.probes.gathering import Probes
from generators.evaluate.probes.variants import Probe
from generators.model.sanity import JointEntropy, ProbeKind, ShownProbe, Skeleton

SHOWN_TWINS = ("redrawn-recalibrated", "shuffled-recalibrated")
"""Twins whose predictions are shown: the ones that fail for no other reason than that they were not trained."""
SHOWN_PIXELS = 128
"""Height and width of a picture that a page shows: enough to see a person, and small in the evidence."""
JPEG_QUALITY = 75


def joint_entropies(answers: Sequence[Answers]) -> tuple[JointEntropy, ...]:
    """Return the entropy of each joint's heatmap on drawn figures: medians over the seeds."""
    first = next(answer.readings["drawn"] for answer in answers if answer.of == "network")
    joints = first.entropy.shape[1]
    names = JOINTS if joints == len(JOINTS) else JOINTS[ROOT : ROOT + joints]
    of = {who: _medians(answers, who, "entropy") for who in ("network", *TWINS)}
    peaks = _medians(answers, "network", "peak")
    return tuple(
        JointEntropy(
            joint=name,
            entropy_nats=of["network"][number],
            peak=peaks[number],
            twin_entropy_nats=tuple(of[twin][number] for twin in TWINS),
        )
        for number, name in enumerate(names)
    )


def _medians(answers: Sequence[Answers], who: str, field: str) -> list[float | None]:
    """Return for each joint the median over the seeds of a value of the first crop."""
    rows = [getattr(answer.readings["drawn"], field)[0] for answer in answers if answer.of == who]
    return [median(map(float, column)) if all(np.isfinite(column)) else None for column in zip(*rows, strict=True)]


def shown_probes(answers: Sequence[Answers], probes: dict[int, Probes]) -> tuple[ShownProbe, ...]:
    """Return the first probe of each kind with what the network and two twins predict on it."""
    seed = next(iter(probes))
    return tuple(
        ShownProbe(
            kind=kind,
            seed=seed,
            image_jpeg=_jpeg(shown[0]),
            pixels_mm=shown[0].pixels_mm,
            skeletons=tuple(_skeletons(answers, kind, seed, shown[0])),
        )
        for kind, shown in probes[seed].items()
    )


def _skeletons(answers: Sequence[Answers], kind: ProbeKind, seed: int, probe: Probe) -> Iterable[Skeleton]:
    if probe.truth is not None:
        yield Skeleton(of="truth", joints=_joints(probe.truth))
    for answer in answers:
        if answer.seed == seed and answer.of in ("network", *SHOWN_TWINS):
            yield Skeleton(of=answer.of, joints=_joints(answer.readings[kind].positions[0, 0]))


def _joints(places: Numbers) -> tuple[tuple[float, float, float], ...]:
    if not np.isfinite(places).all():
        return ()
    return tuple((round(float(x), 2), round(float(y), 2), round(float(z), 1)) for x, y, z in places)


def _jpeg(probe: Probe) -> str:
    """Return the crop as taken, base64; empty where it may not be shown or Pillow isn't installed."""
    if not probe.may_show:
        return ""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        return ""
    buffer = io.BytesIO()
    Image.fromarray(probe.crops[0]).resize((SHOWN_PIXELS, SHOWN_PIXELS)).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return base64.b64encode(buffer.getvalue()).decode()

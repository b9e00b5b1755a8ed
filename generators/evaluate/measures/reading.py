"""A network's answer to crops: where each joint is, and how sure the heatmap is of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from msgspec import Struct
from numpy.typing import NDArray
from torch import Tensor

from generators.architectures.macs import INPUT_PIXELS
from generators.architectures.skeleton import DEPTH_BOX_MM
from generators.evaluate.networks import RootNet
from generators.evaluate.networks.soft_argmax import expected_position, normalise_heatmap
from generators.evaluate.networks.volumetric import VolumetricPoseNetwork
from generators.evaluate.preprocessing import Image, to_input

Numbers = NDArray[np.float64]
HeatmapNetwork = VolumetricPoseNetwork | RootNet
"""Networks whose answer is a heatmap: over a volume for each joint, or over the plane for the root alone."""
VOLUME_AXES = 3


class Reading(Struct, frozen=True, kw_only=True):
    """Answers to the V variants of each of P probes.

    Attributes:
        positions: float64[P, V, J, 3]: x and y in pixels of the crop, depth in mm from the root; 0 for a plane's depth.
        entropy: float64[P, J], in nats, of the crop as taken.
        peak: float64[P, J], probability of the heatmap's highest cell, of the crop as taken.
        cells: Shape of a joint's heatmap.
    """

    positions: Numbers
    entropy: Numbers
    peak: Numbers
    cells: tuple[int, ...]

    @property
    def is_finite(self) -> bool:
        """Whether every value is."""
        return all(bool(np.isfinite(values).all()) for values in (self.positions, self.entropy, self.peak))


def read_probes(network: HeatmapNetwork, crops: Sequence[Image]) -> Reading:
    """Return a network's answer to probes; autograd is the caller's to switch off.

    Args:
        network: In evaluation mode.
        crops: Of each probe uint8[V, 256, 256, 3], as taken first.
    """
    device = next(network.parameters()).device
    scores = (network.heatmap(torch.from_numpy(to_input(variants)).to(device)) for variants in crops)
    parts = [read_scores(of_probe) for of_probe in scores]
    return Reading(
        positions=np.concatenate([part.positions for part in parts]),
        entropy=np.concatenate([part.entropy for part in parts]),
        peak=np.concatenate([part.peak for part in parts]),
        cells=parts[0].cells,
    )


def read_scores(scores: Tensor) -> Reading:
    """Return what the scores of one probe's variants, float32[V, J, (D,) H, W], say."""
    cells = tuple(scores.shape[2:])
    probabilities = normalise_heatmap(scores)
    found = expected_position(probabilities)
    height, width = cells[-2:]
    places = [found[..., 0] * (INPUT_PIXELS / width), found[..., 1] * (INPUT_PIXELS / height)]
    has_depth = len(cells) == VOLUME_AXES
    depth = (found[..., 2] / cells[0] - 0.5) * DEPTH_BOX_MM if has_depth else torch.zeros_like(places[0])
    logs = scores[:1].flatten(2).log_softmax(dim=2)
    taken = probabilities[:1].flatten(2)
    return Reading(
        positions=_numbers(torch.stack((*places, depth), dim=2).unsqueeze(0)),
        # a share that vanishes adds nothing, and a score of minus infinity would make it no number
        entropy=_numbers(-torch.where(taken > 0, taken * logs, 0).sum(dim=2)),
        peak=_numbers(taken.amax(dim=2)),
        cells=cells,
    )


def _numbers(values: Tensor) -> Numbers:
    return np.asarray(values.cpu(), dtype=np.float64)

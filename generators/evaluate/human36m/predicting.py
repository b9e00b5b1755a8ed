"""From crops to poses in mm: the network, the mirrored image, the way back to the camera."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np
import torch
from msgspec import Struct
from numpy.typing import NDArray
from torch import nn

from generators.architectures.macs import INPUT_PIXELS
from generators.architectures.skeleton import DEPTH_BOX_MM, ROOT, mirrored_order
from generators.evaluate.determinism import reproducible
from generators.evaluate.human36m.cameras import Floats, from_pixels
from generators.evaluate.human36m.test_set import Frame

Predictor = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""From float32[N, 3, 256, 256] to float32[N, 18, 3]: x, y, z of each joint in cells of the volume."""
Volume = tuple[int, int, int]
"""Width, height and depth bins of a network's heatmap."""


class Poses(Struct, frozen=True, kw_only=True):
    """Predicted poses in camera coordinates, float64[N, 18, 3] in mm.

    Attributes:
        plain: Of the images as they are.
        averaged: Of the mean of that and the prediction of the mirrored image.
    """

    plain: Floats
    averaged: Floats


def network_predictor(network: nn.Module, device: torch.device) -> Predictor:
    """Return a function that runs a network on a batch, in full float32 precision."""

    def predict(crops: NDArray[np.float32]) -> NDArray[np.float32]:
        with reproducible(), torch.inference_mode():
            return np.asarray(network(torch.from_numpy(crops).to(device)).cpu().numpy())

    return predict


def heatmap_volume(network: nn.Module, device: torch.device) -> Volume:
    """Return width, height and depth bins of a volumetric network's heatmap, by asking it."""
    with torch.inference_mode():
        heatmap = network.heatmap(torch.zeros(1, 3, INPUT_PIXELS, INPUT_PIXELS, device=device))  # type: ignore[operator]
    _, _, depth, height, width = heatmap.shape
    return width, height, depth


def predict_poses(
    predict: Predictor,
    volume: Volume,
    batches: Iterator[NDArray[np.float32]],
    frames: Sequence[Frame],
    report: Callable[[int, float], None],
) -> Poses:
    """Return the poses of all frames.

    Args:
        predict: The network.
        volume: Of its heatmap.
        batches: The crops of the frames, in their order.
        frames: Boxes, cameras, and the true depth of the root, as the published code uses it.
        report: Told after each batch how many frames are done, and in how many seconds.
    """
    plain: list[Floats] = []
    averaged: list[Floats] = []
    waiting, started = iter(frames), time.perf_counter()
    for crops in batches:
        seen = list(islice(waiting, len(crops)))
        cells, both = _predict_twice(predict, crops, volume[0])
        plain.append(restore(cells, volume, seen))
        averaged.append(restore(both, volume, seen))
        report(sum(map(len, plain)), time.perf_counter() - started)
    return Poses(plain=np.concatenate(plain), averaged=np.concatenate(averaged))


def _predict_twice(predict: Predictor, crops: NDArray[np.float32], width: int) -> tuple[Floats, Floats]:
    """Return the prediction, and its mean with that of the mirrored crops, float64[N, 18, 3] in cells.

    Source: UP ``main/test.py``: the crop is mirrored, not the image; x becomes ``width - x - 1``; then left and right
    change places. Mirrored pixels lie at ``width - x - width / 256``: by that rule all joints move alike, by less than
    half a cell, which the alignment of the roots takes back but for perspective.
    """
    cells = predict(crops).astype(np.float64)
    mirrored = predict(np.ascontiguousarray(crops[..., ::-1])).astype(np.float64)
    mirrored[..., 0] = width - mirrored[..., 0] - 1
    return cells, (cells + mirrored[:, list(mirrored_order())]) / 2


def restore(cells: Floats, volume: Volume, frames: Sequence[Frame]) -> Floats:
    """Return predictions in cells as poses in camera coordinates, float64[N, 18, 3] in mm.

    Source: UP ``data/Human36M/Human36M.py``, ``evaluate``.

    Args:
        cells: float64[N, 18, 3].
        volume: Width, height and depth bins of the heatmap.
        frames: One for each prediction; of their poses only the root's depth is used.
    """
    boxes, focal, centre = (
        np.stack([getattr(frame, name) for frame in frames])[:, None] for name in ("box", "focal", "centre")
    )
    root_depth = np.array([frame.pose[ROOT, 2] for frame in frames])[:, None]
    pixels = cells[..., :2] / np.array(volume[:2]) * boxes[..., 2:] + boxes[..., :2]
    depth = (cells[..., 2] / volume[2] * 2 - 1) * (DEPTH_BOX_MM / 2) + root_depth
    return from_pixels(pixels, depth, focal, centre)

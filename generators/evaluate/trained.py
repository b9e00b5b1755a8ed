"""The trained positive control: a small network that learns to find the joints of drawn figures within a build.

Its file has the layout of any other checkpoint, and what it holds is true:
weights, moments and counters of a training that took place. It is Assay's own
stand-in and says nothing of any published network.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from msgspec import Struct
from torch import Tensor, nn

from generators.architectures.macs import INPUT_PIXELS
from generators.architectures.skeleton import DEPTH_BOX_MM, mirrored_order
from generators.errors import EvaluationError
from generators.evaluate.controls import make_optimizer, save_training
from generators.evaluate.determinism import reproducible, single_thread
from generators.evaluate.initialisation import draw_network
from generators.evaluate.networks.soft_argmax import soft_argmax
from generators.evaluate.networks.volumetric import VolumetricPoseNetwork
from generators.evaluate.preprocessing import PIXEL_MEAN, PIXEL_STD
from generators.evaluate.probes.drawn import drawn_crop
from generators.model.architecture import Architecture

FIGURES = 240
"""Drawn for the training. Each is seen once an epoch, moved, scaled, coloured and mirrored at random."""
EPOCHS = 8
BATCH_SIZE = 8
LEARNING_RATE = 6e-3
"""At its highest, whatever is trained; the published 1e-3 is for batches of 32 and 70 epochs (UP ``main/config.py``).
:mod:`generators.architectures.training` has it and the batch size too, and a test holds them together."""
WARM_UP = 0.15
"""Share of the training in which the rate rises; it falls for the rest."""
MOVE_PIXELS = 24.0
"""By how much a figure is moved at most: as far as the published box leaves a margin around a person."""
SCALE = 0.15
COLOUR, NOISE_LEVELS = 0.25, 10.0
"""Largest change of a colour's strength, and of noise in levels of 255. Source of the first: PN ``data/dataset.py``
has 0.2."""


class Lessons(Struct, frozen=True, kw_only=True):
    """What is learned from.

    Attributes:
        crops: float32[N, 3, 256, 256], in 0..255.
        joints: float32[N, 18, 3]: x and y in pixels of the crop, depth in mm from the root.
    """

    crops: Tensor
    joints: Tensor


def write_trained_control(architecture: Architecture, seed: int, path: Path) -> None:
    """Train a network on drawn figures and write its checkpoint.

    The same seed gives the same bytes on the same processor with the same torch, on however many cores: one thread does
    it, and layers so small gain little from a second one. Torch's switches, threads and random
    state are as before afterwards. The file appears whole or not at all.

    Args:
        architecture: With a volumetric head of 18 joints.
        seed: Of figures, weights and order.
        path: The file to write; its folder is made, and a file there is replaced.

    Raises:
        EvaluationError: The architecture has another head.
    """
    with reproducible(), single_thread():
        network, optimizer = train(architecture, seed, draw_lessons(seed, FIGURES), EPOCHS)
    save_training(network, optimizer, EPOCHS - 1, architecture.training, path)


def draw_lessons(seed: int, count: int) -> Lessons:
    """Return drawn figures with their joints; the same for the same seed."""
    generator = np.random.default_rng(seed)
    drawn = [drawn_crop(generator) for _ in range(count)]
    crops = torch.from_numpy(np.stack([crop for crop, _ in drawn])).permute(0, 3, 1, 2).float()
    return Lessons(crops=crops, joints=torch.from_numpy(np.stack([joints for _, joints in drawn])).float())


def train(
    architecture: Architecture,
    seed: int,
    lessons: Lessons,
    epochs: int,
    *,
    device: str = "cpu",
    heard: Callable[[float], None] = lambda _: None,
) -> tuple[VolumetricPoseNetwork, torch.optim.Optimizer]:
    """Train a freshly drawn network with the published loss.

    Args:
        architecture: With a volumetric head of 18 joints.
        seed: Of weights, order and variation.
        lessons: What is learned from.
        epochs: How often.
        device: Where; figures are varied on the CPU.
        heard: Is told the mean loss of every epoch, in cells of the heatmap.

    Raises:
        EvaluationError: The architecture has no volumetric head.
    """
    generator = torch.Generator().manual_seed(seed)
    network = draw_network(architecture, generator)
    if not isinstance(network, VolumetricPoseNetwork):
        raise EvaluationError(
            "not-trainable",
            f"{architecture.id} has no heatmap over a volume for each joint",
            remedy='leave `training = "drawn-figures"` out, or take another recipe',
        )
    network.to(device)
    optimizer = make_optimizer(network, architecture)
    batches = len(lessons.crops) // BATCH_SIZE
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=LEARNING_RATE, total_steps=epochs * batches, pct_start=WARM_UP, cycle_momentum=False
    )
    for _ in range(epochs):
        total = torch.zeros((), device=device)
        order = torch.randperm(len(lessons.crops), generator=generator)[: batches * BATCH_SIZE]
        for chosen in torch.split(order, BATCH_SIZE):
            images, joints = _vary(lessons.crops[chosen], lessons.joints[chosen], generator)
            loss = _loss(network, images.to(device), joints.to(device))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            total += loss.detach()
        heard(float(total) / batches)
    return network, optimizer


def _loss(network: VolumetricPoseNetwork, images: Tensor, joints: Tensor) -> Tensor:
    """Return the mean absolute error in cells of the heatmap. Source: UP ``main/model.py``."""
    mean, std = (torch.tensor(figures, device=images.device).view(1, -1, 1, 1) for figures in (PIXEL_MEAN, PIXEL_STD))
    scores = network.heatmap((images - mean) / std)
    found = soft_argmax(scores)
    plane = joints[..., :2] * (scores.shape[-1] / INPUT_PIXELS)
    depth = (joints[..., 2:] / DEPTH_BOX_MM + 0.5) * network.depth_bins
    return nn.functional.l1_loss(found, torch.cat((plane, depth), dim=2))


def _vary(images: Tensor, joints: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Mirror half of the figures; move, scale, colour all; add noise."""
    count = len(images)
    mirrored = joints[:, list(mirrored_order())].clone()
    mirrored[..., 0] = INPUT_PIXELS - 1 - mirrored[..., 0]
    chosen = (torch.rand(count, generator=generator) < 0.5).view(-1, 1, 1)  # noqa: PLR2004 - half of them
    joints = torch.where(chosen, mirrored, joints)
    images = torch.where(chosen.unsqueeze(3), images.flip(3), images)
    images, joints = _move(images, joints, generator)
    strength = 1 + COLOUR * _either_way((count, 3, 1, 1), generator)
    grain = NOISE_LEVELS * torch.rand((count, 1, 1, 1), generator=generator)
    noise = torch.randn(images.shape, generator=generator)
    return (images * strength + grain * noise).clamp(0, 255), joints


def _move(images: Tensor, joints: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    scale = 1 + SCALE * _either_way((len(images), 1), generator)
    half = (INPUT_PIXELS - 1) / 2
    shift = MOVE_PIXELS / half * _either_way((len(images), 2), generator)
    matrix = torch.zeros((len(images), 2, 3))
    matrix[:, 0, 0] = matrix[:, 1, 1] = scale[:, 0]
    matrix[:, :, 2] = shift
    grid = nn.functional.affine_grid(matrix, list(images.shape), align_corners=True)
    moved = nn.functional.grid_sample(images, grid, align_corners=True)
    plane = ((joints[..., :2] / half - 1) - shift.unsqueeze(1)) / scale.unsqueeze(1)
    return moved, torch.cat(((plane + 1) * half, joints[..., 2:]), dim=2)


def _either_way(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return 2 * torch.rand(shape, generator=generator) - 1

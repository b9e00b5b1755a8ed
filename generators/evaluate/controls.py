"""Positive controls: checkpoints of a known architecture, one real training iteration old.

A control is laid out as the architecture's training code lays out its
checkpoints, and its contents are true: the optimizer's moments are those of the
one backward pass, and every counter says one iteration.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, assert_never

import torch
from torch import Tensor, nn

from generators.evaluate.determinism import reproducible, single_thread
from generators.evaluate.initialisation import draw_network, known_training
from generators.evaluate.legacy_keys import place_storages
from generators.evaluate.networks import network_inputs
from generators.model.architecture import Architecture, TrainingLayout

EPOCH = 0
"""The training code counts epochs from 0 and saves after each. Source: UP, PN and RN ``main/train.py``."""
SNAPSHOT_NAME = f"snapshot_{EPOCH}.pth.tar"
"""Source: UP, PN and RN ``common/base.py``. torch names the zip's root after the file, without its last suffix."""
BATCH_SIZE = 2
"""Images of the iteration: the fewest with which batch statistics are no constant."""
IMAGE_SIZE = 64
"""Pixels: the smallest with which the last stage still has more than one cell; the layout doesn't depend on it."""
TARGET_RANGE = 7.0
"""Targets are drawn from 0 to this: the last cell of the smallest heatmap that ``IMAGE_SIZE`` gives."""


class _Wrapped(nn.Module):
    """Names tensors as ``torch.nn.DataParallel`` does, without moving them to a GPU where there is one."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module


def write_control(architecture: Architecture, seed: int, path: Path) -> None:
    """Write a positive control of the architecture.

    The same seed gives the same bytes on the same machine, however many cores
    are free. Torch's switches, threads and random state are as before
    afterwards. The file appears whole or not at all.

    Args:
        architecture: Whose training layout is followed.
        seed: Of weights, images and targets.
        path: The file to write; its folder is made, and a file there is replaced.
    """
    generator = torch.Generator().manual_seed(seed)
    with reproducible(), single_thread():
        network = draw_network(architecture, generator)
        optimizer = make_optimizer(network, architecture)
        _train_once(network, optimizer, generator)
    checkpoint = {
        "epoch": EPOCH,
        "network": _Wrapped(network).state_dict(),
        "optimizer": _optimizer_state(optimizer, architecture.training),
    }
    if architecture.training.container == "torch-legacy":
        place_storages(checkpoint)
    _save(checkpoint, architecture.training, path)


def save_training(
    network: nn.Module, optimizer: torch.optim.Optimizer, epoch: int, training: TrainingLayout, path: Path
) -> None:
    """Write a checkpoint of a training in the layout that its code would save.

    Args:
        network: As trained.
        optimizer: That trained it.
        epoch: The last finished one, counted from 0.
        training: The layout.
        path: The file to write; its folder is made, and a file there is replaced.
    """
    state = _optimizer_state(optimizer, training)
    checkpoint = {"epoch": epoch, "network": _Wrapped(network).state_dict(), "optimizer": state}
    _save(checkpoint, training, path, f"snapshot_{epoch}.pth.tar")


def make_optimizer(network: nn.Module, architecture: Architecture) -> torch.optim.Optimizer:
    """Return the optimizer of the architecture's training, at the highest rate of its schedule."""
    figures = known_training(architecture)
    rate, betas, decay = figures.learning_rate, (figures.beta1, figures.beta2), figures.weight_decay
    match architecture.training.optimizer:
        case "AdamW":
            return torch.optim.AdamW(network.parameters(), lr=rate, betas=betas, weight_decay=decay)
        case "Adam":
            return torch.optim.Adam(network.parameters(), lr=rate, betas=betas, weight_decay=decay)
        case _ as unreachable:
            assert_never(unreachable)


def _train_once(network: nn.Module, optimizer: torch.optim.Optimizer, generator: torch.Generator) -> None:
    """One iteration with the published loss: the absolute error of the coordinates (UP, PN, RN ``main/model.py``)."""
    network.train()
    images = torch.randn((BATCH_SIZE, 3, IMAGE_SIZE, IMAGE_SIZE), generator=generator)
    positions: Tensor = network(*network_inputs(network, images))
    targets = TARGET_RANGE * torch.rand(positions.shape, generator=generator)
    optimizer.zero_grad()
    nn.functional.l1_loss(positions, targets).backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _optimizer_state(optimizer: torch.optim.Optimizer, training: TrainingLayout) -> dict[str, Any]:
    state = optimizer.state_dict()
    if not training.step_is_tensor:
        for moments in state["state"].values():
            moments["step"] = int(moments["step"])
    return state


def _save(checkpoint: dict[str, Any], training: TrainingLayout, path: Path, name: str = SNAPSHOT_NAME) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        snapshot = Path(folder) / name
        torch.save(checkpoint, snapshot, _use_new_zipfile_serialization=training.container == "torch-zip")
        os.replace(snapshot, path)  # noqa: PTH105 - atomic also where a file is replaced on Windows

"""Negative controls: untrained networks of the same architecture as one that is examined.

Running statistics of batch normalisation belong to the weights: left as they
are, a twin's say nothing of what its other weights compute, and its signal may
die or explode on the way, which any measure would notice. So that no twin fails
for that reason alone, each is also examined with statistics that are measured
anew on the very probes it is shown.
"""

from __future__ import annotations

import copy
from typing import cast

import torch
from torch import Tensor, nn

from generators.evaluate.initialisation import draw_network
from generators.evaluate.measures.reading import HeatmapNetwork
from generators.model.architecture import Architecture


def redraw(architecture: Architecture, seed: int, device: torch.device) -> HeatmapNetwork:
    """Return a network with weights drawn as the published code draws them, in evaluation mode."""
    network = draw_network(architecture, torch.Generator().manual_seed(seed)).to(device).eval()
    return cast("HeatmapNetwork", network)


@torch.no_grad()
def shuffle(network: HeatmapNetwork, seed: int) -> HeatmapNetwork:
    """Return a copy with the values of each tensor in another order, in evaluation mode.

    A running variance stays one: its values only change places. Counters of batches are left alone.
    """
    generator = torch.Generator().manual_seed(seed)
    twin = copy.deepcopy(network)
    for tensor in twin.state_dict().values():
        if tensor.is_floating_point():
            order = torch.randperm(tensor.numel(), generator=generator).to(tensor.device)
            tensor.copy_(tensor.flatten()[order].view(tensor.shape))
    return twin.eval()


@torch.no_grad()
def recalibrate(network: HeatmapNetwork, inputs: Tensor) -> HeatmapNetwork:
    """Return a copy whose running statistics are those of the inputs, in evaluation mode.

    Args:
        network: Not changed.
        inputs: float32[N, 3, 256, 256], as the network takes them.
    """
    twin = copy.deepcopy(network)
    layers = [layer for layer in twin.modules() if isinstance(layer, nn.BatchNorm2d)]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the plain mean of all batches, here of one
    twin.train()
    twin.heatmap(inputs)
    return twin.eval()

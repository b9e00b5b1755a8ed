"""Multiply-accumulates of the convolutions, counted while a network runs without data."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from generators.evaluate.networks import network_inputs

FLOPS_PER_MAC = 2
"""Source: torch ``utils/flop_counter.py``: a multiplication and an addition count apart; a bias isn't counted."""
CONVOLUTIONS = (torch.ops.aten.convolution, torch.ops.aten._convolution)  # noqa: SLF001
"""Source: torch ``native_functions.yaml``: the operators of all convolutions, transposed ones too."""


def count_conv_macs(network: nn.Module, input_shape: tuple[int, int, int, int]) -> int:
    """Return the multiply-accumulates of all convolutions in one forward pass.

    Normalisation, activations and upsampling are left out.

    Args:
        network: On the meta device, where layers have shapes and no values.
        input_shape: Of the images, [N, 3, H, W].
    """
    inputs = network_inputs(network, torch.empty(input_shape, device="meta"))
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(*inputs)
    flops = counter.get_flop_counts()["Global"]
    return int(sum(flops.get(operator, 0) for operator in CONVOLUTIONS)) // FLOPS_PER_MAC

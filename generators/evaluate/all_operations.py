"""Multiply-accumulates of all operations, counted by ptflops.

Its rule (``pytorch`` backend): a convolution as everywhere, one more for each
output value where it has a bias; two for each value that an affine batch
normalisation takes; one for each value that an activation or a pooling takes
and that an upsampling gives; sums, softmax and products of tensors by method or
operator sign not at all.

It was chosen because it is kept up (0.7.5 is of August 2025), needs nothing but
torch and counts what torch's own counter leaves out. fvcore (2022) doesn't run
with torch 2.13, thop (2022) counts no activation and no upsampling, and calflops
(2024) needs transformers. Its own ``aten`` backend leaves out biases and
upsampling.

Source: ptflops ``pytorch_ops.py``.
"""

from __future__ import annotations

import contextlib
import io
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import torch
from msgspec.structs import replace
from torch import Tensor, nn

from generators.architectures.macs import INPUT_PIXELS
from generators.evaluate.networks import build_network, network_inputs
from generators.model.architecture import Architecture
from generators.model.evaluation import MacCount

COUNTER = "ptflops"
IMAGE_SHAPE = (3, INPUT_PIXELS, INPUT_PIXELS)


class _ImagesOnly(nn.Module):
    """A network that takes images and nothing else, as the counter wants it."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        output: Tensor = self.network(*network_inputs(self.network, images))
        return output


def count_all_operations(architecture: Architecture, counts: tuple[MacCount, ...]) -> tuple[MacCount, ...]:
    """Return the counts with that of all operations beside each, or why there is none."""
    try:
        from ptflops import get_model_complexity_info

        counter = f"{COUNTER} {version(COUNTER)}"
    except (ImportError, PackageNotFoundError):
        return tuple(replace(count, not_counted="counter-missing") for count in counts)

    def counted(count: MacCount) -> MacCount:
        network = _ImagesOnly(_empty_network(architecture, count.upsampling_blocks or None)).eval()
        printed = io.StringIO()
        # it tells of a failure by printing it
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), torch.inference_mode():
            macs, _ = get_model_complexity_info(
                network, IMAGE_SHAPE, as_strings=False, print_per_layer_stat=False, backend="pytorch", ost=printed
            )
        failed: Literal["counter-failed"] = "counter-failed"
        return replace(count, not_counted=failed) if macs is None else replace(count, all_macs=macs, counter=counter)

    return tuple(counted(count) for count in counts)


def _empty_network(architecture: Architecture, upsampling_blocks: int | None) -> nn.Module:
    """Return the network with zeros for weights: the count doesn't depend on them.

    It is on the CPU, because torch's operators without data are made of others, which the counter would count too.
    """
    with torch.device("meta"):
        network = build_network(architecture, upsampling_blocks)
    network.to_empty(device="cpu")
    for tensor in network.state_dict().values():
        tensor.zero_()
    return network

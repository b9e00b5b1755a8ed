"""Weights from a checkpoint's bytes into a network, strictly.

Every tensor of the network must come exactly once, with its shape, and nothing
else may come. Half-precision and double weights become float32; nothing else is
converted.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

import torch
from msgspec import Struct
from torch import Tensor, nn

from generators.evaluate.networks import build_network
from generators.model.architecture import Architecture
from generators.model.tensor import WeightTensor

CONVERTIBLE: dict[torch.dtype, dict[str, torch.dtype]] = {
    torch.float32: {
        "float32": torch.float32,
        "float16": torch.float16,
        "bfloat16": torch.bfloat16,
        "float64": torch.float64,
    },
    torch.int64: {"int64": torch.int64, "int32": torch.int32},
}
"""By the network's dtype, the checkpoint's dtypes that may stand in for it."""
NAMES_SHOWN = 5
"""Names of one kind that a refusal spells out; the rest are counted."""


class LoadRefusal(Struct, frozen=True, kw_only=True):
    """Why weights don't fit a network.

    Attributes:
        missing: Tensors of the network that didn't come.
        unexpected: Tensors that came and aren't the network's, or came twice. Hostile text.
        unfit: Tensors of another shape, dtype or length, each with what is expected and what came. Hostile text.
    """

    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    unfit: tuple[str, ...]

    @property
    def detail(self) -> str:
        """Return the refusal without words: ``-name`` is missing, ``+name`` unexpected, ``name: a != b`` unfit."""
        kinds = (("-", self.missing), ("+", self.unexpected), ("", self.unfit))
        return ", ".join(part for sign, names in kinds for part in _shortened(sign, names))


def _shortened(sign: str, names: tuple[str, ...]) -> list[str]:
    parts = [f"{sign}{name}" for name in names[:NAMES_SHOWN]]
    return [*parts, f"{sign}... ({len(names)})"] if len(names) > NAMES_SHOWN else parts


def load_network(
    architecture: Architecture, weights: Iterable[WeightTensor], device: torch.device
) -> nn.Module | LoadRefusal:
    """Return the architecture's network with those weights, in evaluation mode, or why they don't fit.

    The global random state isn't touched: layers are built without values.

    Args:
        architecture: What to build.
        weights: Taken one after the other; each is dropped once it is copied.
        device: Where the network's tensors are.
    """
    with torch.device("meta"):
        network = build_network(architecture)
    network.to_empty(device=device)
    refusal = _fill(network.state_dict(), weights)
    return network.eval() if refusal is None else refusal


@torch.no_grad()
def _fill(targets: dict[str, Tensor], weights: Iterable[WeightTensor]) -> LoadRefusal | None:
    waiting = dict(targets)
    unexpected: list[str] = []
    unfit: list[str] = []
    for weight in weights:
        target = waiting.pop(weight.name, None)
        if target is None:
            unexpected.append(weight.name)
        elif mismatch := _mismatch(target, weight):
            unfit.append(f"{weight.name}: {mismatch}")
        else:
            target.copy_(_tensor_of(weight, CONVERTIBLE[target.dtype][weight.dtype]))
    if waiting or unexpected or unfit:
        return LoadRefusal(missing=tuple(waiting), unexpected=tuple(unexpected), unfit=tuple(unfit))
    return None


def _mismatch(target: Tensor, weight: WeightTensor) -> str:
    if tuple(target.shape) != weight.shape:
        return f"{list(target.shape)} != {list(weight.shape)}"
    dtype = CONVERTIBLE[target.dtype].get(weight.dtype)
    if dtype is None:
        return f"{str(target.dtype).removeprefix('torch.')} != {weight.dtype}"
    expected_bytes = prod(weight.shape) * dtype.itemsize
    return f"{expected_bytes} B != {len(weight.data)} B" if expected_bytes != len(weight.data) else ""


def _tensor_of(weight: WeightTensor, dtype: torch.dtype) -> Tensor:
    # a bytearray, because torch warns about memory that it could not write to
    return torch.frombuffer(bytearray(weight.data), dtype=dtype).view(weight.shape)

"""Arithmetic in a shorter dtype, imitated on a device without it: every operator's result is rounded.

Inside an operator sums stay in float32, as in the units of graphics cards for
such products; what the operator hands on is rounded to the shorter dtype.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode


class RoundedResults(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Rounds the floating-point results of all operators while it is entered.

    Args:
        dtype: What results are rounded to; they stay in their own dtype.
    """

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.dtype = dtype

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        return _rounded(func(*args, **(kwargs or {})), self.dtype)


def round_network(network: nn.Module, dtype: torch.dtype) -> nn.Module:
    """Return a copy of the network whose weights are rounded to the dtype and stay in their own."""
    rounded = copy.deepcopy(network)
    with torch.no_grad():
        for tensor in rounded.state_dict().values():
            tensor.copy_(_rounded(tensor, dtype))
    return rounded


def _rounded(value: Any, dtype: torch.dtype) -> Any:  # noqa: ANN401 - what an operator returns
    match value:
        case Tensor() if value.is_floating_point():
            return value.to(dtype).to(value.dtype)
        case tuple() | list():
            return type(value)(_rounded(item, dtype) for item in value)
        case _:
            return value

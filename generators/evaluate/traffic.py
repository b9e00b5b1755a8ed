"""Bytes that the operators of a network read and write, counted while it runs without data.

Counting rule: each operator reads each of its tensors once and writes each of
its results once. A view moves nothing. Eager execution does just that, except
that a cache may still hold what the operator before has written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from msgspec import Struct
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from generators.architectures.macs import INPUT_PIXELS
from generators.evaluate.networks import build_network, network_inputs
from generators.model.architecture import Architecture


class Traffic(Struct, frozen=True, kw_only=True):
    """Bytes of one pass: what doesn't depend on the batch (weights), what an image adds, and the largest operator's.

    Attributes:
        fixed_bytes: For any batch.
        image_bytes: For each image.
        largest_image_bytes: Of the operator that moves most, for each image: a bound on the memory that an image takes.
    """

    fixed_bytes: int
    image_bytes: int
    largest_image_bytes: int

    def of_batch(self, batch_size: int) -> int:
        """Return the bytes of a pass of that many images."""
        return self.fixed_bytes + batch_size * self.image_bytes


class _ByteCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up what the operators move while it is entered."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total_bytes = 0
        self.largest_bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        result = func(*args, **(kwargs or {}))
        if not _only_views(func):
            moved = sum(_bytes(tensor) for tensor in (*_tensors(args), *_tensors(kwargs), *_tensors(result)))
            self.total_bytes += moved
            self.largest_bytes = max(self.largest_bytes, moved)
        return result


def count_traffic(architecture: Architecture) -> Traffic:
    """Return the bytes that the architecture's network moves for images of 256x256 in float32."""
    (one, largest), (two, _) = _count(architecture, 1), _count(architecture, 2)
    image = two - one
    return Traffic(fixed_bytes=one - image, image_bytes=image, largest_image_bytes=largest)


def _count(architecture: Architecture, batch_size: int) -> tuple[int, int]:
    with torch.device("meta"):
        network = build_network(architecture).eval()
        inputs = network_inputs(network, torch.empty((batch_size, 3, INPUT_PIXELS, INPUT_PIXELS)))
    with torch.inference_mode(), _ByteCounter() as counter:
        network(*inputs)
    return counter.total_bytes, counter.largest_bytes


def _only_views(func: Any) -> bool:  # noqa: ANN401 - torch's operators have no public type
    """Return whether the operator's result is the memory of an argument, unchanged."""
    aliases = [result.alias_info for result in func._schema.returns]  # noqa: SLF001 - torch's own modes read it
    return any(alias is not None and not alias.is_write for alias in aliases)


def _tensors(value: object) -> Iterator[Tensor]:
    match value:
        case Tensor():
            yield value
        case list() | tuple():
            for item in value:
                yield from _tensors(item)
        case dict():
            yield from _tensors(list(value.values()))


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()

"""Storage keys of the legacy container that don't depend on the process.

The legacy writer names a storage after its address in memory and orders the
storages by that name, so that two runs with the same tensors write different
files. A storage that states another address makes the same file each time; the
layout stays that of the real writer.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from itertools import count
from typing import Any

import torch
from torch import Tensor

FIRST_ADDRESS = 94_000_000_000_000
"""In decimals as long as the addresses that a 64-bit Linux gives, so that file sizes agree with published ones."""
ADDRESS_STEP = 64


class _PlacedStorage(torch.UntypedStorage):
    """A storage that states an address of our choice to ``torch.save``.

    Source: torch ``serialization.py``, ``_legacy_save``: ``str(storage._cdata)``.
    """

    address = FIRST_ADDRESS

    @property
    def _cdata(self) -> int:
        return self.address


def place_storages(tree: MutableMapping[Any, Any], addresses: count[int] | None = None) -> None:
    """Replace every tensor in nested mappings, in their order, by an equal one at a numbered address.

    Args:
        tree: Changed in place. Its tensors must not share storages.
        addresses: The addresses to give out.
    """
    addresses = addresses or count(FIRST_ADDRESS, ADDRESS_STEP)
    for key, value in tree.items():
        if isinstance(value, Tensor):
            tree[key] = _placed(value, next(addresses))
        elif isinstance(value, MutableMapping):
            place_storages(value, addresses)


def _placed(tensor: Tensor, address: int) -> Tensor:
    storage = _PlacedStorage(tensor.numel() * tensor.element_size())  # type: ignore[no-untyped-call]
    storage.address = address
    placed: Tensor = torch.empty(0, dtype=tensor.dtype).set_(storage, 0, tensor.shape)  # type: ignore[call-overload]
    return placed.copy_(tensor)

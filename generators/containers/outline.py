"""The upper branches of a checkpoint's object: which keys hold further keys, and which of them an optimizer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from generators.containers.global_policy import printable
from generators.containers.leaves import key_text
from generators.containers.values import CompositeTensor, Opaque, PickleDict, TensorValue, Value
from generators.model.checkpoint import Branch, Outline

MAX_DEPTH = 3
"""Training codes nest no deeper: ``trainer._trainer.optimizer``."""
MAX_BRANCHES = 1000
MAX_KEYS = 10_000
"""Keys looked at in one object; a state dict has no branches however many keys it has."""
_OPTIMIZER_KEYS = ("state", "param_groups")
"""Source: ``Optimizer.state_dict`` in ``torch/optim/optimizer.py`` of PyTorch 2.13."""


def outline(root: Value) -> Outline:
    """Return the outline of a checkpoint's object."""
    return Outline(
        root=_kind(root), is_optimizer=_is_optimizer(root), branches=tuple(islice(_branches(root, "", 1), MAX_BRANCHES))
    )


def _kind(value: Value) -> str:
    match value:
        case PickleDict():
            return "dict"
        case list() | tuple():
            return "list"
        case TensorValue() | CompositeTensor():
            return "tensor"
        case Opaque():
            return "tensor" if value.stands_for is not None else printable(value.kind)
        case _:
            return "value"


def _branches(value: Value, parent: str, depth: int) -> Iterator[Branch]:
    for key, below in islice(_children(value), MAX_KEYS):
        if not isinstance(below, PickleDict | list | tuple | Opaque) or _kind(below) == "tensor":
            continue
        name = f"{parent}{key}"
        optimizer = _is_optimizer(below)
        yield Branch(name=name, depth=depth, kind=_kind(below), is_optimizer=optimizer)
        if depth < MAX_DEPTH and not optimizer and not isinstance(below, Opaque):
            yield from _branches(below, f"{name}.", depth + 1)


def _children(value: Value) -> Iterable[tuple[str, Value]]:
    match value:
        case PickleDict():
            return ((key_text(k), v) for k, v in value.items())
        case list() | tuple():
            return ((str(i), v) for i, v in enumerate(value))
        case Opaque(pairs=PickleDict() as pairs):
            return ((key_text(k), v) for k, v in pairs.items())
        case _:
            return ()


def _is_optimizer(value: Value) -> bool:
    return isinstance(value, PickleDict) and all(key in value for key in _OPTIMIZER_KEYS)

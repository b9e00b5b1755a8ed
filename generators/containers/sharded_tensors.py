"""What one process keeps of a tensor that is spread over several.

A ``DTensor`` keeps its local tensor, a ``ShardedTensor`` a list of shards. The
part stands under the tensor's own name, because it is what the file has of it.

Source: ``DTensor.__slots__`` in ``torch/distributed/tensor/_api.py``,
``ShardedTensor.__getstate__`` in ``torch/distributed/_shard/sharded_tensor/api.py``
and ``Shard`` in ``shard.py`` beside it, of PyTorch 2.13.
"""

from __future__ import annotations

from generators.containers.values import Opaque, PickleDict, TensorValue, Value

MAX_SHARDS = 1024
"""Shards of one tensor that one process has; it has one."""

Parts = tuple[tuple[str | None, Value], ...]


def local_parts(kind: str, state: Value) -> Parts:
    """Return the local tensors in a distributed tensor's state, none for another class.

    Args:
        kind: Path of the class.
        state: What its pickle was given.
    """
    match kind.rpartition(".")[2], state:
        case "DTensor", (_, PickleDict() as slots, *_) if isinstance(local := slots.get("_local_tensor"), TensorValue):
            return ((None, local),)
        case "ShardedTensor", (list() as shards, *_):
            tensors = [t for shard in shards[:MAX_SHARDS] if isinstance(t := _shard_tensor(shard), TensorValue)]
            if len(tensors) == 1:
                return ((None, tensors[0]),)
            return tuple((str(i), tensor) for i, tensor in enumerate(tensors))
        case _:
            return ()


def _shard_tensor(shard: Value) -> Value:
    match shard:
        case Opaque(states=[(_, PickleDict() as slots), *_]) | Opaque(states=[PickleDict() as slots, *_]):
            return slots.get("tensor")
        case _:
            return None

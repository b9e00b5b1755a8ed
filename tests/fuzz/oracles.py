"""What other readers make of a file, as far as they can be asked without running what it asks for."""

from __future__ import annotations

import io
import math
import pickle
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from generators.containers.values import ByteRun, PickleDict, PickleSet

REFUSALS = (
    *(RuntimeError, pickle.UnpicklingError, ValueError, LookupError, TypeError, AttributeError, EOFError, ImportError),
    *(ArithmeticError, AssertionError, MemoryError, RecursionError, NotImplementedError, OSError),
    struct.error,
)
"""What loaders raise for files that they don't take."""
MOST_COMPARED = 10_000
REFUSED = object()


class _DataOnly(pickle._Unpickler):  # type: ignore[name-defined,misc]
    """Python's own unpickler, in Python, where numbers in the memo reserve no room; it finds no names."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name}")


def load_data(stream: bytes) -> Any:
    """Return what Python builds from a pickle of data alone, or ``REFUSED``."""
    with warnings.catch_warnings(action="ignore"):
        try:
            return _DataOnly(io.BytesIO(stream), encoding="utf-8", errors="backslashreplace").load()
        except REFUSALS:
            return REFUSED


def load_weights(path: Path) -> Any:
    """Return what ``torch.load(weights_only=True)`` makes of a file, or ``REFUSED``."""
    with warnings.catch_warnings(action="ignore"):
        try:
            return torch.load(path, weights_only=True)
        except REFUSALS:
            return REFUSED


def same(ours: Any, theirs: Any) -> bool:
    """Say whether the interpreter's value is Python's, as far as ``MOST_COMPARED`` parts of it."""
    pending, seen = [(ours, theirs)], set()
    for _ in range(MOST_COMPARED):
        if not pending:
            return True
        left, right = pending.pop()
        if (id(left), id(right)) in seen:
            continue
        if isinstance(right, list | tuple | dict):
            seen.add((id(left), id(right)))
        parts = _parts(left, right)
        if parts is None:
            return False
        pending.extend(parts)
    return True


def _parts(left: Any, right: Any) -> list[tuple[Any, Any]] | None:
    """Return the pairs that must be the same for two values to be the same; None when they aren't."""
    match left, right:
        case PickleDict(), dict():
            merged: dict[Any, Any] = {}
            for key, value in left.items():
                merged[_hashable(key)] = value
            keys = {_hashable(key) for key in right}
            return [(merged[_hashable(k)], v) for k, v in right.items()] if set(merged) == keys else None
        case PickleSet(), set() | frozenset():
            return [] if {_hashable(item) for item in left.items} == {_hashable(item) for item in right} else None
        case (list(), list()) | (tuple(), tuple()):
            return list(zip(left, right, strict=True)) if len(left) == len(right) else None
        case float(), float() if math.isnan(left):
            return [] if math.isnan(right) else None
        case bytes() | ByteRun(), bytearray():
            return []  # what is put into one later isn't followed
        case ByteRun(), _:
            data = left.segment.read(0, left.segment.size)
            return [] if (data if left.kind == "bytes" else data.decode("utf-8", "surrogatepass")) == right else None
        case _:
            return [] if type(left) is type(right) and left == right else None


def _hashable(value: Any) -> Any:
    """Return a key that is equal where Python's values are."""
    match value:
        case PickleSet():
            return frozenset(map(_hashable, value.items))
        case tuple():
            return tuple(map(_hashable, value))
        case frozenset():
            return frozenset(map(_hashable, value))
        case float() if math.isnan(value):
            return "nan"
        case _:
            return value


def tensors_of(loaded: dict[str, Any]) -> dict[str, tuple[tuple[int, ...], bytes]]:
    """Return shape and bytes of what safetensors loads."""
    return {name: (tuple(entry["shape"]), bytes(entry["data"])) for name, entry in loaded.items()}


def is_little() -> bool:
    """Say whether this machine's numbers lie in a file as it writes them."""
    return np.dtype("<f4").isnative

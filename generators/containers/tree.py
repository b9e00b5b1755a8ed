"""From the object a pickle describes to names: keys joined with ``.``.

The walk keeps its own stack, so no nesting is too deep for Python, and it
counts its steps, so no sharing of parts is too wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generators.containers.leaves import key_text
from generators.containers.values import CompositeTensor, Opaque, PickleDict, PickleSet, TensorValue, Value

ROOT_TENSOR_NAME = "tensor"
"""Name of a checkpoint that is one bare tensor, which has no key."""
MAX_DEPTH = 500
"""Keys in one name; the deepest module trees have about 20."""
MAX_NODES = 1_000_000
"""Values visited; a shared part counts each time it is met."""
MAX_NAME_CHARACTERS = 1 << 26
"""Length of all names together."""

_MODULE_PARTS = ("_parameters", "_buffers", "_modules")
_NON_PERSISTENT = "_non_persistent_buffers_set"
_Child = tuple[str | None, Value]


class TreeWalk:
    """One walk; iterate over it for (name, tensor or leaf), then read what it noticed.

    Args:
        root: The object.
        prefix: Name of the root, None for none.

    Attributes:
        cut: Why the walk stopped early, or an empty text.
        cycles: Names at which a value contains itself.
        composites: Name and kind of the tensors made of others.
        left_out: Names of the buffers that a state dict leaves out.
    """

    def __init__(self, root: Value, prefix: str | None = None) -> None:
        self._root = root
        self._prefix = prefix
        self.cut = ""
        self.cycles: list[str] = []
        self.composites: list[tuple[str, str]] = []
        self.left_out: list[str] = []

    def __iter__(self) -> Iterator[tuple[str, Value]]:
        frames: list[tuple[str | None, Iterator[_Child], int]] = [(None, iter([(self._prefix, self._root)]), 0)]
        ancestors: set[int] = set()
        nodes = characters = 0
        while frames:
            parent, children, identity = frames[-1]
            child = next(children, None)
            if child is None:
                frames.pop()
                ancestors.discard(identity)
                continue
            name, value = _join(parent, child[0]), child[1]
            nodes += 1
            characters += len(name or "")
            if nodes > MAX_NODES or characters > MAX_NAME_CHARACTERS:
                self.cut = "size"
                return
            below = self._children(name or "", value)
            if below is None:
                yield (ROOT_TENSOR_NAME if name is None else name), _resolve(value)
            elif id(value) in ancestors:
                self.cycles.append(name or "")
            elif len(frames) > MAX_DEPTH:
                self.cut = "depth"
            else:
                ancestors.add(id(value))
                frames.append((name, iter(below), id(value)))

    def _children(self, name: str, value: Value) -> Iterable[_Child] | None:
        """Return what is below a value, or None when it is a leaf."""
        match value:
            case PickleDict():
                return ((key_text(k), v) for k, v in value.items())
            case list() | tuple():
                return ((str(i), v) for i, v in enumerate(value))
            case PickleSet():
                return ((str(i), v) for i, v in enumerate(value.items))
            case CompositeTensor():
                self.composites.append((name, value.kind))
                return value.parts
            case Opaque() if value.stands_for is None and (value.states or value.items or value.pairs or _deep(value)):
                return None if is_readable(value) else self._attributes(name, value)
            case _:
                return None

    def _attributes(self, name: str, value: Opaque) -> Iterator[_Child]:
        yield from ((str(i), v) for i, v in enumerate((*value.args, *value.items)))
        if value.pairs is not None:
            yield from ((key_text(k), v) for k, v in value.pairs.items())
        for state in value.states:
            yield from self._state(name, state)

    def _state(self, name: str, state: Value) -> Iterator[_Child]:
        if isinstance(state, tuple):
            # (instance dict, slots)
            for part in state:
                yield from self._members(name, part) if isinstance(part, PickleDict) else [("state", part)]
        elif isinstance(state, PickleDict):
            yield from self._members(name, state)
        elif state is not None:
            yield "state", state

    def _members(self, name: str, state: PickleDict) -> Iterator[_Child]:
        is_module = all(isinstance(state.get(part), PickleDict) for part in _MODULE_PARTS)
        hidden = state.get(_NON_PERSISTENT) if is_module else None
        hidden_names = set(map(key_text, hidden.items)) if isinstance(hidden, PickleSet) else set()
        for key, value in state.items():
            if not (is_module and key in _MODULE_PARTS):
                yield key_text(key), value
                continue
            for member, part in value.items():
                if key == "_buffers" and key_text(member) in hidden_names:
                    self.left_out.append(_join(name or None, key_text(member)) or "")
                else:
                    yield key_text(member), part


def _join(parent: str | None, key: str | None) -> str | None:
    if parent is None or key is None:
        return key if parent is None else parent
    return f"{parent}.{key}"


def _resolve(value: Value) -> Value:
    return value.stands_for if isinstance(value, Opaque) and value.stands_for is not None else value


def _deep(value: Opaque) -> bool:
    """Whether an object's arguments hold more than plain values."""
    return any(isinstance(a, PickleDict | PickleSet | list | tuple | TensorValue | Opaque) for a in value.args)


def is_readable(value: Opaque) -> bool:
    """Whether an object is one value to a reader: a numpy scalar, array or dtype."""
    return value.kind.startswith("numpy.") and not value.pairs and not value.items

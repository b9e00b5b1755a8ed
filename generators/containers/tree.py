"""From the object a pickle describes to names: keys joined with ``.``.

The walk keeps its own stack, so no nesting is too deep for Python, and it
counts its steps, so no sharing of parts is too wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generators.containers.leaves import key_text
from generators.containers.numpy_values import array_items, describe_array, read_scalar
from generators.containers.readable import readable_text
from generators.containers.values import CompositeTensor, Opaque, PickleDict, PickleSet, StorageRef, TensorValue, Value

ROOT_TENSOR_NAME = "tensor"
"""Name of a checkpoint that is one bare tensor, which has no key."""
ROOT_OBJECT_NAME = "object"
"""And of one that is another single object."""
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
        composites: Name and value of the tensors made of others.
        left_out: Names of the buffers that a state dict leaves out.
    """

    def __init__(self, root: Value, prefix: str | None = None) -> None:
        self._root = root
        self._prefix = prefix
        self.cut = ""
        self.cycles: list[str] = []
        self.composites: list[tuple[str, CompositeTensor]] = []
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
            name, (config, value) = _join(parent, child[0]), _open_config(child[1])
            nodes += 1
            characters += len(name or "")
            if nodes > MAX_NODES or characters > MAX_NAME_CHARACTERS:
                self.cut = "size"
                return
            if config is not None:
                yield name or ROOT_OBJECT_NAME, config
            below = self._children(name or "", value)
            if below is None:
                value = _resolve(value)
                yield name if name is not None else _root_name(value), value
            elif id(value) in ancestors:
                self.cycles.append(name or "")
            elif len(frames) > MAX_DEPTH:
                self.cut = "depth"
            else:
                if isinstance(value, Opaque):
                    yield name or ROOT_OBJECT_NAME, value
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
                self.composites.append((name, value))
                return ((name and key_text(name), part) for name, part in value.parts)
            case Opaque() if value.stands_for is None and (value.states or value.items or value.pairs or _deep(value)):
                return self._members_of(name, value)
            case _:
                return None

    def _members_of(self, name: str, value: Opaque) -> Iterable[_Child] | None:
        items = array_items(value)
        if items is not None:
            return ((str(i), v) for i, v in enumerate(items))
        return None if is_one_value(value) else self._attributes(name, value)

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
                if isinstance(part, PickleDict):
                    yield from self._members(name, part)
                elif part is not None:
                    yield "state", part
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


def _root_name(value: Value) -> str:
    return ROOT_TENSOR_NAME if isinstance(value, TensorValue | StorageRef) else ROOT_OBJECT_NAME


def is_one_value(value: Opaque) -> bool:
    """Whether an object is one value to a reader: a number, an array, a date, a path."""
    return describe_array(value) is not None or read_scalar(value) is not None or readable_text(value) is not None


def _open_config(value: Value) -> tuple[Opaque | None, Value]:
    """Return the root of an OmegaConf configuration, else None, and what a node of one holds, else the value itself.

    Source: ``__getstate__`` in ``omegaconf/base.py`` and ``basecontainer.py`` (2.4): ``_content`` of a
    container and ``_val`` of a value, beside ``_metadata`` and ``_parent``.
    """
    if isinstance(value, Opaque) and value.kind.startswith("omegaconf."):
        for state in value.states:
            if isinstance(state, PickleDict) and ("_content" in state or "_val" in state):
                content = state.get("_content" if "_content" in state else "_val")
                return (value if state.get("_parent") is None else None), content
    return None, value

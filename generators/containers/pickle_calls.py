"""The few calls of a pickle that are understood; none is made.

Source: ``torch/_utils.py``, ``torch/_tensor.py`` and ``torch/storage.py`` of
PyTorch 2.13 for the rebuild functions and their arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from generators.containers.budget import Budget
from generators.containers.dtypes import ITEMSIZE_BYTES, TENSOR_CLASS_DTYPES, dtype_of
from generators.containers.sharded_tensors import local_parts
from generators.containers.values import (
    ByteRun,
    CompositeTensor,
    Global,
    Opaque,
    PickleDict,
    PickleSet,
    StorageRef,
    TensorValue,
    Value,
)

MAX_DIMENSIONS = 64
"""torch itself keeps most operations to 64 (``at::kDimVectorStaticSize`` and TensorIterator's limits are lower)."""
_MAX_SIZE_BITS = 63
_MAX_UNWRAPPED = 16
_CHARACTERS_AN_OPCODE = 4
"""Characters whose copy weighs as much as an opcode: 64 MiB in all."""
_SIGNED = ("complex", "float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64")
"""Element types that torch negates lazily; a flag on any other is no flag."""
_MODULE_ALIASES = {"__builtin__": "builtins", "copy_reg": "copyreg", "torch.tensor": "torch._tensor"}


class CallContext(Protocol):
    """What the container knows and the pickle only refers to."""

    @property
    def budget(self) -> Budget:
        """Work that may still be done: a call that copies a container pays for each of its values."""

    def load_persistent(self, persistent_id: Value) -> Value:
        """Return what a persistent id stands for."""

    def load_nested(self, data: Value) -> Value:
        """Return the root of a checkpoint inside a bytes value."""

    def note_malformed(self, function: str, reason: str) -> None:
        """Remember that a tensor's arguments make no tensor."""


class _MalformedError(Exception):
    """Arguments that make no tensor; its text is the name of the wrong one."""


def canonical(named: Global) -> str:
    """Return ``module.name`` under the module's present name."""
    return f"{_MODULE_ALIASES.get(named.module, named.module)}.{named.name}"


def call_global(function: Global, args: tuple[Value, ...], context: CallContext) -> Value:
    """Return what calling ``function`` would give: a known value, else an :class:`Opaque`."""
    path = canonical(function)
    handler = _CALLS.get(path)
    if handler is None:
        return Opaque(path, args)
    try:
        return handler(args, context)
    except _MalformedError as error:
        context.note_malformed(path, str(error))
        context.budget.spend(len(args))
        # a storage by itself would be listed as a tensor
        return Opaque(path, tuple(a.key if isinstance(a, StorageRef) else a for a in args))


def set_state(target: Value, state: Value) -> None:
    """Do what BUILD asks for, as far as it is data."""
    if isinstance(target, Opaque):
        target.states.append(state)
        target.stands_for = _early_tensor(target.kind, state)


def _early_tensor(kind: str, state: Value) -> TensorValue | None:
    """Read the state of a tensor or Variable object of PyTorch before 0.4."""
    if not (kind.startswith("torch.") and isinstance(state, tuple)):
        return None
    name = kind.rpartition(".")[2]
    if name in {"Parameter", "Variable"} and state:
        return _tensor_of(state[0])
    if name in TENSOR_CLASS_DTYPES and len(state) == 4 and isinstance(state[0], StorageRef):  # noqa: PLR2004 - storage, offset, size, stride
        try:
            return _strided(state)
        except _MalformedError:
            return None
    return None


def _tensor_of(value: Value) -> TensorValue | None:
    if isinstance(value, Opaque):
        return value.stands_for
    return value if isinstance(value, TensorValue) else None


def _sizes(value: Value) -> tuple[int, ...]:
    if not isinstance(value, tuple | list) or len(value) > MAX_DIMENSIONS:
        raise _MalformedError("sizes")
    return tuple(_whole(v) for v in value)


def _whole(value: Value) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value.bit_length() > _MAX_SIZE_BITS:
        raise _MalformedError("sizes")
    return value


def _dtype(value: Value) -> str:
    dtype = dtype_of(value.name) if isinstance(value, Global) and value.module == "torch" else None
    if dtype is None:
        raise _MalformedError("dtype")
    return dtype


def _strided(args: tuple[Value, ...], dtype: str | None = None, metadata: Value = None) -> TensorValue:
    """Read (storage, offset, sizes, strides)."""
    if len(args) < 4 or not isinstance(args[0], StorageRef):  # noqa: PLR2004 - the four named above
        raise _MalformedError("storage")
    storage, offset, shape, strides = args[0], _whole(args[1]), _sizes(args[2]), _sizes(args[3])
    if len(shape) != len(strides):
        raise _MalformedError("strides")
    dtype = dtype or storage.dtype
    itemsize = ITEMSIZE_BYTES[dtype]
    return TensorValue(
        storage=storage,
        dtype=dtype,
        itemsize=itemsize,
        shape=shape,
        strides=strides,
        offset=offset + storage.start * storage.itemsize // itemsize,
        conjugate=_flag(metadata, "conj") and dtype.startswith("complex"),
        negative=_flag(metadata, "neg") and dtype.startswith(_SIGNED),
    )


def _flag(metadata: Value, name: str) -> bool:
    return isinstance(metadata, PickleDict) and metadata.get(name) is True


def _rebuild_tensor(args: tuple[Value, ...], context: CallContext) -> Value:  # noqa: ARG001 - all calls look alike
    return _strided(args)


def _rebuild_tensor_v2(args: tuple[Value, ...], context: CallContext) -> Value:  # noqa: ARG001
    return _strided(args, metadata=args[6] if len(args) > 6 else None)  # noqa: PLR2004 - the seventh argument


def _rebuild_tensor_v3(args: tuple[Value, ...], context: CallContext) -> Value:  # noqa: ARG001
    if len(args) < 7:  # noqa: PLR2004 - the seventh is the dtype
        raise _MalformedError("dtype")
    return _strided(args, _dtype(args[6]), args[7] if len(args) > 7 else None)  # noqa: PLR2004 - the eighth


def _rebuild_quantized(args: tuple[Value, ...], context: CallContext) -> Value:  # noqa: ARG001
    """Read a tensor of integers, with the scales and zero points that give them their values."""
    tensor = _strided(args)
    match args[4] if len(args) > 4 else None:  # noqa: PLR2004 - the fifth argument
        case (Global() as scheme, scale, zero_point):
            return CompositeTensor(scheme.name, ((None, tensor), ("scale", scale), ("zero_point", zero_point)))
        case (Global() as scheme, scales, zero_points, axis):
            parts = ((None, tensor), ("scales", scales), ("zero_points", zero_points), ("axis", axis))
            return CompositeTensor(scheme.name, parts)
        case _:
            raise _MalformedError("quantizer")


def _rebuild_first(args: tuple[Value, ...], context: CallContext) -> Value:  # noqa: ARG001
    if not args:
        raise _MalformedError("tensor")
    return args[0]


def _rebuild_sparse(args: tuple[Value, ...], context: CallContext) -> Value:  # noqa: ARG001
    if len(args) < 2 or not isinstance(args[1], tuple):  # noqa: PLR2004 - layout, data
        raise _MalformedError("components")
    layout = _layout(args[0])
    names: tuple[str, ...] = ("indices", "values")
    if layout in {"sparse_csr", "sparse_bsr"}:
        names = ("crow_indices", "col_indices", "values")
    elif layout in {"sparse_csc", "sparse_bsc"}:
        names = ("ccol_indices", "row_indices", "values")
    return CompositeTensor(layout, tuple(zip(names, args[1], strict=False)))


def _layout(value: Value) -> str:
    if isinstance(value, Opaque) and value.args and isinstance(value.args[0], str):
        return value.args[0].removeprefix("torch.")
    return value.name if isinstance(value, Global) else "sparse"


def _rebuild_nested(args: tuple[Value, ...], context: CallContext) -> Value:  # noqa: ARG001
    return CompositeTensor("nested", tuple(zip(("values", "sizes", "strides", "offsets"), args, strict=False)))


def _rebuild_jagged(args: tuple[Value, ...], context: CallContext) -> Value:
    """Read a nested tensor of the jagged layout, which is given by name."""
    if not args or not isinstance(args[0], PickleDict):
        raise _MalformedError("components")
    context.budget.spend(len(args[0]))
    parts = {name: args[0].get(name) for name in ("values", "offsets", "lengths")}
    return CompositeTensor("jagged", tuple((name, part) for name, part in parts.items() if part is not None))


def _rebuild_meta(args: tuple[Value, ...], context: CallContext) -> Value:  # noqa: ARG001
    if len(args) < 3:  # noqa: PLR2004 - dtype, sizes, strides
        raise _MalformedError("sizes")
    dtype, shape, strides = _dtype(args[0]), _sizes(args[1]), _sizes(args[2])
    if len(shape) != len(strides):
        raise _MalformedError("strides")
    return TensorValue(None, dtype, ITEMSIZE_BYTES[dtype], shape, strides)


def _rebuild_wrapper(args: tuple[Value, ...], context: CallContext) -> Value:
    return _rebuild_meta(args[1:4], context)


def _rebuild_from_type(args: tuple[Value, ...], context: CallContext) -> Value:
    """Read (function, class, arguments, state), where the function may be this one again."""
    state: Value = None
    for _ in range(_MAX_UNWRAPPED):
        if len(args) < 3 or not isinstance(args[0], Global) or not isinstance(args[2], tuple):  # noqa: PLR2004
            raise _MalformedError("function")
        function, state = args[0], args[3] if len(args) > 3 else state  # noqa: PLR2004 - the fourth is the state
        kind = args[1].path if isinstance(args[1], Global) else ""
        args = args[2]
        if canonical(function) not in _FROM_TYPE:
            _require_class((function,))
            wrapped = _wrapped(kind, args, state, context) if canonical(function) == _WRAPPER else None
            return call_global(function, args, context) if wrapped is None else wrapped
    raise _MalformedError("nesting")


def _wrapped(kind: str, args: tuple[Value, ...], state: Value, context: CallContext) -> CompositeTensor | None:
    """Return the tensors that a wrapping subclass keeps in its state, None when there are none."""
    parts = local_parts(kind, state)
    if parts:
        return CompositeTensor(kind, parts, _sizes(args[2]) if len(args) > 2 else None)  # noqa: PLR2004 - the third
    parts = _tensor_parts(state, context)
    return CompositeTensor(kind, parts) if parts else None


def _tensor_parts(state: Value, context: CallContext) -> tuple[tuple[str | None, Value], ...]:
    states = state if isinstance(state, tuple) else (state,)
    named = [part for part in states[:2] if isinstance(part, PickleDict)]  # instance dict, slots
    context.budget.spend(sum(map(len, named)))
    return tuple((k, v) for part in named for k, v in part.items() if isinstance(k, str) and _holds_tensor(v))


def _holds_tensor(value: Value) -> bool:
    return isinstance(value, TensorValue | CompositeTensor)


def _load_from_bytes(args: tuple[Value, ...], context: CallContext) -> Value:
    if not args:
        raise _MalformedError("bytes")
    return context.load_nested(args[0])


def _ordered_dict(args: tuple[Value, ...], context: CallContext) -> Value:
    return _mapping("OrderedDict", args[0] if args else (), context)


def _default_dict(args: tuple[Value, ...], context: CallContext) -> Value:
    return _mapping("defaultdict", args[1] if len(args) > 1 else (), context)


def _counter(args: tuple[Value, ...], context: CallContext) -> Value:
    return _mapping("Counter", args[0] if args else (), context)


def _plain_dict(args: tuple[Value, ...], context: CallContext) -> Value:
    return _mapping("dict", args[0] if args else (), context)


def _mapping(kind: str, content: Value, context: CallContext) -> PickleDict:
    mapping = PickleDict(kind)
    if isinstance(content, PickleDict | list | tuple):
        context.budget.spend(len(content))
    if isinstance(content, PickleDict):
        content = list(content.items())
    for pair in content if isinstance(content, list | tuple) else ():
        if isinstance(pair, tuple | list) and len(pair) == 2:  # noqa: PLR2004 - key and value
            mapping.set(pair[0], pair[1])
    return mapping


def _sequence(args: tuple[Value, ...], context: CallContext) -> Value:
    content = args[0] if args else []
    if isinstance(content, PickleSet):
        content = content.items
    if not isinstance(content, list | tuple):
        return []
    context.budget.spend(len(content))
    return list(content)


def _size(args: tuple[Value, ...], context: CallContext) -> Value:
    return tuple(_sequence(args, context))


def _set(args: tuple[Value, ...], context: CallContext) -> Value:
    return PickleSet(list(_sequence(args, context)))


def _encode(args: tuple[Value, ...], context: CallContext) -> Value:
    """Read how protocol 2 spells bytes: text whose characters are the bytes."""
    if args and isinstance(args[0], str):
        context.budget.spend(len(args[0]) // _CHARACTERS_AN_OPCODE)
        try:
            return args[0].encode("latin-1")
        except UnicodeEncodeError:
            return Opaque("_codecs.encode", args)
    return Opaque("_codecs.encode", args)


def _bytes(args: tuple[Value, ...], context: CallContext) -> Value:  # noqa: ARG001
    return args[0] if args and isinstance(args[0], bytes | ByteRun) else b""


def _reconstructor(args: tuple[Value, ...], context: CallContext) -> Value:
    """Read ``copyreg._reconstructor(class, base, state)`` of protocols 0 and 1."""
    _require_class(args)
    context.budget.spend(len(args))
    base = args[1].name if len(args) > 1 and isinstance(args[1], Global) else "object"
    return call_global(args[0], args[2:] if base != "object" else (), context)


def _new_object(args: tuple[Value, ...], context: CallContext) -> Value:
    _require_class(args)
    context.budget.spend(len(args))
    return call_global(args[0], args[1:], context)


def _require_class(args: tuple[Value, ...]) -> None:
    if not (args and isinstance(args[0], Global)):
        raise _MalformedError("class")
    if canonical(args[0]) in _INDIRECT:
        # no pickler nests these; a hostile one could, without end
        raise _MalformedError("nesting")


_WRAPPER = "torch._utils._rebuild_wrapper_subclass"
_FROM_TYPE = {"torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type"}
_INDIRECT = _FROM_TYPE | {"copyreg.__newobj__", "copyreg._reconstructor"}

_CALLS: dict[str, Callable[[tuple[Value, ...], CallContext], Value]] = {
    "torch._utils._rebuild_tensor": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor_v2,
    "torch._utils._rebuild_tensor_v3": _rebuild_tensor_v3,
    "torch._utils._rebuild_qtensor": _rebuild_quantized,
    "torch._utils._rebuild_parameter": _rebuild_first,
    "torch._utils._rebuild_parameter_with_state": _rebuild_first,
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": _rebuild_first,
    "torch._utils._rebuild_device_tensor_from_numpy": _rebuild_first,
    "torch._utils._rebuild_xla_tensor": _rebuild_first,
    "torch.nested._internal.nested_tensor._rebuild_njt": _rebuild_jagged,
    "torch._utils._rebuild_sparse_tensor": _rebuild_sparse,
    "torch._utils._rebuild_sparse_csr_tensor": _rebuild_sparse,
    "torch._utils._rebuild_nested_tensor": _rebuild_nested,
    "torch._utils._rebuild_meta_tensor_no_storage": _rebuild_meta,
    _WRAPPER: _rebuild_wrapper,
    "torch._tensor._rebuild_from_type_v2": _rebuild_from_type,
    "torch._tensor._rebuild_from_type": _rebuild_from_type,
    "torch.storage._load_from_bytes": _load_from_bytes,
    "torch.Size": _size,
    "torch.jit._pickle.build_intlist": _sequence,
    "torch.jit._pickle.build_doublelist": _sequence,
    "torch.jit._pickle.build_boollist": _sequence,
    "torch.jit._pickle.build_tensorlist": _sequence,
    "torch.jit._pickle.restore_type_tag": _rebuild_first,
    "collections.OrderedDict": _ordered_dict,
    "collections.defaultdict": _default_dict,
    "collections.Counter": _counter,
    "collections.deque": _sequence,
    "builtins.dict": _plain_dict,
    "builtins.list": _sequence,
    "builtins.set": _set,
    "builtins.frozenset": _set,
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "_codecs.encode": _encode,
    "copyreg._reconstructor": _reconstructor,
    "copyreg.__newobj__": _new_object,
}

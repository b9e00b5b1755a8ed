"""Pickles that are well-formed for the most part: programs built along a model of the unpickler's stack."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from typing import Any

from builders import (
    Call,
    Name,
    Persistent,
    legacy_bytes,
    pickle_bytes,
    row_major,
    storage_id,
    tensor_call,
)
from fuzz.choices import EDGES, Choices
from hostile.zip_forge import torch_zip

from generators.containers.dtypes import STORAGE_DTYPES
from generators.containers.pickle_calls import _CALLS

LANDMINE = "fuzz_landmine"
"""A module that exists beside the tests and must never be imported."""
NAMES = (
    ("collections", "OrderedDict"),
    (LANDMINE, "step"),
    ("torch", "FloatStorage"),
    ("torch", "float32"),
    ("torch", "Size"),
    ("os", "system"),
    ("builtins", "getattr"),
    ("__builtin__", "eval"),
    ("torch.nn.parameter", "Parameter"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy", "ndarray"),
    ("datetime", "datetime"),
    ("pathlib", "PosixPath"),
    ("argparse", "Namespace"),
    ("decimal", "Decimal"),
    ("uuid", "UUID"),
    ("omegaconf.dictconfig", "DictConfig"),
    ("torch", "device"),
    ("torch.serialization", "_get_layout"),
    ("", ""),
    ("a\x1b[31m", "\u202eb"),
    ("\ud800", "\udfff"),
    *(tuple(path.rpartition(".")[::2]) for path in sorted(_CALLS)),
)
TEXTS = (
    "",
    "weight",
    "a.b",
    "state_dict",
    "\ud800",
    "\x1b]0;x\x07",
    "\u202e",
    "0",
    "é한",
    "a" * 300,
    "__setstate__",
    "\0",
)
LINES = (b"0", b"-1", b"1_0", b" 7 ", b"0x1", b"", b"01", b"00", b"1" * 400, b"\xb2", b"1e999", b"nan", b"-inf", b"1L")
DTYPES = ("float32", "int64", "bfloat16", "complex64", "quint4x2", "bool", "float8_e5m2", "bits16", "float4_e2m1fn_x2")
_LEAF_OPCODES = b"N\x88\x89IJKML\x8a\x8bFG)]}\x8fSTUVX\x8c\x8dCB\x8e\x96cP\x97\x82\x83\x84"
_MARK_CLOSERS = b"tldo\x91eu\x901i"
_UNARY = b"2\x85pqr\x94Q\x980"
_BINARY = b"R\x81b\x86\x93a"
_TERNARY = b"\x87s\x92"
_RECALLERS = b"ghj"
OPCODES = frozenset(b"(.\x80\x95" + _LEAF_OPCODES + _MARK_CLOSERS + _UNARY + _BINARY + _TERNARY + _RECALLERS)
"""Every opcode that programs may have."""


def pickle_program(c: Choices, *, names: bool = True, most: int = 40) -> bytes:
    """Return a pickle.

    Args:
        c: Decides.
        names: Whether it may name, call or refer to something outside itself.
        most: Steps.
    """
    program = _Program(c, names=names)
    for _ in range(c.below(most)):
        program.step()
    return program.finish()


class _Program:
    """The opcodes so far, and how many values lie on the stack above each mark."""

    def __init__(self, c: Choices, *, names: bool) -> None:
        self.c = c
        self.names = names
        self.out = bytearray(c.pick((b"\x80\x02", b"\x80\x04\x95\0\0\0\0\0\0\0\0", b"", b"\x80\x05", b"\x80\x07")))
        self.heights = [0]
        self.memo: list[int] = []

    def step(self) -> None:
        """Add an opcode, or a call with its arguments."""
        c, height = self.c, self.heights[-1]
        if c.one_in(150):
            self.out += c.raw(8)  # and the model no longer holds
            return
        match c.below(10):
            case 0 | 1 | 2:
                self.leaf()
            case 3:
                self.out += b"("
                self.heights.append(0)
            case 4 if len(self.heights) > 1:
                self.close_mark()
            case 5 if height > 0:
                self.unary()
            case 6 | 7 if height > 1:
                self.binary()
            case 8 if height > 2:
                self.out.append(self.c.pick(_TERNARY if self.names else b"\x87s"))
                self.heights[-1] -= 2
            case 9 if self.names:
                self.out += opcodes_of(call(c), c.pick((2, 4)))
                self.heights[-1] += 1
            case _:
                self.recall()

    def leaf(self) -> None:
        allowed = _LEAF_OPCODES if self.names else _LEAF_OPCODES.translate(None, b"cP\x97\x82\x83\x84")
        code = self.c.pick(allowed)
        self.out.append(code)
        self.out += _argument(self.c, code)
        self.heights[-1] += 1

    def close_mark(self) -> None:
        code = self.c.pick(_MARK_CLOSERS if self.names else _MARK_CLOSERS.translate(None, b"oi"))
        if code in b"eu\x90":
            if self.heights[-2] < 1:
                code = ord("t")
            else:
                self.out.append(code)
                self.heights.pop()
                return
        self.out.append(code)
        self.out += _argument(self.c, code)
        self.heights.pop()
        self.heights[-1] += code != ord("1")

    def unary(self) -> None:
        code = self.c.pick(_UNARY if self.names else _UNARY.translate(None, b"Q\x98"))
        self.out.append(code)
        if code in b"pqr\x94":
            index = len(self.memo) if code == ord("\x94") or not self.c.one_in(6) else self.c.number(bits=32)
            self.out += _index(code, index)
            self.memo.append(index)
        self.heights[-1] += {ord("2"): 1, ord("0"): -1}.get(code, 0)

    def binary(self) -> None:
        self.out.append(self.c.pick(_BINARY if self.names else b"\x86a"))
        self.heights[-1] -= 1

    def recall(self) -> None:
        if not self.memo:
            self.leaf()
            return
        code = self.c.pick(_RECALLERS)
        self.out.append(code)
        self.out += _index(code, self.c.pick(self.memo))
        self.heights[-1] += 1

    def finish(self) -> bytes:
        """Close what is open and stop, most of the time."""
        if self.c.one_in(20):
            return bytes(self.out)
        while len(self.heights) > 1:
            self.out += b"t"
            self.heights.pop()
            self.heights[-1] += 1
        if self.heights[-1] < 1:
            self.out += b"N"
        return bytes(self.out) + b"."


def _index(code: int, index: int) -> bytes:
    match chr(code):
        case "p" | "g":
            return b"%d\n" % index
        case "q" | "h":
            return bytes([index & 0xFF])
        case "r" | "j":
            return struct.pack("<I", index & 0xFFFFFFFF)
        case _:
            return b""


def _argument(c: Choices, code: int) -> bytes:
    make = _ARGUMENTS.get(code)
    return make(c) if make else b""


def _sized(form: str, *, text: bool = False) -> Callable[[Choices], bytes]:
    def make(c: Choices) -> bytes:
        data = c.pick(TEXTS).encode("utf-8", "surrogatepass") if text or c.one_in(2) else _bytes(c)
        limit = 8 * struct.calcsize(form)
        size = c.lie(len(data), limit - form.islower(), 30) if limit > 8 or len(data) < 256 else 255
        return struct.pack(f"<{form}", size) + data

    return make


def _bytes(c: Choices) -> bytes:
    """Return bytes that may be a pickle themselves."""
    match c.below(6):
        case 0 | 1:
            return c.raw(12)
        case 2:
            return pickle_bytes(Call(LANDMINE, "step"), c.pick((2, 4)))
        case 3:
            return base64.b64encode(pickle_bytes(Call("os", "system", ("true",)), 4))
        case 4:
            return legacy_bytes(pickle_bytes({"w": tensor_call("0", (2,), legacy=(None,))}), [("0", 2, bytes(8))])
        case _:
            return torch_zip(pickle_bytes({"w": tensor_call("0", (2,))}), {"0": bytes(8)})


def _line(c: Choices) -> bytes:
    return (c.pick(LINES) if c.one_in(3) else b"%d" % c.pick(EDGES)) + b"\n"


def _name_lines(c: Choices) -> bytes:
    module, name = c.pick(NAMES)
    return f"{module}\n{name}\n".encode("utf-8", "surrogatepass")


_ARGUMENTS: dict[int, Callable[[Choices], bytes]] = {
    ord("I"): _line,
    ord("L"): _line,
    ord("F"): _line,
    ord("P"): _line,
    ord("J"): lambda c: struct.pack("<I", c.number(bits=32)),
    ord("K"): lambda c: bytes([c.below(256)]),
    ord("M"): lambda c: struct.pack("<H", c.number(bits=16)),
    ord("G"): lambda c: (c.raw(8) + bytes(8))[:8],
    ord("S"): lambda c: repr(c.pick(TEXTS)).encode("ascii", "backslashreplace") + b"\n",
    ord("V"): lambda c: c.pick(TEXTS).encode("raw-unicode-escape", "backslashreplace").replace(b"\n", b"") + b"\n",
    ord("T"): _sized("i"),
    ord("U"): _sized("B"),
    ord("B"): _sized("I"),
    ord("C"): _sized("B"),
    ord("\x8e"): _sized("Q"),
    ord("\x96"): _sized("Q"),
    ord("X"): _sized("I", text=True),
    ord("\x8c"): _sized("B", text=True),
    ord("\x8d"): _sized("Q", text=True),
    ord("\x8a"): _sized("B"),
    ord("\x8b"): _sized("i"),
    ord("c"): _name_lines,
    ord("i"): _name_lines,
    ord("\x82"): lambda c: (c.raw(1) + b"\1")[:1],
    ord("\x83"): lambda c: (c.raw(2) + b"\1\1")[:2],
    ord("\x84"): lambda c: (c.raw(4) + b"\1\1\1\1")[:4],
}
"""What stands behind an opcode."""


def opcodes_of(value: Any, protocol: int) -> bytes:
    """Return the opcodes that push a value: its pickle without PROTO, FRAME and STOP."""
    stream = pickle_bytes(value, protocol)[2:-1]
    return stream[9:] if stream[:1] == b"\x95" else stream


def value(c: Choices, depth: int = 0) -> Any:
    """Return something to put where something else belongs."""
    if depth < MOST_DEPTH and c.one_in(2):
        return c.pick(_BRANCHES)(c, depth + 1)
    return c.pick(_LEAVES)(c)


MOST_DEPTH = 3
_LEAVES: tuple[Callable[[Choices], Any], ...] = (
    lambda c: None,  # noqa: ARG005 - all look alike
    lambda c: c.number() - (1 << 63 if c.one_in(3) else 0),
    lambda c: c.pick(TEXTS),
    lambda c: c.pick((True, 1.5, float("nan"), -1, b"", b"\x80\x02N.", 1 << 200)),
    lambda c: Name(*c.pick(NAMES)),
    _bytes,
)
_BRANCHES: tuple[Callable[[Choices, int], Any], ...] = (
    lambda c, depth: tuple(value(c, depth) for _ in range(c.below(4))),
    lambda c, depth: [value(c, depth) for _ in range(c.below(4))],
    lambda c, depth: {c.pick(TEXTS): value(c, depth) for _ in range(c.below(4))},
    lambda c, depth: storage(c),  # noqa: ARG005
    lambda c, depth: Call("collections", "OrderedDict"),  # noqa: ARG005
    lambda c, depth: call(c, depth),  # noqa: PLW0108 - defined below
)


def storage(c: Choices) -> Persistent:
    """Return the persistent id of a storage, which may be odd."""
    kind = c.pick(sorted(STORAGE_DTYPES)) if c.one_in(3) else "FloatStorage"
    key = c.pick(("0", "1", "9", "../x", 0, "0")) if c.one_in(3) else "0"
    view = (("v", c.number(), c.number()),) if c.one_in(10) else ()
    whole = storage_id(key, c.lie(8), kind, *view)
    if c.one_in(12):
        return Persistent(_twisted(c, whole.value))
    return whole


def call(c: Choices, depth: int = 0) -> Call:
    """Return a call of a function that is known, with arguments that are nearly right."""
    kind = c.below(6)
    shape = tuple(c.lie(c.below(4), 63, 12) for _ in range(c.below(4)))
    strides = row_major(shape) if not c.one_in(6) else tuple(c.number(bits=64) - (1 << 63) for _ in shape)
    strided = (storage(c), c.lie(0), shape, strides)
    hooks = Call("collections", "OrderedDict")
    dtype = Name("torch", c.pick(DTYPES))
    made: tuple[str, str, tuple[Any, ...]]
    if kind < 2:
        made = ("torch._utils", "_rebuild_tensor_v2", (*strided, False, hooks))
    elif kind == 2:
        made = ("torch._utils", "_rebuild_tensor_v3", (*strided, False, hooks, dtype, {"conj": True}))
    elif kind == 3:
        made = ("torch._utils", "_rebuild_meta_tensor_no_storage", (dtype, shape, strides, False))
    elif kind == 4:
        scheme = Name("torch", c.pick(("per_tensor_affine", "per_channel_affine")))
        made = ("torch._utils", "_rebuild_qtensor", (*strided, (scheme, 0.1, 3), False, hooks))
    else:
        module, name = c.pick(NAMES)
        inner = call(c, depth + 1) if depth < 3 else None
        made = (module, name, (inner, *(value(c, depth + 1) for _ in range(c.below(4)))))
    module, name, args = made
    state = value(c, depth + 1) if c.one_in(12) and depth < 3 else None
    return Call(module, name, _twisted(c, args) if c.one_in(6) else args, state)


def _twisted(c: Choices, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments with one replaced, dropped or added."""
    at = c.below(len(args) + 1)
    match c.below(3):
        case 0:
            return (*args[:at], value(c, 2), *args[at + 1 :])
        case 1:
            return (*args[:at], *args[at + 1 :])
        case _:
            return (*args[:at], value(c, 2), *args[at:])


def carried(c: Choices) -> bytes:
    """Return a file that carries a program."""
    stream = pickle_program(c) if c.one_in(2) else pickle_bytes(value(c), c.pick((2, 4, 0, 3, 5)))
    data = {"0": bytes(range(64)), "1": b"", "x.pkl": stream if c.one_in(4) else b""}
    match c.below(6):
        case 0 | 1:
            return torch_zip(stream, data, deflate=c.one_in(4))
        case 2:
            return stream
        case 3:
            return legacy_bytes(stream, [("0", c.lie(16, 63), bytes(64))]) + (stream if c.one_in(3) else b"")
        case 4:
            inner = c.pick((Call("torch.storage", "_load_from_bytes", (stream,)), stream, {"x": [stream]}))
            return torch_zip(pickle_bytes(inner, c.pick((4, 2))), data)
        case _:
            inner = legacy_bytes(stream, [("0", 8, bytes(32))])
            return torch_zip(pickle_bytes({"x": Call("torch.storage", "_load_from_bytes", (inner,))}), data)

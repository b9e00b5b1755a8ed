"""A pickle interpreter that builds data and does nothing else.

It knows every opcode of protocols 0 to 5. Where Python's unpickler would
import a name, this keeps the name; where it would call something,
:mod:`generators.containers.pickle_calls` recognises the few functions that
rebuild tensors and containers, and everything else becomes an
:class:`~generators.containers.values.Opaque`. Work and memory are bounded,
and every way a stream can be wrong ends in a finding.

Source: the opcodes' meaning is that of CPython's ``pickletools`` (3.11); its
table isn't imported because it imports ``pickle``.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable
from dataclasses import dataclass

from generators.containers.cursor import Cursor, PickleDefectError
from generators.containers.pickle_calls import CallContext, call_global, set_state
from generators.containers.segments import Segment
from generators.containers.values import ByteRun, Global, Opaque, PickleDict, PickleSet, Value
from generators.model.finding import Finding

MAX_OPCODES = 8_000_000
"""About 250,000 tensors at some 30 opcodes each; a few seconds of work."""
MAX_OBJECTS = 2_000_000
"""Lists, dicts, sets and objects."""
MAX_MEMO = 4_000_000
"""Remembered values; a pickler remembers about one in two."""
MAX_TEXT_BYTES = 1 << 26
"""Text and bytes held in memory, all together."""
LONG_VALUE_BYTES = 1 << 16
"""A text or bytes value at least this long stays in the file."""
MAX_INTEGER_BYTES = 1 << 12
"""An integer of more digits is no hyperparameter."""
_OPCODES_BETWEEN_CHECKS = 4096
_HIGHEST_PROTOCOL = 5

_INT4 = struct.Struct("<i")
_UINT2 = struct.Struct("<H")
_UINT4 = struct.Struct("<I")
_UINT8 = struct.Struct("<Q")
_FLOAT8 = struct.Struct(">d")


@dataclass(frozen=True, slots=True, kw_only=True)
class PickleRun:
    """What one pickle gave.

    Attributes:
        value: The object it describes; what could be pieced together when the stream is damaged.
        complete: Whether the stream reached its STOP.
        end: Position after the last byte read.
        globals: Everything it names.
        findings: What is wrong with it.
    """

    value: Value
    complete: bool
    end: int
    globals: frozenset[Global]
    findings: tuple[Finding, ...]


def run_pickle(segment: Segment, start: int, context: CallContext, record: str) -> PickleRun:
    """Interpret the pickle that begins at ``start``.

    Args:
        segment: Where the pickle lies.
        start: Its first byte.
        context: Resolves persistent ids and nested checkpoints.
        record: Name for findings.
    """
    machine = _Machine(Cursor(segment, start), context)
    findings: list[Finding] = []
    try:
        value = machine.run()
        complete = True
    except PickleDefectError as defect:
        where = f"{record}@{machine.cursor.position}"
        findings.append(Finding(code=defect.code, severity="error", where=where, found=defect.found))
        value, complete = machine.salvage(), False
    return PickleRun(
        value=value,
        complete=complete,
        end=machine.cursor.position,
        globals=frozenset(machine.globals),
        findings=tuple(findings),
    )


class _Machine:
    """Stack, memo and marks of one run."""

    __slots__ = ("context", "cursor", "globals", "marks", "memo", "objects", "stack", "text_bytes")

    def __init__(self, cursor: Cursor, context: CallContext) -> None:
        self.cursor = cursor
        self.context = context
        self.stack: list[Value] = []
        self.marks: list[list[Value]] = []
        self.memo: dict[int, Value] = {}
        self.globals: set[Global] = set()
        self.objects = 0
        self.text_bytes = 0

    def run(self) -> Value:
        """Execute opcodes up to STOP and return the value on top.

        Raises:
            PickleDefectError: The stream is damaged, malformed or too large.
        """
        next_opcode, handlers = self.cursor.byte, _HANDLERS
        try:
            for _ in range(0, MAX_OPCODES, _OPCODES_BETWEEN_CHECKS):
                for _ in range(_OPCODES_BETWEEN_CHECKS):
                    code = next_opcode()
                    if code == _STOP:
                        return self.stack.pop()
                    handlers[code](self)
                self._check_budget()
        except IndexError:
            raise PickleDefectError("pickle-malformed", "an opcode needs more values than there are") from None
        except KeyError:
            raise PickleDefectError("pickle-malformed", "an opcode or a memo entry that doesn't exist") from None
        except (ValueError, OverflowError, struct.error):
            raise PickleDefectError("pickle-malformed", "a number or text that can't be read") from None
        raise PickleDefectError("pickle-budget", f"{MAX_OPCODES} opcodes")

    def salvage(self) -> Value:
        """Return what a broken stream had built: the open containers closed where they stand."""
        while self.marks:
            items, self.stack = self.stack, self.marks.pop()
            if not (self.stack and _close_open(self.stack, items)):
                self.stack.append(tuple(items))
        if not self.stack:
            return None
        root, rest = self.stack[0], self.stack[1:]
        _close_open([root], rest)
        return root

    def _check_budget(self) -> None:
        for count, limit, unit in (
            (self.objects, MAX_OBJECTS, "objects"),
            (len(self.memo), MAX_MEMO, "memo entries"),
            (self.text_bytes, MAX_TEXT_BYTES, "bytes of text"),
        ):
            if count > limit:
                raise PickleDefectError("pickle-budget", f"{limit} {unit}")

    def pop_mark(self) -> list[Value]:
        items = self.stack
        self.stack = self.marks.pop()
        return items

    def read_bytes(self, size: int) -> Value:
        if size >= LONG_VALUE_BYTES:
            return ByteRun(self.cursor.skip(size), "bytes")
        self._count_text(size)
        return self.cursor.take(size)

    def read_text(self, size: int) -> Value:
        if size >= LONG_VALUE_BYTES:
            return ByteRun(self.cursor.skip(size), "str")
        self._count_text(size)
        return self.cursor.take(size).decode("utf-8", "surrogatepass")

    def read_string(self, size: int) -> Value:
        # a Python 2 str; torch.load reads it as UTF-8
        value = self.read_bytes(size)
        return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value

    def _count_text(self, size: int) -> None:
        self.text_bytes += size
        if self.text_bytes > MAX_TEXT_BYTES:
            raise PickleDefectError("pickle-budget", f"{MAX_TEXT_BYTES} bytes of text")

    def push_object(self, value: Value) -> None:
        self.objects += 1
        self.stack.append(value)

    def push_global(self, module: str, name: str) -> None:
        named = Global(module, name)
        self.globals.add(named)
        self.stack.append(named)

    def push_integer(self, size: int) -> None:
        if size > MAX_INTEGER_BYTES:
            raise PickleDefectError("pickle-budget", f"an integer of {size} bytes")
        self.stack.append(int.from_bytes(self.cursor.take(size), "little", signed=True))

    def push_call(self, function: Value, args: Value) -> None:
        if not isinstance(args, tuple):
            args = (args,)
        self.objects += 1
        if isinstance(function, Global):
            self.stack.append(call_global(function, args, self.context))
        else:
            self.stack.append(Opaque("call", (function, *args)))


def _close_open(stack: list[Value], items: list[Value]) -> bool:
    """Put items into the container on top of the stack; say whether there is one."""
    match stack[-1]:
        case PickleDict() as mapping:
            for key, value in zip(items[::2], items[1::2], strict=False):
                mapping.set(key, value)
        case list() as values:
            values.extend(items)
        case _:
            return False
    return True


# Opcodes, one function each; the table below gives them their codes.


def _skip(size: int) -> Callable[[_Machine], None]:
    def handler(m: _Machine) -> None:
        m.cursor.take(size)

    return handler


def _constant(value: Value) -> Callable[[_Machine], None]:
    def handler(m: _Machine) -> None:
        m.stack.append(value)

    return handler


def _sized(width: struct.Struct, read: Callable[[_Machine, int], Value]) -> Callable[[_Machine], None]:
    def handler(m: _Machine) -> None:
        (size,) = width.unpack(m.cursor.take(width.size))
        if size < 0:
            raise PickleDefectError("pickle-malformed", f"a length of {size}")
        m.stack.append(read(m, size))

    return handler


def _sized_short(read: Callable[[_Machine, int], Value]) -> Callable[[_Machine], None]:
    def handler(m: _Machine) -> None:
        m.stack.append(read(m, m.cursor.byte()))

    return handler


def _protocol(m: _Machine) -> None:
    protocol = m.cursor.byte()
    if protocol > _HIGHEST_PROTOCOL:
        raise PickleDefectError("pickle-malformed", f"protocol {protocol}")


def _int(m: _Machine) -> None:
    line = m.cursor.line()
    m.stack.append({b"00": False, b"01": True}[line] if line in {b"00", b"01"} else int(line))


def _long(m: _Machine) -> None:
    m.stack.append(int(m.cursor.line().removesuffix(b"L") or b"0"))


def _binint(m: _Machine) -> None:
    m.stack.append(_INT4.unpack(m.cursor.take(4))[0])


def _binint1(m: _Machine) -> None:
    m.stack.append(m.cursor.byte())


def _binint2(m: _Machine) -> None:
    m.stack.append(_UINT2.unpack(m.cursor.take(2))[0])


def _long1(m: _Machine) -> None:
    m.push_integer(m.cursor.byte())


def _long4(m: _Machine) -> None:
    (size,) = _INT4.unpack(m.cursor.take(4))
    if size < 0:
        raise PickleDefectError("pickle-malformed", f"a length of {size}")
    m.push_integer(size)


def _float(m: _Machine) -> None:
    m.stack.append(float(m.cursor.line()))


def _binfloat(m: _Machine) -> None:
    m.stack.append(_FLOAT8.unpack(m.cursor.take(8))[0])


def _string(m: _Machine) -> None:
    line = m.cursor.line().strip()
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in {b"'", b'"'}:  # noqa: PLR2004 - a pair of quotes
        raise PickleDefectError("pickle-malformed", "a string without quotes")
    m.stack.append(codecs.escape_decode(line[1:-1])[0].decode("utf-8", "backslashreplace"))


def _unicode(m: _Machine) -> None:
    m.stack.append(m.cursor.line().decode("raw-unicode-escape"))


def _mark(m: _Machine) -> None:
    m.marks.append(m.stack)
    m.stack = []


def _pop(m: _Machine) -> None:
    if m.stack:
        m.stack.pop()
    else:
        m.pop_mark()


def _pop_mark(m: _Machine) -> None:
    m.pop_mark()


def _dup(m: _Machine) -> None:
    m.stack.append(m.stack[-1])


def _empty_list(m: _Machine) -> None:
    m.push_object([])


def _empty_dict(m: _Machine) -> None:
    m.push_object(PickleDict())


def _empty_set(m: _Machine) -> None:
    m.push_object(PickleSet([]))


def _list(m: _Machine) -> None:
    items = m.pop_mark()
    m.push_object(items)


def _dict(m: _Machine) -> None:
    items = m.pop_mark()
    mapping = PickleDict()
    _close_open([mapping], items)
    m.push_object(mapping)


def _frozenset(m: _Machine) -> None:
    items = m.pop_mark()
    m.push_object(PickleSet(items))


def _tuple(m: _Machine) -> None:
    items = m.pop_mark()
    m.stack.append(tuple(items))


def _tuple_of(size: int) -> Callable[[_Machine], None]:
    def handler(m: _Machine) -> None:
        stack = m.stack
        if len(stack) < size:
            raise IndexError
        stack[-size:] = [tuple(stack[-size:])]

    return handler


def _append(m: _Machine) -> None:
    value = m.stack.pop()
    _extend(m.stack[-1], [value])


def _appends(m: _Machine) -> None:
    items = m.pop_mark()
    _extend(m.stack[-1], items)


def _extend(target: Value, items: list[Value]) -> None:
    match target:
        case list():
            target.extend(items)
        case PickleSet() | Opaque():
            target.items.extend(items)
        case _:
            raise PickleDefectError("pickle-malformed", "items for what holds none")


def _setitem(m: _Machine) -> None:
    value = m.stack.pop()
    key = m.stack.pop()
    _set_items(m.stack[-1], [key, value])


def _setitems(m: _Machine) -> None:
    items = m.pop_mark()
    _set_items(m.stack[-1], items)


def _set_items(target: Value, items: list[Value]) -> None:
    if isinstance(target, Opaque):
        if target.pairs is None:
            target.pairs = PickleDict()
        target = target.pairs
    if not isinstance(target, PickleDict):
        raise PickleDefectError("pickle-malformed", "keys for what holds none")
    _close_open([target], items)


def _get_line(m: _Machine) -> None:
    m.stack.append(m.memo[int(m.cursor.line())])


def _binget(m: _Machine) -> None:
    m.stack.append(m.memo[m.cursor.byte()])


def _long_binget(m: _Machine) -> None:
    m.stack.append(m.memo[_UINT4.unpack(m.cursor.take(4))[0]])


def _put_line(m: _Machine) -> None:
    m.memo[int(m.cursor.line())] = m.stack[-1]


def _binput(m: _Machine) -> None:
    m.memo[m.cursor.byte()] = m.stack[-1]


def _long_binput(m: _Machine) -> None:
    m.memo[_UINT4.unpack(m.cursor.take(4))[0]] = m.stack[-1]


def _memoize(m: _Machine) -> None:
    m.memo[len(m.memo)] = m.stack[-1]


def _extension(size: int) -> Callable[[_Machine], None]:
    def handler(m: _Machine) -> None:
        # a code of the process-wide copyreg registry, which only the writer knows
        m.push_global("copyreg.extension", str(int.from_bytes(m.cursor.take(size), "little")))

    return handler


def _global(m: _Machine) -> None:
    module, name = m.cursor.line(), m.cursor.line()
    m.push_global(module.decode("utf-8", "backslashreplace"), name.decode("utf-8", "backslashreplace"))


def _stack_global(m: _Machine) -> None:
    name, module = m.stack.pop(), m.stack.pop()
    if not (isinstance(name, str) and isinstance(module, str)):
        raise PickleDefectError("pickle-malformed", "a global whose name is no text")
    m.push_global(module, name)


def _inst(m: _Machine) -> None:
    _global(m)
    function = m.stack.pop()
    args = m.pop_mark()
    m.push_call(function, tuple(args))


def _obj(m: _Machine) -> None:
    function, *args = m.pop_mark() or [None]
    m.push_call(function, tuple(args))


def _reduce(m: _Machine) -> None:
    args = m.stack.pop()
    m.push_call(m.stack.pop(), args)


def _newobj_ex(m: _Machine) -> None:
    keywords, args = m.stack.pop(), m.stack.pop()
    function = m.stack.pop()
    positional = args if isinstance(args, tuple) else (args,)
    extra = (keywords,) if isinstance(keywords, PickleDict) and len(keywords) else ()
    m.push_call(function, (*positional, *extra))


def _build(m: _Machine) -> None:
    state = m.stack.pop()
    set_state(m.stack[-1], state)


def _persid(m: _Machine) -> None:
    m.stack.append(m.context.load_persistent(m.cursor.line().decode("utf-8", "backslashreplace")))


def _binpersid(m: _Machine) -> None:
    m.stack.append(m.context.load_persistent(m.stack.pop()))


def _next_buffer(m: _Machine) -> None:
    m.push_object(Opaque("pickle.PickleBuffer"))


def _nothing(m: _Machine) -> None:  # noqa: ARG001 - READONLY_BUFFER changes nothing here
    return


_STOP = ord(".")
_UINT1_TEXT = _sized_short(_Machine.read_text)
_HANDLERS: dict[int, Callable[[_Machine], None]] = {
    code[0]: handler
    for code, handler in {
        b"\x80": _protocol,
        b"\x95": _skip(8),
        b"I": _int,
        b"L": _long,
        b"J": _binint,
        b"K": _binint1,
        b"M": _binint2,
        b"\x8a": _long1,
        b"\x8b": _long4,
        b"F": _float,
        b"G": _binfloat,
        b"N": _constant(None),
        b"\x88": _constant(True),  # noqa: FBT003 - the value that the opcode pushes
        b"\x89": _constant(False),  # noqa: FBT003 - likewise
        b"S": _string,
        b"T": _sized(_INT4, _Machine.read_string),
        b"U": _sized_short(_Machine.read_string),
        b"B": _sized(_UINT4, _Machine.read_bytes),
        b"C": _sized_short(_Machine.read_bytes),
        b"\x8e": _sized(_UINT8, _Machine.read_bytes),
        b"\x96": _sized(_UINT8, _Machine.read_bytes),
        b"V": _unicode,
        b"X": _sized(_UINT4, _Machine.read_text),
        b"\x8c": _UINT1_TEXT,
        b"\x8d": _sized(_UINT8, _Machine.read_text),
        b"(": _mark,
        b"0": _pop,
        b"1": _pop_mark,
        b"2": _dup,
        b"]": _empty_list,
        b"}": _empty_dict,
        b"\x8f": _empty_set,
        b")": _constant(()),
        b"l": _list,
        b"d": _dict,
        b"\x91": _frozenset,
        b"t": _tuple,
        b"\x85": _tuple_of(1),
        b"\x86": _tuple_of(2),
        b"\x87": _tuple_of(3),
        b"a": _append,
        b"e": _appends,
        b"\x90": _appends,
        b"s": _setitem,
        b"u": _setitems,
        b"g": _get_line,
        b"h": _binget,
        b"j": _long_binget,
        b"p": _put_line,
        b"q": _binput,
        b"r": _long_binput,
        b"\x94": _memoize,
        b"\x82": _extension(1),
        b"\x83": _extension(2),
        b"\x84": _extension(4),
        b"c": _global,
        b"\x93": _stack_global,
        b"i": _inst,
        b"o": _obj,
        b"R": _reduce,
        b"\x81": _reduce,
        b"\x92": _newobj_ex,
        b"b": _build,
        b"P": _persid,
        b"Q": _binpersid,
        b"\x97": _next_buffer,
        b"\x98": _nothing,
    }.items()
}

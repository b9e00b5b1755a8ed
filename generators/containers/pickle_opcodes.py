"""What each pickle opcode does to the state: one function an opcode, and the table of their codes.

Source: the opcodes' meaning is that of CPython's ``pickletools`` (3.11); its
table isn't imported because it imports ``pickle``.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable

from generators.containers.cursor import PickleDefectError
from generators.containers.pickle_calls import set_state
from generators.containers.pickle_state import (
    FLOAT_BYTES,
    INTEGER_BYTES,
    LIST_BYTES,
    LONG_VALUE_BYTES,
    SLOT_BYTES,
    TUPLE_BYTES,
    PickleState,
)
from generators.containers.values import COMPUTED, EXTENSIONS, ByteRun, Global, Opaque, PickleDict, PickleSet, Value

_HIGHEST_PROTOCOL = 5
_MAYBE_TEXT = (str, ByteRun, Global, Opaque)
"""What may be text once the stream is followed; the unpickler refuses any other name."""
_MAX_MEMO_INDEX = 1 << 32
_INT4 = struct.Struct("<i")
_UINT2 = struct.Struct("<H")
_UINT4 = struct.Struct("<I")
_UINT8 = struct.Struct("<Q")
_FLOAT8 = struct.Struct(">d")


def _skip(size: int) -> Callable[[PickleState], None]:
    def handler(m: PickleState) -> None:
        m.cursor.take(size)

    return handler


def _constant(value: Value) -> Callable[[PickleState], None]:
    def handler(m: PickleState) -> None:
        m.stack.append(value)

    return handler


def _sized(width: struct.Struct, read: Callable[[PickleState, int], Value]) -> Callable[[PickleState], None]:
    def handler(m: PickleState) -> None:
        (size,) = width.unpack(m.cursor.take(width.size))
        if size < 0:
            raise PickleDefectError("pickle-malformed", f"length {size}")
        m.stack.append(read(m, size))

    return handler


def _sized_short(read: Callable[[PickleState, int], Value]) -> Callable[[PickleState], None]:
    def handler(m: PickleState) -> None:
        m.stack.append(read(m, m.cursor.byte()))

    return handler


def _protocol(m: PickleState) -> None:
    protocol = m.cursor.byte()
    if protocol > _HIGHEST_PROTOCOL:
        raise PickleDefectError("pickle-malformed", f"protocol {protocol}")


def _int(m: PickleState) -> None:
    line = m.cursor.line()
    m.held += INTEGER_BYTES + len(line)
    m.stack.append({b"00": False, b"01": True}[line] if line in {b"00", b"01"} else _written_number(line))


def _long(m: PickleState) -> None:
    line = m.cursor.line()
    m.held += INTEGER_BYTES + len(line)
    m.stack.append(_written_number(line.removesuffix(b"L") or b"0"))


def _written_number(line: bytes) -> int:
    """Return a number as C's ``strtol`` and Python read it: also in hexadecimal, and in octal behind a zero."""
    try:
        return int(line, 0)
    except ValueError:
        return int(line, 8)


def _binint(m: PickleState) -> None:
    m.held += INTEGER_BYTES
    m.stack.append(_INT4.unpack(m.cursor.take(4))[0])


def _binint1(m: PickleState) -> None:
    m.stack.append(m.cursor.byte())


def _binint2(m: PickleState) -> None:
    m.held += INTEGER_BYTES
    m.stack.append(_UINT2.unpack(m.cursor.take(2))[0])


def _long1(m: PickleState) -> None:
    m.push_integer(m.cursor.byte())


def _long4(m: PickleState) -> None:
    (size,) = _INT4.unpack(m.cursor.take(4))
    if size < 0:
        raise PickleDefectError("pickle-malformed", f"length {size}")
    m.push_integer(size)


def _float(m: PickleState) -> None:
    m.held += FLOAT_BYTES
    m.stack.append(float(m.cursor.line()))


def _binfloat(m: PickleState) -> None:
    m.held += FLOAT_BYTES
    m.stack.append(_FLOAT8.unpack(m.cursor.take(8))[0])


def _string(m: PickleState) -> None:
    line = m.cursor.line().strip()
    m.count_text(len(line))
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in {b"'", b'"'}:  # noqa: PLR2004 - a pair of quotes
        raise PickleDefectError("pickle-malformed", "string-without-quotes")
    m.held += 4 * len(line)
    text = line[1:-1]
    plain = codecs.escape_decode(_known_escapes(text))[0] if b"\\" in text else text
    m.stack.append(plain.decode("utf-8", "backslashreplace"))


def _known_escapes(text: bytes) -> bytes:
    """Return the same without escapes that mean themselves: Python warns of them, and a file shouldn't make it."""
    import re  # only a hostile or a very old pickle has escapes

    def spell(found: re.Match[bytes]) -> bytes:
        octal, other = found.groups()
        if octal:
            return b"\\%03o" % (int(octal, 8) & 0xFF)
        return b"\\\\" + other if other else found[0]

    return re.sub(rb"(?s)\\(?:([4-7][0-7]{2})|([^\\'\"abfnrtv0-7x\n])|.)", spell, text)


def _unicode(m: PickleState) -> None:
    line = m.cursor.line()
    m.count_text(len(line))
    text = line.decode("raw-unicode-escape")
    m.held += 0 if text.isascii() else 4 * len(text)
    m.stack.append(text)


def _mark(m: PickleState) -> None:
    m.below += len(m.stack)
    m.marks.append(m.stack)
    m.stack = []


def _pop(m: PickleState) -> None:
    if m.stack:
        m.stack.pop()
    else:
        m.pop_mark()


def _pop_mark(m: PickleState) -> None:
    m.pop_mark()


def _dup(m: PickleState) -> None:
    m.stack.append(m.stack[-1])


def _empty_list(m: PickleState) -> None:
    m.push_object([])


def _empty_dict(m: PickleState) -> None:
    m.push_object(PickleDict())


def _empty_set(m: PickleState) -> None:
    m.push_object(PickleSet([]))


def _list(m: PickleState) -> None:
    items = m.pop_mark()
    m.held += SLOT_BYTES * len(items)
    m.push_object(items)


def _dict(m: PickleState) -> None:
    items = m.pop_mark()
    mapping = PickleDict()
    m.fill(mapping, items)
    m.push_object(mapping)


def _frozenset(m: PickleState) -> None:
    items = m.pop_mark()
    m.held += SLOT_BYTES * len(items)
    m.push_object(PickleSet(items))


def _tuple(m: PickleState) -> None:
    items = m.pop_mark()
    m.held += TUPLE_BYTES + 8 * len(items)
    m.stack.append(tuple(items))


def _tuple_of(size: int) -> Callable[[PickleState], None]:
    def handler(m: PickleState) -> None:
        stack = m.stack
        if len(stack) < size:
            raise IndexError
        m.held += TUPLE_BYTES + 8 * size
        stack[-size:] = [tuple(stack[-size:])]

    return handler


def _append(m: PickleState) -> None:
    value = m.stack.pop()
    m.held += SLOT_BYTES
    _extend(m.stack[-1], [value])


def _appends(m: PickleState) -> None:
    items = m.pop_mark()
    m.held += SLOT_BYTES * len(items)
    _extend(m.stack[-1], items)


def _extend(target: Value, items: list[Value]) -> None:
    match target:
        case list():
            target.extend(items)
        case PickleSet() | Opaque():
            target.items.extend(items)
        case _ if _takes_items(target, items):
            return
        case _:
            raise PickleDefectError("pickle-malformed", "append-to-scalar")


def _takes_items(target: Value, items: list[Value]) -> bool:
    """Whether Python goes on, though nothing is kept: of no items at all, and of the numbers of a bytearray."""
    return not items or isinstance(target, bytes | ByteRun)


def _setitem(m: PickleState) -> None:
    value = m.stack.pop()
    key = m.stack.pop()
    _set_items(m, [key, value])


def _setitems(m: PickleState) -> None:
    items = m.pop_mark()
    _set_items(m, items)


def _set_items(m: PickleState, items: list[Value]) -> None:
    target = m.stack[-1]
    if isinstance(target, Opaque):
        if target.pairs is None:
            target.pairs = PickleDict()
            m.held += LIST_BYTES
        target = target.pairs
    if isinstance(target, list) and all(isinstance(index, int) for index in items[::2]):
        for index, value in zip(items[::2], items[1::2], strict=False):
            target[index] = value
        return
    if not isinstance(target, PickleDict):
        if _takes_items(target, items):
            return
        raise PickleDefectError("pickle-malformed", "setitem-of-scalar")
    m.fill(target, items)


def _memo_index(m: PickleState) -> int:
    index = int(m.cursor.line())
    if not 0 <= index < _MAX_MEMO_INDEX:
        # integers without end can be chosen so that their dict takes quadratic time
        raise PickleDefectError("pickle-malformed", "memo-index")
    return index


def _get_line(m: PickleState) -> None:
    m.stack.append(m.recall(_memo_index(m)))


def _binget(m: PickleState) -> None:
    m.stack.append(m.recall(m.cursor.byte()))


def _long_binget(m: PickleState) -> None:
    m.stack.append(m.recall(_UINT4.unpack(m.cursor.take(4))[0]))


def _put_line(m: PickleState) -> None:
    m.remember(_memo_index(m), m.stack[-1])


def _binput(m: PickleState) -> None:
    m.remember(m.cursor.byte(), m.stack[-1])


def _long_binput(m: PickleState) -> None:
    m.remember(_UINT4.unpack(m.cursor.take(4))[0], m.stack[-1])


def _memoize(m: PickleState) -> None:
    m.remember(len(m.memo) + len(m.scattered), m.stack[-1])


def _extension(size: int) -> Callable[[PickleState], None]:
    def handler(m: PickleState) -> None:
        # a code of the process-wide copyreg registry, which only the writer knows
        m.push_global(EXTENSIONS, str(int.from_bytes(m.cursor.take(size), "little")))

    return handler


def _global(m: PickleState) -> None:
    m.push_global(_name_line(m), _name_line(m))


def _name_line(m: PickleState) -> str:
    """Return a line that is a name; one as long as the texts that stay in the file counts as computed, like those."""
    line = m.cursor.line()
    return COMPUTED if len(line) >= LONG_VALUE_BYTES else line.decode("utf-8", "backslashreplace")


def _stack_global(m: PickleState) -> None:
    name, module = m.stack.pop(), m.stack.pop()
    if isinstance(name, str) and isinstance(module, str):
        m.push_global(module, name)
    elif isinstance(name, _MAYBE_TEXT) and isinstance(module, _MAYBE_TEXT):
        m.push_computed(module, name)
    else:
        raise PickleDefectError("pickle-malformed", "global-name")


def _inst(m: PickleState) -> None:
    _global(m)
    function = m.stack.pop()
    args = m.pop_mark()
    m.push_call(function, tuple(args))


def _obj(m: PickleState) -> None:
    function, *args = m.pop_mark() or [None]
    m.push_call(function, tuple(args))


def _reduce(m: PickleState) -> None:
    args = m.stack.pop()
    m.push_call(m.stack.pop(), args)


def _newobj_ex(m: PickleState) -> None:
    keywords, args = m.stack.pop(), m.stack.pop()
    function = m.stack.pop()
    positional = args if isinstance(args, tuple) else (args,)
    m.context.budget.spend(len(positional))
    extra = (keywords,) if isinstance(keywords, PickleDict) and len(keywords) else ()
    m.push_call(function, (*positional, *extra))


def _build(m: PickleState) -> None:
    state = m.stack.pop()
    m.held += 2 * SLOT_BYTES
    target = m.stack[-1]
    if isinstance(target, Global):
        # not an object of a class but the class, function or module itself
        m.note("global-rewritten", target.path)
    set_state(target, state)


def _persid(m: PickleState) -> None:
    m.push_persistent(m.cursor.line().decode("utf-8", "backslashreplace"))


def _binpersid(m: PickleState) -> None:
    m.push_persistent(m.stack.pop())


def _next_buffer(m: PickleState) -> None:
    m.push_object(Opaque("pickle.PickleBuffer"))


def _nothing(m: PickleState) -> None:  # noqa: ARG001 - READONLY_BUFFER changes nothing here
    return


STOP = ord(".")
_UINT1_TEXT = _sized_short(PickleState.read_text)
HANDLERS: dict[int, Callable[[PickleState], None]] = {
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
        b"T": _sized(_INT4, PickleState.read_string),
        b"U": _sized_short(PickleState.read_string),
        b"B": _sized(_UINT4, PickleState.read_bytes),
        b"C": _sized_short(PickleState.read_bytes),
        b"\x8e": _sized(_UINT8, PickleState.read_bytes),
        b"\x96": _sized(_UINT8, PickleState.read_bytes),
        b"V": _unicode,
        b"X": _sized(_UINT4, PickleState.read_text),
        b"\x8c": _UINT1_TEXT,
        b"\x8d": _sized(_UINT8, PickleState.read_text),
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

"""The stack, the memo and the limits of one pickle while it is read."""

from __future__ import annotations

from generators.containers.cursor import Cursor, PickleDefectError
from generators.containers.pickle_calls import CallContext, call_global
from generators.containers.values import ByteRun, Global, Opaque, PickleDict, Value

MAX_OBJECTS = 2_000_000
"""Lists, dicts, sets and objects."""
MAX_MEMO = 4_000_000
"""Remembered values; a pickler remembers about one in two."""
MAX_MARKS = 1_000_000
"""Containers that are open at once: each costs a list; picklers of nested data open a few hundred."""
MAX_GLOBALS = 10_000
"""Different names; a checkpoint has a few dozen."""
MAX_TEXT_BYTES = 1 << 26
"""Text and bytes held in memory, all together."""
LONG_VALUE_BYTES = 1 << 16
"""A text or bytes value at least this long stays in the file."""
MAX_INTEGER_BYTES = 1 << 12
"""An integer of more digits is no hyperparameter."""


class PickleState:
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

    def check_budget(self) -> None:
        """Raise :class:`PickleDefectError` where a limit is passed."""
        for count, limit, unit in (
            (self.objects, MAX_OBJECTS, "objects"),
            (len(self.memo), MAX_MEMO, "memo"),
            (len(self.marks), MAX_MARKS, "marks"),
            (len(self.globals), MAX_GLOBALS, "globals"),
            (self.text_bytes, MAX_TEXT_BYTES, "text-bytes"),
        ):
            if count > limit:
                raise PickleDefectError("pickle-budget", f"{unit}>{limit}")

    def pop_mark(self) -> list[Value]:
        """Return the values above the last mark, and go back below it."""
        items = self.stack
        self.stack = self.marks.pop()
        return items

    def read_bytes(self, size: int) -> Value:
        """Return the next bytes, or where they lie when they are many."""
        if size >= LONG_VALUE_BYTES:
            return ByteRun(self.cursor.skip(size), "bytes")
        self.count_text(size)
        return self.cursor.take(size)

    def read_text(self, size: int) -> Value:
        """Return the next bytes as UTF-8 text, or where they lie when they are many."""
        if size >= LONG_VALUE_BYTES:
            return ByteRun(self.cursor.skip(size), "str")
        self.count_text(size)
        return self.cursor.take(size).decode("utf-8", "surrogatepass")

    def read_string(self, size: int) -> Value:
        """Return a Python 2 ``str``, which torch.load reads as UTF-8."""
        value = self.read_bytes(size)
        return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value

    def count_text(self, size: int) -> None:
        """Count text that is held in memory."""
        self.text_bytes += size
        if self.text_bytes > MAX_TEXT_BYTES:
            raise PickleDefectError("pickle-budget", f"text-bytes>{MAX_TEXT_BYTES}")

    def push_object(self, value: Value) -> None:
        """Push a new list, dict, set or object."""
        self.objects += 1
        self.stack.append(value)

    def push_global(self, module: str, name: str) -> None:
        """Push a name that the stream wants imported, and remember it."""
        self.count_text(len(module) + len(name))
        named = Global(module, name)
        self.globals.add(named)
        self.stack.append(named)

    def push_integer(self, size: int) -> None:
        """Push the little-endian integer in the next bytes."""
        if size > MAX_INTEGER_BYTES:
            raise PickleDefectError("pickle-budget", f"integer-bytes>{MAX_INTEGER_BYTES}")
        self.stack.append(int.from_bytes(self.cursor.take(size), "little", signed=True))

    def push_call(self, function: Value, args: Value) -> None:
        """Push what a call would give."""
        if not isinstance(args, tuple):
            args = (args,)
        self.objects += 1
        if isinstance(function, Global):
            self.stack.append(call_global(function, args, self.context))
        else:
            self.context.budget.spend(len(args))
            self.stack.append(Opaque("call", (function, *args)))


def fill_container(stack: list[Value], items: list[Value]) -> bool:
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

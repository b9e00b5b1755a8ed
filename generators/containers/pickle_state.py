"""The stack, the memo and the limits of one pickle while it is read."""

from __future__ import annotations

from generators.containers.cursor import Cursor, PickleDefectError
from generators.containers.nested_pickles import HEAD_BYTES, Suspect, begins_like_pickle, begins_like_text
from generators.containers.pickle_calls import CallContext, call_global
from generators.containers.values import COMPUTED, ByteRun, Global, Opaque, PickleDict, Value

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
MAX_NOTICES = 1000
"""Places told of each stream; a hostile one could have millions."""


class PickleState:
    """Stack, memo and marks of one run."""

    __slots__ = (
        *("calls", "context", "cursor", "globals", "marks", "memo", "notices", "objects", "stack", "suspects"),
        "text_bytes",
    )

    def __init__(self, cursor: Cursor, context: CallContext) -> None:
        self.cursor = cursor
        self.context = context
        self.stack: list[Value] = []
        self.marks: list[list[Value]] = []
        self.memo: dict[int, Value] = {}
        self.globals: set[Global] = set()
        self.suspects: list[Suspect] = []
        self.notices: list[tuple[str, int, str]] = []
        self.calls = 0
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
            run = ByteRun(self.cursor.skip(size), "bytes")
            self._suspect(run, run.segment.read(0, HEAD_BYTES))
            return run
        self.count_text(size)
        data = self.cursor.take(size)
        self._suspect(data, data)
        return data

    def read_text(self, size: int) -> Value:
        """Return the next bytes as UTF-8 text, or where they lie when they are many."""
        if size >= LONG_VALUE_BYTES:
            return ByteRun(self.cursor.skip(size), "str")
        self.count_text(size)
        data = self.cursor.take(size)
        if data[:2] == b"gA" and begins_like_text(data):
            self.suspects.append(Suspect(data, self.cursor.position, is_text=True))
        return data.decode("utf-8", "surrogatepass")

    def read_string(self, size: int) -> Value:
        """Return a Python 2 ``str``, which torch.load reads as UTF-8."""
        value = self.read_bytes(size)
        return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value

    def count_text(self, size: int) -> None:
        """Count text that is held in memory."""
        self.text_bytes += size
        if self.text_bytes > MAX_TEXT_BYTES:
            raise PickleDefectError("pickle-budget", f"text-bytes>{MAX_TEXT_BYTES}")

    def push_computed(self, module: Value, name: Value) -> None:
        """Push a name of which a part is what something gives that isn't called here."""
        parts = (part if isinstance(part, str) else COMPUTED for part in (module, name))
        self.push_global(*parts)

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
        self.calls += 1
        if isinstance(function, Global):
            value = call_global(function, args, self.context)
            if isinstance(value, bytes):
                self._suspect(value, value)
            elif value.__class__ is Opaque and value.kind == "_codecs.encode":
                self._suspect_text(args)
            self.stack.append(value)
        else:
            if isinstance(function, Opaque):
                self.note("call-computed", function.kind)
            self.context.budget.spend(len(args))
            self.stack.append(Opaque("call", (function, *args)))

    def note(self, code: str, found: str) -> None:
        """Remember something that a reader should know of, and where it is."""
        if len(self.notices) < MAX_NOTICES:
            self.notices.append((code, self.cursor.position, found))

    def _suspect(self, value: Value, head: bytes) -> None:
        if begins_like_pickle(head):
            self.suspects.append(Suspect(value, self.cursor.position))

    def _suspect_text(self, args: tuple[Value, ...]) -> None:
        match args:
            case (ByteRun(kind="str") as run, *_):
                head = run.segment.read(0, HEAD_BYTES).decode("utf-8", "ignore").encode("latin-1", "ignore")
                self._suspect(run, head)


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

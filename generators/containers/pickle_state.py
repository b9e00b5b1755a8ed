"""The stack, the memo and the limits of one pickle while it is read."""

from __future__ import annotations

from generators.containers.cursor import Cursor, PickleDefectError
from generators.containers.nested_pickles import HEAD_BYTES, Suspect, begins_like_pickle, begins_like_text
from generators.containers.pickle_calls import CallContext, call_global
from generators.containers.values import (
    COMPUTED,
    ByteRun,
    Global,
    Opaque,
    PickleDict,
    PickleSet,
    StorageRef,
    TensorValue,
    Value,
)

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

# what values take in memory, in bytes, with the collector's header (CPython 3.11, 64 bits)
SLOT_BYTES = 9
"""A place in a list that grows by an eighth at a time."""
INTEGER_BYTES = 32
FLOAT_BYTES = 24
TEXT_BYTES = 56
TUPLE_BYTES = 56
LIST_BYTES = 64
ENTRY_BYTES = 48
"""A place in a dict whose keys are text."""
KEY_BYTES = 72
"""And more where they aren't."""
FIRST_BYTES = 200
"""What a dict makes room for with its first entry; a list with its first value is content with less."""
_MANY = 10_000
"""Values that are put into a container at once only after a look at the budget."""
_OFTEN_BYTES = 1 << 22
"""Memory between two such looks, where single values are long."""
_MARK_BYTES = 64
_SPARSE_BYTES = 120
_SUSPECT_BYTES = 120
_STACK_BYTES = 17
"""A place on the stack, from which values are copied into what becomes of them."""
_VALUE_BYTES = {list: LIST_BYTES, PickleDict: 56, PickleSet: 120, Opaque: 288, TensorValue: 104, StorageRef: 280}
"""A storage with its slot, its record's name and its place in the table."""


class PickleState:
    """Stack, memo and marks of one run."""

    __slots__ = (
        "below",
        "calls",
        "context",
        "cursor",
        "globals",
        "held",
        "marks",
        "memo",
        "notices",
        "objects",
        "scattered",
        "stack",
        "suspects",
        "text_bytes",
    )

    def __init__(self, cursor: Cursor, context: CallContext) -> None:
        self.cursor = cursor
        self.context = context
        self.stack: list[Value] = []
        self.marks: list[list[Value]] = []
        self.below = 0
        """Values on the stacks below the marks."""
        # picklers number what they remember from 0 on; what is numbered otherwise is kept apart
        self.memo: list[Value] = []
        self.scattered: dict[int, Value] = {}
        self.held = 0
        """Bytes that the values made so far take; those made and dropped count too."""
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
            (len(self.memo) + len(self.scattered), MAX_MEMO, "memo"),
            (len(self.marks), MAX_MARKS, "marks"),
            (len(self.globals), MAX_GLOBALS, "globals"),
            (self.text_bytes, MAX_TEXT_BYTES, "text-bytes"),
        ):
            if count > limit:
                raise PickleDefectError("pickle-budget", f"{unit}>{limit}")
        self.context.budget.hold(self.held)
        self.held = 0
        self.context.budget.check_room(self._passing_bytes())

    def _passing_bytes(self) -> int:
        """Return the memory that the run gives back at its end: memo, stack and marks."""
        stacks = _STACK_BYTES * (len(self.stack) + self.below) + _MARK_BYTES * len(self.marks)
        return stacks + SLOT_BYTES * len(self.memo) + _SPARSE_BYTES * len(self.scattered)

    def remember(self, index: int, value: Value) -> None:
        """Keep a value in the memo."""
        memo = self.memo
        if index == len(memo):
            memo.append(value)
            if self.scattered:
                self.scattered.pop(index, None)
        elif index < len(memo):
            memo[index] = value
        else:
            self.scattered[index] = value

    def recall(self, index: int) -> Value:
        """Return what the memo has under a number.

        Raises:
            KeyError: Nothing.
        """
        return self.memo[index] if index < len(self.memo) else self.scattered[index]

    def pop_mark(self) -> list[Value]:
        """Return the values above the last mark, and go back below it."""
        items = self.stack
        self.stack = self.marks.pop()
        self.below -= len(self.stack)
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
            self._keep(Suspect(data, self.cursor.position, is_text=True))
        text = data.decode("utf-8", "surrogatepass")
        if not text.isascii():
            # the widest character decides, at up to four bytes for each
            self.held += 4 * len(text)
        return text

    def read_string(self, size: int) -> Value:
        """Return a Python 2 ``str``, which torch.load reads as UTF-8."""
        value = self.read_bytes(size)
        return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value

    def count_text(self, size: int) -> None:
        """Count text that is held in memory."""
        self.text_bytes += size
        self.held += TEXT_BYTES + size
        if self.text_bytes > MAX_TEXT_BYTES:
            raise PickleDefectError("pickle-budget", f"text-bytes>{MAX_TEXT_BYTES}")
        if self.held > _OFTEN_BYTES:
            self.check_budget()

    def push_computed(self, module: Value, name: Value) -> None:
        """Push a name of which a part is what something gives that isn't called here."""
        parts = (part if isinstance(part, str) else COMPUTED for part in (module, name))
        self.push_global(*parts)

    def push_object(self, value: Value) -> None:
        """Push a new list, dict, set or object."""
        self.objects += 1
        self.held += _VALUE_BYTES[type(value)]
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
        self.held += INTEGER_BYTES + size
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
        else:
            if isinstance(function, Opaque):
                self.note("call-computed", function.kind)
            self.context.budget.spend(len(args))
            value = Opaque("call", (function, *args))
        self.held += _VALUE_BYTES.get(type(value), LIST_BYTES)
        self.stack.append(value)

    def push_persistent(self, persistent_id: Value) -> None:
        """Push what a persistent id stands for."""
        value = self.context.load_persistent(persistent_id)
        self.held += _VALUE_BYTES.get(type(value), LIST_BYTES)
        self.stack.append(value)

    def fill(self, target: Value, items: list[Value]) -> None:
        """Put items into a container and count the room they take."""
        if isinstance(target, PickleDict):
            others = sum(key.__class__ is not str for key in items[::2])
            self.held += ENTRY_BYTES * (len(items) // 2) + KEY_BYTES * others + (0 if len(target) else FIRST_BYTES)
        else:
            self.held += SLOT_BYTES * len(items)
        if len(items) > _MANY:
            self.check_budget()
        fill_container([target], items)

    def note(self, code: str, found: str) -> None:
        """Remember something that a reader should know of, and where it is."""
        if len(self.notices) < MAX_NOTICES:
            self.notices.append((code, self.cursor.position, found))

    def _suspect(self, value: Value, head: bytes) -> None:
        if begins_like_pickle(head):
            self._keep(Suspect(value, self.cursor.position))

    def _keep(self, suspect: Suspect) -> None:
        self.held += _SUSPECT_BYTES
        self.suspects.append(suspect)

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

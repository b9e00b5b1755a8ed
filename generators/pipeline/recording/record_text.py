"""The JSON of a record, for people who review it: a table has a row a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import msgspec

MAX_LINE = 100
"""Characters up to which an object or a list stands on one line."""
MAX_ROW = 1200
"""The same of an object in a list: a row of a table, such as one tensor with its digest and statistics."""


def encode_rows(value: object) -> bytes:
    """Return a value of the model as UTF-8 JSON, indented, with each row of a table on one line.

    The same value gives the same bytes: fields are in the order of their definition.
    """
    document = msgspec.json.decode(msgspec.json.encode(value))
    return "".join((*_write(document, "", MAX_LINE), "\n")).encode()


def _write(node: object, indent: str, limit: int) -> Iterator[str]:
    flat = _flat(node)
    if len(flat) <= limit or not isinstance(node, dict | list) or not node:
        yield flat
        return
    inner = indent + "  "
    if isinstance(node, dict):
        yield "{"
        for number, (key, item) in enumerate(cast("dict[str, object]", node).items()):
            yield f"{',' if number else ''}\n{inner}{_flat(key)}: "
            yield from _write(item, inner, MAX_LINE)
        yield f"\n{indent}}}"
        return
    yield "["
    for number, item in enumerate(node):
        yield f"{',' if number else ''}\n{inner}"
        yield from _write(item, inner, MAX_ROW)
    yield f"\n{indent}]"


def _flat(node: object) -> str:
    return msgspec.json.format(msgspec.json.encode(node), indent=0).decode()

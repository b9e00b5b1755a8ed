"""Writes into a lock file that people write too: comments and order stay, and two writers lose nothing.

Two things are written: an entry behind the others, and the ``[checkpoint.resolved]`` of entries. Nothing else of the
file may change: that is checked on the new text before it takes the old one's place.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generators.errors import LockError
from generators.lock import read_lock
from generators.lock_tables import entry_items, inline_table, resolved_items, source_array
from generators.model.lock import LockEntry, Resolved

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.container import Container
    from tomlkit.items import Table

RESOLVED_COMMENT = "written by `assay lock`; change what you ask for above instead"
"""Beside each resolved table."""


def append_entry(path: Path, entry: LockEntry) -> None:
    """Write an entry behind the last checkpoint. The caller keeps other writers out.

    The new text is checked as a lock before it takes the old one's place.

    Raises:
        LockError: The lock, or the lock with the entry, is wrong; it is unchanged then.
    """
    import_tomlkit()
    import tomlkit

    read_lock(path)
    document = _parse(path)
    table = tomlkit.table()
    for key, value in entry_items(entry).items():
        table.add(key, value)
    table.add("sources", source_array(entry))
    if "checkpoint" in document:
        document["checkpoint"].append(table)  # an array of tables, as read_lock has seen
    else:
        tables = tomlkit.aot()
        tables.append(table)
        document.add("checkpoint", tables)
    text = _spaced(tomlkit.dumps(document), entry.id)
    if entry.resolved is not None:
        text = _with_resolved(_parse_text(path, text), {entry.id: entry.resolved})
    _replace(path, text)


def write_resolved(path: Path, resolved: Mapping[str, Resolved]) -> None:
    """Write what entries came to. The caller keeps other writers out.

    Args:
        path: The lock.
        resolved: By the entries' ids. What an id already has is replaced; other entries stay as they are.

    Raises:
        LockError: The lock is wrong, or an id isn't in it any more; it is unchanged then.
    """
    import_tomlkit()
    known = {entry.id for entry in read_lock(path).checkpoints}
    for entry_id in resolved:
        if entry_id not in known:
            raise LockError(
                "no-such-entry",
                f"{entry_id!r} is no checkpoint of the lock any more",
                where=str(path),
                remedy="run the command again",
            )
    document = _parse(path)
    before = _without_resolved(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    text = _with_resolved(document, resolved)
    if _without_resolved(tomllib.loads(text)) != before:
        raise LockError(
            "not-writable",
            "the lock has a form in which nothing can be written without changing what people wrote",
            where=str(path),
            remedy="write each checkpoint as a [[checkpoint]] table of its own",
        )
    _replace(path, text)


def import_tomlkit() -> None:
    """Make sure that tomlkit is here.

    Raises:
        LockError: ``missing-package``.
    """
    try:
        import tomlkit  # noqa: F401
    except ImportError as problem:
        raise LockError(
            "missing-package",
            "tomlkit is not installed",
            remedy="run `pip install -c constraints.txt -e '.[fetch]'`",
        ) from problem


def _parse(path: Path) -> TOMLDocument:
    return _parse_text(path, path.read_text(encoding="utf-8-sig"))


def _parse_text(path: Path, text: str) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(text)
    except TOMLKitError as problem:
        raise LockError(
            "not-toml", f"is not TOML: {problem}", where=str(path), remedy="correct the syntax"
        ) from problem


def _without_resolved(tables: dict[str, Any]) -> dict[str, Any]:
    entries = [{k: v for k, v in entry.items() if k != "resolved"} for entry in tables.get("checkpoint", [])]
    return {**tables, "checkpoint": entries}


def _with_resolved(document: TOMLDocument, resolved: Mapping[str, Resolved]) -> str:
    import tomlkit
    from tomlkit.items import InlineTable

    for entry in document["checkpoint"]:
        found = resolved.get(str(entry["id"]))
        if found is None:
            continue
        if isinstance(entry, InlineTable):
            entry["resolved"] = inline_table(dict(resolved_items(found)))
        elif "resolved" in entry:
            _fill(entry["resolved"], found)
        else:
            _add_behind(entry, found)
    return tomlkit.dumps(document)


def _add_behind(entry: Table, found: Resolved) -> None:
    """Add the table right behind the entry's last key: the comment before the next entry stays with that one."""
    import tomlkit

    table = tomlkit.table()
    table.comment(RESOLVED_COMMENT)
    _fill(table, found)
    last = _last_container(entry)
    loose = []
    while last.body and last.body[-1][0] is None:
        loose.append(last.body.pop())
    last.body.append((None, tomlkit.nl()))
    entry.append("resolved", table)
    table.value.body.extend(reversed(loose))


def _last_container(entry: Table) -> Container:
    """Return the container that the comments behind an entry belong to: that of its last table, if it has one."""
    from tomlkit.items import AoT, Table

    container = entry.value
    while True:
        named = [item for key, item in container.body if key is not None]
        last = named[-1] if named else None
        if isinstance(last, AoT) and last.body:
            last = last.body[-1]
        if not isinstance(last, Table):
            return container
        container = last.value


def _fill(table: Table, found: Resolved) -> None:
    """Write the table's values anew, in one order; what stands behind them belongs to the next entry."""
    loose = []
    while table.value.body and table.value.body[-1][0] is None:
        loose.append(table.value.body.pop())
    for key in list(table):
        table.remove(key)
    for key, value in resolved_items(found):
        table.add(key, value)
    table.value.body.extend(reversed(loose))


def _spaced(text: str, entry_id: str) -> str:
    """Return the text with an empty line before the new entry and behind it."""
    lines = text.split("\n")
    at = next(n for n, line in enumerate(lines) if line == f'id = "{entry_id}"') - 1
    if at and lines[at - 1].strip():
        lines.insert(at, "")
        at += 1
    end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith(("[", "#"))), None)
    if end is not None and lines[end - 1].strip():
        lines.insert(end, "")
    return "\n".join(lines)


def _replace(path: Path, text: str) -> None:
    """Put a text in a lock's place if it is a right lock; its line ends stay those of the old one."""
    beginning = path.read_bytes()
    encoding = "utf-8-sig" if beginning.startswith(codecs.BOM_UTF8) else "utf-8"
    ending = "\r\n" if b"\r\n" in beginning else "\n"
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding=encoding, newline=ending) as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        read_lock(temporary)
        with contextlib.suppress(OSError):
            temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
    except OSError as problem:
        raise LockError("not-writable", f"can't be written: {problem.strerror}", where=str(path)) from problem
    finally:
        temporary.unlink(missing_ok=True)

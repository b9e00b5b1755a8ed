"""Adds an entry to a lock file that people write too: comments and order stay, and two writers lose nothing."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from generators.errors import LockError
from generators.lock import read_lock
from generators.model.lock import LockEntry, SizeRange

if TYPE_CHECKING:
    from tomlkit.items import InlineTable


def append_entry(path: Path, entry: LockEntry) -> None:
    """Write an entry behind the last checkpoint. The caller keeps other writers out.

    The new text is checked as a lock before it takes the old one's place.

    Raises:
        LockError: The lock, or the lock with the entry, is wrong; it is unchanged then.
    """
    try:
        import tomlkit
        from tomlkit.exceptions import TOMLKitError
    except ImportError as problem:
        raise LockError(
            "missing-package",
            "tomlkit is not installed",
            remedy="run `pip install -c constraints.txt -e '.[fetch]'`",
        ) from problem
    read_lock(path)
    text = path.read_text(encoding="utf-8-sig")
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as problem:
        raise LockError(
            "not-toml", f"is not TOML: {problem}", where=str(path), remedy="correct the syntax"
        ) from problem
    table = tomlkit.table()
    for key, value in _plain(entry).items():
        table.add(key, value)
    table.add("sources", _sources(entry))
    if "checkpoint" in document:
        document["checkpoint"].append(table)  # an array of tables, as read_lock has seen
    else:
        tables = tomlkit.aot()
        tables.append(table)
        document.add("checkpoint", tables)
    _replace(path, _spaced(tomlkit.dumps(document), entry.id))


def _plain(entry: LockEntry) -> dict[str, object]:
    values: dict[str, object] = {"id": entry.id, "title": entry.title, "variant": entry.variant, "report": entry.report}
    if entry.licence:
        values["licence"] = entry.licence
    if entry.size is not None:
        values["size_bytes"] = _size(entry.size)
    if entry.sha256 is not None:
        values["sha256"] = entry.sha256
    return values


def _size(size: SizeRange) -> object:
    if size.minimum_bytes == size.maximum_bytes:
        return size.minimum_bytes
    return _inline({"minimum": size.minimum_bytes, "maximum": size.maximum_bytes})


def _sources(entry: LockEntry) -> object:
    import tomlkit

    array = tomlkit.array()
    for source in entry.sources:
        values: dict[str, object] = {"kind": source.kind, "address": source.address}
        if source.hosts:
            values["hosts"] = list(source.hosts)
        array.append(_inline(values))
    return array


def _inline(values: dict[str, object]) -> InlineTable:
    import tomlkit

    table = tomlkit.inline_table()
    table.update(values)
    return table


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
    """Put a text in a lock's place if it is a right lock."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
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

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
from typing import Any

from generators.errors import LockError
from generators.lock import read_lock
from generators.lock_tables import entry_lines, resolved_lines
from generators.lock_text import has_entry, insert_entry, insert_resolved, join_segments, split_segments
from generators.model.lock import LockEntry, Resolved
from generators.sources.faults import missing_package


def append_entry(path: Path, entry: LockEntry) -> None:
    """Write an entry behind the last checkpoint. The caller keeps other writers out.

    The new text is checked as a lock before it takes the old one's place.

    Raises:
        LockError: The lock, or the lock with the entry, is wrong; it is unchanged then.
        SourceError: ``missing-package``.
    """
    import_tomlkit()
    read_lock(path)
    text = join_segments(insert_entry(split_segments(_read(path)), entry_lines(entry)))
    if entry.resolved is not None:
        text = join_segments(insert_resolved(split_segments(text), entry.id, resolved_lines(entry.resolved)))
    _replace(path, text)


def write_resolved(path: Path, resolved: Mapping[str, Resolved]) -> None:
    """Write what entries came to. The caller keeps other writers out.

    Args:
        path: The lock.
        resolved: By the entries' ids. What an id already has is replaced; other entries stay as they are.

    Raises:
        LockError: The lock is wrong, or an id isn't in it any more; it is unchanged then.
        SourceError: ``missing-package``.
    """
    import_tomlkit()
    known = {entry.id for entry in read_lock(path).checkpoints}
    before = text = _read(path)
    for entry_id, found in resolved.items():
        if entry_id not in known:
            raise LockError(
                "no-such-entry",
                f"{entry_id!r} is no checkpoint of the lock any more",
                where=str(path),
                remedy="run the command again",
            )
        segments = split_segments(text)
        if not has_entry(segments, entry_id):
            raise _unfit(path)
        text = join_segments(insert_resolved(segments, entry_id, resolved_lines(found)))
    if _without_resolved(text) != _without_resolved(before):
        raise _unfit(path)
    _replace(path, text)


def _unfit(path: Path) -> LockError:
    return LockError(
        "not-writable",
        "the lock has a form in which nothing can be written without changing what people wrote",
        where=str(path),
        remedy="write each checkpoint as a [[checkpoint]] table of its own",
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


def import_tomlkit() -> None:
    """Make sure that tomlkit is here.

    Raises:
        SourceError: ``missing-package``.
    """
    try:
        import tomlkit  # noqa: F401
    except ImportError as problem:
        raise missing_package("tomlkit", "fetch") from problem


def _without_resolved(text: str) -> dict[str, Any] | None:
    """Return what people wrote; None where a text is no TOML."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    entries = [{k: v for k, v in entry.items() if k != "resolved"} for entry in tables.get("checkpoint", [])]
    return {**tables, "checkpoint": entries}


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

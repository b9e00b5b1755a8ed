"""Patterns of addresses, as a shell knows them of paths: ``s3://bucket/prefix/*.pt``."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from generators.errors import SourceError
from generators.sources.object_storage import open_storage, telling_storage

_FILE = "file://"
_STORAGE = ("s3", "gs")


def expand_pattern(text: str) -> Sequence[str]:
    """Return the files that an argument names, sorted: those that match a pattern, else the argument itself.

    ``file://`` addresses become paths.

    Raises:
        SourceError: A pattern matches nothing, or the storage can't be asked.
    """
    scheme = text.partition("://")[0]
    if text.startswith(_FILE):
        return _local(text)
    if scheme not in _STORAGE or not glob.has_magic(text):
        return (text,)
    system = open_storage(scheme)
    with telling_storage(text):
        found = sorted(system.glob(text))
    return [f"{scheme}://{path.removeprefix(f'{scheme}://')}" for path in found] or _nothing(text)


def _local(text: str) -> Sequence[str]:
    parts = urlsplit(text)
    if parts.netloc not in {"", "localhost"}:
        raise SourceError(
            "unknown-address",
            f"a file:// address can't name another machine ({parts.netloc})",
            remedy="write file:///folder/file",
        )
    path = unquote(parts.path)
    if not glob.has_magic(path):
        return (path,)
    return sorted(glob.glob(path)) or _nothing(text)  # noqa: PTH207 - Path.glob takes no absolute pattern


def _nothing(text: str) -> Sequence[str]:
    raise SourceError("not-found", "no file matches", where=text, remedy="`assay list` shows what is there")

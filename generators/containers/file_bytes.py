"""A file as bytes at positions: no shared position, so any thread may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from generators.errors import ContainerError

_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


class FileBytes:
    """The bytes of one regular file, read with ``pread``; a context manager.

    Args:
        path: The file.

    Raises:
        ContainerError: ``path`` is missing, unreadable or no regular file.
    """

    __slots__ = ("_descriptor", "size")

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._descriptor = _open_regular(path)
        self.size = os.fstat(self._descriptor).st_size

    @property
    def size_bytes(self) -> int:
        """Size of the file when it was opened."""
        return self.size

    @property
    def place(self) -> tuple[FileBytes, int] | None:
        """Itself, from its beginning."""
        return self, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; fewer only where the file ends."""
        size = min(size, self.size - start)
        if start < 0 or size <= 0:
            return b""
        data = os.pread(self._descriptor, size, start)
        if len(data) == size or not data:
            return data
        parts = [data]
        missing = size - len(data)
        while missing and (data := os.pread(self._descriptor, missing, start + size - missing)):
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def read_into(self, buffer: memoryview, start: int) -> int:
        """Fill a buffer from byte ``start`` and return how many bytes it got: fewer only where the file ends now."""
        filled = 0
        while filled < len(buffer) and (size := os.preadv(self._descriptor, [buffer[filled:]], start + filled)):
            filled += size
        return filled

    def announce(self, runs: Iterable[tuple[int, int]]) -> None:
        """Take in which (start, size) will be read next: nothing to do here, a journey saved for files elsewhere."""

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _open_regular(path: str | os.PathLike[str]) -> int:
    # a FIFO would block and a device may act on being opened: look first, and again on what was opened
    try:
        _require_regular(path, os.stat(path).st_mode)
        descriptor = os.open(path, _OPEN_FLAGS)
    except OSError as error:
        raise ContainerError(
            "unreadable",
            error.strerror or "the file can't be opened",
            where=os.fspath(path),
            remedy="check the path and its permissions",
        ) from error
    except ValueError as error:
        raise ContainerError(
            "unreadable", "the path holds a NUL character", where=repr(os.fspath(path)), remedy="check the path"
        ) from error
    try:
        status = os.fstat(descriptor)
        _require_regular(path, status.st_mode)
        _require_extent(path, descriptor, status.st_size)
    except ContainerError:
        os.close(descriptor)
        raise
    return descriptor


def _require_extent(path: str | os.PathLike[str], descriptor: int, size: int) -> None:
    """Refuse what the kernel makes up while it is read: it has no size, and may have no end or block."""
    if size:
        return
    try:
        endless = bool(os.pread(descriptor, 1, 0))
    except OSError:
        endless = True
    if endless:
        raise ContainerError(
            "not-a-file",
            "it has content but no size, as files that the kernel makes up",
            where=os.fspath(path),
            remedy="copy its content to a file and give that",
        )


def _require_regular(path: str | os.PathLike[str], mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    code, what = ("directory", "it is a directory") if stat.S_ISDIR(mode) else ("not-a-file", "it is no regular file")
    raise ContainerError(code, what, where=os.fspath(path), remedy="give the path of one checkpoint file")

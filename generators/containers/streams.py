"""A file object over :class:`~generators.containers.file_bytes.FileBytes`, for the standard library's archives."""

from __future__ import annotations

import io

from generators.containers.file_bytes import FileBytes

MAX_READ_BYTES = 1 << 26
"""An archive's directory is never larger: room for about half a million records."""


class PositionalStream(io.RawIOBase):
    """Reads through ``pread`` at a position of its own, and refuses to read an absurd length at once.

    Args:
        file: The file; it isn't closed with the stream.
    """

    def __init__(self, file: FileBytes) -> None:
        self._file = file
        self._position = 0

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position.

        Raises:
            OSError: The position lies before the file's start.
        """
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._file.size}[whence]
        if base + offset < 0:
            raise OSError("a position before the file's start")
        self._position = base + offset
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next ``size`` bytes, all when it is negative, and never more than ``MAX_READ_BYTES``."""
        if size is None or size < 0:
            size = self._file.size
        data = self._file.read(self._position, min(size, MAX_READ_BYTES))
        self._position += len(data)
        return data

"""Files inside files, and files that exist only while a checkpoint is open."""

from __future__ import annotations

import os

from generators.containers.file_bytes import FileBytes
from generators.containers.segments import Place, Segment


class FileWindow(FileBytes):
    """Bytes inside another file, read as if they were a file of their own; closing it closes nothing.

    Args:
        segment: The bytes.
    """

    __slots__ = ("_segment",)

    def __init__(self, segment: Segment) -> None:
        self._descriptor = -1
        self._segment = segment
        self.size = segment.size

    @property
    def place(self) -> Place | None:
        """Where its bytes lie."""
        return self._segment.place

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; fewer only where the window ends."""
        if start < 0 or size <= 0:
            return b""
        return self._segment.read(start, size)


class TemporaryBytes(FileBytes):
    """A file without a name that is gone when it is closed, also when the process ends in between."""

    __slots__ = ()

    def __init__(self) -> None:
        import tempfile  # only for what is compressed

        with tempfile.TemporaryFile(buffering=0) as stream:
            self._descriptor = os.dup(stream.fileno())
        self.size = 0

    def append(self, data: bytes) -> None:
        """Write at the end.

        Raises:
            OSError: The disk is full.
        """
        view = memoryview(data)
        while view:
            written = os.pwrite(self._descriptor, view, self.size)
            self.size += written
            view = view[written:]

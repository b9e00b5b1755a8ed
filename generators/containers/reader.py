"""Opening a checkpoint: the one entrance of the package."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Self

from generators.containers.checksums import RecordRun, check_records, listen_to_records
from generators.containers.file_bytes import FileBytes
from generators.containers.formats import read_contents
from generators.model.checkpoint import Container, FileRun
from generators.model.finding import Finding


class CheckpointReader:
    """A checkpoint that is open; a context manager.

    ``read_storage`` may be called from any thread. Nothing is executed,
    imported or resolved, and no byte of a storage is read before it is asked for.

    Args:
        source: The file's path; or its bytes, when they lie elsewhere. Those are closed with the checkpoint.

    Attributes:
        container: What the checkpoint's index says.

    Raises:
        ContainerError: The path can't be opened as a regular file.
    """

    def __init__(self, source: str | os.PathLike[str] | FileBytes) -> None:
        path = None if isinstance(source, FileBytes) else source
        self._file = source if isinstance(source, FileBytes) else FileBytes(source)
        try:
            self._reading = read_contents(self._file, path=path)
        except BaseException:
            self._file.close()
            raise
        self._runs: tuple[RecordRun, ...] = ()
        self.container: Container = self._reading.container

    def read_storage(self, key: str, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes of a storage from byte ``start``, as they lie in the file.

        Fewer bytes come back only where the storage ends, the file ends or the record is damaged.

        Raises:
            KeyError: The container has no storage of that key.
        """
        segment = self._reading.segments.get(key)
        if segment is not None:
            return segment.read(start, size) if size > 0 else b""
        if any(entry.key == key for entry in self.container.storages):
            return b""
        raise KeyError(key)

    @property
    def size_bytes(self) -> int:
        """Size of the file when it was opened."""
        return self._file.size

    def read_into(self, buffer: memoryview, start: int) -> int:
        """Fill a buffer from byte ``start`` of the file and return how many bytes it got; 0 at the file's end."""
        return self._file.read_into(buffer, start)

    def locate_storage(self, key: str) -> int | None:
        """Return the position in the file of a storage's first byte; None where it doesn't lie there as it is."""
        segment = self._reading.segments.get(key)
        place = None if segment is None else segment.place
        # a storage may lie in a shard beside the file, or in what was unpacked of it
        return place[1] if place is not None and place[0] is self._file else None

    def listen_to_records(self) -> tuple[FileRun, ...]:
        """Return the runs of the file whose checksums :meth:`check_records` then needn't read again."""
        self._runs = tuple(listen_to_records(self._reading.checksums, self._file))
        return self._runs

    def check_records(self) -> tuple[Finding, ...]:
        """Compare every zip record with the CRC-32 of the archive's directory.

        Reads the records that weren't listened to. Formats without checksums give no findings.
        """
        return tuple(check_records(self._reading.checksums, self._runs))

    def close(self) -> None:
        """Close the file, and what was opened for it."""
        for file in self._reading.opened:
            file.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def open_checkpoint(source: str | os.PathLike[str] | FileBytes) -> CheckpointReader:
    """Open a file, by its path or by its bytes, and read its index.

    Whatever is wrong inside the file is a finding of ``container``.

    Args:
        source: The path, or bytes that are at hand in another way.

    Returns:
        A reader to be closed, by ``with`` or ``close``.

    Raises:
        ContainerError: The path is missing, unreadable or no regular file.
    """
    return CheckpointReader(source)

"""Opening a checkpoint: the one entrance of the package."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from generators.containers.file_bytes import FileBytes
from generators.containers.formats import read_contents
from generators.containers.global_policy import printable
from generators.containers.index import Checksum
from generators.containers.segments import BLOCK_BYTES
from generators.model.checkpoint import Container
from generators.model.finding import Finding


class CheckpointReader:
    """A checkpoint that is open; a context manager.

    ``read_storage`` may be called from any thread. Nothing is executed,
    imported or resolved, and no byte of a storage is read before it is asked for.

    Args:
        path: The file.

    Attributes:
        container: What the checkpoint's index says.

    Raises:
        ContainerError: ``path`` can't be opened as a regular file.
    """

    def __init__(self, path: Path) -> None:
        self._file = FileBytes(path)
        try:
            self._reading = read_contents(self._file, path=path)
        except BaseException:
            self._file.close()
            raise
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

    def check_records(self) -> tuple[Finding, ...]:
        """Compare every zip record with the CRC-32 of the archive's directory.

        Reads the whole archive. Formats without checksums give no findings.
        """
        return tuple(_check(self._reading.checksums))

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


def open_checkpoint(path: Path) -> CheckpointReader:
    """Open a file and read its index.

    Whatever is wrong inside the file is a finding of ``container``.

    Raises:
        ContainerError: ``path`` is missing, unreadable or no regular file.
    """
    return CheckpointReader(path)


def _check(checksums: tuple[Checksum, ...]) -> Iterator[Finding]:
    for checksum in checksums:
        value = position = 0
        while block := checksum.segment.read(position, min(BLOCK_BYTES, checksum.size - position)):
            value = zlib.crc32(block, value)
            position += len(block)
        if value != checksum.crc32 or position != checksum.size:
            yield Finding(
                code="record-crc",
                severity="error",
                where=printable(checksum.record),
                expected=f"{checksum.crc32:08x}",
                found=f"{value:08x}",
            )

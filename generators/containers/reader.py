"""Opening a checkpoint: the one entrance of the package."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Self, assert_never

from generators.containers.checksums import RecordRun, check_records, listen_to_records
from generators.containers.file_bytes import FileBytes
from generators.containers.foreign_pickles import read_foreign_pickle
from generators.containers.global_policy import printable
from generators.containers.index import Index, Reading, name_contents
from generators.containers.leaves import cut
from generators.containers.safetensors import read_safetensors
from generators.containers.segments import FileSegment
from generators.containers.sniff import name_other, recognise
from generators.containers.torch_legacy import read_legacy
from generators.containers.torch_tar import read_tar
from generators.containers.torch_zip import read_zip
from generators.model.checkpoint import Container, FileRun
from generators.model.finding import Finding

_SHOWN_BYTES = 80


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

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = FileBytes(path)
        try:
            self._reading = _read(self._file)
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
        return None if segment is None else segment.position

    def listen_to_records(self) -> tuple[FileRun, ...]:
        """Return the runs of the file whose checksums :meth:`check_records` then needn't read again."""
        self._runs = tuple(listen_to_records(self._reading.checksums))
        return self._runs

    def check_records(self) -> tuple[Finding, ...]:
        """Compare every zip record with the CRC-32 of the archive's directory.

        Reads the records that weren't listened to. Formats without checksums give no findings.
        """
        return tuple(check_records(self._reading.checksums, self._runs))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def open_checkpoint(path: str | os.PathLike[str]) -> CheckpointReader:
    """Open a file and read its index.

    Whatever is wrong inside the file is a finding of ``container``.

    Raises:
        ContainerError: ``path`` is missing, unreadable or no regular file.
    """
    return CheckpointReader(path)


def _read(file: FileBytes) -> Reading:
    kind = recognise(file)
    match kind:
        case "zip":
            return name_contents(read_zip(file))
        case "tar":
            return name_contents(read_tar(file))
        case "legacy":
            return name_contents(read_legacy(FileSegment(file, 0, file.size)))
        case "safetensors":
            return read_safetensors(file)
        case "pickle":
            return name_contents(read_foreign_pickle(FileSegment(file, 0, file.size)))
        case "other":
            return name_contents(_describe_other(file))
        case _:
            assert_never(kind)


def _describe_other(file: FileBytes) -> Index:
    start = file.read(0, _SHOWN_BYTES).decode("utf-8", "backslashreplace")
    finding = Finding(code=name_other(file), severity="error", found=cut(printable(start)))
    return Index(format="unknown", findings=(finding,))

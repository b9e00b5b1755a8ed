"""A download that isn't finished: a hidden file beside the one it will be, and what it is part of.

``.NAME.part`` holds the bytes, ``.NAME.part.json`` says of which file. Only what is complete and verified gets the
name, in one step; a process that is killed at any point leaves either the whole file or these two.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct


class PartState(Struct, frozen=True, kw_only=True):
    """What a part is a part of.

    Attributes:
        source: Kind and address, without secrets.
        validator: As the server gave it with these bytes.
        total_bytes: Of the whole file; None when the server didn't say.
    """

    source: str
    validator: str
    total_bytes: int | None


class PartFile:
    """The part of one file.

    Args:
        target: What the whole file will be called.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(f".{target.name}.part")
        self.page_path = target.with_name(f".{target.name}.page")
        self._state_path = target.with_name(f".{target.name}.part.json")

    @property
    def size_bytes(self) -> int:
        """Bytes that are there."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def state(self) -> PartState | None:
        """What it is a part of; None where that isn't known."""
        try:
            return msgspec.json.decode(self._state_path.read_bytes(), type=PartState)
        except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def begin(self, state: PartState, start: int) -> BinaryIO:
        """Open the part for writing from ``start``, as a part of what ``state`` says."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        # unbuffered: what a caller was told is written, a kill doesn't undo
        stream = self.path.open("r+b" if start else "wb", buffering=0)
        try:
            # first the bytes go, then the state changes: the other way round they could belong to another file
            stream.truncate(start)
            stream.seek(start)
            if self.state != state:
                temporary = self._state_path.with_suffix(".new")
                temporary.write_bytes(msgspec.json.encode(state))
                temporary.replace(self._state_path)
        except OSError:
            stream.close()
            raise
        return stream

    def discard(self) -> None:
        """Remove the part, and what a process that was killed left of one."""
        for path in (self.path, self.page_path, self._state_path, self._state_path.with_suffix(".new")):
            path.unlink(missing_ok=True)

    def finish(self) -> None:
        """Give the part its name; it is on the disk before it has it."""
        with self.path.open("rb") as stream:
            os.fsync(stream.fileno())
        self.path.replace(self.target)
        with contextlib.suppress(OSError):  # not every file system can do that with a folder
            _sync_folder(self.target.parent)
        self.discard()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""A file elsewhere, whatever kind of server holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from msgspec import Struct


class Declared(Struct, frozen=True, kw_only=True):
    """What a server says of a file before it is there.

    Attributes:
        size_bytes: None when it doesn't say.
        digest: ``sha256:...`` or ``md5:...``; empty when it doesn't say.
        commit: That the address leads to now; empty when it doesn't say.
    """

    size_bytes: int | None = None
    digest: str = ""
    commit: str = ""


class Reply(Struct, frozen=True, kw_only=True):
    """The beginning of an answer, and the way to the rest.

    Attributes:
        start: Position in the file of the first byte that comes.
        total_bytes: Size of the whole file; None when the server doesn't say.
        validator: Says whether a later answer is of the same file; empty where the server gives nothing reliable.
        chunks: The bytes.
        is_page: Whether the server calls it a web page.
        declared: What else it says of the file.
    """

    start: int
    total_bytes: int | None
    validator: str
    chunks: Iterator[bytes]
    is_page: bool = False
    declared: Declared = Declared()


class Description(Struct, frozen=True, kw_only=True):
    """What a server says of a file when it is asked.

    Attributes:
        size_bytes: None when it doesn't say.
        digest: ``sha256:...`` or ``md5:...``; empty when it doesn't say.
        name: The file's name; empty when it doesn't say. Hostile text.
        commit: That the address leads to now; empty when it doesn't say.
        validator: Changes with the file; empty when the server gives nothing reliable.
    """

    size_bytes: int | None
    digest: str = ""
    name: str = ""
    commit: str = ""
    validator: str = ""


class Remote(Protocol):
    """A file elsewhere."""

    @property
    def shown(self) -> str:
        """Its address as it may be shown: without secrets."""

    def open(self, start: int = 0, validator: str = "") -> AbstractContextManager[Reply]:
        """Ask for the file from byte ``start``, provided that it is still what ``validator`` says.

        The reply begins at 0 where that isn't so, or where the server can't give parts.

        Raises:
            SourceError: It can't be had.
        """

    def describe(self) -> Description:
        """Ask what the file is, for as little of it as the server allows.

        Raises:
            SourceError: It can't be had, or a web page stands in its place.
        """

    def read_range(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from ``start``, fewer only where the file ends.

        Raises:
            SourceError: ``no-ranges`` when the server can't give parts, or another reason.
        """

"""What the tests of the readers share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generators.containers.file_bytes import FileBytes


@pytest.fixture
def read_bytes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count the bytes that are read from files; call it for the sum so far."""
    total = 0
    read = FileBytes.read

    def count(self: FileBytes, start: int, size: int) -> bytes:
        nonlocal total
        data = read(self, start, size)
        total += len(data) if type(self) is FileBytes else 0
        return data

    monkeypatch.setattr(FileBytes, "read", count)
    return lambda: total

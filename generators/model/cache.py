"""The shape of a content-keyed cache, for stages that produce bytes worth keeping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class ContentCache(Protocol):
    """Keeps bytes by the content they were made from."""

    def get_or_make(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return the bytes kept under ``key``; make and keep them when there are none.

        Args:
            key: Must change whenever the result would: digests of inputs and code.
            make: Called only when nothing is kept.
        """

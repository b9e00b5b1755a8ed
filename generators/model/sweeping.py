"""What is told of removing files that nothing needs."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

SweptKind = Literal[
    "kept-result", "interrupted-write", "control", "unfinished-download", "incoming-file", "replaced-file", "record"
]
"""What can be removed; the words are the catalog message ``swept`` / name."""


class SweptFile(Struct, frozen=True, kw_only=True):
    """A file that nothing needs.

    Attributes:
        kind: What it is.
        name: Below the cache's folder or the project. May be hostile text.
        size_bytes: That go with it; 0 where other names keep them.
        removed: Whether it is gone now; False of a dry run, and of a record without ``--records``.
    """

    kind: SweptKind
    name: str
    size_bytes: int
    removed: bool


class Sweep(Struct, frozen=True, kw_only=True):
    """All of it.

    Attributes:
        files: By kind, then by name.
        freed_bytes: Of those that are gone; of a dry run, of those that would be.
        kept_files: Results that stay, because they were used lately.
        older_than_seconds: Age from which what was kept goes.
        dry_run: Nothing was removed.
    """

    files: tuple[SweptFile, ...]
    freed_bytes: int
    kept_files: int
    older_than_seconds: float
    dry_run: bool

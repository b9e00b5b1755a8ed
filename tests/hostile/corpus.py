"""The corpus: every case, and how it is written to a folder.

A payload only ever creates one file, the canary; nothing is destroyed and
nothing is sent. ``detonate.py`` shows that the payloads are real.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hostile.benign import benign_cases
from hostile.case import Canary, Case
from hostile.files import file_cases
from hostile.gadgets import gadget_cases
from hostile.streams import stream_cases

CANARY = Canary("/tmp/assay-canary")  # noqa: S108 - the recorded files name it; only tests that fire payloads use another
"""Where payloads of the written corpus point."""


def all_cases(canary: Canary = CANARY) -> tuple[Case, ...]:
    """Return every case, each with an id of its own."""
    return tuple(_all(canary))


def write_corpus(folder: Path, cases: tuple[Case, ...]) -> dict[str, Path]:
    """Write each case to a file; return the files by id."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for case in cases:
        path = folder / case.file_name
        path.write_bytes(case.content())
        written[case.id] = path
    return written


def _all(canary: Canary) -> Iterator[Case]:
    yield from stream_cases(canary)
    yield from gadget_cases(canary)
    yield from file_cases(canary)
    yield from benign_cases()

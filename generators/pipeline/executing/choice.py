"""Where work on many files is done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from generators.errors import ExecutorError
from generators.fingerprint.whole_digest import cores

EXECUTOR_VARIABLE = "ASSAY_EXECUTOR"
"""Where work is done when ``--executor`` doesn't say it."""
MOST_WORKERS = 256
WORTHWHILE_SECONDS = 4.0
"""Work from which on workers are started unasked. Each needs some tenths of a second of processor time until it reads
(docs/measurements/executors.json), and two of them on two cores save a part of the time at most."""
FILE_SECONDS = 0.005
BYTE_SECONDS = 1 / 1.2e9
"""What a file costs, and each byte of it, on a core of the machine that the benchmarks were recorded on."""
_PROCESSES = re.compile(r"processes(?::([1-9]\d{0,3}))?")
_DASK = re.compile(r"dask://(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})/?")


class Inline(Struct, frozen=True, kw_only=True):
    """One after another, in this process."""


class Processes(Struct, frozen=True, kw_only=True):
    """On worker processes of this machine.

    Attributes:
        workers: How many.
    """

    workers: int


class Dask(Struct, frozen=True, kw_only=True):
    """On the workers of a Dask cluster.

    Attributes:
        address: Of its scheduler, ``host:port``.
    """

    address: str


Choice = Inline | Processes | Dask


def choose(asked: str, environment: Mapping[str, str], items: int, seconds: float) -> Choice:
    """Return where work is done.

    Args:
        asked: ``--executor``; empty where it wasn't given.
        environment: Environment variables in force.
        items: Files to work on.
        seconds: That they will take here, about.

    Raises:
        ExecutorError: ``unknown-executor``.
    """
    text = asked or environment.get(EXECUTOR_VARIABLE, "")
    if text:
        choice = parse_executor(text)
        return Inline() if items == 0 else choice
    workers = min(cores(), items)
    return Processes(workers=workers) if workers > 1 and seconds >= WORTHWHILE_SECONDS else Inline()


def parse_executor(text: str) -> Choice:
    """Return what ``inline``, ``processes``, ``processes:N`` or ``dask://host:port`` names.

    Raises:
        ExecutorError: ``unknown-executor``.
    """
    if text == "inline":
        return Inline()
    if found := _PROCESSES.fullmatch(text):
        workers = int(found[1]) if found[1] else cores()
        if workers <= MOST_WORKERS:
            return Processes(workers=workers)
    if (found := _DASK.fullmatch(text)) and int(found["port"]) < 1 << 16:
        return Dask(address=f"{found['host']}:{found['port']}")
    raise ExecutorError(
        "unknown-executor",
        f"{text!r} names no place where work can be done",
        remedy=f"say inline, processes, processes:N (N up to {MOST_WORKERS}) or dask://host:port; "
        f"--executor goes before {EXECUTOR_VARIABLE}",
    )


def estimate_seconds(sizes: Iterable[int]) -> float:
    """Return about how long files of these sizes take, one after another."""
    return sum(FILE_SECONDS + size * BYTE_SECONDS for size in sizes)

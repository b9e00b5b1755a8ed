"""One path or address to what is told of it, or to why nothing can be: what a worker does for ``assay inspect``.

A question and an answer are plain structs, so that they can travel. As :mod:`~generators.pipeline.files.heading`, this
imports what a question needs when it is asked.
"""

from __future__ import annotations

import os
from typing import Literal

from msgspec import Struct

from generators.errors import ContainerError, SourceError
from generators.exit_codes import ExitCode
from generators.model.inspection import Inspection

INDEX_SECONDS = 0.02
"""What the index of a training checkpoint takes, once a process runs."""
REMOTE_SECONDS = 0.5
"""What a file elsewhere takes, nearly all of it waiting for the server."""

How = Literal["index", "digests", "digests-and-statistics"]
"""How much of a file is read: its index alone, or all of it."""


class Question(Struct, frozen=True, kw_only=True):
    """What is asked.

    Attributes:
        path: Of a file, or an address.
        how: How much is read. Of a file elsewhere, more than its index only where ``whole`` is True.
        whole: Whether a file elsewhere is read to its end.
        hosts: That a server may redirect to.
    """

    path: str
    how: How
    whole: bool = False
    hosts: tuple[str, ...] = ()


class Cost(Struct, frozen=True, kw_only=True):
    """What a file elsewhere cost: bytes of it that came, in how many parts."""

    read_bytes: int
    requests: int


class Answer(Struct, frozen=True, kw_only=True):
    """What is told.

    Attributes:
        inspection: None where the file can't be had.
        told: Why it can't; hostile text.
        exit_code: Of a command that ends with that reason.
        cost: Of a file elsewhere.
    """

    inspection: Inspection | None = None
    told: str = ""
    exit_code: ExitCode = ExitCode.DONE
    cost: Cost | None = None


def answer(question: Question) -> Answer:
    """Read what a question is about; whatever is wrong with it is in the answer."""
    try:
        return _read(question)
    except SourceError as error:
        from generators.sources.faults import exit_code_of

        return Answer(told=error.diagnostics(), exit_code=exit_code_of(error.code))
    except ContainerError as error:
        return Answer(told=error.diagnostics(), exit_code=ExitCode.UNREADABLE)
    except OSError as problem:
        return Answer(told=f"{shown_path(question.path)}: {problem.strerror}", exit_code=ExitCode.UNREADABLE)


def died(question: Question) -> Answer:
    """Return the answer for a file that ended every process that read it."""
    error = ContainerError(
        "worker-died",
        "each process that read this file died, also with no other file beside it: out of memory, or killed",
        where=shown_path(question.path),
        remedy="read it alone with --executor inline, and watch the memory",
    )
    return Answer(told=error.diagnostics(), exit_code=ExitCode.UNREADABLE)


def estimate(question: Question) -> float:
    """Return about how many seconds a question takes."""
    from generators.pipeline.executing.choice import estimate_seconds

    if is_elsewhere(question.path):
        return REMOTE_SECONDS
    if question.how == "index":
        return INDEX_SECONDS
    try:
        return estimate_seconds((os.stat(question.path).st_size,))  # noqa: PTH116 - importing pathlib takes longer
    except (OSError, ValueError):
        return 0.0


def is_elsewhere(path: str) -> bool:
    """Whether it is worth asking what kind of address this is: a path with a colon is rare."""
    if ":" not in path or os.path.exists(path):  # noqa: PTH110 - importing pathlib takes longer
        return False
    from generators.sources.addresses import is_address

    return is_address(path)


def shown_path(path: str) -> str:
    """Return a path as it is, and an address without secrets."""
    if not is_elsewhere(path):
        return path
    from generators.sources.redaction import shown_address

    return shown_address(path)


def _read(question: Question) -> Answer:
    if is_elsewhere(question.path):
        return _read_elsewhere(question)
    if question.how == "index":
        from generators.pipeline.files.heading import inspect_heading

        return Answer(inspection=inspect_heading(question.path))
    from pathlib import Path

    from generators.pipeline.files.reading import inspect_file

    return Answer(inspection=inspect_file(Path(question.path), question.how))


def _read_elsewhere(question: Question) -> Answer:
    from generators.pipeline.files.peeking import peek_address, read_address

    if question.whole and question.how != "index":
        found = read_address(question.path, question.how, question.hosts)
    else:
        found = peek_address(question.path, question.hosts)
    return Answer(inspection=found.inspection, cost=Cost(read_bytes=found.read_bytes, requests=found.requests))

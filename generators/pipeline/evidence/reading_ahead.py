"""The files of many entries, read at once before the entries are worked on one after another.

What was read is kept, so that each entry then finds its file's fingerprint and identification there. Networks are run
later, when no worker is left beside them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from generators.errors import ContainerError
from generators.model.identification import Identification
from generators.model.lock import Artifact, ControlEntry, LockEntry
from generators.pipeline.evidence.subjects import find_entry_file
from generators.pipeline.executing.choice import Inline, choose, estimate_seconds
from generators.pipeline.files.heading import identify_fingerprint
from generators.pipeline.files.identifying import keep_identification
from generators.pipeline.files.reading import Look, Reading, keep_reading, look_at, needs_reading, read_file
from generators.pipeline.project import Project

log = logging.getLogger("generators.pipeline")

Entry = LockEntry | ControlEntry


class _Unread(Struct, frozen=True, kw_only=True):
    entry: Entry
    path: Path
    size_bytes: int
    before: Look


class ReadAhead(Struct, frozen=True, kw_only=True):
    """What a worker read; nothing where the file can't be read there."""

    reading: Reading | None = None
    identification: Identification | None = None


def read_ahead(entries: Sequence[Entry], project: Project, executor: str = "") -> frozenset[str]:
    """Read the files that nothing is kept of, where that is worth workers.

    Args:
        entries: Whose files.
        project: Their project.
        executor: Where, as ``--executor`` says it.

    Returns:
        The ids of the entries whose files ended every process that read them: they are not to be read again.

    Raises:
        ExecutorError: The executor can't be used.
    """
    unread = tuple(_unread(entries, project))
    seconds = estimate_seconds(one.size_bytes for one in unread)
    choice = choose(executor, project.environment, len(unread), seconds)
    if isinstance(choice, Inline):
        return frozenset()
    from generators.pipeline.executing.crew import gather_crew
    from generators.pipeline.executing.each import WorkerDied, run_each

    deadly = set()
    with gather_crew(choice) as crew:
        log.info("reading %d files with %d workers", len(unread), crew.workers)
        for one, found in zip(unread, run_each(read_one, [str(u.path.resolve()) for u in unread], crew), strict=True):
            if isinstance(found, WorkerDied):
                log.warning("%s: each process that read the file died", one.entry.id)
                deadly.add(one.entry.id)
            elif found.reading is not None and found.identification is not None:
                fingerprint = keep_reading(one.path, one.before, found.reading, project.cache)
                keep_identification(fingerprint, found.identification, project.cache)
    return frozenset(deadly)


def read_one(path: str) -> ReadAhead:
    """Read a file and identify what it holds: what a worker does."""
    try:
        reading = read_file(Path(path))
    except (ContainerError, OSError):
        # its entry finds the same when its turn comes, and says it
        return ReadAhead()
    return ReadAhead(reading=reading, identification=identify_fingerprint(reading.fingerprint))


def _unread(entries: Sequence[Entry], project: Project) -> Iterator[_Unread]:
    for entry in entries:
        found = find_entry_file(entry, project)
        if not isinstance(found, Artifact):
            continue
        try:
            if needs_reading(found.path, project.cache):
                yield _Unread(entry=entry, path=found.path, size_bytes=found.size_bytes, before=look_at(found.path))
        except (ContainerError, OSError):
            continue

"""What a project keeps of its entries in ``docs/evidence/``, read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from generators.model.recorded import RECORD_VERSION, RecordedSubject
from generators.pipeline.project import RECORDED, Project
from generators.store import decode, malformed_record, read_record

REMEDY = "take it back from version control, delete it, or run `assay record` where the file is"


def record_path(project: Project, subject_id: str) -> Path:
    """Return where a project keeps the record of an entry."""
    return project.root / RECORDED / f"{subject_id}.json"


def find_record(subject_id: str, project: Project) -> RecordedSubject | None:
    """Return what was recorded of an entry; None where nothing was.

    Raises:
        StoreError: The record can't be used: it is damaged, of another entry, or of another version of Assay.
    """
    path = record_path(project, subject_id)
    record = read_record(path, RecordedSubject, REMEDY)
    return None if record is None else require_usable(record, subject_id, path, REMEDY)


def require_usable(record: RecordedSubject, subject_id: str, path: Path, remedy: str) -> RecordedSubject:
    """Return a record that can be used as an entry's.

    Args:
        record: As it was read.
        subject_id: Of the entry.
        path: Where it was read, for the message.
        remedy: Likewise.

    Raises:
        StoreError: It is of another entry, or of another version of Assay.
    """
    if mistake := _mistake(record, subject_id):
        raise malformed_record(mistake, path, remedy)
    return record


def find_strays(project: Project) -> Iterator[Path]:
    """Yield the records of entries that the lock doesn't have, of any version; other files there aren't Assay's."""
    known = {f"{entry.id}.json" for entry in project.lock.entries}
    for path in sorted((project.root / RECORDED).glob("*.json")):
        if path.name not in known and _is_record(path):
            yield path


def _is_record(path: Path) -> bool:
    try:
        return path.is_file() and decode(path.read_bytes(), _AnyRecord) is not None
    except OSError:
        return False


class _AnyRecord(Struct, frozen=True, kw_only=True):
    """What a record of each version has, and no other file of the folder."""

    record_version: int
    subject: dict[str, object]


def _mistake(record: RecordedSubject, subject_id: str) -> str:
    """Say why a record can't be used; empty when it can."""
    if record.record_version != RECORD_VERSION:
        return f"it is of version {record.record_version}, and this Assay reads version {RECORD_VERSION}"
    if record.subject.id != subject_id:
        return f"it is of {record.subject.id!r}, not of {subject_id!r}"
    if record.subject.fingerprint is None:
        return "it has no fingerprint: nothing was read"
    try:
        datetime.fromisoformat(record.recorded_at)
    except ValueError:
        return f"recorded_at is no date: {record.recorded_at!r}"
    return ""

"""The evidence model to JSON and back, its JSON Schema, and the content-keyed cache on disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import msgspec

from generators.errors import StoreError
from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.finding import Finding
from generators.model.fingerprint import Odometer
from generators.model.history import VerdictHistory
from generators.model.identification import Identification
from generators.model.inspection import SCHEMA_VERSION, Inspection

T = TypeVar("T")

USE_NOTED_SECONDS = 86_400
"""How often the use of a kept file is noted: to ask for its time costs a microsecond, to write it each time more."""
CACHE_VARIABLE = "ASSAY_CACHE"
"""Folder of the cache, instead of ``.cache/assay`` in the project."""
FILE_REMEDY = "make room or give permission"
CACHE_REMEDY = f"{FILE_REMEDY}, or name another folder in {CACHE_VARIABLE}"


def encode(value: object) -> bytes:
    """Return a value of the evidence model as indented UTF-8 JSON; NaN and infinity become null.

    Args:
        value: Of a type of the evidence, or a tuple of such.

    Returns:
        The same bytes for equal values.
    """
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def encode_line(value: object) -> bytes:
    """Return the same on one line."""
    return msgspec.json.encode(value) + b"\n"


def encode_unreadable(name: str, what: str) -> bytes:
    """Return the line of ``assay inspect --json`` for a path that can't be opened: all its keys, none known."""
    name, what = (text.encode(errors="backslashreplace").decode() for text in (name, what))
    finding = Finding(code="unreadable", severity="error", where=name, found=what)
    return encode_line(
        {
            "schema_version": SCHEMA_VERSION,
            "file": {"name": name, "size_bytes": None, "sha256": None},
            "container": {"format": "unknown", "root": "", "byteorder": None, "records": 0},
            "model_prefix": "",
            "weights_digest": None,
            "layout_digest": None,
            "parameters": 0,
            "buffers": 0,
            "tensors": [],
            "objects": [],
            "globals": [],
            "odometer": Odometer(
                epoch=None, optimizer_steps=(), batches_tracked=(), iterations_per_epoch=None, agree=None
            ),
            "layout": None,
            "identification": Identification(status="UNKNOWN", architecture=None, basis="none"),
            "findings": [finding],
        }
    )


def decode(data: bytes, kind: type[T]) -> T | None:
    """Read a value of the evidence model.

    Args:
        data: JSON, as :func:`encode` writes it.
        kind: What it is a value of.

    Returns:
        The value; None when the data is of another schema version, of another type, or damaged.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def read_record(path: Path, kind: type[T], remedy: str) -> T | None:
    """Read a value that a project keeps as a file of its own; None where it has none.

    Raises:
        StoreError: The file can't be read as such a value.
    """
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise malformed_record(str(problem), path, remedy) from problem


def malformed_record(what: str, path: Path, remedy: str) -> StoreError:
    """Return the error for a record that can't be used."""
    return StoreError("malformed", f"the record can't be read: {what}", where=str(path), remedy=remedy)


def to_document(evidence: object) -> Mapping[str, object]:
    """Return evidence as the plain objects that its JSON holds, for pointers to be followed in."""
    return cast("Mapping[str, object]", msgspec.to_builtins(evidence))


def json_schema() -> bytes:
    """Return the JSON Schema (draft 2020-12) of a report, a subject, the verdicts over time, and an inspection."""
    kinds, components = msgspec.json.schema_components(
        (ReportEvidence, SubjectEvidence, VerdictHistory, Inspection), ref_template="#/$defs/{name}"
    )
    for component in components.values():
        if "properties" in component:
            component["additionalProperties"] = False
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Assay evidence",
        "description": "evidence/report.json is a ReportEvidence, history.json a VerdictHistory, every other file of "
        "its folder a SubjectEvidence; "
        "`assay inspect --json` prints one Inspection a line.",
        "anyOf": list(kinds),
        "$defs": components,
    }
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


@contextlib.contextmanager
def write_atomically(path: Path, remedy: str = CACHE_REMEDY) -> Iterator[BinaryIO]:
    """Open a temporary file beside ``path`` that takes its name only when the block ends without an error.

    A link stays one: the file that it leads to is written. A device or a pipe, such as ``/dev/stdout``, has no place to
    take and is written as it is.

    Args:
        path: The file.
        remedy: What a person can do where it can't be written; :data:`FILE_REMEDY` of a file that isn't the cache's.

    Raises:
        StoreError: It can't be written: no room, no permission.
    """
    target = Path(os.path.realpath(path))
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as file:
                yield file
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.parent / f".{target.name}.{secrets.token_hex(8)}"
        try:
            # not by tempfile, whose files nobody else may read: records are for everybody
            with temporary.open("xb") as file:
                yield file
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as problem:
        raise StoreError(
            "unwritable",
            f"can't be written: {problem.strerror}",
            where=str(path),
            remedy=remedy,
        ) from problem


def note_use(path: Path) -> None:
    """Keep the day of a kept file's last use as its time, for the sweep that removes what nobody uses."""
    with contextlib.suppress(OSError):  # a cache that may only be read is as good
        if time.time() - path.stat().st_mtime > USE_NOTED_SECONDS:
            os.utime(path)


class CacheFolder:
    """Bytes kept by the content they were made from, one file a key.

    Args:
        folder: Made when the first bytes are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get_or_make(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return the bytes kept under ``key``; make and keep them when there are none."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            data = make()
            with write_atomically(path) as file:
                file.write(data)
            return data
        note_use(path)
        return data

    def get_or_compute(
        self,
        key: str,
        kind: type[T],
        compute: Callable[[], T],
        *,
        worth_keeping: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """Do the same for a value of the evidence model; a kept value that can't be read is computed anew.

        Args:
            key: Must change whenever the value would.
            kind: Type of the value.
            compute: Called only when nothing readable is kept.
            worth_keeping: Says no to a value that the next call might not give again.
        """
        kept = self.find(key, kind)
        if kept is not None:
            return kept
        value = compute()
        if worth_keeping(value):
            self.keep(key, value)
        return value

    def find(self, key: str, kind: type[T]) -> T | None:
        """Return the value kept under ``key``, or None where nothing readable is kept."""
        try:
            path = self._path(key)
            value = decode(path.read_bytes(), kind)
        except (FileNotFoundError, NotADirectoryError):
            return None
        note_use(path)
        return value

    def holds(self, key: str) -> bool:
        """Whether something is kept under ``key``, readable or not."""
        return self._path(key).is_file()

    def keep(self, key: str, value: object) -> None:
        """Keep a value of the evidence model in place of what was kept under ``key``.

        Raises:
            StoreError: It can't be written.
        """
        with write_atomically(self._path(key)) as file:
            file.write(msgspec.json.encode(value))

    def _path(self, key: str) -> Path:
        digest = hashlib.sha256(key.encode()).hexdigest()
        return self.folder / digest[:2] / digest[2:]


def cache_folder(project: Path, environment: Mapping[str, str]) -> Path:
    """Return the folder of the cache."""
    chosen = environment.get(CACHE_VARIABLE)
    return Path(chosen).expanduser() if chosen else project / ".cache" / "assay"

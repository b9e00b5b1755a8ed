"""What must hold for every file, whatever its bytes."""

from __future__ import annotations

import io
import json
import sys
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import msgspec
from rich.console import Console

from generators.containers import CheckpointReader, open_checkpoint
from generators.containers.formats import read_contents
from generators.containers.segments import MemorySegment
from generators.containers.windows import FileWindow
from generators.model.checkpoint import Container
from generators.model.inspection import Inspection
from generators.pipeline.files.reading import inspect_file
from generators.render.catalog import load_catalog
from generators.render.plain import heading_lines
from generators.render.terminal import show_inspection
from generators.store import encode_line

SECONDS = 2.0
"""Processor time that reading any small file once may take; most take milliseconds."""
MEMORY_MB = 256
"""And memory, beyond what the process had."""
MOST_READ = 1 << 22
"""Bytes read of each storage."""
_STATUS = Path("/proc/self/status")
_PEAK = Path("/proc/self/clear_refs")
_HARMLESS = ("generators.", "encodings.", "rich.", "ml_dtypes", "unicodedata", "tempfile", "_bisect", "random")
"""Modules, or packages, that are imported only when they are needed; none is by a name from a file."""
_UNSHOWN = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}
"""Categories of characters that move a terminal's cursor, or can't be encoded."""


def check_file(data: bytes, path: Path) -> Inspection:
    """Write bytes to a file and assert everything of it; return what is said of it.

    Raises:
        AssertionError: Something doesn't hold.
    """
    path.write_bytes(data)
    with _nothing_imported():
        return _check_all(path)


def warm_up(data: bytes, path: Path) -> None:
    """Do the same with a plain file, so that everything is imported that checking needs."""
    path.write_bytes(data)
    _check_all(path)


def _check_all(path: Path) -> Inspection:
    check_reading(path)
    with _bounded(path):
        inspection = inspect_file(path)
    check_telling(inspection)
    assert encode_line(inspect_file(path)) == encode_line(inspection), "another result the second time"
    return inspection


def check_reading(path: Path) -> Container:
    """Assert that a file can be read, all of it, the same way in a window of another file."""
    with _bounded(path), open_checkpoint(path) as reader:
        container = reader.container
        _check_container(container)
        for storage in container.storages:
            _check_storage(reader, storage.key)
        for finding in reader.check_records():
            assert finding.code in finding_codes()
    if container.format != "shard-index":  # which looks beside itself
        _check_window(path.read_bytes(), container)
    return container


def check_telling(inspection: Inspection) -> None:
    """Assert that what is said of a file can be printed, stored and read back."""
    assert {f.code for f in inspection.findings} <= finding_codes()
    json.loads(encode_line(inspection).decode())
    page = io.StringIO()
    show_inspection(inspection, "en", Console(file=page, width=200))
    told = page.getvalue() + "\n".join(heading_lines(inspection, "ko"))
    odd = {c for c in told if unicodedata.category(c) in _UNSHOWN} - {"\n"}
    assert not odd, f"unshown characters {odd!r}"


@cache
def finding_codes() -> frozenset[str]:
    """Return the codes for which there is a sentence in every language."""
    known = (
        {code for context, code in load_catalog(name).forms if context == "finding"} for name in ("en", "es", "ko")
    )
    return frozenset.intersection(*map(frozenset, known))


def _check_container(container: Container) -> None:
    assert {f.code for f in container.findings} <= finding_codes()
    keys = {s.key for s in container.storages}
    assert len(keys) == len(container.storages), "a storage is listed twice"
    assert all(0 <= s.present_bytes <= s.declared_bytes for s in container.storages)
    for tensor in container.tensors:
        assert tensor.storage in keys or not tensor.storage, f"{tensor.name!r} lies in no storage"
        assert len(tensor.shape) == len(tensor.strides)
        assert tensor.span[0] <= tensor.span[1] or min((*tensor.strides, *tensor.shape)) < 0
    assert tuple(sorted(set(container.globals))) == container.globals


def _check_storage(reader: CheckpointReader, key: str) -> None:
    whole = reader.read_storage(key, 0, MOST_READ)
    assert len(whole) <= MOST_READ
    assert reader.read_storage(key, 3, 5) == whole[3:8]
    assert reader.read_storage(key, 0, 0) == reader.read_storage(key, -1, 4) == reader.read_storage(key, 0, -1) == b""
    assert reader.read_storage(key, 1 << 62, 4) == b""


def _check_window(data: bytes, container: Container) -> None:
    reading = read_contents(FileWindow(MemorySegment(data)))
    try:
        assert msgspec.json.encode(reading.container) == msgspec.json.encode(container), "another result in a window"
    finally:
        for file in reading.opened:
            file.close()


@contextmanager
def _nothing_imported() -> Iterator[None]:
    before = set(sys.modules)
    yield
    imported = {name for name in set(sys.modules) - before if not name.startswith(_HARMLESS)}
    assert not imported, f"imported {imported}"


@contextmanager
def _bounded(path: Path) -> Iterator[None]:
    size_bytes = path.stat().st_size
    started, before = time.process_time(), _peak_mb(renew=True)
    yield
    seconds, megabytes = time.process_time() - started, _peak_mb() - before
    assert seconds < SECONDS * max(1, size_bytes / 100_000), f"{seconds:.1f} s"
    assert megabytes < MEMORY_MB + 2 * size_bytes / 1e6, f"{megabytes:.0f} MB"


def _peak_mb(*, renew: bool = False) -> float:
    """Return the most memory that this process has had, where the system says it."""
    try:
        if renew:
            _PEAK.write_text("5")
        return int(_STATUS.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    except OSError:
        return 0.0

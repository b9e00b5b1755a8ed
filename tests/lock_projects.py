"""Small projects whose files are tiny, so that real processes can work on them by the dozen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from builders import safetensors_bytes
from file_projects import entry_text, write_project

from generators.model.recorded import Conditions, RecordedSubject
from generators.pipeline.evidence.subjects import collect_subject
from generators.pipeline.project import open_project
from generators.store import encode


def tiny(seed: int, **more: np.ndarray) -> bytes:
    """Return a safetensors file of a few tensors; ``more`` replaces or adds some."""
    generator = np.random.default_rng(seed)
    arrays = {f"layer.{n}.weight": generator.normal(size=(8, 16)).astype("float32") for n in range(3)} | more
    header, data = {}, b""
    names = {"float32": "F32", "float16": "F16", "int64": "I64"}
    for name, values in arrays.items():
        span = [len(data), len(data) + values.nbytes]
        header[name] = {"dtype": names[values.dtype.name], "shape": list(values.shape), "data_offsets": span}
        data += values.tobytes()
    return safetensors_bytes(header, data)


def place(project: Path, entry_id: str, data: bytes, name: str = "Model.safetensors") -> Path:
    """Put a file into an entry's folder."""
    path = project / "checkpoints" / entry_id / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def project_of(root: Path, *ids: str, url: str = "https://example.org", known: str = "") -> Path:
    """Write a project with entries of these ids."""
    root.mkdir(parents=True, exist_ok=True)
    return write_project(root, [entry_text(name, f"{url}/{name}", known=known) for name in ids])


def record(project: Path, entry_id: str) -> Path:
    """Write the record of an entry as it is read now."""
    opened = open_project(project)
    entry = next(e for e in opened.lock.entries if e.id == entry_id)
    subject = collect_subject(entry, opened, evaluate=False)
    conditions = Conditions(version="1", code=(), libraries=(), device=None, python="3", platform="p")
    found = RecordedSubject(recorded_at="2026-11-25T10:00:00Z", conditions=conditions, subject=subject)
    path = project / "docs" / "evidence" / f"{entry_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(found))
    return path

"""Small projects whose files come from a server of this machine."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from builders import safetensors_bytes

from generators.architectures import find_architecture
from generators.cli import main

PROJECT = Path(__file__).resolve().parents[1]
ENTRY = """
[[checkpoint]]
id = "{id}"
title = "{title}"
variant = "convnextpose-xs"
report = "convnextpose"
sources = [{sources}]
{known}
"""


class Ended(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stdout.splitlines()]


def assay(*arguments: object) -> Ended:
    """Call the command with its output in memory."""
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    stderr = io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
    return Ended(code, stdout.buffer.getvalue().decode(), stderr.getvalue())


def start_assay(*arguments: object, **environment: str) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    command = [sys.executable, "-m", "generators.cli", *(str(argument) for argument in arguments)]
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def entry_text(entry_id: str, *urls: str, title: str = "Model.safetensors", known: str = "") -> str:
    sources = ", ".join(f'{{ kind = "https", address = "{url}" }}' for url in urls)
    return ENTRY.format(id=entry_id, title=title, sources=sources, known=known)


def write_project(root: Path, entries: Sequence[str]) -> Path:
    """Write a project with these entries, and comments that people wrote."""
    (root / "checkpoints.lock").write_text("# by hand\nlock-version = 1\n" + "".join(entries), encoding="utf-8")
    reports = root / "docs" / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "docs" / "reports" / "convnextpose.toml", reports)
    return root


def xs_checkpoint() -> bytes:
    """Return a file with the tensors of ConvNeXtPose XS, all of zeros."""
    architecture = find_architecture("convnextpose-xs")
    assert architecture is not None
    header, position = {}, 0
    names = {"float32": ("F32", 4), "int64": ("I64", 8)}
    for tensor in architecture.tensors:
        dtype, itemsize = names[tensor.dtype]
        size = itemsize
        for extent in tensor.shape:
            size *= extent
        span = [position, position + size]
        header[tensor.name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": span}
        position += size
    return safetensors_bytes(header, bytes(position))

"""Ask one tool about files, each in a process of its own: ``python scanners.py TOOL CANARY SECONDS BYTES FILE...``.

Prints, as JSON, the tool's version and its outcome for each file. A tool is
asked as its own documentation says, with its defaults; what it says is not
interpreted beyond flagged or not.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import resource
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

Ask = Callable[[Path], str]
"""Returns ``flagged``, ``passed``, ``skipped`` (it looked at nothing) or ``unreadable`` (it says that it couldn't)."""

_CODES = ("passed", "flagged", "skipped", "unreadable", "crashed")
REFUSES = frozenset({"torch"})
"""Tools of which an error is the answer; of the others it is a crash."""


def ask_assay(path: Path) -> str:
    """Flagged is a finding that makes ``assay inspect`` exit with 1."""
    from generators.pipeline.files.reading import inspect_file

    return "flagged" if any(f.severity != "note" for f in inspect_file(path).findings) else "passed"


def ask_torch(path: Path) -> str:
    """Refusing to load is protection, whatever the error: see :data:`REFUSES`."""
    import torch

    try:
        torch.load(path, weights_only=True, map_location="cpu")
    except MemoryError:
        return "crashed"
    return "passed"


def ask_picklescan(path: Path) -> str:
    """As its command does: exit code 2 for an error, 1 for dangerous globals."""
    return _picklescan(path, strict=False)


def ask_picklescan_strict(path: Path) -> str:
    """With ``--strict``, which takes unknown globals for dangerous."""
    return _picklescan(path, strict=True)


def _picklescan(path: Path, *, strict: bool) -> str:
    from picklescan.scanner import scan_file_path  # type: ignore[import-not-found]

    result = scan_file_path(str(path), strict=strict)
    if result.issues_count:
        return "flagged"
    if result.scan_err:
        return "unreadable"
    return "passed" if result.scanned_files else "skipped"


def ask_fickling(path: Path) -> str:
    """As its documentation says: archives by their members, anything else as a pickle."""
    from fickling.analysis import Severity  # type: ignore[import-not-found]
    from fickling.loader import scan_file, scan_zip_archive  # type: ignore[import-not-found]

    if zipfile.is_zipfile(path):
        results = list(scan_zip_archive(str(path), graceful=True).values())
    else:
        results = [scan_file(str(path), graceful=True)]
    if not results:
        return "skipped"
    if any(r.severity > Severity.LIKELY_SAFE and r.results for r in results):
        return "flagged"
    return "unreadable" if any(r.errors for r in results) else "passed"


def ask_modelscan(path: Path) -> str:
    """As its command does: issues, then errors, then whether anything was scanned."""
    from modelscan.modelscan import ModelScan  # type: ignore[import-not-found]

    result = ModelScan().scan(path)
    if result["issues"]:
        return "flagged"
    if result["errors"]:
        return "unreadable"
    return "passed" if result["summary"]["scanned"]["total_scanned"] else "skipped"


TOOLS: dict[str, tuple[str, Ask]] = {
    "assay": ("checkpoint-assay", ask_assay),
    "torch": ("torch", ask_torch),
    "picklescan": ("picklescan", ask_picklescan),
    "picklescan-strict": ("picklescan", ask_picklescan_strict),
    "fickling": ("fickling", ask_fickling),
    "modelscan": ("modelscan", ask_modelscan),
}
"""Distribution and question, by the name of the column."""


def outcome(tool: str, path: Path, canary: Path, seconds: float, memory_bytes: int) -> str:
    """Return what a tool does with a file within the limits; ``executed`` when the payload ran."""
    child = os.fork()
    if child == 0:
        _answer_and_leave(tool, path, memory_bytes)
    deadline = time.monotonic() + seconds
    while (status := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, 9)
            os.waitpid(child, 0)
            return "timed-out"
        time.sleep(0.002)
    if canary.exists():
        canary.unlink()
        return "executed"
    code = os.waitstatus_to_exitcode(status[1])
    return _CODES[code] if 0 <= code < len(_CODES) else "crashed"


def _answer_and_leave(tool: str, path: Path, memory_bytes: int) -> None:
    code = _CODES.index("flagged" if tool in REFUSES else "crashed")
    try:
        with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("r+b") as nothing:
            for descriptor in (0, 1, 2):
                os.dup2(nothing.fileno(), descriptor)
            os.chdir(folder)
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
            code = _CODES.index(TOOLS[tool][1](path))
    finally:
        os._exit(code)


def version(distribution: str) -> str:
    """Return the version of an installed distribution; Assay may run from its folder."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        import generators

        return generators.__version__ if distribution == "checkpoint-assay" else ""


def main(arguments: list[str]) -> None:
    """Ask about every file and print the answers."""
    tool, canary, seconds, memory, *files = arguments
    distribution, ask = TOOLS[tool]
    warnings.simplefilter("ignore")
    told = {"version": version(distribution), "outcomes": {}}
    if not told["version"]:
        sys.exit(f"{distribution} isn't installed")
    _warm_up(ask)
    told["outcomes"] = {
        Path(file).name: outcome(tool, Path(file), Path(canary), float(seconds), int(memory)) for file in files
    }
    sys.stdout.write(json.dumps(told))


def _warm_up(ask: Ask) -> None:
    """Import what the tool needs, once for all children; what it says of an empty archive doesn't matter."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", b"N.")
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nothing:  # noqa: PTH123
        path = Path(folder) / "x.pt"
        path.write_bytes(stream.getvalue())
        shown, sys.stdout = sys.stdout, nothing
        ask(path)
        sys.stdout = shown


if __name__ == "__main__":
    main(sys.argv[1:])

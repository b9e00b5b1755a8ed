"""Read files with Assay while Python reports what happens: ``python watch.py FOLDER``.

Assay's own readers, which are imported where they are needed, are imported
first, and files whose name begins with ``benign-`` are read, unwatched. Then every other file is read under
an audit hook. What happened meanwhile is printed as JSON: events other than
opening a file to read it, by file, and modules that were imported.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from pathlib import Path
from typing import Any

from generators import containers
from generators.pipeline.files.reading import inspect_file

_READING = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY

events: list[str] = []


def note(event: str, details: tuple[Any, ...]) -> None:
    """Remember an event, unless it is harmless: an object's id, or a file that is opened to be read."""
    if event == "builtins.id":
        return
    if event == "open" and details[1] in {None, "r", "rb"} and not details[2] & ~_READING:
        return
    events.append(f"{event} {details!r}"[:200])


def watch(folder: Path) -> dict[str, Any]:
    """Read every file and return what happened."""
    for module in pkgutil.iter_modules(containers.__path__, f"{containers.__name__}."):
        importlib.import_module(module.name)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    ordinary = [path for path in files if path.name.startswith("benign-")]
    for path in ordinary:
        inspect_file(path)
    for codec in ("cp437", "raw-unicode-escape"):
        "".encode(codec)  # of names in archives and of text in pickles; a codec is a module of its own
    before = set(sys.modules)
    sys.addaudithook(note)
    happened = {}
    for path in files:
        events.clear()
        inspect_file(path)
        if events:
            happened[path.name] = list(events)
    return {"files": len(files), "events": happened, "imported": sorted(set(sys.modules) - before)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(watch(Path(sys.argv[1]))))

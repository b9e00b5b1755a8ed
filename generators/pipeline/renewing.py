"""The frame of an investigation, brought to the Assay that runs: workflows, their scripts, versions, ``mkdocs.yml``.

``.ci/assay-files.sha256`` has the digest of each file as Assay wrote it last.
A file that still has it is Assay's to replace; one that a person changed is
theirs, and they are shown what changed in Assay's.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from generators.errors import StartError
from generators.lock import LOCK_NAME
from generators.pipeline.starting_files import SITE_FRAME, STEPS_FOLDER, frame_files
from generators.render.catalog import LOCALES
from generators.store import FILE_REMEDY, write_atomically

RECORD_OF_FRAME: Final = f"{STEPS_FOLDER}/assay-files.sha256"
_RECORDED = re.compile(r"([0-9a-f]{64})  (\S.*)")
"""Source: the format of ``sha256sum``, which can check the file."""
_TITLE = re.compile(r"^site_name: *(.+?) *$", re.MULTILINE)
_LANGUAGE = re.compile(r"^docs_dir: *docs/(\w+) *$", re.MULTILINE)

Change = Literal["new", "renewed", "differs"]
"""``new``: Assay has it since then. ``differs``: the person changed it, and Assay did; theirs stays."""


class Renewed(Struct, frozen=True, kw_only=True):
    """What became of a file of the frame.

    Attributes:
        path: In the project.
        change: What became of it.
        difference: From the person's file to Assay's, as a patch; of ``differs`` only.
    """

    path: str
    change: Change
    difference: str = ""


def renew_frame(root: Path) -> tuple[Renewed, ...]:
    """Bring the frame of an investigation up to date, and return what is another file now or would be.

    Raises:
        StartError: The folder is no investigation that ``assay init`` began.
        StoreError: A file can't be written.
    """
    recorded = _read_record(root)
    frame = dict(frame_files(*_site(root)))
    changes = tuple(_compare(root, frame, recorded))
    for change in changes:
        if change.change != "differs":
            _write(root, change.path, frame[change.path])
    # of what was only shown, too: it is told once, and from then on the person's
    _write(root, RECORD_OF_FRAME, frame_record(frame))
    return changes


def frame_record(frame: Mapping[str, str]) -> str:
    """Return the digests of the frame's files as Assay writes them."""
    return "".join(f"{_digest(text.encode())}  {path}\n" for path, text in sorted(frame.items()))


def make_runnable(root: Path, path: str) -> None:
    """Let a file be run, if it is a script of the workflows."""
    if path.startswith(f"{STEPS_FOLDER}/") and path != RECORD_OF_FRAME:
        (root / path).chmod(0o755)


def _compare(root: Path, frame: Mapping[str, str], recorded: Mapping[str, str]) -> Iterator[Renewed]:
    for path, text in frame.items():
        there = _read(root / path)
        if there is None:
            if path not in recorded:  # else a person took it away
                yield Renewed(path=path, change="new")
        elif there == text.encode():
            continue
        elif _digest(there) == recorded.get(path):
            yield Renewed(path=path, change="renewed")
        elif _digest(text.encode()) != recorded.get(path):
            yield Renewed(path=path, change="differs", difference=_difference(path, there, text))


def _difference(path: str, there: bytes, text: str) -> str:
    before = there.decode(errors="replace").splitlines(keepends=True)
    lines = difflib.unified_diff(before, text.splitlines(keepends=True), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _site(root: Path) -> tuple[str, str]:
    """Return title and default language of a site."""
    text = (_read(root / SITE_FRAME) or b"").decode(errors="replace")
    title, language = _TITLE.search(text), _LANGUAGE.search(text)
    if title is None or language is None or language[1] not in LOCALES:
        raise StartError(
            "unfit-frame",
            "it doesn't say the site's title and default language as `site_name: ...` and `docs_dir: docs/LANGUAGE`",
            where=str(root / SITE_FRAME),
            remedy=f"write these two lines; the languages are {', '.join(LOCALES)}",
        )
    try:
        return str(json.loads(title[1])), language[1]
    except ValueError:
        return title[1].strip("'"), language[1]


def _read_record(root: Path) -> dict[str, str]:
    text = _read(root / RECORD_OF_FRAME)
    if text is None or not (root / LOCK_NAME).is_file():
        raise StartError(
            "not-started-here",
            f"there is no {RECORD_OF_FRAME}, in which `assay init` keeps which files are Assay's",
            where=str(root),
            remedy="name the folder of an investigation; in one without the file, compare with a new `assay init`",
        )
    found = (_RECORDED.fullmatch(line) for line in text.decode(errors="replace").splitlines())
    return {line[2]: line[1] for line in found if line}


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _write(root: Path, path: str, text: str) -> None:
    with write_atomically(root / path, FILE_REMEDY) as stream:
        stream.write(text.encode())
    make_runnable(root, path)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

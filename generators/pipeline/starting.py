"""A new investigation in an empty folder: lock, report, sentences, prose, the site's frame, workflows.

Everything is written beside the folder first and moved into it at the end, the
lock last: a folder with a lock is whole.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from generators.architectures import find_architecture
from generators.errors import StartError
from generators.lock import LOCK_NAME
from generators.pipeline.installed_from import find_origin
from generators.pipeline.project import REPORTS, TEXTS, open_project
from generators.pipeline.renewing import RECORD_OF_FRAME, frame_record, make_runnable
from generators.pipeline.starting_files import (
    FOLDER,
    PROSE_PAGE,
    frame_files,
    lock_control,
    own_files,
    prose,
    report_text,
)
from generators.pipeline.starting_subject import Found, Subject, take_up, understand
from generators.pipeline.starting_wishes import NewInvestigation, fit_title, known_languages
from generators.render.catalog import use_report_texts
from generators.render.report_texts import write_first_texts

KEPT: Final = frozenset({"README.md", "LICENSE", "LICENSE.md", "LICENSE.txt", ".gitattributes"})
"""What may be in a folder that counts as empty, and stays as it is: what a host puts into a new repository."""
GITIGNORE: Final = ".gitignore"
"""May be there, too; what Assay's projects ignore is put behind what it has."""
IGNORED: Final = KEPT | {".git", GITIGNORE}


class Started(Struct, frozen=True, kw_only=True):
    """What was made.

    Attributes:
        files: Paths in the folder that were written, sorted.
        kept: Names that were there and stayed as they were, sorted.
        found: What was found of that which is investigated.
        has_origin: Whether ``requirements.txt`` says where Assay comes from.
    """

    files: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    found: Found
    has_origin: bool


def start_investigation(wanted: NewInvestigation) -> Started:
    """Write a new investigation.

    Args:
        wanted: What it is about.

    Returns:
        What was made.

    Raises:
        StartError: The folder isn't empty or can't be written, or what is asked for can't be used.
        SourceError: What is elsewhere can't be looked at.
        ContainerError: The file of this machine can't be opened.
        LockError: What was found out of the file makes no entry.
    """
    folder = wanted.folder.resolve()
    languages = known_languages(wanted.languages)
    subject = understand(wanted)
    published_as = subject.publisher.name.rpartition("/")[2] if subject.publisher is not None else ""
    title = fit_title(wanted.title or published_as or folder.name)
    check_empty(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=".assay-init-", dir=folder.parent))
    except OSError as problem:
        raise _not_writable(folder.parent, problem) from problem
    try:
        made = _write(title, subject, languages, staged)
        written = {path.relative_to(staged).as_posix() for path in _files(staged)}
        kept = _move(staged, folder)
        use_report_texts(str(folder / TEXTS))
    except OSError as problem:
        raise _not_writable(folder, problem) from problem
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return replace(made, files=tuple(sorted(written - kept)), kept=tuple(sorted(kept)))


def check_empty(folder: Path) -> None:
    """Make sure that nothing can be overwritten.

    Raises:
        StartError: Something is there, or the folder can't be looked at.
    """
    try:
        _require_empty(folder)
    except OSError as problem:
        raise _not_writable(folder, problem) from problem


def _require_empty(folder: Path) -> None:
    if (folder / LOCK_NAME).exists():
        raise StartError(
            "already-started",
            "this folder is an investigation already; nothing was changed",
            where=str(folder),
            remedy="`assay add` adds a file to it, `assay init --renew` brings Assay's files in it up to date",
        )
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else [folder.name] if folder.exists() else []
    others = sorted(set(names) - IGNORED)
    if others:
        raise StartError(
            "not-empty",
            f"there are files already, {others[0]!r} for one; nothing was changed",
            where=str(folder),
            remedy="name an empty or a new folder: `assay init NAME`; what you have can be moved into it afterwards",
        )


def _write(title: str, subject: Subject, languages: tuple[str, ...], staged: Path) -> Started:
    """Write everything into a folder that nobody uses yet."""
    report, origin = _report_id(title), find_origin()
    values = {
        "title": title,
        "report": report,
        "prose": ", ".join(f"`docs/{language}/`" for language in languages),
    }
    frame = dict(frame_files(title, languages[0]))
    for path, text in (*own_files(values, origin), *frame.items(), (RECORD_OF_FRAME, frame_record(frame))):
        _put(staged / path, text)
        make_runnable(staged, path)
    found = take_up(subject, staged, report)
    if find_architecture(subject.variant) is not None:
        lock = staged / LOCK_NAME
        _put(lock, lock.read_text(encoding="utf-8") + lock_control(subject.variant))
    report_path = staged / REPORTS / f"{report}.toml"
    _put(report_path, report_text(title, subject.publisher, found.entry))
    for language in languages:
        _put(staged / "docs" / language / PROSE_PAGE, prose(language))
        write_first_texts(report_path, staged / TEXTS, language, FOLDER / language / "report.po", values)
    open_project(staged)  # what is wrong with it, is told before anything takes its place
    return Started(found=found, has_origin=bool(origin))


def _report_id(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:64].strip("-") or "report"


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".assay"))


def _move(staged: Path, folder: Path) -> set[str]:
    """Put what was written into its place, and return the names that were there and stayed."""
    folder.mkdir(exist_ok=True)
    check_empty(folder)
    kept = {name for name in KEPT if (folder / name).exists()}
    _put_behind(folder / GITIGNORE, staged / GITIGNORE)
    for path in sorted(staged.iterdir(), key=lambda path: path.name == LOCK_NAME):
        if path.name not in kept:
            path.replace(folder / path.name)
    return kept


def _put_behind(first: Path, second: Path) -> None:
    """Let the second file begin with what the first one has, if it is there."""
    if first.exists():
        text = first.read_bytes()
        second.write_bytes(text + (b"" if text.endswith(b"\n") or not text else b"\n") + second.read_bytes())


def _not_writable(folder: Path, problem: OSError) -> StartError:
    return StartError(
        "not-writable",
        f"can't be used: {problem.strerror}",
        where=str(folder),
        remedy="choose a folder that you may write to, on a disk with space",
    )

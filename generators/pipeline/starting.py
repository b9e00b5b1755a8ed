"""A new investigation in an empty folder: lock, report, sentences, prose, the site's frame, workflow.

Everything is written beside the folder first and moved into it at the end, the
lock last: a folder with a lock is whole.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from generators import __version__
from generators.architectures import find_architecture
from generators.errors import StartError
from generators.lock import LOCK_NAME
from generators.lock_edit import append_entry
from generators.model.lock import LockEntry, SizeRange, SourceAddress
from generators.pipeline.files.reading import inspect_file
from generators.pipeline.locking.adding import UNKNOWN_VARIANT, Request, add_source, id_of
from generators.pipeline.project import REPORTS, TEXTS, open_project
from generators.pipeline.starting_files import (
    PROSE_PAGE,
    STEPS_FOLDER,
    lock_control,
    plain_files,
    report_text,
    starting_file,
    workflow_files,
)
from generators.render.catalog import LOCALES, use_report_texts
from generators.render.report_texts import write_first_texts

PLAIN = re.compile(r"[^<>&`*\[\]{}#\\%\"\x00-\x1f\x7f]{1,120}")
"""What a title may be: it stands in pages, catalogs, TOML and YAML."""
REPOSITORY = re.compile(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}")
"""Source: GitHub's form of a repository, ``owner/name``."""
IGNORED = frozenset({".git"})
"""What may be in a folder that counts as empty."""


class NewInvestigation(Struct, frozen=True, kw_only=True):
    """What a person asks for.

    Attributes:
        folder: Where; it must be empty, or not there.
        title: Of the site; empty: the repository's name, else the folder's.
        source: Address of one file, or a file of this machine; empty: none yet.
        repository: ``owner/name`` of the publisher on GitHub; empty: not said.
        languages: Of the site, the default one first.
    """

    folder: Path
    title: str = ""
    source: str = ""
    repository: str = ""
    languages: tuple[str, ...] = LOCALES


class Started(Struct, frozen=True, kw_only=True):
    """What was made.

    Attributes:
        folder: Where.
        report: Id of the report.
        files: Paths in the folder, sorted.
        entry: The lock's entry; None where no file was named.
    """

    folder: Path
    report: str
    files: tuple[str, ...]
    entry: LockEntry | None


def start_investigation(wanted: NewInvestigation) -> Started:
    """Write a new investigation.

    Args:
        wanted: What it is about.

    Returns:
        What was made.

    Raises:
        StartError: The folder isn't empty or can't be written, or what is asked for can't be used.
        SourceError: The file can't be looked at.
        LockError: What was found out of the file makes no entry.
    """
    folder = wanted.folder.resolve()
    title = wanted.title or wanted.repository.rpartition("/")[2] or folder.name
    _check(wanted, title)
    check_empty(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=".assay-init-", dir=folder.parent))
    except OSError as problem:
        raise _not_writable(folder.parent, problem) from problem
    try:
        entry = _write(wanted, title, staged)
        files = tuple(sorted(path.relative_to(staged).as_posix() for path in _files(staged)))
        _move(staged, folder)
        use_report_texts(str(folder / TEXTS))
    except OSError as problem:
        raise _not_writable(folder, problem) from problem
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return Started(folder=folder, report=_report_id(title), files=files, entry=entry)


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
            remedy="`assay add` adds a file to it, `assay lock --check` checks it, `mkdocs serve` shows its site",
        )
    if folder.exists() and (not folder.is_dir() or any(p.name not in IGNORED for p in folder.iterdir())):
        raise StartError(
            "not-empty",
            "there are files already; nothing was changed",
            where=str(folder),
            remedy="name an empty or a new folder: `assay init NAME`; what you have can be moved into it afterwards",
        )


def _check(wanted: NewInvestigation, title: str) -> None:
    if not PLAIN.fullmatch(title):
        raise StartError(
            "unfit-title",
            f"the title {title!r} can't stand on a page",
            remedy="give one with --title: at most 120 characters, none that is markup in Markdown, HTML or TOML",
        )
    if wanted.repository and not REPOSITORY.fullmatch(wanted.repository):
        raise StartError(
            "not-a-repository",
            f"{wanted.repository!r} is no repository of GitHub",
            remedy="write it as owner/name, for example medialab-ku/ConvNeXtPose",
        )
    unknown = [language for language in wanted.languages if language not in LOCALES]
    if unknown or not wanted.languages or len(set(wanted.languages)) != len(wanted.languages):
        raise StartError(
            "unknown-language",
            f"a site can't be in {', '.join(unknown) or 'these languages'}",
            remedy=f"choose among {', '.join(LOCALES)}, each once, the default one first",
        )


def _write(wanted: NewInvestigation, title: str, staged: Path) -> LockEntry | None:
    report = _report_id(title)
    values = {
        "title": title,
        "report": report,
        "repository": wanted.repository,
        "version": __version__,
        "language": wanted.languages[0],
        "prose": ", ".join(f"`docs/{language}/`" for language in wanted.languages),
    }
    for path, text in (*plain_files(values), *workflow_files()):
        _put(staged / path, text)
        if path.startswith(f"{STEPS_FOLDER}/"):
            (staged / path).chmod(0o755)
    entry = _add_file(wanted, staged, report) if wanted.source else None
    if entry is not None and find_architecture(entry.variant) is not None:
        lock = staged / LOCK_NAME
        _put(lock, lock.read_text(encoding="utf-8") + lock_control(entry.variant))
    report_path = staged / REPORTS / f"{report}.toml"
    _put(report_path, report_text(values, entry))
    for language in wanted.languages:
        _put(staged / "docs" / language / PROSE_PAGE, starting_file(language, PROSE_PAGE).read_text(encoding="utf-8"))
        given = starting_file(language, "report.po")
        write_first_texts(report_path, staged / TEXTS, language, given, values)
    open_project(staged)  # what is wrong with it, is told before anything takes its place
    return entry


def _add_file(wanted: NewInvestigation, staged: Path, report: str) -> LockEntry:
    path = Path(wanted.source).expanduser()
    if not path.is_file():
        return add_source(Request(source=wanted.source, report=report, otherwise=UNKNOWN_VARIANT), staged)
    inspection = inspect_file(path)
    entry_id = id_of(path.name) or "file"
    place = staged / "checkpoints" / entry_id / path.name
    place.parent.mkdir(parents=True)
    shutil.copyfile(path, place)
    page = SourceAddress(kind="page", address=f"https://github.com/{wanted.repository}")
    entry = LockEntry(
        id=entry_id,
        title=path.name,
        variant=inspection.identification.architecture or UNKNOWN_VARIANT,
        sources=(page,) if wanted.repository else (),
        licence="",
        report=report,
        size=SizeRange(minimum_bytes=inspection.file.size_bytes, maximum_bytes=inspection.file.size_bytes),
        sha256=inspection.file.sha256,
        weights_digest=None,
        line=0,
    )
    append_entry(staged / LOCK_NAME, entry)
    return entry


def _report_id(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:64].strip("-") or "report"


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".assay"))


def _move(staged: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    check_empty(folder)
    for path in sorted(staged.iterdir(), key=lambda path: path.name == LOCK_NAME):
        path.replace(folder / path.name)


def _not_writable(folder: Path, problem: OSError) -> StartError:
    return StartError(
        "not-writable",
        f"can't be used: {problem.strerror}",
        where=str(folder),
        remedy="choose a folder that you may write to, on a disk with space",
    )

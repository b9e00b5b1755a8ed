"""The project that is worked on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from generators.errors import ClaimError, LockError
from generators.judge import read_report
from generators.lock import LOCK_NAME, read_lock
from generators.model.evidence import Report
from generators.model.lock import Lock
from generators.render.catalog import use_report_texts
from generators.store import CacheFolder, cache_folder

REPORTS = Path("docs") / "reports"
RECORDED = Path("docs") / "evidence"
TEXTS = Path("docs") / "locales"
"""What the report says of its own, in each language; without the folder, Assay's own catalogs have it."""
OWN_SETUP: Final = "python3 run.py build"
"""Sets a project up that brings its own setup, and builds its site."""


def build_command(root: Path) -> str:
    """Return the command that builds a project's site: its own setup where it has one, else MkDocs."""
    return OWN_SETUP if (root / "run.py").is_file() else "mkdocs build --strict"


class Project(Struct, frozen=True, kw_only=True):
    """A folder with a lock, its report, and where results are kept.

    Attributes:
        root: The folder.
        lock: Its lock.
        report: The report that the lock's entries belong to.
        cache: Results kept by content.
        environment: Environment variables in force.
        instead: Files that stand in for an entry's own in this view of the project, by lock id.
    """

    root: Path
    lock: Lock
    report: Report
    cache: CacheFolder
    environment: Mapping[str, str]
    instead: tuple[tuple[str, Path], ...] = ()

    @property
    def report_path(self) -> Path:
        """The report's file."""
        return self.root / REPORTS / f"{self.report.id}.toml"


def open_project(root: Path, environment: Mapping[str, str] | None = None) -> Project:
    """Read the lock and the report of a project.

    Args:
        root: Folder of the lock.
        environment: Environment variables that count; None: those of the process.

    Returns:
        The project; no checkpoint was looked for yet.

    Raises:
        LockError: The lock is wrong, or names no report, or several.
        ClaimError: The report is wrong.
    """
    variables = os.environ if environment is None else environment
    lock = read_lock(root / LOCK_NAME)
    path = _report_path(root, lock)
    use_report_texts(str(root / TEXTS))
    return Project(
        root=root,
        lock=lock,
        report=read_report(path),
        cache=CacheFolder(cache_folder(root, variables)),
        environment=variables,
    )


def report_files(root: Path) -> tuple[Path, ...]:
    """Return the reports that lie in a project, whether or not its lock names them."""
    return tuple(sorted((root / REPORTS).glob("*.toml")))


def _report_path(root: Path, lock: Lock) -> Path:
    """Return the report that the checkpoints name; of a lock without checkpoints, the only one there is."""
    names = {entry.report: entry.line for entry in lock.checkpoints}
    if not names:
        names = {path.stem: 1 for path in report_files(root)}
    if len(names) != 1:
        raise LockError(
            "not-one-report",
            f"the checkpoints name {len(names)} reports ({', '.join(names) or 'none'}); a site has exactly one",
            where=f"{lock.path}:{max(names.values(), default=1)}",
            remedy='give every checkpoint the same `report = "..."`',
        )
    name, line = next(iter(names.items()))
    path = root / REPORTS / f"{name}.toml"
    if not path.is_file():
        raise ClaimError(
            "no-report",
            f"the report {name!r} is not there: {path} is missing",
            where=f"{lock.path}:{line}",
            remedy=f"write {REPORTS / (name + '.toml')}, or correct the name",
        )
    return path

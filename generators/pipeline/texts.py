"""The sentences of a project's report, in the languages of its site."""

from __future__ import annotations

from pathlib import Path

from generators.errors import CatalogError
from generators.pipeline.project import TEXTS, Project
from generators.render.catalog import LOCALES
from generators.render.report_texts import find_text_problems, update_texts
from generators.shipped import PACKAGE


def check_texts(project: Project) -> tuple[CatalogError, ...]:
    """Return what is wrong with the sentences of a report."""
    _refuse_own(project)
    return tuple(find_text_problems(project.report_path, project.root / TEXTS, site_languages(project.root)))


def complete_texts(project: Project) -> tuple[Path, ...]:
    """Add the messages that a report lacks, empty, and return the files."""
    _refuse_own(project)
    return tuple(update_texts(project.report_path, project.root / TEXTS, site_languages(project.root)))


def site_languages(root: Path) -> tuple[str, ...]:
    """Return the languages that a project's site has: those with a folder of prose."""
    return tuple(locale for locale in LOCALES if (root / "docs" / locale).is_dir())


def _refuse_own(project: Project) -> None:
    """Refuse Assay's own repository, whose first report speaks from the catalogs of Assay itself.

    Raises:
        CatalogError: The project is that one.
    """
    if project.root.resolve() == PACKAGE.parent and not (project.root / TEXTS).is_dir():
        raise CatalogError(
            "own-catalogs",
            "this report's sentences are in generators/locales, with those of Assay itself",
            where=str(project.root),
            remedy="run `python -m generators.render.catalogs check`, or `update`",
        )

"""What changed among the verdicts, as GitHub Markdown for a pull request.

Both states may have been written by strangers: no text of them stands outside a code span, and claims and questions
have their sentences from the catalog, by their ids.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from generators.model.changes import VerdictChanges
from generators.model.issue import PublishedProject
from generators.render.catalog import Catalog
from generators.render.github import github_catalog, render_github
from generators.render.markup import github_code

MAX_MARKDOWN_BYTES = 60_000
"""GitHub takes 65,536 characters; what a program puts around the text has room beside it."""
_LIMITS = ((200, 200), (100, 20), (40, 10), (20, 4), (10, 2), (5, 1), (3, 0), (0, 0))
"""Claims and checks of each that are shown; the first pair whose text is short enough is taken."""


def markdown_changes(changes: VerdictChanges, language: str) -> str:
    """Return what changed as GitHub Markdown of at most ``MAX_MARKDOWN_BYTES`` bytes."""
    catalog = github_catalog(language)
    shows = {
        "changes": changes,
        "heading": catalog.message("page", "verdict-changes"),
        "title": functools.partial(title_of_claim, catalog=catalog, code=github_code),
        "question": functools.partial(question_of_check, catalog=catalog, code=github_code),
    }
    for max_claims, max_checks in _LIMITS:
        limited = {**shows, "max_claims": max_claims, "max_checks": max_checks}
        text = render_github("verdict-changes.md.j2", language, PublishedProject(), limited)
        if len(text.encode()) <= MAX_MARKDOWN_BYTES:
            break
    return text


def title_of_claim(claim: str, catalog: Catalog, code: Callable[[str], str]) -> str:
    """Return the title of a claim and its id; a claim that this version doesn't know has its id alone."""
    known = ("claim-title", claim) in catalog.forms
    return f"{catalog.message('claim-title', claim)} ({code(claim)})" if known else code(claim)


def question_of_check(claim: str, check: str, catalog: Catalog, code: Callable[[str], str]) -> str:
    """Return the question of a check; its id where this version doesn't know it, or needs more than the id to ask."""
    known = catalog.forms.get(("check", f"{claim}.{check}"), ("%",))
    return code(f"{claim}.{check}") if "%" in known[0] else catalog.message("check", f"{claim}.{check}")

"""Text for GitHub Markdown, in one language: what stands in a checkpoint can't ping, link or break out.

A name is a code span, and nothing else of a checkpoint is shown. Numbers are plain text: GitHub throws away what
pages hang on them for machines.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urljoin

from jinja2 import Environment, TemplateError
from msgspec.structs import asdict

from generators.architectures import STAND_INS
from generators.errors import RenderError
from generators.model.issue import PublishedProject
from generators.render.catalog import Catalog, load_catalog, report_texts_digest
from generators.render.environment import new_environment
from generators.render.evidence_places import evidence_place
from generators.render.links import check_id, is_shared, page_url
from generators.render.markup import github_code
from generators.render.values import BriefValues, template_filters

COMMIT_DIGITS: Final = 12
"""Of a commit in an address."""
_PLACEHOLDER = re.compile(r"(%\(\w+\)s)")
_MARKS = re.compile(r"[~_$]")
"""Korean writes ranges with ``~``, which GitHub strikes out from one to the next."""
_PLAIN_UNIT = re.compile(r"[A-Za-z]+")
_MISTAKES = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class GitHubCatalog(Catalog, frozen=True, kw_only=True):
    """The messages of one language as GitHub Markdown: words alone, whatever marks a language writes them with."""

    def _find(self, context: str, message_id: str, source: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_escaped(form) for form in super()._find(context, message_id, source))


class GitHubValues(BriefValues):
    """The formats of one language; every method returns GitHub Markdown on one line."""

    def unit(self, unit: str) -> str:
        """Return a unit alone."""
        return self._unit(unit)

    def _name(self, text: str) -> str:
        return github_code(text)

    def _unit(self, unit: str) -> str:
        return unit if _PLAIN_UNIT.fullmatch(unit) else github_code(unit)


@functools.lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    """Return a message with a backslash before what Markdown would take for a mark, outside of its placeholders.

    What a catalog must not hold (``*``, brackets, backticks) is not asked for again; a bar is a table's affair.
    """
    return "".join(part if part.startswith("%(") else _MARKS.sub(r"\\\g<0>", part) for part in _PLACEHOLDER.split(text))


def table_cell(text: str) -> str:
    """Return Markdown on one line for a cell of a table, where a bar would end it even inside of a code span."""
    return " ".join(text.split("\n")).replace("|", "\\|").strip()


def render_github(template: str, locale: str, publication: PublishedProject, shows: Mapping[str, Any]) -> str:
    """Return a template as GitHub Markdown.

    Raises:
        RenderError: The template fails, or an id can't stand in an address.
        CatalogError: The language lacks a message.
    """
    environment = _environment(locale, report_texts_digest())
    address = functools.partial(page_address, publication, locale)
    try:
        return environment.get_template(template).render(address=address, publication=publication, **shows)
    except _MISTAKES as error:
        raise RenderError(
            "template",
            f"{template} can't be rendered: {error}",
            where=template,
            remedy="Correct the template, or the evidence it is given.",
        ) from error


def page_address(publication: PublishedProject, locale: str, path: str, anchor: str = "") -> str:
    """Return the address of a file of the docs folder on the published site; empty where none is known.

    Where the address itself doesn't stand for the commit, the commit is added to it: it says which state was meant, and
    GitHub, which keeps a picture by its address, asks for the picture anew when that changes.
    """
    root = publication.site_url if is_shared(path) else publication.language_url(locale)
    if not root:
        return ""
    needs_commit = publication.commit and publication.is_clean and not publication.is_pinned
    query = f"?commit={publication.commit[:COMMIT_DIGITS]}" if needs_commit else ""
    return urljoin(root, page_url(path)) + query + (f"#{anchor}" if anchor else "")


def github_catalog(locale: str) -> GitHubCatalog:
    """Return the messages of a language as GitHub Markdown."""
    return GitHubCatalog(**asdict(load_catalog(locale)))


@functools.cache
def _environment(locale: str, _texts: str) -> Environment:
    catalog = github_catalog(locale)
    environment = new_environment(
        catalog, rests_on=evidence_place, stand_ins=tuple(architecture.id for architecture in STAND_INS)
    )
    environment.filters |= github_filters(GitHubValues(catalog)) | {"link_id": check_id}
    return environment


def github_filters(values: GitHubValues) -> dict[str, Callable[..., Any]]:
    """Return the filters that templates of GitHub Markdown use, by name."""
    unsafe_here = ("attr", "alt")
    filters = {name: make for name, make in template_filters(values).items() if name not in unsafe_here}
    return filters | {"code": github_code, "cell": table_cell, "unit": values.unit}

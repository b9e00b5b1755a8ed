"""The template environment that speaks one language."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generators.render.catalog import Catalog

TEMPLATES_FOLDER = Path(__file__).parent / "templates"


def new_environment(catalog: Catalog, **names: object) -> Environment:
    """Return a template environment that speaks the catalog's language.

    Autoescaping is off because the templates write Markdown: what comes from a
    checkpoint is escaped by the filters of :mod:`generators.render.values`.

    Args:
        catalog: The language.
        names: Further global names for the templates.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES_FOLDER),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        autoescape=False,  # noqa: S701 - Markdown; see above
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(catalog.gettext, catalog.ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    environment.globals["t"] = catalog.message
    environment.globals.update(names)
    return environment

"""A catalog's file, parsed and checked."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.pofile import PoFileError, read_po

from generators.errors import CatalogError
from generators.render.catalog import REMEDY, Catalog, MessageKey, plural_rule
from generators.render.catalog_check import check_lines, check_message

_PLURALS_TRIED = 1001
"""Plural rules look at the last two digits, some at thousands."""


def read_catalog(locale: str, path: Path) -> Catalog:
    """Read one catalog file; fuzzy and empty translations count as missing.

    Raises:
        CatalogError: The file is missing or can't be parsed.
    """
    try:
        data = path.read_bytes()
        check_lines(path, data.decode("utf-8"))
        parsed = read_po(io.BytesIO(data), locale=locale, domain="assay", abort_invalid=True)
        _check_plural_rule(parsed.plural_expr, parsed.num_plurals)
    except (OSError, PoFileError, LookupError, ValueError) as error:
        raise CatalogError(
            "unreadable", f"the {locale} catalog can't be read: {error}", where=str(path), remedy=REMEDY
        ) from error
    forms: dict[MessageKey, tuple[str, ...]] = {}
    for message in parsed:
        check_message(path, message)
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if message.id and texts and not message.fuzzy and all(texts):
            message_id = message.id if isinstance(message.id, str) else message.id[0]
            forms[message.context or "", message_id] = texts
    return Catalog(locale=locale, path=str(path), forms=forms, plural_expression=parsed.plural_expr)


def _check_plural_rule(expression: str, forms: int) -> None:
    """Check the rule of a catalog's header.

    Raises:
        ValueError: It is no rule, or gives a form that the catalog doesn't have.
    """
    rule = plural_rule(expression)
    wrong = next((n for n in range(_PLURALS_TRIED) if not 0 <= rule(n) < forms), None)
    if wrong is not None:
        raise ValueError(f"its plural rule gives {wrong} a form that is not one of the {forms}")

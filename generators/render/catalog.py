"""The messages of one language.

Two kinds of message. A *sentence* stands in a template between ``{% trans %}``
and ``{% endtrans %}``; its id is its English text. A *coded* message belongs to
a code that Python or a report file holds; its id is the code and its context
says what the code is of (``claim``, ``reason``, ``finding``). Catalogs are
``.po`` files. What Babel makes of one is kept beside it, as Python keeps what it
makes of a module: reading it takes a twentieth of the time.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from blake3 import blake3
from msgspec import Struct

from generators.errors import CatalogError

LOCALES = ("en", "es", "ko")
SOURCE_LOCALE = "en"
"""Language of the sentences in templates; its catalog holds only coded messages."""
LOCALES_FOLDER = Path(__file__).parents[1] / "locales"
TEMPLATES_FOLDER = Path(__file__).parent / "templates"

_PLURALS_TRIED = 1001
"""Plural rules look at the last two digits, some at thousands."""
_REMEDY = "Run `python -m generators.render.catalogs update`, translate what it adds, then `check`."

MessageKey = tuple[str, str]
"""Context (empty for sentences) and id."""


class Catalog(Struct, frozen=True, kw_only=True):
    """The messages of one language.

    Attributes:
        locale: Its code.
        path: Its file.
        forms: Translations by key, one text for each plural form.
        plural_expression: Which form a number takes, as the catalog's header writes it.
    """

    locale: str
    path: Path
    forms: Mapping[MessageKey, tuple[str, ...]]
    plural_expression: str

    def gettext(self, sentence: str) -> str:
        """Return the translation of a sentence of a template."""
        return self._find("", sentence, (sentence,))[0]

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the translation of a sentence in the form that ``number`` takes."""
        return self._find("", singular, (singular, plural))[_plural_rule(self.plural_expression)(number)]

    def message(self, context: str, code: str, **values: object) -> str:
        """Return a coded message with its placeholders filled; values must be escaped already.

        Raises:
            CatalogError: The catalog lacks the message, or it names a placeholder that isn't given.
        """
        text = self._find(context, code, ())[0]
        try:
            return text % values
        except (KeyError, TypeError, ValueError) as error:
            raise CatalogError(
                "bad-placeholder",
                f"the message {context}/{code} can't be filled: {error}",
                where=str(self.path),
                remedy="Use only the placeholders of the English message, and %% for a percent sign.",
            ) from error

    def _find(self, context: str, message_id: str, source: tuple[str, ...]) -> tuple[str, ...]:
        forms = self.forms.get((context, message_id), source if self.locale == SOURCE_LOCALE else ())
        if not forms:
            name = f"{context}/{message_id}" if context else repr(message_id)
            raise CatalogError(
                "message-missing", f"the {self.locale} catalog lacks {name}", where=str(self.path), remedy=_REMEDY
            )
        return forms


def catalog_path(locale: str) -> Path:
    """Return the path of a language's catalog."""
    return LOCALES_FOLDER / locale / "LC_MESSAGES" / "assay.po"


@functools.cache
def load_catalog(locale: str) -> Catalog:
    """Return the catalog of a language; read once a process, and parsed once for each of its states.

    Fuzzy and empty translations count as missing.

    Raises:
        CatalogError: The file is missing or can't be parsed.
    """
    path = catalog_path(locale)
    compiled = path.parent / "__pycache__" / f"{path.stem}.json"
    try:
        digest = blake3(path.read_bytes()).hexdigest()
    except OSError:
        return read_catalog(locale, path)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(compiled.read_bytes())
        if kept["source"] == digest:
            forms = {(context, message): tuple(texts) for context, message, texts in kept["forms"]}
            return Catalog(locale=locale, path=path, forms=forms, plural_expression=kept["plural"])
    catalog = read_catalog(locale, path)
    _keep_compiled(catalog, digest, compiled)
    return catalog


def _keep_compiled(catalog: Catalog, digest: str, path: Path) -> None:
    """Keep a parsed catalog where that can be done; where it can't, the next process parses it again."""
    forms = [[context, message, texts] for (context, message), texts in catalog.forms.items()]
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        text = json.dumps({"source": digest, "plural": catalog.plural_expression, "forms": forms})
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)


def read_catalog(locale: str, path: Path) -> Catalog:
    """Read one catalog file. Raises :class:`CatalogError` as :func:`load_catalog` does."""
    from babel.messages.pofile import PoFileError, read_po

    from generators.render.catalog_check import check_lines, check_message

    try:
        data = path.read_bytes()
        check_lines(path, data.decode("utf-8"))
        parsed = read_po(io.BytesIO(data), locale=locale, domain="assay", abort_invalid=True)
        _check_plural_rule(parsed.plural_expr, parsed.num_plurals)
    except (OSError, PoFileError, LookupError, ValueError) as error:
        raise CatalogError(
            "unreadable", f"the {locale} catalog can't be read: {error}", where=str(path), remedy=_REMEDY
        ) from error
    forms: dict[MessageKey, tuple[str, ...]] = {}
    for message in parsed:
        check_message(path, message)
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if message.id and texts and not message.fuzzy and all(texts):
            message_id = message.id if isinstance(message.id, str) else message.id[0]
            forms[message.context or "", message_id] = texts
    return Catalog(locale=locale, path=path, forms=forms, plural_expression=parsed.plural_expr)


@functools.cache
def _plural_rule(expression: str) -> Callable[[int], int]:
    import gettext

    rule: Callable[[int], int] = gettext.c2py(expression)
    return rule


def _check_plural_rule(expression: str, forms: int) -> None:
    """Check the rule of a catalog's header.

    Raises:
        ValueError: It is no rule, or gives a form that the catalog doesn't have.
    """
    rule = _plural_rule(expression)
    wrong = next((n for n in range(_PLURALS_TRIED) if not 0 <= rule(n) < forms), None)
    if wrong is not None:
        raise ValueError(f"its plural rule gives {wrong} a form that is not one of the {forms}")

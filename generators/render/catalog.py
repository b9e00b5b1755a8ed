"""The messages of one language.

Two kinds of message. A *sentence* stands in a template between ``{% trans %}``
and ``{% endtrans %}``; its id is its English text. A *coded* message belongs to
a code that Python or a report file holds; its id is the code and its context
says what the code is of (``claim``, ``reason``, ``finding``). Catalogs are
``.po`` files. What Babel makes of one is kept beside it, as Python keeps what it
makes of a module: reading it takes a twentieth of the time.

What a report says of its own (its question, its claims) belongs to the project
that makes it. A project with a folder ``docs/locales/`` has those sentences
there, in ``<language>/report.po``; without one they are in Assay's own catalog,
which holds those of its first report.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Mapping

import msgspec
from blake3 import blake3
from msgspec import Struct, structs

from generators.errors import CatalogError

LOCALES = ("en", "es", "ko")
SOURCE_LOCALE = "en"
"""Language of the sentences in templates; its catalog holds only coded messages."""
REMEDY = "Run `python -m generators.render.catalogs update`, translate what it adds, then `check`."
TEXTS_REMEDY = "Run `assay texts --update`, write what it adds, then `assay texts`."
REPORT_CONTEXTS = frozenset(
    {
        "check",
        "claim",
        "claim-title",
        "headline",
        "hypothesis",
        "hypothesis-title",
        "protocol",
        "report",
        "source",
        "state",
        "step",
        "step-how",
    }
)
"""Contexts of the messages that belong to a report, not to Assay."""

MessageKey = tuple[str, str]
"""Context (empty for sentences) and id."""


class Catalog(Struct, frozen=True, kw_only=True):
    """The messages of one language.

    Attributes:
        locale: Its code.
        path: Its file.
        forms: Translations by key, one text for each plural form.
        plural_expression: Which form a number takes, as the catalog's header writes it.
        report_path: The project's own file of report messages; empty where it has none.
    """

    locale: str
    path: str
    forms: Mapping[MessageKey, tuple[str, ...]]
    plural_expression: str
    report_path: str = ""

    def gettext(self, sentence: str) -> str:
        """Return the translation of a sentence of a template."""
        return self._find("", sentence, (sentence,))[0]

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the translation of a sentence in the form that ``number`` takes."""
        return self._find("", singular, (singular, plural))[plural_rule(self.plural_expression)(number)]

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
                where=self._file_of(context),
                remedy="Use only the placeholders of the English message, and %% for a percent sign.",
            ) from error

    def _find(self, context: str, message_id: str, source: tuple[str, ...]) -> tuple[str, ...]:
        forms = self.forms.get((context, message_id), source if self.locale == SOURCE_LOCALE else ())
        if not forms:
            name = f"{context}/{message_id}" if context else repr(message_id)
            where = self._file_of(context)
            remedy = REMEDY if where == self.path else TEXTS_REMEDY
            raise CatalogError("message-missing", f"the {self.locale} catalog lacks {name}", where=where, remedy=remedy)
        return forms

    def _file_of(self, context: str) -> str:
        return self.report_path if self.report_path and context in REPORT_CONTEXTS else self.path


class _Compiled(Struct, frozen=True, kw_only=True):
    """What is kept of a parsed catalog: the digest of its file, its plural rule, and (context, id, texts)."""

    source: str
    plural: str
    forms: tuple[tuple[str, str, tuple[str, ...]], ...]


def catalog_path(locale: str) -> str:
    """Return the path of a language's catalog."""
    # importing pathlib takes longer than the rest of this module
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.path.join(package, "locales", locale, "LC_MESSAGES", "assay.po")


def load_catalog(locale: str) -> Catalog:
    """Return the catalog of a language, with the report messages of the project that :func:`use_report_texts` named.

    It is read once a process, and parsed once for each of its states. Fuzzy and empty translations count as missing.

    Raises:
        CatalogError: A file is missing or can't be parsed.
    """
    return _load(locale, *_report_texts)


_report_texts: tuple[str, str] = ("", "")
"""Folder of the project's own report messages, and a digest of its files; empty: Assay's own catalog has them."""


def use_report_texts(folder: str) -> None:
    """Let reports speak from the ``<language>/report.po`` of a folder, if it exists; else from Assay's own catalog.

    A process works on one project at a time. Called again, it notices files that changed meanwhile.
    """
    global _report_texts  # noqa: PLW0603 - catalogs are kept for the process, and so is whose they are
    languages = sorted(os.listdir(folder)) if os.path.isdir(folder) else None
    if languages is None:
        _report_texts = ("", "")
        return
    digest = blake3()
    for path in (report_texts_path(folder, language) for language in languages):
        if os.path.isfile(path):
            digest.update(path.encode() + _read(path))
    _report_texts = (folder, digest.hexdigest())


def report_texts_digest() -> str:
    """Return the digest of the project's own report messages; empty where it has none."""
    return _report_texts[1]


def report_texts_path(folder: str, locale: str) -> str:
    """Return the path of a language's report messages in a project's folder of them."""
    return os.path.join(folder, locale, "report.po")


@functools.cache
def _load(locale: str, folder: str, _digest: str) -> Catalog:
    catalog = _read_kept(locale, catalog_path(locale))
    if not folder:
        return catalog
    path = report_texts_path(folder, locale)
    # a language that the project doesn't speak is an error only where one of its sentences is asked for
    own = _read_parsed(locale, path).forms if os.path.exists(path) else {}
    shared = {key: texts for key, texts in catalog.forms.items() if key[0] not in REPORT_CONTEXTS}
    return structs.replace(catalog, forms={**own, **shared}, report_path=path)


def _read_kept(locale: str, path: str) -> Catalog:
    folder, name = os.path.split(path)
    compiled = os.path.join(folder, "__pycache__", f"{name}.json")
    digest = ""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        digest = blake3(_read(path)).hexdigest()
        kept = msgspec.json.decode(_read(compiled), type=_Compiled)
        if kept.source == digest:
            forms = {(context, message): texts for context, message, texts in kept.forms}
            return Catalog(locale=locale, path=path, forms=forms, plural_expression=kept.plural)
    catalog = _read_parsed(locale, path)
    if digest:
        _keep_compiled(catalog, digest, compiled)
    return catalog


def _read_parsed(locale: str, path: str) -> Catalog:
    from pathlib import Path

    from generators.render.catalog_file import read_catalog

    return read_catalog(locale, Path(path))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _keep_compiled(catalog: Catalog, digest: str, path: str) -> None:
    """Keep a parsed catalog where that can be done; where it can't, the next process parses it again."""
    forms = tuple((context, message, texts) for (context, message), texts in catalog.forms.items())
    kept = _Compiled(source=digest, plural=catalog.plural_expression, forms=forms)
    temporary = f"{path}.{os.getpid()}"
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(msgspec.json.encode(kept))
        os.replace(temporary, path)


@functools.cache
def plural_rule(expression: str) -> Callable[[int], int]:
    """Return which form a number takes, by the expression of a catalog's header."""
    import gettext

    rule: Callable[[int], int] = gettext.c2py(expression)
    return rule

"""The sentences of a project's own report: what ``assay texts`` checks and brings up to date.

Assay's own sentences come with it. Those of a report (its question, claims,
checks, sources) belong to who makes it, one ``docs/locales/<language>/report.po``
for each language of the site.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import get_args

from babel.messages.catalog import Catalog as PoCatalog
from babel.messages.catalog import Message

from generators.errors import CatalogError
from generators.model.claim import Outcome
from generators.render.catalog import load_catalog, report_texts_path
from generators.render.catalog_file import read_catalog
from generators.render.catalogs import find_problems, update_catalog
from generators.render.messages import report_messages

_NAME = re.compile(r"@([a-z_]+)@")
UPDATE = "`assay texts --update`"
PREFILLED = ("headline", "state")
"""Contexts whose messages are wanted for each outcome of the first claim; what fits any claim will do at first."""
_HEADER = "# The sentences of the report. Codes are those of docs/reports; `assay texts` says what is missing.\n"


def find_text_problems(report: Path, texts: Path, locales: Iterable[str]) -> Iterator[CatalogError]:
    """Yield what is wrong with a report's sentences.

    Args:
        report: Its file.
        texts: Folder of the project's sentences, ``docs/locales``.
        locales: Languages of the site.
    """
    for locale in locales:
        path = Path(report_texts_path(str(texts), locale))
        yield from find_problems(locale, path, text_template(locale, report), UPDATE)


def update_texts(report: Path, texts: Path, locales: Iterable[str]) -> Iterator[Path]:
    """Add what a report's sentences lack, keeping what somebody wrote, and yield each language's file."""
    for locale in locales:
        path = Path(report_texts_path(str(texts), locale))
        update_catalog(locale, path, text_template(locale, report), _HEADER, functools.partial(_is_own, locale))
        yield path


def write_first_texts(report: Path, texts: Path, locale: str, given: Path, values: Mapping[str, str]) -> None:
    """Write the sentences of a report that was just begun.

    Args:
        report: Its file.
        texts: Folder of the project's sentences.
        locale: Language.
        given: Catalog of what a new report says, with ``@name@`` where a value belongs.
        values: By name.
    """
    known = {
        (context, fill(code, values)): fill(forms[0], values)
        for (context, code), forms in read_catalog(locale, given).forms.items()
    }
    template = text_template(locale, report)
    for message in template:
        if message.id and not message.string:
            message.string = known.get((str(message.context), str(message.id)), "")
    update_catalog(locale, Path(report_texts_path(str(texts), locale)), template, _HEADER)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with each ``@name@`` replaced by the value of that name."""
    return _NAME.sub(lambda name: values[name[1]], text)


def text_template(locale: str, report: Path) -> PoCatalog:
    """Return a catalog with every message that a report needs; only what any report can say is filled in."""
    template = PoCatalog(locale=locale, project="Assay", header_comment=_HEADER, fuzzy=False)
    for message in report_messages(report):
        text = _prefilled(locale, message.context, message.code)
        template.add(message.code, text, context=message.context, locations=[(message.place, 0)])
    return template


def _is_own(locale: str, message: Message) -> bool:
    """Whether a message says something else than what any report can say."""
    return bool(message.string) and message.string != _prefilled(locale, message.context or "", str(message.id))


def _prefilled(locale: str, context: str, code: str) -> str:
    outcome = code.rpartition(".")[2]
    if context not in PREFILLED or outcome not in get_args(Outcome):
        return ""
    return load_catalog(locale).message(f"any-{context}", outcome)

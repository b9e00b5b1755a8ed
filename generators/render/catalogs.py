"""The command that keeps the catalogs complete: ``python -m generators.render.catalogs extract|update|check``.

- ``extract`` writes an empty catalog with every message to standard output
- ``update`` brings all catalogs up to date; no translation is lost: one that is no longer used becomes a comment
- ``check`` exits with 1 unless every catalog is complete and sound
"""

from __future__ import annotations

import functools
import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog as PoCatalog
from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po, write_po

from generators.errors import CatalogError
from generators.render.catalog import LOCALES, SOURCE_LOCALE, catalog_path
from generators.render.catalog_check import check_lines
from generators.render.messages import coded_messages, sentences

Key = tuple[str, str]
"""Context (empty for sentences) and id."""

PLACEHOLDERS: dict[str, frozenset[str]] = {
    "listing-change": frozenset({"name", "before", "after"}),
    "difference": frozenset({"side", "date"}),
    "record": frozenset({"causes"}),
    "sweep": frozenset({"bytes", "count", "days"}),
    "transfer": frozenset({"read", "size", "requests", "bytes", "architecture", "variant", "command"}),
    "reason": frozenset({"found", "expected", "subject", "unit"}),
    "check": frozenset({"expected", "subject", "unit"}),
    "change-wanted": frozenset({"value", "lowest", "highest"}),
    "change-by": frozenset({"subject"}),
    "verdict-change": frozenset({"answers", "otherwise"}),
    "comparator": frozenset({"expected", "tolerance"}),
    "finding": frozenset({"where", "expected", "found"}),
    "evaluation": frozenset({"detail"}),
    "accuracy-untested": frozenset({"detail"}),
    "accuracy-comparison": frozenset({"tolerance"}),
    "not-measured": frozenset({"detail"}),
    "document": frozenset({"rows"}),
}
"""Values that a page gives to the coded messages of a context; other contexts get none."""

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_MARKUP = re.compile(r"[<>&`*\[\]{}#\\]")
"""Characters that Markdown or HTML could take for markup. Messages are words; templates bring the markup."""
_LINE_WIDTH = 110
_VOLATILE_HEADERS = tuple(
    f'"{name}:'
    for name in (
        "Generated-By",
        "Language-Team",
        "Last-Translator",
        "PO-Revision-Date",
        "POT-Creation-Date",
        "Report-Msgid-Bugs-To",
    )
)
"""Header lines that would change with each run, or that hold nothing."""
_HEADER = "# Messages of Assay. How to translate them: CONTRIBUTING.md.\n"


def build_template(locale: str) -> PoCatalog:
    """Return a catalog with every message that a language must hold, none translated.

    The source language needs no entry for sentences: their ids are its text.
    Other languages get the English text of each coded message as a comment.
    """
    template = PoCatalog(locale=locale, project="Assay", header_comment=_HEADER, fuzzy=False)
    english = {} if locale == SOURCE_LOCALE else _english_texts()
    for coded in coded_messages():
        text = english.get((coded.context, coded.code))
        comments = [f"English: {text}"] if text else []
        template.add(coded.code, context=coded.context, locations=[(coded.place, 0)], auto_comments=comments)
    if locale != SOURCE_LOCALE:
        for sentence in sentences():
            message_id = (sentence.text, sentence.plural) if sentence.plural else sentence.text
            template.add(message_id, locations=[(sentence.place, 0)])
    return template


def update_catalog(
    locale: str,
    path: Path,
    template: PoCatalog | None = None,
    header: str = _HEADER,
    is_own: Callable[[Message], bool] | None = None,
) -> None:
    """Bring one catalog file up to date, keeping its translations.

    Args:
        locale: Of the file.
        path: Of the file; made if it isn't there.
        template: What it must hold; None: all of Assay's own messages.
        header: Comment at its head.
        is_own: Whether a text that isn't asked for any more may be missed; None: each one.
    """
    template = build_template(locale) if template is None else template
    current = _read(locale, path) if path.exists() else template
    for message in current.obsolete.values():  # a message that is asked for again gets its old text back
        known = current.get(message.id, context=message.context)
        if known is None:
            current[message.id] = message
        elif not any(_texts(known)):
            known.string = message.string
    if current is not template:
        current.update(template, no_fuzzy_matching=True, update_creation_date=False)
    kept = is_own or (lambda message: any(_texts(message)))
    current.obsolete = {key: message for key, message in current.obsolete.items() if kept(message)}
    for message in current:
        if not any(_texts(message)):  # Babel marks new plurals as fuzzy and gives them English's number of forms
            message.flags.discard("fuzzy")
            message.string = ("",) * current.num_plurals if message.pluralizable else ""
    current.header_comment = header
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_po_bytes(current))


def find_problems(
    locale: str, path: Path, template: PoCatalog | None = None, update: str = "`update`"
) -> Iterator[CatalogError]:
    """Yield everything that is wrong with one catalog file, in the order of its lines.

    Args:
        locale: Of the file.
        path: Of the file.
        template: What it must hold; None: all of Assay's own messages.
        update: The command that brings it up to date, for remedies.
    """
    if not path.exists():
        yield _problem("missing", f"the {locale} catalog does not exist", path, 0, f"Run {update}.")
        return
    catalog, template = _read(locale, path), build_template(locale) if template is None else template
    required = {_key(message): message for message in template if message.id}
    present = {_key(message): message for message in catalog if message.id}
    for key in required.keys() - present.keys():
        yield _problem("message-missing", f"{_name(key)} is not there", path, 0, f"Run {update} and translate it.")
    for key, message in present.items():
        yield from _message_problems(locale, key, message, path, "" if key in required else update)
    for message in catalog.obsolete.values():
        what = f"{_name(_key(message))} is obsolete"
        yield _problem("obsolete", what, path, message.lineno or 0, "Use its text where it fits, then delete it.")


def _message_problems(locale: str, key: Key, message: Message, path: Path, unused: str) -> Iterator[CatalogError]:
    line = message.lineno or 0
    if unused:
        yield _problem("not-used", f"{_name(key)} is not used any more", path, line, f"Run {unused}, then delete it.")
    elif not all(_texts(message) or ("",)):
        yield _problem("untranslated", f"{_name(key)} has no text", path, line, "Translate it.")
    elif message.fuzzy:
        yield _problem("fuzzy", f"{_name(key)} is marked as fuzzy", path, line, "Check the text, then remove the mark.")
    else:
        yield from _text_problems(locale, key, message, path)


def _text_problems(locale: str, key: Key, message: Message, path: Path) -> Iterator[CatalogError]:
    line, (needed, allowed) = message.lineno or 0, _placeholders(locale, key, message)
    texts = _texts(message)
    for text in texts:
        used = frozenset(_PLACEHOLDER.findall(text))
        if not needed <= used <= allowed:
            names = ", ".join(sorted(needed | allowed)) or "none"
            what = f"{_name(key)} has other placeholders than its source"
            yield _problem("placeholders", what, path, line, f"Use these, spelled exactly so: {names}.")
        words = _PLACEHOLDER.sub("", text)
        if _MARKUP.search(words) or "%" in words.replace("%%", ""):
            what = f"{_name(key)} has a character that pages take for markup"
            yield _problem(
                "markup",
                what,
                path,
                line,
                "Leave out < > & ` * [ ] { } # and backslashes; write %% for a percent sign.",
            )


def _placeholders(locale: str, key: Key, message: Message) -> tuple[frozenset[str], frozenset[str]]:
    """Return the placeholders that every form must have, and those that it may have.

    The forms of a plural have the same ones, so that every language shows the same numbers.
    """
    if not key[0]:
        forms = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        found = frozenset(name for form in forms for name in _PLACEHOLDER.findall(form))
        return found, found
    english = _english_texts().get(key)
    if locale == SOURCE_LOCALE or english is None:
        return frozenset(), PLACEHOLDERS.get(key[0], frozenset())
    used = frozenset(_PLACEHOLDER.findall(english))
    return used, used


@functools.cache
def _english_texts() -> dict[Key, str]:
    path = Path(catalog_path(SOURCE_LOCALE))
    if not path.exists():
        return {}
    return {_key(m): m.string for m in _read(SOURCE_LOCALE, path) if m.id and isinstance(m.string, str) and m.string}


def _texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _key(message: Message) -> Key:
    return message.context or "", message.id if isinstance(message.id, str) else message.id[0]


def _name(key: Key) -> str:
    return f"{key[0]}/{key[1]}" if key[0] else repr(key[1])


def _problem(code: str, what: str, path: Path, line: int, remedy: str) -> CatalogError:
    return CatalogError(code, what, where=f"{path}:{line}", remedy=remedy)


def _read(locale: str, path: Path) -> PoCatalog:
    try:
        data = path.read_bytes()
        check_lines(path, data.decode("utf-8"))
        return read_po(io.BytesIO(data), locale=locale, domain="assay", abort_invalid=True)
    except (PoFileError, LookupError, ValueError) as error:
        raise CatalogError("unreadable", str(error), where=str(path), remedy="Correct the line.") from error


def _po_bytes(catalog: PoCatalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=_LINE_WIDTH, include_lineno=False)
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    kept = "".join(line for line in lines if not line.startswith(_VOLATILE_HEADERS))
    return f"{kept.rstrip()}\n".encode()


def main(arguments: list[str]) -> int:
    """Run the command; return its exit status."""
    match arguments:
        case ["extract"]:
            sys.stdout.write(_po_bytes(build_template(LOCALES[-1])).decode())
            return 0
        case ["update"]:
            for locale in LOCALES:
                update_catalog(locale, Path(catalog_path(locale)))
            return 0
        case ["check"]:
            problems = [p for locale in LOCALES for p in find_problems(locale, Path(catalog_path(locale)))]
            sys.stderr.write("".join(f"{problem.diagnostics()}\n" for problem in problems))
            return 1 if problems else 0
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

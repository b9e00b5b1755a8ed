"""What is wrong with a catalog file, with the line where it stands.

Babel reads a text whose closing quote is lost by cutting its last letter off,
and ``%`` fills a bare ``%s`` with all values at once: both would be published.
"""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Message

from generators.errors import CatalogError

_LINE = re.compile(r"""(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)\s*)?"(?:[^"\\]|\\.)*"\s*$""")
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_ESCAPED_PERCENT = "%%"
_BARE_PERCENT = re.compile(r"%(?!\(\w+\)s)")


def check_lines(path: Path, text: str) -> None:
    """Check that every line is a comment or a whole quoted text.

    Raises:
        CatalogError: With file and line.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#") and not _LINE.match(stripped):
            raise CatalogError(
                "unreadable",
                f"no message can have the line {stripped[:60]!r}",
                where=f"{path}:{number}",
                remedy="Write a keyword and a text between double quotes, with a backslash before a quote inside it.",
            )


def check_message(path: Path, message: Message) -> None:
    """Check the placeholders of a translated message.

    Raises:
        CatalogError: With file and line.
    """
    texts = _texts(message.string)
    if not message.id or message.fuzzy or not all(texts):
        return
    # a coded message's id is its code: what may fill it is known where it is used
    given = None if message.context else {name for text in _texts(message.id) for name in _PLACEHOLDER.findall(text)}
    for written in texts:
        text = written.replace(_ESCAPED_PERCENT, "")
        bare = _BARE_PERCENT.search(text)
        unknown = [] if given is None else [n for n in _PLACEHOLDER.findall(text) if n not in given]
        if bare or unknown:
            wrong = f"%({unknown[0]})s" if unknown else text[bare.start() : bare.start() + 2] if bare else ""
            raise CatalogError(
                "bad-placeholder",
                f"the message {written[:60]!r} has the placeholder {wrong!r}, which nothing fills",
                where=f"{path}:{message.lineno or 1}",
                remedy="Use only the placeholders of the English message, and %% for a percent sign.",
            )


def _texts(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())

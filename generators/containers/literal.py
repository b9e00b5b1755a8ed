"""Python literals, as NumPy writes them into its headers: read, never evaluated."""

from __future__ import annotations

import re
from typing import Any

MAX_DEPTH = 32
"""Structured types inside structured types; NumPy itself allows as many."""
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>[bur]?'(?:[^'\\]|\\.)*'|[bur]?"(?:[^"\\]|\\.)*")|(?P<number>[+-]?\d{1,19}L?)"""
    r"""|(?P<word>True|False|None)|(?P<mark>[][(){},:]))""",
    re.DOTALL,
)
_WORDS = {"True": True, "False": False, "None": None}
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def parse_literal(text: str) -> Any:  # noqa: ANN401 - a literal may be anything
    """Return the value of a literal of texts, integers, truth values, tuples, lists and dicts.

    Texts keep their escapes as written.

    Raises:
        ValueError: It is something else, or nested too deeply.
    """
    parser = _Parser(text.rstrip())
    value = parser.value(0)
    if parser.position != len(parser.text):
        raise ValueError("something follows the literal")
    return value


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def value(self, depth: int) -> Any:  # noqa: ANN401
        kind, word = self._token()
        match kind:
            case "text":
                return word[word.index(word[-1]) + 1 : -1]
            case "number":
                return int(word.removesuffix("L"))
            case "word":
                return _WORDS[word]
        if word not in _CLOSING or depth > MAX_DEPTH:
            raise ValueError("no literal")
        if word == "{":
            return self._mapping(depth + 1)
        items, commas = self._items(_CLOSING[word], depth + 1)
        if word == "[":
            return items
        return tuple(items) if commas or not items else items[0]

    def _items(self, closing: str, depth: int) -> tuple[list[Any], bool]:
        items: list[Any] = []
        commas = False
        while not self._skip(closing):
            if items and not commas:
                raise ValueError("no comma")
            items.append(self.value(depth))
            comma = self._skip(",")
            commas = commas or comma
            if not comma:
                if not self._skip(closing):
                    raise ValueError("no end")
                break
        return items, commas

    def _mapping(self, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not self._skip("}"):
            key = self.value(depth)
            if not isinstance(key, str) or not self._skip(":"):
                raise ValueError("no key")
            mapping[key] = self.value(depth)
            if not self._skip(","):
                if not self._skip("}"):
                    raise ValueError("no end")
                break
        return mapping

    def _token(self) -> tuple[str, str]:
        found = _TOKEN.match(self.text, self.position)
        if found is None or found.lastgroup is None:
            raise ValueError("no literal")
        self.position = found.end()
        return found.lastgroup, found[found.lastgroup]

    def _skip(self, mark: str) -> bool:
        before = self.position
        if before < len(self.text):
            found = _TOKEN.match(self.text, before)
            if found and found["mark"] == mark:
                self.position = found.end()
                return True
        return False

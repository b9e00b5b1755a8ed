"""Pieces of Markdown that the reference pages are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")
_HTML = {"<": "&lt;", ">": "&gt;"}
_TYPED = re.compile(r"(?<![\w/-])(--[a-z][a-z-]*|[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9](?:=\w+)?)(?![\w/])")
"""Options and environment variables, which help texts write as they are."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, empty where there are no rows."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines, ""]) if lines else ""


def code(text: str) -> str:
    """Return text as it is typed; empty stays empty."""
    return f"`{' '.join(text.split())}`" if text else ""


def cell(text: str) -> str:
    """Return prose of a docstring or help text for a cell."""
    return words(" ".join(text.split())).replace("|", r"\|")


def words(text: str) -> str:
    """Return prose of a docstring or help text: its roles and double backticks as code, angle brackets as they are."""
    plain = _ROLE.sub(r"`\1`", text).replace("``", "`")
    parts = plain.split("`")
    for index in range(0, len(parts), 2):  # what isn't code
        plain = re.sub("[<>]", lambda found: _HTML[found[0]], parts[index]).replace("*", r"\*")
        parts[index] = _TYPED.sub(r"`\1`", plain)
    return "`".join(parts)


def anchor(text: str) -> str:
    """Return the id of a heading."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def heading(level: int, text: str, anchor_id: str) -> str:
    """Return a heading with an id of its own."""
    return f"{'#' * level} {text} {{: #{anchor_id} }}\n"


def fenced(text: str, language: str) -> str:
    """Return a block of code."""
    return f"```{language}\n{text.rstrip()}\n```\n"

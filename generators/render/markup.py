"""Text from checkpoints made inert: one function a place where it is shown.

Names of tensors, keys, globals and archive roots are written by whoever made the
file. They reach a reader only through this module.

Source: the rules were tried with 48 hostile strings in Python-Markdown, Material
and cmark-gfm: numeric entities inside ``<code>`` are inert in site pages; in
GitHub Markdown only a code span is (an entity decodes back to a mention).
"""

from __future__ import annotations

import re
import unicodedata

MAX_SHOWN = 300
"""Characters shown of one name; a longer one is cut and says by how many characters."""

_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Me"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols by category that fonts draw as nothing.

Source: Unicode 15.1, Default_Ignorable_Code_Point, and U+2800.
"""
_LOOSE_SPACES = re.compile(r"^ +| +$| {2,}")
_BACKTICKS = re.compile(r"`+")


def show_invisible(text: str, limit: int = MAX_SHOWN) -> str:
    """Return the text with everything that can't be seen, or moves its neighbours, spelled as ``⟨U+202E⟩``.

    Controls, bidirectional and zero-width characters, combining marks, line
    separators, unassigned and private characters, and spaces that a page would
    collapse. Longer text than ``limit`` characters is cut.
    """
    cut = text[:limit]
    rest = len(text) - len(cut)
    spaced = _LOOSE_SPACES.sub(lambda match: _spell(" ") * len(match.group()), cut)
    # nearly every name is of these characters, all of them visible: asking for each one takes a hundred times as long
    is_plain = spaced.isascii() and spaced.isprintable()
    shown = spaced if is_plain else "".join(_spell(c) if _is_invisible(c) else c for c in spaced)
    return f"{shown}⟨+{rest}⟩" if rest else shown


def escape_html(text: str) -> str:
    """Return the text as numeric entities: inert in HTML text, in attributes and in Markdown.

    Only ASCII letters and digits, inner spaces and letters beyond ASCII stay as they are.

    Args:
        text: Hostile.

    Returns:
        Safe text of an element or of a quoted attribute.
    """
    return "".join(_entity(c) for c in show_invisible(text))


def html_code(text: str) -> str:
    """Return the text as a ``<code>`` element for site pages; an empty text shows as ``⟨⟩``."""
    return f"<code>{escape_html(text) or '⟨⟩'}</code>"


def html_digest(text: str) -> str:
    """Return a digest as a ``<code>`` element that a page offers to copy."""
    return f'<code class="assay-digest">{escape_html(text)}</code>'


def github_code(text: str) -> str:
    """Return the text as a code span of GitHub Markdown: no mention, no issue, no link.

    Not for tables: there a ``|`` ends the cell even inside a code span.

    Args:
        text: Hostile.

    Returns:
        A code span of one line.
    """
    shown = show_invisible(text) or "⟨⟩"
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def github_table_code(text: str) -> str:
    """Return the text as a code span for a cell of a GitHub Markdown table."""
    return github_code(text).replace("|", "\\|")


def terminal_text(text: str) -> str:
    """Return the text for a terminal: no control sequence, no change of direction, one line.

    Args:
        text: Hostile.

    Returns:
        What is safe to print; characters that can't be seen are named, as in ``⟨U+202E⟩``.
    """
    return show_invisible(text)


def _is_invisible(character: str) -> bool:
    if character == " ":
        return False
    category = unicodedata.category(character)
    return category in _INVISIBLE_CATEGORIES or category == "Zs" or character in _BLANK_LETTERS


def _spell(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"


def _entity(character: str) -> str:
    if character == " " or character.isalnum() or character in "⟨⟩":
        return character
    return f"&#{ord(character)};"

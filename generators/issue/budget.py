"""Sections of a text within a number of bytes: what is least needed is shortened first, always in the same order.

Where one section alone is too long, the others keep what they have room for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from generators.errors import RenderError
from generators.model.issue import Forms

BUDGET_BYTES: Final = 60_000
"""Source: GitHub takes 65,536 characters (its API's answer to a longer body is 422, ``body is too long``). Bytes of
UTF-8 are never fewer than characters; the rest is for what a person adds."""

SHORTENING: Final = (
    ("files-read", 3),
    ("checks", 1),
    ("controls", 1),
    ("verdicts", 1),
    ("checks", 1),
    ("files", 1),
    ("change", 1),
    ("checks", 1),
    ("verdicts", 3),
    ("files", 1),
    ("verdicts", 3),
    ("kinds", 1),
    ("files", 1),
    ("charts", 1),
    ("verdicts", 1),
)
"""What is shortened, and by how many steps at most before the next one is, until the text fits.

First the names and findings of files that were read, then the questions behind each claim, then the table of the
controls; the verdicts keep a row each for as long as that is possible. The finding, what it rests on, what is asked of
its readers, the commands and where it is from are never shortened.
"""


_EMPTY_LINES = re.compile(r"\n[ \n]*\n")


class Fitted(Struct, frozen=True, kw_only=True):
    """A text that fits.

    Attributes:
        text: Its sections, with an empty line between two.
        shortened: Those that aren't in full, in the order in which they were shortened.
    """

    text: str
    shortened: tuple[str, ...]


def fit_sections(
    sections: Mapping[str, Forms], budget_bytes: int = BUDGET_BYTES, order: Sequence[tuple[str, int]] = SHORTENING
) -> Fitted:
    """Return the sections as one text of at most so many bytes of UTF-8.

    Args:
        sections: By name, in the order in which they are shown.
        budget_bytes: What the text may take.
        order: Sections to shorten, each by so many steps, first things first.

    Raises:
        RenderError: Even the shortest forms are too long.
    """
    written = {name: [forms[0]()] for name, forms in sections.items()}
    shortened: dict[str, int] = {}
    for name in _steps(sections, order):
        if _size(_chosen(written, shortened)) <= budget_bytes:
            break
        shortened[name] = shortened.get(name, 0) + 1
        written[name].append(sections[name][shortened[name]]())
    texts = _chosen(written, shortened)
    if _size(texts) > budget_bytes:
        raise RenderError(
            "issue-too-long",
            f"the shortest text that the report allows has {_size(texts)} bytes; {budget_bytes} are allowed",
            remedy="shorten the question and the headlines of the report in the catalogs",
        )
    kept = _lengthened(written, shortened, budget_bytes)
    return Fitted(text=_joined(_chosen(written, kept)), shortened=tuple(name for name, step in kept.items() if step))


def _lengthened(
    written: Mapping[str, Sequence[str]], shortened: Mapping[str, int], budget_bytes: int
) -> dict[str, int]:
    """Return the steps without those that later ones made needless; what is needed most gets its room back first."""
    kept = dict(shortened)
    for name in reversed(tuple(shortened)):
        for step in range(shortened[name]):
            longer = {**kept, name: step}
            if _size(_chosen(written, longer)) <= budget_bytes:
                kept = longer
                break
    return kept


def _chosen(written: Mapping[str, Sequence[str]], steps: Mapping[str, int]) -> dict[str, str]:
    return {name: texts[steps.get(name, 0)] for name, texts in written.items()}


def _steps(sections: Mapping[str, Forms], order: Sequence[tuple[str, int]]) -> Iterator[str]:
    left = {name: len(forms) - 1 for name, forms in sections.items()}
    for name, steps in order:
        taken = min(steps, left.get(name, 0))
        left[name] = left.get(name, 0) - taken
        yield from (name,) * taken


def _joined(texts: Mapping[str, str]) -> str:
    text = "\n\n".join(text.strip("\n") for text in texts.values() if text.strip()) + "\n"
    return _EMPTY_LINES.sub("\n\n", text)  # what stood between two lines of a template and gave nothing


def _size(texts: Mapping[str, str]) -> int:
    return len(_joined(texts).encode())

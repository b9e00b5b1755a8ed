"""The commands that pages show: found in Markdown, and read as a shell would read them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(
    r"(?:<!-- (?P<note>[^\n]*?) -->\n)?```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
_EXIT = re.compile(r"\s+# exits with (\d+)$")
_ENDS = frozenset({"|", "&&", ";", ">", "||"})


class Block(NamedTuple):
    """A fenced block: what stands in the comment before it, its language, its text."""

    note: str
    language: str
    text: str


class Command(NamedTuple):
    """A line that begins with ``$``, how it ends, and what is shown of its output."""

    line: str
    exit_code: int
    output: tuple[str, ...]


def blocks(path: Path) -> Iterator[Block]:
    for found in _BLOCK.finditer(path.read_text(encoding="utf-8")):
        yield Block(found["note"] or "", found["language"], found["text"])


def commands(text: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, *output = part.splitlines()
        code = _EXIT.search(line)
        yield Command(_EXIT.sub("", line), int(code[1]) if code else 0, tuple(output))


def assay_arguments(line: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of ``assay`` in a line of shell."""
    words = shlex.split(line, comments=True)
    while words:
        end = next((n for n, word in enumerate(words) if word in _ENDS), len(words))
        call, words = words[:end], words[end + 1 :]
        while call and re.match(r"[A-Z_0-9]+=", call[0]):
            call = call[1:]
        if call and call[0] == "assay":
            yield call[1:]


def matches(shown: tuple[str, ...], printed: list[str]) -> bool:
    """Whether an output is what is shown of it; ``...`` stands for any lines, and inside of a line for any text."""
    if not shown:
        return not printed
    if shown[0] == "...":
        return any(matches(shown[1:], printed[n:]) for n in range(len(printed) + 1))
    pattern = ".*".join(re.escape(part) for part in shown[0].rstrip().split("..."))
    return bool(printed) and bool(re.fullmatch(pattern, printed[0].rstrip())) and matches(shown[1:], printed[1:])

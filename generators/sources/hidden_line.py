"""The hidden first line by which what was written on GitHub is found again, and by which hand-made changes show."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from msgspec import Struct

from generators.errors import SourceError

MAX_BODY_CHARACTERS: Final = 65_536
"""Source: GitHub answers 422, ``body is too long (maximum is 65536 characters)``."""
_DIGITS: Final = 12
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LINE = re.compile(r"\s*<!-- assay: ([A-Za-z0-9._-]+)(?: title:([0-9a-f]{12}) text:([0-9a-f]{12}))? -->")


class HiddenLine(Struct, frozen=True, kw_only=True):
    """The first line of a text that Assay wrote.

    Attributes:
        marker: Name by which the text is found again.
        title: Digest of the title that was written with it; empty where nothing was kept of it.
        text: Digest of what was written below the line; likewise.
    """

    marker: str
    title: str = ""
    text: str = ""

    def __str__(self) -> str:
        digests = f" title:{self.title} text:{self.text}" if self.title and self.text else ""
        return f"<!-- assay: {_checked(self.marker)}{digests} -->"


def sealing_line(marker: str, title: str, text: str) -> HiddenLine:
    """Return the hidden line that keeps what title and text it is written with."""
    return HiddenLine(marker=marker, title=digest_of(title), text=digest_of(text))


def read_hidden_line(written: str) -> tuple[HiddenLine, str] | None:
    """Return the hidden line of a text, and what is below it; None where it has none. Hostile text."""
    found = _LINE.match(written)
    if found is None:
        return None
    return HiddenLine(marker=found[1], title=found[2] or "", text=found[3] or ""), written[found.end() :]


def has_marker(written: str, marker: str) -> bool:
    """Whether a text begins with the hidden line of this name."""
    found = read_hidden_line(written)
    return found is not None and found[0].marker == marker


def below_line(line: HiddenLine, text: str) -> str:
    """Return a text with its hidden line.

    Raises:
        SourceError: It is longer than GitHub takes.
    """
    whole = f"{line}\n{text}"
    if len(whole) > MAX_BODY_CHARACTERS:
        raise SourceError(
            "refused",
            f"the text has {len(whole)} characters; GitHub takes {MAX_BODY_CHARACTERS}",
            remedy="shorten it",
        )
    return whole


def as_sent(text: str) -> str:
    """Return a text as it was before GitHub's forms put other line ends in."""
    return text.replace("\r\n", "\n").strip()


def digest_of(text: str) -> str:
    """Return the digest of a text, whatever its line ends."""
    return hashlib.sha256(as_sent(text).encode(errors="surrogatepass")).hexdigest()[:_DIGITS]


def _checked(marker: str) -> str:
    if not _NAME.fullmatch(marker):
        message = f"{marker!r} could end the hidden line"
        raise ValueError(message)
    return marker

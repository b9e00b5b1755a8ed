"""TOML documents that know on which line each of their keys stands.

msgspec checks a document against typed structures and names the place of a
mistake as a path (``$.checkpoint[2].seed``); this module turns the path into
a line, so that every message about ``checkpoints.lock`` or a report file says
where to look.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from generators.errors import AssayError

T = TypeVar("T")

_TABLE = re.compile(r"^\s*\[\[?\s*(?P<name>[^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_STEP = re.compile(r"\.(?P<key>[A-Za-z0-9_-]+)|\[(?P<index>\d+)\]")
_MSGSPEC_PATH = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>\$[^`]*)`)?$", re.DOTALL)
_TOMLLIB_LINE = re.compile(r"at line (\d+)")


class TomlDocument(Struct, frozen=True, kw_only=True):
    """The text of a TOML file and its parsed tables.

    Attributes:
        path: The file.
        text: Its text.
        tables: As ``tomllib`` reads it.
    """

    path: Path
    text: str
    tables: dict[str, object]

    def line_of(self, path: str) -> int:
        """Return the line, from 1, of a place such as ``$.checkpoint[2].seed``; of its table if the key is absent."""
        steps = [m["key"] or int(m["index"]) for m in _STEP.finditer(path)]
        return _find_line(self.text.splitlines(), steps)

    def place(self, path: str) -> str:
        """Return ``file:line`` of a place."""
        return f"{self.path}:{self.line_of(path)}"


def read_toml(path: Path, error: type[AssayError]) -> TomlDocument:
    """Read a TOML file.

    Args:
        path: The file.
        error: Which error to raise.

    Raises:
        AssayError: Of the given class, when the file can't be read or isn't TOML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise error(
            "unreadable", f"can't be read: {problem.strerror}", where=str(path), remedy="create it or check its rights"
        ) from problem
    except UnicodeDecodeError as problem:
        lines = problem.object.count(b"\n", 0, problem.start)
        raise error(
            "not-utf8", f"is not UTF-8 at byte {problem.start}", where=f"{path}:{lines + 1}", remedy="save it as UTF-8"
        ) from problem
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line = _TOMLLIB_LINE.search(str(problem))
        where = f"{path}:{line[1] if line else len(text.splitlines())}"
        raise error("not-toml", f"is not TOML: {problem}", where=where, remedy="correct the syntax") from problem
    except (ValueError, RecursionError) as problem:
        # tomllib itself neither writes its limits on digits and nesting as TOML errors nor says on which line
        raise error(
            "not-toml",
            "has a number of thousands of digits, or values nested hundreds of levels deep",
            where=f"{path}:{_longest_line(text)}",
            remedy="correct the value",
        ) from problem
    return TomlDocument(path=path, text=text, tables=tables)


def _longest_line(text: str) -> int:
    """Return the line that is the likeliest to hold such a value."""
    lines = text.splitlines() or [""]
    return max(range(len(lines)), key=lambda n: len(lines[n])) + 1


def check_version(document: TomlDocument, key: str, known: int, error: type[AssayError]) -> None:
    """Refuse a document of another version than the one that is known here; asked before anything else of it is read.

    Raises:
        AssayError: Of the given class, with file, line and remedy.
    """
    version = document.tables.get(key)
    if version == known and not isinstance(version, bool):
        return
    raise error(
        "unknown-version",
        f"has no {key}" if version is None else f"has {key} {version!r}, which is unknown here",
        where=document.place(f"$.{key}"),
        remedy=f"write `{key} = {known}` at the top, or use the version of Assay that wrote the file",
    )


def convert_document(document: TomlDocument, kind: type[T], error: type[AssayError]) -> T:
    """Check a document against a typed structure.

    Args:
        document: The document.
        kind: A ``msgspec.Struct`` that describes it, with ``forbid_unknown_fields``.
        error: Which error to raise.

    Raises:
        AssayError: Of the given class, with file, line and remedy.
    """
    try:
        return msgspec.convert(document.tables, kind)
    except msgspec.ValidationError as problem:
        match = _MSGSPEC_PATH.match(str(problem))
        what, path = (match["what"], match["path"] or "$") if match else (str(problem), "$")
        unknown = re.search(r"unknown field `([^`]+)`", what)
        if unknown:
            path = f"{path}.{unknown[1]}"
        raise error(
            "unknown-key" if unknown else "wrong-value",
            f"{what} ({path})",
            where=document.place(path),
            remedy=_remedy(what, unknown=bool(unknown)),
        ) from problem


def _remedy(what: str, *, unknown: bool) -> str:
    if unknown:
        return "remove the key or correct its spelling"
    if "missing required field" in what:
        return "add the missing key"
    return "give a value of the expected kind"


def _find_line(lines: list[str], steps: list[str | int]) -> int:
    """Walk the table headers of the steps, then look for the last key inside the table reached."""
    start, end, line = 0, len(lines), 1
    prefix = ""
    for position, step in enumerate(steps):
        if isinstance(step, int):
            continue
        name = f"{prefix}.{step}" if prefix else step
        following = steps[position + 1] if position + 1 < len(steps) else 0
        nth = following if isinstance(following, int) else 0
        headers = [n for n in range(start, end) if _header(lines[n]) == name]
        if not headers:
            return _key_line(lines, start, end, step) or line
        start = headers[min(nth, len(headers) - 1)]
        line = start + 1
        inside = (n for n in range(start + 1, end) if (h := _header(lines[n])) and not h.startswith(f"{name}."))
        end = next(inside, end)
        start += 1
        prefix = name
    return line


def _header(line: str) -> str:
    match = _TABLE.match(line)
    return match["name"] if match else ""


def _key_line(lines: list[str], start: int, end: int, key: str) -> int:
    pattern = re.compile(rf"""^\s*["']?{re.escape(key)}["']?\s*[.=]""")
    for number in range(start, end):
        if _header(lines[number]):
            return 0
        if pattern.match(lines[number]):
            return number + 1
    return 0

"""Names of zip records: as text, as torch compares them, and what is odd about them."""

from __future__ import annotations

import re

MAX_NAME_BYTES = 1024
"""Longer than any path of a file system that torch writes to; torch itself shows 512 bytes of a name.

Source: ``MZ_ZIP_MAX_ARCHIVE_FILENAME_SIZE`` in ``third_party/miniz-3.0.2/miniz.h`` of PyTorch 2.13.
"""
_PLAIN = re.compile(r"(?:[A-Za-z0-9_\-+=@(), ][A-Za-z0-9_.\-+=@(), ]*/)*[A-Za-z0-9_\-+=@(), ][A-Za-z0-9_.\-+=@(), ]*\Z")
_DRIVE = re.compile(r"[A-Za-z]:")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Source: Unicode 16, UAX #9, section 2: the explicit directional characters."""
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff")
_FIRST_PRINTABLE, _DELETE, _LAST_CONTROL = 0x20, 0x7F, 0x9F


def is_decodable(raw: bytes) -> bool:
    """Say whether a name is UTF-8, the only encoding that torch's reader shows."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decode_name(raw: bytes) -> str:
    """Return a name as text: UTF-8, as torch writes it, else the code page of 1981, where every byte is a character."""
    return raw.decode("utf-8") if is_decodable(raw) else raw.decode("cp437")


def fold_name(name: str) -> str:
    """Return a name in the letters that torch compares: those of ASCII in lower case.

    Source: ``MZ_TOLOWER`` in ``third_party/miniz-3.0.2/miniz.c`` of PyTorch 2.13.
    """
    folded = name.lower() if name.isascii() else name.translate(_LOWER)
    return name if folded == name else folded


def normalise_name(name: str) -> str:
    """Return the name that a file system may make of it: slashes, dots and composed letters."""
    import unicodedata

    parts = [p for p in unicodedata.normalize("NFC", name).replace("\\", "/").split("/") if p not in {"", "."}]
    return "/".join(parts)


def describe_oddity(name: str) -> str:
    """Return what a name has that no checkpoint's needs, or an empty text."""
    if _PLAIN.match(name):
        return ""
    if "\0" in name:
        return "nul"
    parts = name.removesuffix("/").split("/")
    tests = (
        (not name, "empty"),
        (name.startswith("/"), "absolute"),
        (_DRIVE.match(name) is not None, "drive"),
        (".." in parts or ".." in name.split("\\"), "parent"),
        ("\\" in name, "backslash"),
        ("." in parts or "" in parts, "dot"),
        (any(ord(c) < _FIRST_PRINTABLE or _DELETE <= ord(c) <= _LAST_CONTROL for c in name), "control"),
        (not _BIDI.isdisjoint(name), "bidi"),
        (not _INVISIBLE.isdisjoint(name), "invisible"),
    )
    return next((reason for is_so, reason in tests if is_so), "")


LEADS_ELSEWHERE = frozenset({"nul", "absolute", "drive", "parent", "backslash"})
"""Oddities by which a program that unpacks writes where nobody wants it, or reads another name."""

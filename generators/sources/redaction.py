"""Addresses as they may be shown and kept: without passwords, tokens and signatures."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit, urlunsplit

HARMLESS_KEYS = frozenset({"commit", "id", "export", "download", "confirm", "revision", "recursive", "raw"})
"""Query keys whose values identify a file and open nothing; every other value is left out.

A signature can have any name: a list of harmful ones would never be complete."""
HIDDEN = "..."


def shown_address(address: str) -> str:
    """Return an address without user, password, fragment and the values of query keys that may be secrets."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return HIDDEN
    query = "&".join(f"{key}={value if key in HARMLESS_KEYS else HIDDEN}" for key, value in pairs)
    return urlunsplit((parts.scheme, host, parts.path, query, ""))

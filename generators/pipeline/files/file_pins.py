"""A file held against what the lock pins, for those that write the lock and for pages, which never fetch."""

from __future__ import annotations

from generators.model.fingerprint import Fingerprint
from generators.model.lock import FilePin, SizeRange


def contradicted_by(pin: FilePin, fingerprint: Fingerprint) -> str:
    """Return in which of its properties a file isn't what it has to be, with both values; empty where it is."""
    file = fingerprint.file
    if pin.size is not None and file.size_bytes not in pin.size:
        return f"size_bytes: {range_text(pin.size)} != {file.size_bytes}"
    if pin.sha256 not in (None, file.sha256):
        return f"sha256: {pin.sha256} != {file.sha256}"
    if pin.weights_digest not in (None, fingerprint.weights_digest):
        return f"weights_digest: {pin.weights_digest} != {fingerprint.weights_digest}"
    return ""


def range_text(size: SizeRange | None) -> str:
    """Return a size as text."""
    if size is None:
        return ""
    if size.minimum_bytes == size.maximum_bytes:
        return str(size.minimum_bytes)
    return f"{size.minimum_bytes} - {size.maximum_bytes}"

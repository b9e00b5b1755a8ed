"""A file held against what the lock pins, for those that write the lock and for pages, which never fetch."""

from __future__ import annotations

from collections.abc import Iterator

from generators.model.evidence import LockMatch
from generators.model.finding import Finding
from generators.model.fingerprint import Fingerprint
from generators.model.lock import FilePin, LockEntry, SizeRange


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


def lock_match(entry: LockEntry, findings: tuple[Finding, ...]) -> LockMatch:
    """Return whether an entry's file is the one that the lock names, by what :func:`lock_findings` found."""
    if findings:
        return "contradicted"
    if entry.pin.sha256 or entry.pin.weights_digest:
        return "digest"
    return "size" if entry.pin.size else "unnamed"


def lock_findings(entry: LockEntry, fingerprint: Fingerprint) -> Iterator[Finding]:
    """Say where a file is not the one that the lock names."""
    file, pin = fingerprint.file, entry.pin
    if pin.size is not None and file.size_bytes not in pin.size:
        yield Finding(
            code="size-not-as-locked",
            severity="error",
            where=entry.title,
            expected=range_text(pin.size),
            found=str(file.size_bytes),
        )
    if pin.sha256 is not None and file.sha256 != pin.sha256:
        yield Finding(
            code="sha256-not-as-locked", severity="error", where=entry.title, expected=pin.sha256, found=file.sha256
        )
    if pin.weights_digest is not None and fingerprint.weights_digest != pin.weights_digest:
        yield Finding(
            code="weights-not-as-locked",
            severity="error",
            where=entry.title,
            expected=pin.weights_digest,
            found=fingerprint.weights_digest or "",
        )


def range_text(size: SizeRange | None) -> str:
    """Return a size as text."""
    if size is None:
        return ""
    if size.minimum_bytes == size.maximum_bytes:
        return str(size.minimum_bytes)
    return f"{size.minimum_bytes} - {size.maximum_bytes}"

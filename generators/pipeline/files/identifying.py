"""Identifications, kept by what they rest on: searching a family of configurations takes longer than a page."""

from __future__ import annotations

import msgspec
from blake3 import blake3

from generators.architectures import ARCHITECTURES
from generators.identify.size import identify_elements, identify_size
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.model.lock import SizeRange
from generators.pipeline.files.heading import identify_fingerprint
from generators.provenance import digest_code
from generators.store import CacheFolder

CODE = ("identify", "architectures", "containers", "fingerprint", "model")
"""Parts of the package whose change makes kept identifications stale."""


def identify_file(fingerprint: Fingerprint, cache: CacheFolder) -> Identification:
    """Identify the model of a file that was read."""
    return cache.get_or_compute(_file_key(fingerprint), Identification, lambda: identify_fingerprint(fingerprint))


def keep_identification(fingerprint: Fingerprint, identification: Identification, cache: CacheFolder) -> None:
    """Keep what a worker identified, as :func:`identify_file` would have."""
    cache.keep(_file_key(fingerprint), identification)


def identify_recorded(fingerprint: Fingerprint, cache: CacheFolder) -> Identification:
    """Identify the model of a file by what was recorded of it.

    Kept apart from what files themselves say: a record is not the file, whatever digest it names.
    """
    digest = blake3(msgspec.msgpack.encode(fingerprint)).hexdigest()
    key = _key(f"record {digest}")
    return cache.get_or_compute(key, Identification, lambda: identify_fingerprint(fingerprint))


def identify_known_size(size: SizeRange, cache: CacheFolder) -> Identification:
    """Identify by a file size alone."""
    key = f"size {size.minimum_bytes} {size.maximum_bytes}"
    return cache.get_or_compute(_key(key), Identification, lambda: identify_size(size, ARCHITECTURES))


def identify_known_elements(elements: int, cache: CacheFolder) -> Identification:
    """Identify by an element count alone."""
    key = f"elements {elements}"
    return cache.get_or_compute(_key(key), Identification, lambda: identify_elements(elements, ARCHITECTURES))


def _file_key(fingerprint: Fingerprint) -> str:
    return _key(f"file {fingerprint.file.sha256}")


def _key(what: str) -> str:
    return f"identification {what} {digest_code(*CODE)}"

"""What a file elsewhere is, without a download: by its index alone, or by all of its bytes as they come."""

from __future__ import annotations

import time

from msgspec import Struct

from generators.containers import open_checkpoint
from generators.containers.ranged_bytes import BUDGET_BYTES, RangedBytes
from generators.containers.streamed_bytes import StreamedBytes
from generators.errors import SourceError
from generators.fingerprint.compose import Depth, fingerprint_header
from generators.model.inspection import Inspection
from generators.model.lock import SourceAddress
from generators.pipeline.files.heading import identified
from generators.sources.addresses import parse_place, published_name
from generators.sources.faults import is_transient
from generators.sources.remote import Description, Remote
from generators.sources.resolving import open_remote

WAITS_SECONDS = (0.5, 2.0)
"""Before a part is asked for again."""


class Peek(Struct, frozen=True, kw_only=True):
    """What reading a file elsewhere gave and cost.

    Attributes:
        inspection: Of a look at its index, without digests and statistics; of all of it, with them.
        shown: The address without secrets.
        read_bytes: Bytes of the file that came.
        requests: Parts that were asked for.
        digest: As the server says; empty when it doesn't.
        name: As the server says; empty when it doesn't. Hostile text.
    """

    inspection: Inspection
    shown: str
    read_bytes: int
    requests: int
    digest: str = ""
    name: str = ""


def peek_address(text: str, hosts: tuple[str, ...] = (), budget_bytes: int = BUDGET_BYTES) -> Peek:
    """Read the index of the file that an address names.

    Args:
        text: As a person writes it.
        hosts: That its server may redirect to.
        budget_bytes: What may be read.

    Raises:
        SourceError: It names no file, the file can't be had, or its server gives no parts.
        ContainerError: The index takes more than the budget.
    """
    return peek_source(parse_file(text, hosts), budget_bytes)


def read_address(text: str, depth: Depth, hosts: tuple[str, ...] = ()) -> Peek:
    """Read every byte of the file that an address names, part by part; none of it is kept on a disk.

    Args:
        text: As a person writes it.
        depth: Whether statistics are measured beside the digests.
        hosts: That its server may redirect to.

    Raises:
        SourceError: It names no file, the file can't be had, or its server gives no parts.
        ContainerError: It changed meanwhile, or can't be read without keeping much of it.
    """
    from generators.pipeline.files.reading import inspect_bytes  # imports numpy

    source = parse_file(text, hosts)
    remote = open_remote(source)
    found = remote.describe()
    size = _known_size(found, remote)
    streamed = StreamedBytes(size, lambda start, wanted: _patiently(remote, start, wanted))
    shown = published_name(source) or found.name or remote.shown
    inspection = inspect_bytes(shown, streamed, depth)
    after = remote.describe()
    if (after.size_bytes, after.validator) != (size, found.validator):
        raise SourceError(
            "changed-meanwhile",
            "the file changed on the server while it was read",
            where=remote.shown,
            remedy="run the command again",
        )
    return _peek(inspection, remote, found, streamed)


def parse_file(text: str, hosts: tuple[str, ...]) -> SourceAddress:
    """Return the source that an address of one file names.

    Args:
        text: As a person writes it.
        hosts: That its server may redirect to.

    Raises:
        SourceError: It is no address, or names several files.
    """
    place = parse_place(text)
    if not place.is_file:
        raise SourceError(
            "not-a-listing",
            "this names several files, not one",
            remedy="`assay list` shows them with their sizes; give the address of one",
        )
    return SourceAddress(kind=place.kind, address=place.address, hosts=hosts)


def peek_source(source: SourceAddress, budget_bytes: int = BUDGET_BYTES) -> Peek:
    """Read the index of a source's file; see :func:`peek_address`."""
    remote = open_remote(source)
    found = remote.describe()
    size = _known_size(found, remote)
    ranged = RangedBytes(size, lambda start, wanted: _patiently(remote, start, wanted), budget_bytes)
    with open_checkpoint(ranged) as reader:
        shown = published_name(source) or found.name or remote.shown
        inspection = identified(fingerprint_header(shown, size, reader.container))
    return _peek(inspection, remote, found, ranged)


def _peek(inspection: Inspection, remote: Remote, found: Description, read: RangedBytes | StreamedBytes) -> Peek:
    return Peek(
        inspection=inspection,
        shown=remote.shown,
        read_bytes=read.read_bytes,
        requests=read.requests,
        digest=found.digest,
        name=found.name,
    )


def _known_size(found: Description, remote: Remote) -> int:
    if found.size_bytes is None:
        raise SourceError(
            "no-ranges",
            "the server doesn't say how large the file is, so that its end can't be found",
            where=remote.shown,
            remedy="download it and inspect it here",
        )
    return found.size_bytes


def _patiently(remote: Remote, start: int, size: int) -> bytes:
    """Return a part of a file; of hundreds of requests, one may fail."""
    for wait in WAITS_SECONDS:
        try:
            return remote.read_range(start, size)
        except SourceError as error:
            if not is_transient(error):
                raise
            time.sleep(wait)
    return remote.read_range(start, size)

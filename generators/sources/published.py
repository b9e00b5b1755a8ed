"""Whether what is linked to is really there, and of the state that is told of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from generators.errors import SourceError
from generators.model.issue import PublishedState
from generators.sources.connection import connection_fault, new_session, request
from generators.sources.redaction import shown_address

if TYPE_CHECKING:
    import requests

MAX_STATE_BYTES = 10_000_000
"""Far more than the verdicts of a report take."""
_BLOCK_BYTES = 1 << 16
_OK = 200


def require_published(addresses: Iterable[str]) -> None:
    """Ask for each address and refuse at the first that isn't there; nothing of what it holds is read.

    Raises:
        SourceError: ``unpublished``, or the network's reasons.
    """
    session = new_session()
    with session:
        for address in addresses:
            with request(session, address, {}, frozenset()) as (response, _):
                if response.status_code != _OK:
                    raise _unpublished(address, response.status_code)


def read_published_state(address: str) -> PublishedState:
    """Return what a published site says of the state it was built from.

    Raises:
        SourceError: It isn't there, or isn't a state.
    """
    session = new_session()
    with session, request(session, address, {}, frozenset()) as (response, _):
        if response.status_code != _OK:
            raise _unpublished(address, response.status_code)
        data = _read_state(response, address)
    try:
        return msgspec.json.decode(data, type=PublishedState)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise SourceError(
            "other-state",
            "what is published there doesn't say from which state it was built",
            where=shown_address(address),
            remedy="publish the site anew, or correct its address",
        ) from problem


def _read_state(response: requests.Response, address: str) -> bytes:
    """Return the whole answer: a server may send it in pieces of any size."""
    import requests

    data = bytearray()
    try:
        for block in response.iter_content(_BLOCK_BYTES):
            data += block
            if len(data) > MAX_STATE_BYTES:
                raise SourceError(
                    "wrong-size",
                    f"what is published there has more than {MAX_STATE_BYTES:,} bytes: too large for a state",
                    where=shown_address(address),
                    remedy="publish the site anew, or correct its address",
                )
    except requests.RequestException as problem:
        raise connection_fault(problem, address) from None
    return bytes(data)


def _unpublished(address: str, status: int) -> SourceError:
    return SourceError(
        "unpublished",
        f"a link would lead to nothing: the server answers {status}",
        where=shown_address(address),
        remedy="publish the site, push the commit, or correct ASSAY_SITE_URL (ASSAY_PINNED_URL)",
    )

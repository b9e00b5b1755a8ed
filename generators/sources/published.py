"""Whether what is linked to is really there, and of the state that is told of."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from generators.errors import SourceError
from generators.model.issue import PublishedState
from generators.sources.connection import new_session, request
from generators.sources.redaction import shown_address

MAX_STATE_BYTES = 10_000_000
"""Far more than the verdicts of a report take."""
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
        data = next(response.iter_content(MAX_STATE_BYTES), b"")
    try:
        return msgspec.json.decode(data, type=PublishedState)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise SourceError(
            "other-state",
            "what is published there doesn't say from which state it was built",
            where=shown_address(address),
            remedy="publish the site anew, or correct its address",
        ) from problem


def _unpublished(address: str, status: int) -> SourceError:
    return SourceError(
        "unpublished",
        f"a link would lead to nothing: the server answers {status}",
        where=shown_address(address),
        remedy="publish the site, push the commit, or correct ASSAY_SITE_URL (ASSAY_PINNED_URL)",
    )

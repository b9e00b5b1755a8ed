"""A file on a server that speaks HTTP: whole, from a position on, or a part of it.

Source: RFC 9110, sections 8.8 (validators), 13.1.5 (``If-Range``) and 14 (ranges).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from generators.errors import SourceError
from generators.sources.connection import Hop, connection_fault, new_session, request
from generators.sources.faults import BusyError
from generators.sources.redaction import shown_address
from generators.sources.remote import Declared, Description, Reply

if TYPE_CHECKING:
    import requests

CHUNK_BYTES = 1 << 18
PARTIAL, OUT_OF_RANGE = 206, 416
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_SHA256 = re.compile(r'"?([0-9a-f]{64})"?')
_COMMIT = re.compile(r"[0-9a-f]{40}")


class HttpRemote:
    """A file at an address.

    Args:
        url: The address; it may hold secrets.
        hosts: Hosts that it may redirect to.
        private: Headers for its own host alone, such as a token.
        session: Connections to use; new ones by default.
    """

    def __init__(
        self,
        url: str,
        hosts: frozenset[str] = frozenset(),
        private: Mapping[str, str] | None = None,
        session: requests.Session | None = None,
    ) -> None:
        self._url = url
        self._hosts = hosts
        self._private = private
        self._session = session or new_session()
        self._seen = ""

    @property
    def shown(self) -> str:
        """The address without secrets."""
        return shown_address(self._url)

    @contextmanager
    def open(self, start: int = 0, validator: str = "") -> Iterator[Reply]:
        """Ask for the file from byte ``start``; see :class:`~generators.sources.remote.Remote`."""
        headers = {"Range": f"bytes={start}-", "If-Range": validator} if start and validator else {}
        with self._request(headers) as (response, hops):
            part = _part(response)
            if headers and part and part[0] == start and _validator(response) in {"", validator}:
                yield self._reply(response, hops, part)
                return
            if not headers or response.status_code not in {PARTIAL, OUT_OF_RANGE}:
                yield self._reply(response, hops, None)
                return
        # another file by now, or a range nobody asked for: from the beginning
        with self.open() as reply:
            yield reply

    def describe(self) -> Description:
        """Ask for the first byte, and take from the headers what the whole is."""
        with self._request({"Range": "bytes=0-0"}) as (response, hops):
            part, declared = _part(response), _declared(response, hops)
            if _is_page(response):
                raise SourceError(
                    "web-page",
                    "the server sends a web page in the file's place",
                    where=self.shown,
                    remedy="open the address in a browser and see what it says",
                )
            size = part[1] if part else None if response.status_code == OUT_OF_RANGE else _length(response.headers)
            size = declared.size_bytes if size is None else size
            return Description(
                size_bytes=size,
                digest=declared.digest,
                name=_name(response.headers),
                commit=declared.commit,
                validator=_validator(response),
            )

    def read_range(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from ``start``."""
        with self._request({"Range": f"bytes={start}-{start + size - 1}"}) as (response, _):
            part = _part(response)
            if response.status_code == OUT_OF_RANGE:
                return b""
            if part is None or part[0] != start:
                raise SourceError(
                    "no-ranges",
                    "the server doesn't give parts of a file, so that only the whole could be read",
                    where=self.shown,
                    remedy="download it and inspect it here",
                )
            seen = _validator(response)
            if self._seen and seen != self._seen:
                raise SourceError(
                    "changed-meanwhile",
                    "the file changed on the server while it was read",
                    where=self.shown,
                    remedy="run the command again",
                )
            self._seen = seen
            return b"".join(self._chunks(response))[:size]

    @contextmanager
    def _request(self, headers: Mapping[str, str]) -> Iterator[tuple[requests.Response, tuple[Hop, ...]]]:
        with request(self._session, self._url, headers, self._hosts, self._private) as (response, hops):
            if not response.ok and response.status_code != OUT_OF_RANGE:
                raise status_fault(response.status_code, self.shown, response.headers.get("Retry-After", ""))
            yield response, hops

    def _reply(self, response: requests.Response, hops: tuple[Hop, ...], part: tuple[int, int | None] | None) -> Reply:
        return Reply(
            start=part[0] if part else 0,
            total_bytes=part[1] if part else _length(response.headers),
            validator=_validator(response),
            chunks=self._chunks(response),
            is_page=_is_page(response),
            declared=_declared(response, hops),
        )

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        import requests
        import urllib3

        try:
            # as they come: requests' own iterator would unpack what a server packed against our wish
            while chunk := response.raw.read(CHUNK_BYTES, decode_content=False):
                yield chunk
        except urllib3.exceptions.ReadTimeoutError:
            raise connection_fault(requests.exceptions.ReadTimeout(), self._url) from None
        except (urllib3.exceptions.HTTPError, OSError):
            raise SourceError(
                "cut-off",
                "the connection ended before the file did",
                where=self.shown,
                remedy="run the command again: it goes on where it stopped",
            ) from None


def status_fault(status: int, where: str, retry_after: str = "") -> SourceError:
    """Return what a status means that is no success; ``retry_after`` is the header of that name."""
    wait = wait_seconds(retry_after, datetime.now(UTC))
    later = "try again later" if wait is None else f"try again in {math.ceil(wait)} seconds, as the server asks"
    match status:
        case 401 | 403:
            return SourceError(
                "forbidden",
                f"the server wants to know who asks, or doesn't give the file out any more (status {status})",
                where=where,
                remedy="ask whoever publishes it; a password belongs into ~/.netrc, a token into HF_TOKEN",
            )
        case 404:
            return SourceError(
                "not-found",
                "the server has no such file: it was moved or removed, or the address is wrong",
                where=where,
                remedy="look for it on the publisher's page, and correct the address",
            )
        case 410 | 451:
            return SourceError(
                "withdrawn",
                f"the file was withdrawn (status {status})",
                where=where,
                remedy="name another source in the lock",
            )
        case 429:
            return BusyError("rate-limited", "the server gets too many requests", where=where, remedy=later, wait=wait)
    if status >= 500:  # noqa: PLR2004 - as RFC 9110 groups them
        what = f"the server has a problem (status {status})"
        return BusyError("server-error", what, where=where, remedy=later, wait=wait)
    return SourceError("refused", f"the server refuses (status {status})", where=where, remedy="check the address")


def wait_seconds(retry_after: str, now: datetime) -> float | None:
    """Return how long a server asks to wait, in either of the header's forms; None where it doesn't say.

    Source: RFC 9110, section 10.2.3.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        # more digits are no time that anybody waits for
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _part(response: requests.Response) -> tuple[int, int | None] | None:
    """Return the position and the whole size of a part; None when the answer is no part."""
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status_code != PARTIAL or found is None:
        return None
    return int(found[1]), None if found[3] == "*" else int(found[3])


def _is_page(response: requests.Response) -> bool:
    return str(response.headers.get("Content-Type", "")).lower().startswith(("text/html", "application/xhtml"))


def _length(headers: Mapping[str, str]) -> int | None:
    text = headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and not headers.get("Content-Encoding") else None


def _validator(response: requests.Response) -> str:
    etag = response.headers.get("ETag", "")
    # a weak tag may stay while bytes change
    return str(etag if etag.startswith('"') else response.headers.get("Last-Modified", ""))


def _name(headers: Mapping[str, str]) -> str:
    """Return the last part of the name that ``Content-Disposition`` gives."""
    message = Message()
    message["Content-Disposition"] = headers.get("Content-Disposition", "")
    return PurePosixPath((message.get_filename("") or "").replace("\\", "/")).name


def _declared(response: requests.Response, hops: tuple[Hop, ...]) -> Declared:
    """Return what the hub says of a file, of a large one before it leads to its storage.

    Source: ``HUGGINGFACE_HEADER_X_LINKED_ETAG``, ``..._SIZE`` and ``HUGGINGFACE_HEADER_X_REPO_COMMIT`` in
    huggingface_hub's ``constants.py``.
    """
    found = Declared()
    for headers in (*({name.lower(): value for name, value in hop.headers.items()} for hop in hops), response.headers):
        digest = _SHA256.fullmatch(headers.get("x-linked-etag", ""))
        size, commit = headers.get("x-linked-size", ""), headers.get("x-repo-commit", "")
        found = Declared(
            size_bytes=int(size) if size.isdigit() and found.size_bytes is None else found.size_bytes,
            digest=f"sha256:{digest[1]}" if digest and not found.digest else found.digest,
            commit=commit if _COMMIT.fullmatch(commit) and not found.commit else found.commit,
        )
    return found

"""HTTP as Assay speaks it: with a time limit, told redirects, and no secret sent to another host.

Proxies come from ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY``, passwords for a host from ``~/.netrc``: both are
how requests does it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from msgspec import Struct

from generators import __version__
from generators.errors import SourceError
from generators.sources.faults import missing_package
from generators.sources.redaction import shown_address

if TYPE_CHECKING:
    import requests

log = logging.getLogger("generators.sources")

OFFLINE_VARIABLE = "ASSAY_OFFLINE"
"""Anything but empty or ``0`` forbids every connection."""
TIMEOUT_VARIABLE = "ASSAY_TIMEOUT"
"""Seconds without a byte after which a server counts as silent."""
TIMEOUT_SECONDS = 30.0
CONNECT_SECONDS = 10.0
MAX_REDIRECTS = 10
"""Source: the Fetch standard allows 20; file hosts need two or three."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Only here may a connection go without encryption: it doesn't leave the machine."""


class Hop(Struct, frozen=True, kw_only=True):
    """An answer that led on: its headers may say more of the file than the last one's."""

    url: str
    headers: Mapping[str, str]


def require_online(environment: Mapping[str, str] | None = None) -> None:
    """Refuse where connections are forbidden.

    Raises:
        SourceError: ``offline``.
    """
    variables = os.environ if environment is None else environment
    if variables.get(OFFLINE_VARIABLE, "") not in {"", "0"}:
        raise SourceError(
            "offline",
            f"{OFFLINE_VARIABLE} is set: no connection is opened",
            remedy=f"unset {OFFLINE_VARIABLE}, or put the file into its folder by hand",
        )


@contextmanager
def request(
    session: requests.Session,
    url: str,
    headers: Mapping[str, str],
    hosts: frozenset[str],
    private: Mapping[str, str] | None = None,
) -> Iterator[tuple[requests.Response, tuple[Hop, ...]]]:
    """Get an address, following redirects to the hosts that are allowed.

    Args:
        session: The connections.
        url: The address.
        headers: For every host.
        hosts: Hosts that a redirect may lead to besides the address's own; ``*.example.org`` means all below.
        private: Headers for the address's own host alone.

    Raises:
        SourceError: Offline, silent, unreachable, or a redirect that isn't allowed.
    """
    require_online()
    first, credentials = _without_user(url)
    url, home = first, _host(url)
    hops: list[Hop] = []
    for _ in range(MAX_REDIRECTS + 1):
        _require_safe(url)
        own = private if private and _host(url) == home else {}
        auth = credentials if _host(url) == home else None
        response = _get(session, url, {**headers, **own}, auth)
        if not response.is_redirect:
            with response:
                yield response, tuple(hops)
            return
        hops.append(Hop(url=url, headers=dict(response.headers)))
        target = urljoin(url, response.headers["Location"])
        response.close()
        _judge_redirect(first, url, target, hosts)
        url = target
    raise SourceError(
        "too-many-redirects",
        f"the server redirects more than {MAX_REDIRECTS} times",
        where=shown_address(first),
        remedy="open the address in a browser, and give the address of the file itself",
    )


def new_session() -> requests.Session:
    """Return connections that are kept open between requests.

    Raises:
        SourceError: ``missing-package``.
    """
    try:
        import requests
    except ImportError as problem:
        raise missing_package("requests", "fetch") from problem
    session = requests.Session()
    # a file must arrive as it is: ranges and sizes are of these bytes
    session.headers.update({"User-Agent": f"assay/{__version__}", "Accept-Encoding": "identity"})
    return session


def is_allowed(host: str, hosts: frozenset[str]) -> bool:
    """Whether a host is among the allowed ones."""
    return host in hosts or any(pattern.startswith("*.") and host.endswith(pattern[1:]) for pattern in hosts)


def _judge_redirect(first: str, url: str, target: str, hosts: frozenset[str]) -> None:
    host, home = _host(target), _host(first)
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        raise SourceError(
            "insecure-redirect",
            f"the server redirects to {shown_address(target)}, without encryption",
            where=shown_address(first),
            remedy="tell who runs the server, or name another source",
        )
    if host != home and not is_allowed(host, hosts):
        raise SourceError(
            "other-host",
            f"the server redirects to another host, {host}",
            where=shown_address(first),
            remedy=f'if you trust it: `hosts = ["{host}"]` in the source\'s entry of the lock, or --allow-host {host}',
        )
    if host != _host(url):
        log.info("redirected to %s", host)


def _require_safe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and _host(url) in LOOPBACK):
        return
    raise SourceError(
        "unknown-address",
        "only https addresses are read: what comes without encryption can be changed on its way",
        where=shown_address(url),
        remedy="give an address that begins with https://",
    )


def _get(
    session: requests.Session, url: str, headers: Mapping[str, str], auth: tuple[str, str] | None
) -> requests.Response:
    import requests

    limits = (CONNECT_SECONDS, _timeout_seconds())
    try:
        return session.get(url, headers=dict(headers), auth=auth, stream=True, allow_redirects=False, timeout=limits)
    except requests.RequestException as problem:
        # the exception's text holds the whole address, and what secrets it has
        raise connection_fault(problem, url) from None


def connection_fault(problem: Exception, url: str) -> SourceError:
    """Return what a failed request means."""
    import requests

    where = shown_address(url)
    match problem:
        case requests.exceptions.ProxyError():
            return SourceError(
                "proxy", "the proxy refuses or can't be reached", where=where, remedy="check HTTPS_PROXY and NO_PROXY"
            )
        case requests.exceptions.SSLError():
            return SourceError(
                "certificate",
                "the server can't show who it is",
                where=where,
                remedy="check the machine's clock and certificates, and whether a proxy stands between",
            )
        case requests.exceptions.Timeout():
            return SourceError(
                "timed-out",
                f"nothing came for {_timeout_seconds():g} seconds",
                where=where,
                remedy=f"try again later, or give {TIMEOUT_VARIABLE} more seconds",
            )
    return SourceError(
        "connection",
        "the connection can't be made or broke off",
        where=where,
        remedy="check the network and the address; the same command goes on where it stopped",
    )


def _timeout_seconds() -> float:
    try:
        return max(0.1, float(os.environ.get(TIMEOUT_VARIABLE, "")))
    except ValueError:
        return TIMEOUT_SECONDS


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _without_user(url: str) -> tuple[str, tuple[str, str] | None]:
    """Return an address without user and password, and those."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, None
    host = parts.netloc.rpartition("@")[2]
    user = unquote(parts.username or ""), unquote(parts.password or "")
    return urlunsplit(parts._replace(netloc=host)), user

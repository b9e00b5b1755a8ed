"""A server of files on this machine that can be as bad as real ones: slow, cut off, forgetful, lying."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass
class Resource:
    """What a path of the server gives, and how badly.

    Attributes:
        data: The bytes.
        etag: With its quotes; empty for none.
        ranges: Whether parts are given.
        honours_if_range: Whether a part is refused once the file is another.
        statuses: Sent before the first real answer, one a request.
        retry_after: Header of those, one a request.
        cuts: After how many bytes each of the next answers breaks off.
        cut_chance: How likely any other answer breaks off somewhere.
        pause_seconds: Between blocks of 64 KiB.
        chunk_bytes: Sent in pieces of so many bytes, without a length; 0: in one.
        redirect: Where it leads instead.
        headers: Further ones.
        requires: Header and value without which it is forbidden.
        on_request: Called with each request's path and headers.
    """

    data: bytes = b""
    etag: str = ""
    modified: str = ""
    ranges: bool = True
    honours_if_range: bool = True
    statuses: list[int] = field(default_factory=list)
    retry_after: list[str] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    cut_chance: float = 0.0
    pause_seconds: float = 0.0
    chunk_bytes: int = 0
    redirect: str = ""
    content_type: str = "application/octet-stream"
    with_length: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    requires: tuple[str, str] | None = None
    on_request: Callable[[str, dict[str, str]], None] | None = None


def tagged(data: bytes, **options: object) -> Resource:
    """Return a resource whose ETag is its digest."""
    return Resource(data=data, etag=f'"{hashlib.sha256(data).hexdigest()[:16]}"', **options)  # type: ignore[arg-type]


class FileServer:
    """The server; ``requests`` has the path and headers of each request, ``sent`` the bytes of bodies."""

    def __init__(self, resources: dict[str, Resource]) -> None:
        self.resources = resources
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.sent = 0
        self.url = ""

    def find(self, path: str) -> Resource | None:
        return self.resources.get(path) or self.resources.get(path.partition("?")[0])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: FileServer

    def do_GET(self) -> None:
        self.served.requests.append((self.path, {name.title(): value for name, value in self.headers.items()}))
        resource = self.served.find(self.path)
        if resource is None:
            self._plain(404)
            return
        if resource.on_request:
            resource.on_request(self.path, dict(self.headers))
        if resource.statuses:
            self._plain(resource.statuses.pop(0), resource.retry_after.pop(0) if resource.retry_after else "")
            return
        if resource.requires and self.headers.get(resource.requires[0]) != resource.requires[1]:
            self._plain(401)
            return
        if resource.redirect:
            self._redirect(resource)
            return
        self._file(resource)

    def _redirect(self, resource: Resource) -> None:
        self.send_response(302)
        self.send_header("Location", resource.redirect)
        self.send_header("Content-Length", "0")
        for name, value in resource.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _plain(self, status: int, retry_after: str = "") -> None:
        self.send_response(status)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _file(self, resource: Resource) -> None:
        start, stop, status = 0, len(resource.data), 200
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        condition = self.headers.get("If-Range", "")
        same = not resource.honours_if_range or condition in {"", resource.etag, resource.modified}
        if asked and resource.ranges and same:
            start = int(asked[1])
            stop = min(stop, int(asked[2]) + 1) if asked[2] else stop
            status = 206
            if start >= len(resource.data):
                self._plain(416)
                return
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(resource.data)}")
        for name, value in {"ETag": resource.etag, "Last-Modified": resource.modified}.items():
            if value:
                self.send_header(name, value)
        for name, value in resource.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", resource.content_type)
        if resource.chunk_bytes:
            self._chunks(resource.data, resource.chunk_bytes)
            return
        if resource.with_length:
            self.send_header("Content-Length", str(stop - start))
        else:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self._body(resource, start, stop)

    def _chunks(self, data: bytes, size: int) -> None:
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for at in range(0, len(data), size):
            block = data[at : at + size]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
        self.wfile.write(b"0\r\n\r\n")

    def _body(self, resource: Resource, start: int, stop: int) -> None:
        limit = stop - start
        if resource.cuts:
            limit = min(limit, resource.cuts.pop(0))
        elif random.random() < resource.cut_chance:
            limit = random.randrange(limit)
        end = start + limit
        try:
            for at in range(start, end, 1 << 16):
                block = resource.data[at : min(at + (1 << 16), end)]
                self.wfile.write(block)
                self.served.sent += len(block)
                if resource.pause_seconds:
                    time.sleep(resource.pause_seconds)
        except OSError:
            self.close_connection = True
            return
        if end < stop:
            self.wfile.flush()
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class calls it
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that goes away is no news


@contextmanager
def serving(resources: dict[str, Resource], host: str = "127.0.0.1") -> Iterator[FileServer]:
    """Serve until the block ends."""
    served = FileServer(resources)
    server = _Server((host, 0), type("Handler", (_Handler,), {"served": served}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    served.url = f"http://{host}:{server.server_address[1]}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

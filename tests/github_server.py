"""A server on this machine that answers as GitHub's API does, to what the real ``gh`` asks of it."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

_COMMENTS = re.compile(r"/api/v3/repos/([\w.-]+/[\w.-]+)/issues/(\d+)/comments")
_ISSUES = re.compile(r"/api/v3/repos/[\w.-]+/[\w.-]+/issues")
_ISSUE = re.compile(r"/api/v3/repos/[\w.-]+/[\w.-]+/issues/(\d+)")
_REPOSITORY = re.compile(r"/api/v3/repos/([\w.-]+/[\w.-]+)")
_ARTIFACTS = re.compile(r"/api/v3/repos/owner/name/actions/runs/\d+/artifacts")
_ZIP = re.compile(r"/api/v3/repos/owner/name/actions/artifacts/(\d+)/zip")
_STORAGE = re.compile(r"/storage/(\d+)")
_PULLS = re.compile(r"/api/v3/repos/[\w.-]+/[\w.-]+/pulls")
_COMMENT = re.compile(r"/api/v3/repos/([\w.-]+/[\w.-]+)/issues/comments/(\d+)")


@dataclass
class GitHub:
    """One repository's comments, as the server has them.

    Attributes:
        login: Account of the token; empty for one of Actions, which has none.
        comments: By issue or pull request.
        issues: By number.
        repository: What the API says of it.
        moved: Old names of the repository.
        pulls: Newest commit of each open pull request.
        branches: Of those whose branch isn't ``feature``.
        artifacts: Of every run: id (its place here), size and bytes.
        fails: Status and message instead of an answer, by method.
        fail_headers: Of such an answer.
        requests: Method and path of each request.
        host: For ``GH_HOST``.
        certificate: For ``SSL_CERT_FILE``.
    """

    login: str = "me"
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    repository: dict[str, Any] = field(
        default_factory=lambda: {"full_name": "owner/name", "archived": False, "has_issues": True}
    )
    moved: tuple[str, ...] = ()
    pulls: dict[int, str] = field(default_factory=dict)
    branches: dict[int, str] = field(default_factory=dict)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    fails: dict[str, tuple[int, str]] = field(default_factory=dict)
    fail_headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    host: str = ""
    certificate: str = ""

    def add(self, number: int, body: str, login: str = "someone", kind: str = "User") -> dict[str, Any]:
        known = sum(len(comments) for comments in self.comments.values())
        comment = {"id": 1000 + known, "body": body, "user": {"login": login, "type": kind}}
        self.comments.setdefault(number, []).append(comment)
        return comment

    def open_issue(
        self, body: str = "", login: str = "someone", kind: str = "User", title: str = "a title", **further: Any
    ) -> dict[str, Any]:
        number = len(self.issues) + 1
        self.issues[number] = {
            "number": number,
            "title": title,
            "body": body,
            "state": "open",
            "locked": False,
            "html_url": f"https://{self.host}/{self.repository['full_name']}/issues/{number}",
            "user": {"login": login, "type": kind},
            **further,
        }
        return self.issues[number]

    def add_artifact(self, data: bytes, size_bytes: int | None = None) -> None:
        size = len(data) if size_bytes is None else size_bytes
        self.artifacts.append({"id": len(self.artifacts), "size_in_bytes": size, "expired": False, "data": data})

    def find(self, comment_id: int) -> dict[str, Any] | None:
        every = (comment for comments in self.comments.values() for comment in comments)
        return next((comment for comment in every if comment["id"] == comment_id), None)

    @property
    def written(self) -> list[str]:
        """Methods of the requests that change something."""
        return [method for method, _ in self.requests if method != "GET"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    github: GitHub

    def do_GET(self) -> None:
        self._begin()
        parts = urlsplit(self.path)
        if "GET" in self.github.fails:
            self._fail(*self.github.fails["GET"])
        elif parts.path == "/api/v3/user":
            self._user()
        elif match := _COMMENTS.fullmatch(parts.path):
            self._page(self.github.comments.get(int(match[2]), []))
        elif _PULLS.fullmatch(parts.path):
            self._page([self._pull(number) for number in self.github.pulls])
        elif "/actions/" in parts.path or parts.path.startswith("/storage/"):
            self._artifact(parts.path)
        elif (match := _REPOSITORY.fullmatch(parts.path)) and match[1] in self.github.moved:
            address = f"https://{self.github.host}/api/v3/repos/{self.github.repository['full_name']}"
            self._json(301, {"message": "Moved Permanently"}, {"Location": address})
        elif match:
            page = f"https://{self.github.host}/{self.github.repository['full_name']}"
            self._json(200, {"html_url": page, **self.github.repository})
        elif _ISSUES.fullmatch(parts.path):
            wanted = parse_qs(parts.query).get("creator")
            self._page([i for i in self.github.issues.values() if not wanted or i["user"]["login"] in wanted])
        elif (match := _ISSUE.fullmatch(parts.path)) and int(match[1]) in self.github.issues:
            self._json(200, self.github.issues[int(match[1])])
        else:
            self._fail(404, "Not Found")

    def do_POST(self) -> None:
        sent = self._begin()
        match = _COMMENTS.fullmatch(self.path)
        if "POST" in self.github.fails:
            self._fail(*self.github.fails["POST"])
        elif match:
            self._json(201, self._addressed(self.github.add(int(match[2]), sent["body"], *self._writer())))
        elif _ISSUES.fullmatch(self.path):
            self._json(201, self.github.open_issue(sent["body"], *self._writer(), title=sent["title"]))
        elif _PULLS.fullmatch(self.path):
            self._open_pull(sent)
        else:
            self._fail(404, "Not Found")

    def do_PATCH(self) -> None:
        sent = self._begin()
        comment, issue = _COMMENT.fullmatch(self.path), _ISSUE.fullmatch(self.path)
        known = self.github.find(int(comment[2])) if comment else self.github.issues.get(int(issue[1]) if issue else 0)
        if "PATCH" in self.github.fails:
            self._fail(*self.github.fails["PATCH"])
        elif known is None:
            self._fail(404, "Not Found")
        else:
            known.update(sent)
            self._json(200, self._addressed(known))

    def _addressed(self, comment: dict[str, Any]) -> dict[str, Any]:
        page = f"https://{self.github.host}/owner/name/issues/comments/{comment.get('id', '')}"
        return {"html_url": page, **comment}

    def _pull(self, number: int) -> dict[str, Any]:
        branch = self.github.branches.get(number, "feature")
        head = {"sha": self.github.pulls[number], "ref": branch, "repo": {"full_name": "owner/name"}}
        return {"number": number, "head": head}

    def _open_pull(self, sent: dict[str, Any]) -> None:
        number = 1 + max(self.github.pulls, default=0)
        self.github.pulls[number], self.github.branches[number] = "e" * 40, sent["head"]
        self._json(201, self._pull(number))

    def _artifact(self, path: str) -> None:
        if _ARTIFACTS.fullmatch(path):
            self._json(200, {"artifacts": [{**one, "data": None} for one in self.github.artifacts]})
        elif match := _ZIP.fullmatch(path):
            self._send(302, b"", {"Location": f"https://{self.github.host}/storage/{match[1]}"})
        elif match := _STORAGE.fullmatch(path):
            self._send(200, self.github.artifacts[int(match[1])]["data"], {"Content-Type": "application/zip"})
        else:
            self._fail(404, "Not Found")

    def _user(self) -> None:
        if self.github.login:
            self._json(200, {"login": self.github.login})
        else:
            self._fail(403, "Resource not accessible by integration")

    def _writer(self) -> tuple[str, str]:
        return (self.github.login, "User") if self.github.login else ("github-actions[bot]", "Bot")

    def _page(self, items: list[dict[str, Any]]) -> None:
        query = {name: value[0] for name, value in parse_qs(urlsplit(self.path).query).items()}
        size, page = int(query.pop("per_page", 30)), int(query.pop("page", 1))
        assert size <= 100
        start = (page - 1) * size
        links = {}
        if start + size < len(items):
            further = urlencode({**query, "per_page": size, "page": page + 1})
            links["Link"] = f'<https://{self.github.host}{urlsplit(self.path).path}?{further}>; rel="next"'
        self._json(200, items[start : start + size], links)

    def _begin(self) -> Any:
        self.github.requests.append((self.command, self.path))
        data = b"".join(self._chunks()) if self.headers.get("Transfer-Encoding") == "chunked" else self._whole()
        return json.loads(data) if data else None

    def _whole(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> Iterator[bytes]:
        """Yield the parts of a body whose length isn't told: what ``gh`` reads from standard input."""
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _fail(self, status: int, message: str) -> None:
        self._json(status, {"message": message}, self.github.fail_headers)

    def _json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        further = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        self._send(status, json.dumps(value).encode(), further)

    def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, content in headers.items():
            self.send_header(name, content)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def make_certificate(folder: Path) -> Path:
    """Write a key and a certificate for this machine into one file, which ``SSL_CERT_FILE`` can name."""
    path = folder / "localhost.pem"
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    command = ["openssl", "req", "-x509", *kind, *names, "-keyout", str(path), "-out", "-"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    path.write_text(path.read_text() + done.stdout)
    return path


@contextmanager
def serve_github(certificate: Path, **settings: Any) -> Iterator[GitHub]:
    """Serve on a port of this machine; ``gh`` speaks with other hosts than github.com by https alone."""
    github = GitHub(certificate=str(certificate), **settings)
    handler = type("Handler", (_Handler,), {"github": github})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    github.host = f"localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""Files and folders of Google Drive, by gdown's knowledge of Drive's pages.

gdown tells what a confirmation page leads to and what a folder's page lists. The bytes then come by Assay's own
requests, because they have to be resumed only where the file is still the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

from generators.errors import SourceError
from generators.sources.addresses import DRIVE_HOSTS
from generators.sources.connection import new_session, require_online
from generators.sources.faults import missing_package
from generators.sources.http_remote import HttpRemote
from generators.sources.remote import Description, Reply

DRIVE = "https://drive.google.com"
HOSTS = DRIVE_HOSTS | {"*.googleusercontent.com"}
MAX_PAGE_BYTES = 1 << 20
_QUOTA = ("quota", "too many users have viewed or downloaded", "cuota", "한도")
"""Source: Drive's page, ``Too many users have viewed or downloaded this file recently``, as gdown quotes it."""


class DriveRemote:
    """A file of Google Drive.

    Args:
        file_id: Its id.
    """

    def __init__(self, file_id: str) -> None:
        self._file_id = file_id
        self._session = new_session()
        self._confirmed: HttpRemote | None = None

    @property
    def shown(self) -> str:
        """Its page."""
        return f"https://drive.google.com/file/d/{self._file_id}/view"

    @contextmanager
    def open(self, start: int = 0, validator: str = "") -> Iterator[Reply]:
        """Ask for the file from byte ``start``, behind Drive's question whether a large file is really wanted."""
        with self._telling(), self._remote().open(start, validator) as reply:
            yield reply

    def describe(self) -> Description:
        """Ask what the file is."""
        with self._telling():
            return self._remote().describe()

    def read_range(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from ``start``."""
        with self._telling():
            return self._remote().read_range(start, size)

    def _remote(self) -> HttpRemote:
        """Return the file's own address; Drive gives it once for many requests."""
        if self._confirmed is None:
            first = HttpRemote(f"{DRIVE}/uc?id={self._file_id}&export=download", HOSTS, session=self._session)
            with first.open() as reply:
                page = _read_page(reply) if reply.is_page else ""
            self._confirmed = HttpRemote(_confirmed_url(page), HOSTS, session=self._session) if page else first
        return self._confirmed

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say what Drive means: it sends who may not read a file to its login."""
        try:
            yield
        except SourceError as error:
            raise _drive_fault(error, self.shown) from None


def list_folder(folder_id: str) -> list[tuple[str, str]]:
    """Return id and path of each file of a folder and the folders in it.

    Raises:
        SourceError: The folder can't be read.
    """
    require_online()
    try:
        from gdown import download_folder
        from gdown.exceptions import DownloadError
    except ImportError as problem:
        raise missing_package("gdown", "fetch") from problem
    import requests

    where = f"https://drive.google.com/drive/folders/{folder_id}"
    try:
        files = download_folder(id=folder_id, quiet=True, use_cookies=False, skip_download=True, output=".", timeout=30)
    except requests.RequestException as problem:
        from generators.sources.connection import connection_fault

        raise connection_fault(problem, where) from None
    except DownloadError:
        raise SourceError(
            "not-public",
            "Drive doesn't show the folder: it isn't public, was moved, or was removed",
            where=where,
            remedy="ask whoever shared it, or look at it in a browser",
        ) from None
    return [(str(file.id), str(file.path)) for file in files if not isinstance(file, str)]


def _read_page(reply: Reply) -> str:
    data = bytearray()
    for chunk in reply.chunks:
        data += chunk
        if len(data) > MAX_PAGE_BYTES:
            break
    return data.decode("utf-8", "replace")


def _confirmed_url(page: str) -> str:
    """Return where a confirmation page leads.

    Raises:
        SourceError: It is no such page: the quota is used up, or the file isn't public.
    """
    try:
        from gdown.download import get_url_from_gdrive_confirmation
        from gdown.exceptions import FileURLRetrievalError
    except ImportError as problem:
        raise missing_package("gdown", "fetch") from problem
    if any(mark in page.lower() for mark in _QUOTA) and "download-form" not in page:
        raise SourceError(
            "drive-quota",
            "Drive's quota for this file is used up",
            remedy="try again in a day, or name another source in the lock",
        )
    try:
        # gdown looks at each line for itself; a form may stand on several
        return unescape(str(get_url_from_gdrive_confirmation(" ".join(page.splitlines()))))
    except FileURLRetrievalError:
        raise SourceError(
            "not-public",
            "Drive shows a page in the file's place that leads to no download: the file isn't public or was withdrawn",
            remedy="ask whoever shared it, or look at it in a browser",
        ) from None


def _drive_fault(error: SourceError, where: str) -> SourceError:
    what, remedy, code = error.what, error.remedy, error.code
    if code == "other-host" and "accounts.google.com" in what:
        code, what = "not-public", "Drive asks for a login: the file isn't public, or no longer"
        remedy = "ask whoever shared it, or name another source in the lock"
    elif code == "not-found":
        what = "Drive has no file of this id: it was removed, or uploaded anew under another id"
        remedy = "look for it on the publisher's page, and correct the id in the lock"
    elif code == "forbidden":
        code, what = "not-public", "Drive doesn't give the file out: it isn't public, or was withdrawn"
        remedy = "ask whoever shared it, or name another source in the lock"
    return SourceError(code, what, where=where, remedy=remedy)
